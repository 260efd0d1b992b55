/**
 * Brings a package onto this machine: its manifest, then its files, each verified by its hash. What has arrived stays when it is interrupted,
 * and the next attempt goes on there; what does not verify is thrown away as a whole.
 */
import { createHash } from 'node:crypto';
import { chmod, mkdir, open, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { longestManifest, readManifest, type PackageFile, type PackageManifest } from '#shared/campaign/package-manifest.ts';
import { ProblemError } from '#shared/problem.ts';
import { chunkBytes } from '#shared/protocol/work.ts';
import type { BlobTransfer } from './coordinator-link.ts';

/** Files that are fetched at a time. */
const atATime = 4;

export interface DownloadOptions {
  readonly hash: string;
  readonly transfer: Pick<BlobTransfer, 'fetch'>;
  /** Where it is laid out, next to what has not arrived as a whole yet. */
  readonly folder: string;
  readonly signal: AbortSignal;
}

/** Resolves with the manifest when every file lies below the folder. Rejects with a ProblemError; code `package-false`: it was thrown away. */
export async function downloadPackage(options: DownloadOptions): Promise<PackageManifest> {
  const { folder } = options;
  await mkdir(folder, { recursive: true, mode: 0o755 });
  const manifest = await downloadManifest(options);
  const waiting = [...manifest.files];
  const workers = Array.from({ length: atATime }, async () => {
    for (let file = waiting.shift(); file; file = waiting.shift()) {
      try {
        await new FileDownload(options, file).run();
      } catch (failure) {
        waiting.length = 0;
        throw failure;
      }
    }
  });
  const results = await Promise.allSettled(workers);
  const failed = results.find((each) => each.status === 'rejected');
  if (!failed) return manifest;
  if (failed.reason instanceof ProblemError && failed.reason.problem.code === 'package-false')
    await rm(folder, { recursive: true, force: true });
  throw failed.reason;
}

async function downloadManifest({ hash, transfer, signal }: DownloadOptions): Promise<PackageManifest> {
  const pieces: Uint8Array[] = [];
  for (let have = 0, size = 1; have < size;) {
    const stretch = await transfer.fetch(hash, have, chunkBytes, signal);
    size = stretch.size;
    if (size > longestManifest) throw falsePackage(hash, `its manifest has ${size} bytes`);
    pieces.push(stretch.bytes);
    have += stretch.bytes.length;
  }
  const bytes = Buffer.concat(pieces);
  if (createHash('sha256').update(bytes).digest('hex') !== hash) throw falsePackage(hash, 'its manifest is another one');
  const manifest = readManifest(bytes.toString('utf8'));
  if (typeof manifest === 'string') throw falsePackage(hash, `its manifest ${manifest}`);
  return manifest;
}

function falsePackage(hash: string, reason: string): ProblemError {
  return new ProblemError({
    code: 'package-false',
    message: `The package ${hash.slice(0, 12)} is not what its hash says (${reason}); it was thrown away.`,
  });
}

class FileDownload {
  private readonly options: DownloadOptions;
  private readonly file: PackageFile;
  private readonly path: string;

  constructor(options: DownloadOptions, file: PackageFile) {
    this.options = options;
    this.file = file;
    this.path = join(options.folder, file.path);
  }

  async run(): Promise<void> {
    if (await this.isThere()) return;
    await mkdir(dirname(this.path), { recursive: true, mode: 0o755 });
    const part = `${this.path}.part-of-download`;
    const handle = await open(part, 'a+', 0o600);
    try {
      await this.fill(handle);
    } finally {
      await handle.close();
    }
    await chmod(part, this.file.mode & 0o555);
    await rename(part, this.path);
  }

  /** Whether a download of before brought it as a whole. */
  private async isThere(): Promise<boolean> {
    const found = await stat(this.path).catch(() => undefined);
    if (!found?.isFile() || found.size !== this.file.size) return false;
    const handle = await open(this.path, 'r');
    try {
      return (await hashOf(handle)).digest('hex') === this.file.hash;
    } finally {
      await handle.close();
    }
  }

  private async fill(handle: FileHandle): Promise<void> {
    const { file, options } = this;
    let { size: have } = await handle.stat();
    if (have > file.size) {
      await handle.truncate(0);
      have = 0;
    }
    const hash = await hashOf(handle);
    while (have < file.size) {
      const { bytes, size } = await options.transfer.fetch(file.hash, have, Math.min(chunkBytes, file.size - have), options.signal);
      if (size !== file.size) throw falsePackage(options.hash, `${file.path} has ${size} bytes instead of ${file.size}`);
      hash.update(bytes);
      await handle.appendFile(bytes);
      have += bytes.length;
    }
    if (hash.digest('hex') !== file.hash) throw falsePackage(options.hash, `${file.path} is another file`);
  }
}

async function hashOf(handle: FileHandle): Promise<ReturnType<typeof createHash>> {
  const hash = createHash('sha256');
  for await (const chunk of handle.createReadStream({ start: 0, autoClose: false }) as AsyncIterable<Buffer>) hash.update(chunk);
  return hash;
}
