/**
 * Blobs as files named by their hash. What arrives in pieces grows in a file beside them, so it goes on where it was after a restart; whole,
 * it is verified and gets its name. A blob is verified when it is first read, too: disks lie. What was used last stands in a file's time.
 */
import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat, utimes, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import type { Clock } from '#platform/clock.ts';
import { realFiles } from '../archive/files.ts';
import { blobsFull, falseBlob, noBlob, wrongStretch } from './blob-problems.ts';
import type { BlobHash, BlobStore } from './ports.ts';
import { Turns } from './turns.ts';

/** Pieces of a blob whose rest never came (ms). */
const longestArrival = 24 * 60 * 60_000;
/** ms between notes of a blob's being used. */
const noteInterval = 60_000;
/** ms for which what was used is not removed for want of room. */
const inUse = 10 * 60_000;
const hashPattern = /^[0-9a-f]{64}$/;

export interface FileBlobsOptions {
  readonly folder: string;
  readonly clock: Clock;
  /** All blobs together; 50 GiB unless told. */
  readonly maximumBytes?: number;
}

interface Known {
  readonly size: number;
  /** ms since 1970. */
  used: number;
  noted: number;
  verified: boolean;
}

export class FileBlobs implements BlobStore {
  private readonly folder: string;
  private readonly clock: Clock;
  private readonly maximumBytes: number;
  private readonly known = new Map<BlobHash, Known>();
  private readonly turns = new Turns();
  private bytes = 0;

  private constructor({ folder, clock, maximumBytes = 50 * 1024 ** 3 }: FileBlobsOptions) {
    this.folder = folder;
    this.clock = clock;
    this.maximumBytes = maximumBytes;
  }

  static async open(options: FileBlobsOptions): Promise<FileBlobs> {
    const blobs = new FileBlobs(options);
    await mkdir(blobs.arriving, { recursive: true, mode: 0o700 });
    await blobs.removeLeftovers();
    for (const shelf of await readdir(options.folder)) {
      if (!/^[0-9a-f]{2}$/.test(shelf)) continue;
      for (const name of await readdir(path.join(options.folder, shelf))) await blobs.learn(name);
    }
    return blobs;
  }

  async size(hash: BlobHash): Promise<number | null> {
    return (this.known.get(hash) ?? (await this.learn(hash)))?.size ?? null;
  }

  async read(hash: BlobHash, offset: number, length: number): Promise<Uint8Array> {
    const known = await this.sound(hash);
    await this.noteUse(hash, known);
    const handle = await open(this.fileOf(hash), 'r').catch(() => {
      this.forget(hash);
      throw noBlob(hash);
    });
    try {
      const bytes = Buffer.alloc(Math.max(0, Math.min(length, known.size - offset)));
      const { bytesRead } = await handle.read(bytes, 0, bytes.length, offset);
      return bytes.subarray(0, bytesRead);
    } finally {
      await handle.close();
    }
  }

  async put(content: AsyncIterable<Uint8Array> | Uint8Array): Promise<{ readonly hash: BlobHash; readonly size: number }> {
    const scratch = path.join(this.arriving, `put-${randomBytes(8).toString('hex')}`);
    const digest = createHash('sha256');
    let size = 0;
    try {
      const handle = await open(scratch, 'wx', 0o600);
      try {
        for await (const piece of content instanceof Uint8Array ? [content] : content) {
          await this.makeRoom(piece.length + size);
          digest.update(piece);
          size += piece.length;
          await handle.writeFile(piece);
        }
        const hash = digest.digest('hex');
        await this.turns.take(hash, async () => {
          if ((await this.size(hash)) !== null) return;
          await handle.datasync();
          await this.putInPlace(scratch, hash, size);
        });
        return { hash, size };
      } finally {
        await handle.close();
      }
    } finally {
      await rm(scratch, { force: true });
    }
  }

  store(hash: BlobHash, size: number, offset: number, bytes: Uint8Array): Promise<number> {
    return this.turns.take(hash, async () => {
      const there = await this.size(hash);
      if (there !== null) return there;
      if (offset + bytes.length > size) throw wrongStretch(hash);
      const file = path.join(this.arriving, `${hash}-${size}`);
      await this.makeRoom(size);
      const handle = await open(file, 'a', 0o600);
      try {
        const have = await takeIn(handle, offset, bytes);
        if (have < size) return have;
        await handle.datasync();
      } finally {
        await handle.close();
      }
      if ((await hashOf(file)) !== hash) {
        await rm(file, { force: true });
        throw falseBlob(hash);
      }
      await this.putInPlace(file, hash, size);
      return size;
    });
  }

