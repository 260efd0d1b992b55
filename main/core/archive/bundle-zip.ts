/**
 * Reads a zip file that someone else made. Nothing that its headers say is trusted: entries are the known ones in their order, and
 * bytes are counted while they are inflated.
 */
import { createHash } from 'node:crypto';
import { open, stat } from 'node:fs/promises';
import { openPromise, type Entry, type ZipFile } from 'yauzl';
import { problemOf, ProblemError } from '#shared/problem.ts';
import { bundleEntries, refuseBundle, requiredEntries } from './bundle-format.ts';

/** Bounds of what is imported; bytes. */
export interface BundleLimits {
  /** All entries together, inflated. */
  readonly totalBytes: number;
  /** `bundle.json`, which is read into memory. */
  readonly indexBytes: number;
  readonly manifestBytes: number;
  /** One line of the log. */
  readonly lineBytes: number;
  /** Inflated bytes per packed byte, for entries larger than 16 MiB. */
  readonly ratio: number;
  readonly samples: number;
}

export const defaultLimits: BundleLimits = {
  totalBytes: 64 * 1024 ** 3,
  indexBytes: 64 * 1024,
  manifestBytes: 64 * 1024 ** 2,
  lineBytes: 16 * 1024 ** 2,
  ratio: 200,
  samples: 50_000_000_000,
};

/** Below so many inflated bytes no ratio does harm. */
const harmlessBytes = 16 * 1024 ** 2;
/** Bit of the general flags that says: encrypted. */
const encrypted = 1;
const stored = 0;
const deflated = 8;
const localHeaderBytes = 30;

export class BundleZip {
  readonly file: string;
  private readonly zip: ZipFile;
  private readonly entries: readonly Entry[];
  private readonly limits: BundleLimits;
  private inflated = 0;

  private constructor(file: string, zip: ZipFile, entries: readonly Entry[], limits: BundleLimits) {
    this.file = file;
    this.zip = zip;
    this.entries = entries;
    this.limits = limits;
  }

  static async open(file: string, limits: BundleLimits): Promise<BundleZip> {
    const found = await stat(file).catch(() => null);
    if (!found?.isFile()) {
      throw new ProblemError({ code: 'no-bundle', message: `${file} is not there or is no file.`, file });
    }
    if (found.size > limits.totalBytes) refuseBundle(file, `it is larger than ${limits.totalBytes} bytes`);
    const zip = await openPromise(file, { lazyEntries: true, autoClose: false, strictFileNames: true, validateEntrySizes: true }).catch(
      () => refuseOtherFile(file),
    );
    try {
      return new BundleZip(file, zip, await readEntries(file, zip), limits);
    } catch (failure) {
      zip.close();
      throw failure;
    }
  }

  close(): void {
    this.zip.close();
  }

  has(name: string): boolean {
    return this.entries.some(({ fileName }) => fileName === name);
  }

  /** Inflates an entry into memory. */
  async read(name: string, limit: number): Promise<Buffer> {
    const chunks: Buffer[] = [];
    await this.inflate(name, limit, (chunk) => {
      chunks.push(chunk);
    });
    return Buffer.concat(chunks);
  }

  /** Inflates an entry into a new file; refuses when it is not exactly what was announced. */
  async extract(name: string, target: string, announced: { readonly bytes: number; readonly sha256: string }): Promise<void> {
    const hash = createHash('sha256');
    const output = await open(target, 'wx', 0o600);
    try {
      const bytes = await this.inflate(name, announced.bytes, async (chunk) => {
        hash.update(chunk);
        await output.writeFile(chunk);
      });
      if (bytes !== announced.bytes) refuseBundle(this.file, `${name} has ${bytes} bytes where ${announced.bytes} were announced`);
      if (hash.digest('hex') !== announced.sha256) refuseBundle(this.file, `${name} is not what was exported (its hash differs)`);
    } finally {
      await output.close();
    }
  }

  private async inflate(name: string, limit: number, take: (chunk: Buffer) => void | Promise<void>): Promise<number> {
    const entry = this.entries.find(({ fileName }) => fileName === name);
    if (!entry) refuseBundle(this.file, `${name} is missing`);
    let bytes = 0;
    try {
      const stream = await this.zip.openReadStreamPromise(entry);
      for await (const chunk of stream as AsyncIterable<Buffer>) {
        bytes += chunk.length;
        this.inflated += chunk.length;
        this.checkGrowth(entry, bytes, limit);
        await take(chunk);
      }
    } catch (failure) {
      if (failure instanceof ProblemError) throw failure;
      if ((failure as NodeJS.ErrnoException).syscall === 'write') throw failure;
      refuseBundle(this.file, `${name} cannot be unpacked (${problemOf(failure).message})`);
    }
    return bytes;
  }

