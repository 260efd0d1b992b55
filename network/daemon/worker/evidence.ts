/**
 * What an attempt leaves as evidence: its output and its files, each by its content, bounded in number and size. They are copied when the
 * test has finished, stored with the core, and removed here. What was not kept is said.
 */
import { createHash, randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { mkdir, open, readlink, rm, type FileHandle } from 'node:fs/promises';
import { join, sep } from 'node:path';
import type { Evidence } from '#shared/campaign/records.ts';
import { problemOf } from '#shared/problem.ts';
import { counted } from '#shared/wording/counts.ts';
import { contentOf, type BlobContent, type BlobTransfer } from './coordinator-link.ts';
import type { AttemptFile } from './adapters/adapter.ts';
import type { KeptOutput } from './kept-output.ts';

/** Bytes up to which a file stays in memory instead of on the disk. */
const smallBytes = 64 * 1024;
/** Bytes of all evidence that waits here to be stored; beyond, it is dropped. */
const mostWaiting = 1_000_000_000;

export interface EvidenceOptions {
  readonly transfer: BlobTransfer;
  /** For copies that wait to be stored. */
  readonly folder: string;
  /** Of an attempt. */
  readonly files: number;
  readonly size: number;
}

export interface KeptEvidence {
  readonly evidence: readonly Evidence[];
  /** What was not kept and why, in sentences. */
  readonly remarks: readonly string[];
}

interface Copy {
  readonly content: BlobContent;
  /** Bytes that there were. */
  readonly whole: number;
  remove(): Promise<void>;
}

export interface Attempt {
  readonly output: KeptOutput;
  readonly files: readonly AttemptFile[];
  /** Folders in which files may be; a test cannot have others read, by a link or a name. */
  readonly within: readonly string[];
}

export class EvidenceKeeper {
  private readonly options: EvidenceOptions;
  private waiting = 0;

  constructor(options: EvidenceOptions) {
    this.options = options;
  }

  /** Never rejects. */
  async keep({ output, files, within }: Attempt, signal: AbortSignal): Promise<KeptEvidence> {
    const evidence: Evidence[] = [];
    const remarks: string[] = [];
    let left = this.options.size;
    const take = async (name: string, type: string, copied: Promise<Copy>): Promise<void> => {
      try {
        const copy = await copied;
        left -= copy.content.size;
        const kept = await this.store(copy, signal);
        evidence.push({ name, type, ...kept });
      } catch (failure) {
        remarks.push(`${name} was not kept: ${problemOf(failure).message}`);
      }
    };
    if (output.whole > 0) {
      const bytes = output.bytes();
      await take('output.txt', 'text/plain', Promise.resolve({ content: contentOf(bytes), whole: output.whole, remove: nothing }));
    }
    const wanted = files.slice(0, this.options.files);
    for (const file of wanted) {
      if (left <= 0) {
        remarks.push(
          `${counted(wanted.length - wanted.indexOf(file), 'file was', 'files were')} not kept: an attempt may leave ${this.options.size} bytes.`,
        );
        break;
      }
      await take(file.name.slice(0, 512) || 'file', file.type.slice(0, 128), this.copy(file, left, within));
    }
    const over = files.length - wanted.length;
    if (over > 0)
      remarks.push(`${counted(over, 'more file was', 'more files were')} not kept: an attempt may leave ${this.options.files}.`);
    return { evidence, remarks };
  }

  private async store(copy: Copy, signal: AbortSignal): Promise<Pick<Evidence, 'hash' | 'bytes' | 'whole'>> {
    const { content, whole } = copy;
    this.waiting += content.size;
    try {
      if (this.waiting > mostWaiting) throw new Error('too much evidence waits to be stored');
      await this.options.transfer.store(content, signal);
      return { hash: content.hash, bytes: content.size, ...(whole > content.size && { whole }) };
    } finally {
      this.waiting -= content.size;
      await copy.remove();
    }
  }

  private async copy({ from }: AttemptFile, most: number, within: readonly string[]): Promise<Copy> {
    if ('text' in from) {
      const bytes = Buffer.from(from.text);
      return { content: contentOf(bytes.subarray(0, most)), whole: bytes.length, remove: nothing };
    }
    const source = await openWithin(from.path, within);
    try {
      const { size } = await source.stat();
      return size <= smallBytes ? await this.copyToMemory(source, most) : await this.copyToDisk(source, most, size);
    } finally {
      await source.close();
    }
  }

  private async copyToMemory(source: FileHandle, most: number): Promise<Copy> {
    const bytes = await readAt(source, 0, Math.min(smallBytes, most));
    const { size } = await source.stat();
    return { content: contentOf(bytes), whole: size, remove: nothing };
  }

  private async copyToDisk(source: FileHandle, most: number, whole: number): Promise<Copy> {
    await mkdir(this.options.folder, { recursive: true, mode: 0o700 });
    const path = join(this.options.folder, randomUUID());
    const remove = (): Promise<void> => rm(path, { force: true }).catch(nothing);
    try {
      const target = await open(path, 'wx', 0o600);
      try {
        const { hash, size } = await pour(source, target, most);
        return { content: { hash, size, read: (offset, length) => readFrom(path, offset, length) }, whole: Math.max(whole, size), remove };
      } finally {
        await target.close();
      }
    } catch (failure) {
      await remove();
      throw failure;
    }
  }
}

const nothing = (): Promise<void> => Promise.resolve();

async function pour(source: FileHandle, target: FileHandle, most: number): Promise<{ readonly hash: string; readonly size: number }> {
  const hash = createHash('sha256');
  let size = 0;
  while (size < most) {
    const bytes = await readAt(source, size, Math.min(256 * 1024, most - size));
    if (bytes.length === 0) break;
    hash.update(bytes);
    await target.writeFile(bytes);
    size += bytes.length;
  }
  return { hash: hash.digest('hex'), size };
}

async function readAt(file: FileHandle, offset: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  let count = 0;
  while (count < length) {
    const { bytesRead } = await file.read(buffer, count, length - count, offset + count);
    if (bytesRead === 0) break;
    count += bytesRead;
  }
  return buffer.subarray(0, count);
}

async function readFrom(path: string, offset: number, length: number): Promise<Uint8Array> {
  const file = await open(path, 'r');
  try {
    return await readAt(file, offset, length);
  } finally {
    await file.close();
  }
}

/** Opens a file only where it really lies in one of the folders. The daemon may read what the test may not, so no link is followed out of them. */
async function openWithin(path: string, folders: readonly string[]): Promise<FileHandle> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    if (!(await file.stat()).isFile()) throw new Error('it is no file');
    const real = process.platform === 'linux' ? await readlink(`/proc/self/fd/${file.fd}`) : path;
    if (!folders.some((folder) => real.startsWith(`${folder}${sep}`))) throw new Error('it lies outside the folders of the test');
    return file;
  } catch (failure) {
    await file.close();
    throw failure;
  }
}