  async keepOnly(wanted: ReadonlySet<BlobHash>, unusedFor: number): Promise<{ readonly removed: number; readonly bytes: number }> {
    const before = this.clock.now() - unusedFor;
    const over = [...this.known].filter(([hash, { used }]) => !wanted.has(hash) && used <= before);
    let bytes = 0;
    for (const [hash, { size }] of over) {
      bytes += size;
      await this.remove(hash);
    }
    return { removed: over.length, bytes };
  }

  async dispose(): Promise<void> {
    await this.turns.settled();
  }

  private get arriving(): string {
    return path.join(this.folder, 'arriving');
  }

  private fileOf(hash: BlobHash): string {
    return path.join(this.folder, hash.slice(0, 2), hash);
  }

  private async learn(hash: BlobHash): Promise<Known | null> {
    if (!hashPattern.test(hash)) return null;
    const found = await stat(this.fileOf(hash)).catch(() => null);
    if (!found?.isFile()) return null;
    const known = { size: found.size, used: found.mtimeMs, noted: found.mtimeMs, verified: false };
    this.forget(hash);
    this.known.set(hash, known);
    this.bytes += known.size;
    return known;
  }

  /** What is known of a blob that is what its hash says; one that is not is thrown away. */
  private async sound(hash: BlobHash): Promise<Known> {
    const known = this.known.get(hash) ?? (await this.learn(hash));
    if (!known) throw noBlob(hash);
    if (known.verified) return known;
    await this.turns.take(hash, async () => {
      if (known.verified) return;
      const found = await hashOf(this.fileOf(hash)).catch(() => null);
      if (found === hash) known.verified = true;
      else await this.remove(hash);
    });
    if (!known.verified) throw noBlob(hash);
    return known;
  }

  private async noteUse(hash: BlobHash, known: Known): Promise<void> {
    const now = this.clock.now();
    known.used = now;
    if (now - known.noted < noteInterval) return;
    known.noted = now;
    const time = new Date(now);
    await utimes(this.fileOf(hash), time, time).catch(() => undefined);
  }

  private async putInPlace(file: string, hash: BlobHash, size: number): Promise<void> {
    const target = this.fileOf(hash);
    await mkdir(path.dirname(target), { recursive: true, mode: 0o700 });
    await rename(file, target);
    await realFiles.syncFolder(path.dirname(target));
    const now = this.clock.now();
    this.forget(hash);
    this.known.set(hash, { size, used: now, noted: now, verified: true });
    this.bytes += size;
  }

  /** Removes what was used least recently until there is room. */
  private async makeRoom(wanted: number): Promise<void> {
    if (this.bytes + wanted <= this.maximumBytes) return;
    const before = this.clock.now() - inUse;
    const old = [...this.known].filter(([, { used }]) => used < before).sort(([, left], [, right]) => left.used - right.used);
    for (const [hash] of old) {
      await this.remove(hash);
      if (this.bytes + wanted <= this.maximumBytes) return;
    }
    throw blobsFull(this.folder, this.maximumBytes);
  }

  private async remove(hash: BlobHash): Promise<void> {
    this.forget(hash);
    await rm(this.fileOf(hash), { force: true });
  }

  private forget(hash: BlobHash): void {
    this.bytes -= this.known.get(hash)?.size ?? 0;
    this.known.delete(hash);
  }

  private async removeLeftovers(): Promise<void> {
    for (const name of await readdir(this.arriving)) {
      const file = path.join(this.arriving, name);
      const found = await stat(file).catch(() => null);
      if (found && this.clock.now() - found.mtimeMs > longestArrival) await rm(file, { force: true });
    }
  }
}

/** Appends what is new of a stretch; answers with the bytes that are there. What begins later than these is not taken. */
async function takeIn(handle: FileHandle, offset: number, bytes: Uint8Array): Promise<number> {
  const { size: have } = await handle.stat();
  const fresh = offset <= have ? bytes.subarray(have - offset) : bytes.subarray(0, 0);
  if (fresh.length > 0) await handle.writeFile(fresh);
  return have + fresh.length;
}

async function hashOf(file: string): Promise<BlobHash> {
  const digest = createHash('sha256');
  for await (const piece of createReadStream(file)) digest.update(piece as Buffer);
  return digest.digest('hex');
}
