/**
 * A zip file as the source of a package. Nothing that its headers say is trusted: names are checked where the package is made, and bytes are
 * counted while they are inflated.
 */
import { stat } from 'node:fs/promises';
import { openPromise, type Entry, type ZipFile } from 'yauzl';
import { mostPackageBytes, mostPackageFiles } from '#shared/campaign/package-manifest.ts';
import { problemOf, ProblemError } from '#shared/problem.ts';
import { refusedPackage, type PackageSource, type SourceEntry } from './package.ts';

/** Inflated bytes per packed byte, for entries larger than 16 MiB. */
const largestRatio = 200;
const harmlessBytes = 16 * 1024 ** 2;
/** Bytes of a link's target. */
const longestLink = 4_096;
const kindMask = 0o170_000;
const linkKind = 0o120_000;
const fileKind = 0o100_000;
const encrypted = 1;

export function archiveSource(file: string): PackageSource {
  return { name: file, entries: () => entriesOf(file) };
}

async function* entriesOf(file: string): AsyncGenerator<SourceEntry> {
  const found = await stat(file).catch(() => null);
  if (!found?.isFile()) throw new ProblemError({ code: 'no-archive', message: `${file} is not there or is no file.`, file });
  const options = { lazyEntries: true, autoClose: false, strictFileNames: true, validateEntrySizes: true } as const;
  const zip = await openPromise(file, options).catch(() => {
    throw refusedPackage(file, 'it is damaged, or no zip file');
  });
  try {
    if (zip.entryCount > 2 * mostPackageFiles) throw refusedPackage(file, 'it has too many files');
    for await (const entry of zip.eachEntry()) yield* sourceOf(file, zip, entry);
  } catch (failure) {
    if (failure instanceof ProblemError || (failure as NodeJS.ErrnoException).syscall !== undefined) throw failure;
    throw refusedPackage(file, `it is damaged (${problemOf(failure).message})`);
  } finally {
    zip.close();
  }
}

async function* sourceOf(file: string, zip: ZipFile, entry: Entry): AsyncGenerator<SourceEntry> {
  const { fileName } = entry;
  // Folders are there by their files.
  if (fileName.endsWith('/')) return;
  if ((entry.generalPurposeBitFlag & encrypted) !== 0) throw refusedPackage(file, `${fileName} is encrypted`);
  const mode = entry.externalFileAttributes >>> 16;
  const kind = mode & kindMask;
  if (kind === linkKind) {
    const target: Uint8Array[] = [];
    for await (const piece of inflated(file, zip, entry, longestLink)) target.push(piece);
    yield { path: fileName, link: Buffer.concat(target).toString('utf8') };
  } else if (kind === 0 || kind === fileKind) {
    yield { path: fileName, executable: (mode & 0o100) !== 0, content: inflated(file, zip, entry, mostPackageBytes) };
  } else {
    throw refusedPackage(file, `${fileName} is neither a file nor a folder`);
  }
}

async function* inflated(file: string, zip: ZipFile, entry: Entry, limit: number): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  const stream = await zip.openReadStreamPromise(entry);
  for await (const piece of stream as AsyncIterable<Buffer>) {
    bytes += piece.length;
    if (bytes > limit) throw refusedPackage(file, `${entry.fileName} is too large`);
    if (bytes > harmlessBytes && bytes / Math.max(entry.compressedSize, 1) > largestRatio) {
      throw refusedPackage(file, `${entry.fileName} unpacks to more than ${largestRatio} times its packed size`);
    }
    yield piece;
  }
}
