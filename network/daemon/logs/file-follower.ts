/** Reads one file as it grows. It is known by its inode: a new name changes nothing, a truncation starts it anew. */
import { createHash } from 'node:crypto';
import { constants, type BigIntStats } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { LineSplitter, type OnLine } from '#platform/lines.ts';
import type { FilePosition, Fingerprint } from './positions.ts';

/** bytes read in one turn */
export const chunkBytes = 64 * 1_024;
const fingerprintBytes = 256;
/** Shorter beginnings may be equal by chance. */
const certainBytes = 64;

export interface Start {
  /** `end` of what is there, `start` of the file, or where it was left. */
  readonly at: 'end' | 'start' | Pick<FilePosition, 'offset' | 'skipping' | 'fingerprint'>;
  /** Files of which this may be a copy (copytruncate); then it begins at their offset, or at its end where that is null. */
  readonly copyOf?: readonly { readonly fingerprint: Fingerprint; readonly offset: number | null }[];
}

/** `again`: the file was truncated or replaced in place and is read from its start. */
export type Turn = 'nothing' | 'read' | 'again';

export class FileFollower {
  /** Last known name; null once it has none that is followed. */
  path: string | null;
  /** What must be read to its end before this one. */
  predecessor: FileFollower | null = null;
  /** monotonic ms of the last growth */
  grewAt: number;
  /** monotonic ms since when it has no name that is followed */
  orphanedAt: number | null = null;
  readonly lastPath: string;
  readonly device: string;
  readonly inode: string;
  private readonly handle: FileHandle;
  private offset = 0;
  private size = 0;
  private changedAt = -1n;
  /** Something changed since the last read, be it that the file became shorter. */
  private changed = false;
  private splitter = linesOf();
  private fingerprint: Fingerprint = { length: 0, hash: hashOf(Buffer.alloc(0)) };

  private constructor(path: string, handle: FileHandle, stats: BigIntStats, now: number) {
    this.path = path;
    this.lastPath = path;
    this.handle = handle;
    this.device = String(stats.dev);
    this.inode = String(stats.ino);
    this.size = Number(stats.size);
    this.grewAt = now;
  }

