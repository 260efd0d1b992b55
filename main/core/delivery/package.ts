/**
 * Makes a package of a folder, of a commit, or of an archive: its files as blobs, and a manifest whose hash is that of the package. The same
 * content has the same hash on every machine, whichever of the three it came from.
 */
import { ProblemError } from '#shared/problem.ts';
import { manifestText, packageLimits, packagePathFault, type PackageEntry } from '#shared/delivery/package-manifest.ts';
import type { BlobHash, BlobStore } from './ports.ts';

export interface MadePackage {
  /** Of its manifest. */
  readonly hash: BlobHash;
  readonly files: number;
  readonly bytes: number;
  /** What it was made of, for people. */
  readonly version: string;
}

/** A file as a source gives it. */
export type SourceEntry =
  | { readonly path: string; readonly executable: boolean; readonly content: AsyncIterable<Uint8Array> | Uint8Array }
  | { readonly path: string; readonly link: string };

export interface PackageSource {
  /** Names it in problems and as version. */
  readonly name: string;
  entries(): AsyncIterable<SourceEntry>;
}

/** Keeps everything that a source gives; rejects with a ProblemError that names the source for what no package may have. */
export async function makePackage(source: PackageSource, blobs: BlobStore): Promise<MadePackage> {
  const entries: PackageEntry[] = [];
  let bytes = 0;
  for await (const entry of source.entries()) {
    const fault = packagePathFault(entry.path);
    if (fault !== null) throw refusedPackage(source.name, `the path ${JSON.stringify(entry.path.slice(0, 200))} ${fault}`);
    if (entries.length >= packageLimits.files) throw refusedPackage(source.name, `it has more than ${packageLimits.files} files`);
    if ('link' in entry) {
      entries.push({ path: entry.path, link: entry.link });
      continue;
    }
    const room = Math.min(packageLimits.fileBytes, packageLimits.totalBytes - bytes);
    const { hash, size } = await blobs.put(bounded(entry.content, room, () => refusedPackage(source.name, `${entry.path} is too large`)));
    bytes += size;
    entries.push({ path: entry.path, mode: entry.executable ? 0o755 : 0o644, size, hash });
  }
  const { hash } = await blobs.put(Buffer.from(textOf(entries, source.name), 'utf8'));
  return { hash, files: entries.length, bytes, version: source.name };
}

export function refusedPackage(name: string, reason: string): ProblemError {
  return new ProblemError({ code: 'package-refused', message: `${name} cannot be made a package: ${reason}.` });
}

function textOf(entries: readonly PackageEntry[], name: string): string {
  try {
    return manifestText(entries);
  } catch (failure) {
    if (!(failure instanceof ProblemError)) throw failure;
    throw refusedPackage(name, failure.message.replace(/^The package cannot be used: |\.$/g, ''));
  }
}

async function* bounded(
  content: AsyncIterable<Uint8Array> | Uint8Array,
  room: number,
  problem: () => ProblemError,
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const piece of content instanceof Uint8Array ? [content] : content) {
    bytes += piece.length;
    if (bytes > room) throw problem();
    yield piece;
  }
}