  private checkGrowth(entry: Entry, bytes: number, limit: number): void {
    const { file, limits } = this;
    if (bytes > limit) refuseBundle(file, `${entry.fileName} is larger than the ${limit} bytes it may have`);
    if (this.inflated > limits.totalBytes) refuseBundle(file, `it unpacks to more than ${limits.totalBytes} bytes`);
    if (bytes > harmlessBytes && bytes / Math.max(entry.compressedSize, 1) > limits.ratio) {
      refuseBundle(file, `${entry.fileName} unpacks to more than ${limits.ratio} times its packed size`);
    }
  }
}

/** What cannot be opened is a damaged archived run by its name, or something else altogether. */
function refuseOtherFile(file: string): never {
  if (file.endsWith(bundleExtension)) refuseBundle(file, 'it is damaged, or no archived run');
  throw new ProblemError({
    code: 'bundle-refused',
    message: `${file} is no archived run.`,
    tip: `Choose a file whose name ends in ${bundleExtension}.`,
    file,
  });
}

const bundleExtension = '.testops-run';

/** The entries, exactly the known ones in their order. */
async function readEntries(file: string, zip: ZipFile): Promise<Entry[]> {
  if (zip.entryCount > bundleEntries.length)
    refuseBundle(file, `it holds ${zip.entryCount} entries where ${requiredEntries} or ${bundleEntries.length} belong`);
  const entries: Entry[] = [];
  const seen = new Set<string>();
  try {
    for await (const entry of zip.eachEntry()) {
      if (entries.length >= bundleEntries.length) refuseBundle(file, 'it holds more entries than it says');
      checkEntry(file, entry, seen, bundleEntries[entries.length]);
      await checkLocalHeader(file, zip, entry, entries.at(-1));
      entries.push(entry);
    }
  } catch (failure) {
    if (failure instanceof ProblemError) throw failure;
    refuseBundle(file, `its list of entries is damaged (${problemOf(failure).message})`);
  }
  const missing = bundleEntries[entries.length];
  if (missing && entries.length < requiredEntries) refuseBundle(file, `${missing} is missing`);
  return entries;
}

function checkEntry(file: string, entry: Entry, seen: Set<string>, expected: string | undefined): void {
  const name = entry.fileName;
  const shown = JSON.stringify(name.slice(0, 100));
  if (seen.has(name.toLowerCase())) refuseBundle(file, `it holds ${shown} twice`);
  seen.add(name.toLowerCase());
  if (/^[/\\]|^[A-Za-z]:|(^|[/\\])\.\.([/\\]|$)|\0/.test(name)) refuseBundle(file, `the name ${shown} leads out of its folder`);
  const kind = (entry.externalFileAttributes >>> 16) & 0o170_000;
  if (kind !== 0 && kind !== 0o100_000) refuseBundle(file, `${shown} is no plain file (a link, a folder or a device)`);
  if (!(bundleEntries as readonly string[]).includes(name)) refuseBundle(file, `it holds ${shown}, which belongs to no run`);
  if (name !== expected) refuseBundle(file, `${shown} stands where ${expected} belongs`);
  if ((entry.generalPurposeBitFlag & encrypted) !== 0) refuseBundle(file, `${shown} is encrypted`);
  if (entry.compressionMethod !== stored && entry.compressionMethod !== deflated)
    refuseBundle(file, `${shown} is packed in an unknown way`);
}

/** The header beside the data must agree with the list, and entries must not share bytes (that is how small files unpack to huge ones). */
async function checkLocalHeader(file: string, zip: ZipFile, entry: Entry, before: Entry | undefined): Promise<void> {
  const header = await zip.readLocalFileHeaderPromise(entry);
  const agrees = header.fileName.equals(entry.fileNameRaw) && header.compressionMethod === entry.compressionMethod;
  if (!agrees) refuseBundle(file, `the two headers of ${entry.fileName} contradict each other`);
  const earliest = before ? before.relativeOffsetOfLocalHeader + localHeaderBytes + before.fileNameLength + before.compressedSize : 0;
  if (entry.relativeOffsetOfLocalHeader < earliest) refuseBundle(file, `${entry.fileName} overlaps the entry before it`);
}