  /** Undefined when the path is no plain file. Throws when it may not be read. */
  static async open(path: string, now: number, startOf: (stats: BigIntStats) => Start): Promise<FileFollower | undefined> {
    // Not waiting: what was a file a moment ago may be a pipe without a writer now.
    const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const stats = await handle.stat({ bigint: true });
      if (stats.isFile()) {
        const follower = new FileFollower(path, handle, stats, now);
        await follower.begin(startOf(stats));
        return follower;
      }
    } catch (failure) {
      await handle.close();
      throw failure;
    }
    await handle.close();
    return undefined;
  }

  /** Everything that was there at the last look has been read. */
  get isAtEnd(): boolean {
    return !this.changed && this.offset >= this.size;
  }

  get holdsPartialLine(): boolean {
    return this.splitter.pending > 0;
  }

  is(stats: BigIntStats): boolean {
    return this.device === String(stats.dev) && this.inode === String(stats.ino);
  }

  /** Takes note of the present size and time of change. */
  async look(stats?: BigIntStats): Promise<void> {
    const present = stats ?? (await this.handle.stat({ bigint: true }));
    const size = Number(present.size);
    if (size === this.size && present.mtimeNs === this.changedAt) return;
    this.size = size;
    this.changedAt = present.mtimeNs;
    this.changed = true;
  }

  /** Reads one chunk into `buffer`, which must hold {@link chunkBytes}, and gives its lines. */
  async read(buffer: Buffer, now: number, onLine: OnLine): Promise<Turn> {
    if (this.size < this.offset) return this.startAgain(onLine);
    const { bytesRead } = await this.handle.read(buffer, 0, chunkBytes, this.offset);
    // Checked after the read, so that bytes of another content never pass as the continuation of this one.
    if (!(await this.isSameContent())) return this.startAgain(onLine);
    this.offset += bytesRead;
    if (bytesRead === 0) this.size = this.offset;
    if (this.offset >= this.size) this.changed = false;
    if (bytesRead === 0) return 'nothing';
    this.grewAt = now;
    this.splitter.push(buffer.subarray(0, bytesRead), onLine);
    return 'read';
  }

  /** No newline came for long enough, or never will: the unfinished line is one. */
  flush(onLine: OnLine): void {
    this.splitter.flush(onLine);
  }

  position(): Omit<FilePosition, 'log' | 'seen'> {
    const { device, inode, fingerprint } = this;
    const offset = this.offset - this.splitter.pending;
    return { path: this.path ?? this.lastPath, device, inode, offset, skipping: this.splitter.isSkipping, fingerprint };
  }

  async close(): Promise<void> {
    await this.handle.close().catch(() => {
      // Nothing was written, so nothing can be lost.
    });
  }

  private async begin({ at, copyOf = [] }: Start): Promise<void> {
    this.fingerprint = await this.takeFingerprint();
    // A short beginning proves little: the inode may be that of a deleted file, so being a copy is looked at first then.
    const isSure = typeof at === 'object' && at.fingerprint.length >= certainBytes && (await this.fits(at));
    const original = isSure ? undefined : await this.originalAmong(copyOf);
    if (original) this.offset = Math.min(this.size, original.offset ?? this.size);
    else if (typeof at === 'object') {
      if (!(await this.fits(at))) return;
      this.offset = at.offset;
      this.splitter = linesOf(at.skipping);
    } else if (at === 'end') {
      this.offset = this.size;
      // If it ends within a line, the rest of that line is not a line: it is dropped, and the next one is whole.
      this.splitter = linesOf(this.size > 0 && !(await this.endsWithLineFeed()));
    }
  }

  private async fits({ offset, fingerprint }: Pick<FilePosition, 'offset' | 'fingerprint'>): Promise<boolean> {
    return this.size >= offset && hashOf(await this.head(fingerprint.length)) === fingerprint.hash;
  }

  private async originalAmong(candidates: NonNullable<Start['copyOf']>): Promise<(typeof candidates)[number] | undefined> {
    const head = await this.head(fingerprintBytes);
    return candidates.find(({ fingerprint: { length, hash } }) => {
      return length >= certainBytes && length <= head.length && hashOf(head.subarray(0, length)) === hash;
    });
  }

  private async endsWithLineFeed(): Promise<boolean> {
    const last = Buffer.alloc(1);
    await this.handle.read(last, 0, 1, this.size - 1);
    return last[0] === 0x0a;
  }

  private async startAgain(onLine: OnLine): Promise<Turn> {
    this.splitter.flush(onLine);
    this.splitter = linesOf();
    this.offset = 0;
    this.size = Number((await this.handle.stat({ bigint: true })).size);
    this.changed = true;
    this.fingerprint = await this.takeFingerprint();
    return 'again';
  }

  /** Also lengthens the fingerprint while the file is still short. */
  private async isSameContent(): Promise<boolean> {
    const head = await this.head(fingerprintBytes);
    const { length, hash } = this.fingerprint;
    if (head.length < length || hashOf(head.subarray(0, length)) !== hash) return false;
    if (head.length > length) this.fingerprint = { length: head.length, hash: hashOf(head) };
    return true;
  }

  private async takeFingerprint(): Promise<Fingerprint> {
    const head = await this.head(fingerprintBytes);
    return { length: head.length, hash: hashOf(head) };
  }

  private async head(length: number): Promise<Buffer> {
    const head = Buffer.alloc(length);
    const { bytesRead } = length > 0 ? await this.handle.read(head, 0, length, 0) : { bytesRead: 0 };
    return head.subarray(0, bytesRead);
  }
}

function linesOf(skipping = false): LineSplitter {
  return new LineSplitter({ withoutNul: true, skipping });
}

function hashOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
