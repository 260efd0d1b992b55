/**
 * Makes a package of a folder, of a commit, or of an archive: its files as blobs, and a manifest whose hash is that of the package. The same
 * content has the same hash on every machine, whichever of the three it came from. A link to a file of the package becomes a copy of it.
 */
import {
  clashOf,
  longestManifest,
  manifestText,
  mostPackageBytes,
  mostPackageFiles,
  packagePathFault,
  type PackageFile,
} from '#shared/campaign/package-manifest.ts';
import { ProblemError } from '#shared/problem.ts';
import type { BlobHash, BlobStore } from './ports.ts';

export interface MadePackage {
  /** Of its manifest. */
  readonly hash: BlobHash;
  readonly files: number;
  readonly bytes: number;
  /** What it was made of, for people. */
  readonly version: string;
}

interface SourceFile {
  readonly path: string;
  readonly executable: boolean;
  readonly content: AsyncIterable<Uint8Array> | Uint8Array;
}
interface SourceLink {
  readonly path: string;
  readonly link: string;
}
/** What a source gives, in whatever order. */
export type SourceEntry = SourceFile | SourceLink;

export interface PackageSource {
  /** Names it in problems and as version. */
  readonly name: string;
  entries(): AsyncIterable<SourceEntry>;
}

/** Keeps everything that a source gives; rejects with a ProblemError that names the source for what no package may have. */
export async function makePackage(source: PackageSource, blobs: BlobStore): Promise<MadePackage> {
  const { name } = source;
  const files: PackageFile[] = [];
  const links: SourceLink[] = [];
  let bytes = 0;
  for await (const entry of source.entries()) {
    const fault = packagePathFault(entry.path);
    if (fault !== null) throw refusedPackage(name, `the path ${shown(entry.path)} ${fault}`);
    if (files.length + links.length >= mostPackageFiles) throw refusedPackage(name, `it has more than ${mostPackageFiles} files`);
    if ('link' in entry) {
      links.push(entry);
      continue;
    }
    const tooLarge = (): ProblemError => refusedPackage(name, `it has more than ${mostPackageBytes} bytes`);
    const { hash, size } = await blobs.put(bounded(entry.content, mostPackageBytes - bytes, tooLarge));
    bytes += size;
    files.push({ path: entry.path, mode: entry.executable ? 0o755 : 0o644, size, hash });
  }
  const manifest = { files: [...files, ...copiesOf(links, files, name)] };
  if (manifest.files.reduce((sum, { size }) => sum + size, 0) > mostPackageBytes) {
    throw refusedPackage(name, `it has more than ${mostPackageBytes} bytes`);
  }
  const clash = clashOf(manifest);
  if (clash !== null) throw refusedPackage(name, `it ${clash}`);
  const text = Buffer.from(manifestText(manifest), 'utf8');
  if (text.length > longestManifest) throw refusedPackage(name, 'the list of its files is too long');
  const { hash } = await blobs.put(text);
  return { hash, files: manifest.files.length, bytes, version: name };
}

export function refusedPackage(name: string, reason: string): ProblemError {
  return new ProblemError({ code: 'package-refused', message: `${name} cannot be made a package: ${reason}.` });
}

function copiesOf(links: readonly SourceLink[], files: readonly PackageFile[], name: string): PackageFile[] {
  if (links.length === 0) return [];
  const found = new Map(files.map((file) => [file.path, file]));
  return links.map(({ path, link }) => {
    const file = found.get(linkTarget(path, link) ?? '');
    if (!file) throw refusedPackage(name, `the link ${shown(path)} leads to ${shown(link)}, which is no file of it`);
    return { ...file, path };
  });
}

/** The path that a link leads to; null where that is outside the package. */
function linkTarget(path: string, link: string): string | null {
  if (link.startsWith('/')) return null;
  const parts = path.split('/').slice(0, -1);
  for (const part of link.split('/')) {
    if (part === '..' && parts.pop() === undefined) return null;
    if (part !== '..' && part !== '.') parts.push(part);
  }
  return parts.join('/');
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

function shown(text: string): string {
  return JSON.stringify(text.slice(0, 200));
}
