/**
 * The spool keeps the daemon's numbered records, so that a reader who missed some can ask for them. Records go to
 * append-only segments (see spool-segment.ts), bounded by size and age; the oldest are dropped first and that is said.
 * Records of earlier epochs stay until they age, so a restart of the daemon loses nothing that was written.
 *
 * Writing is buffered and never blocks the daemon. There is no fsync: what survives a killed daemon is everything
 * handed to the operating system, which is all but the last milliseconds; a power cut may cost more.
 * While the disk cannot be written, the newest records are kept in memory (bounded) and written when it can be again.
 */
import { mkdir, open, readdir, readFile, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Epoch } from '#shared/identifiers.ts';
import { problemOf } from '#shared/problem.ts';
import { SpoolReader } from './spool-reading.ts';
import type { SpoolReading } from './spool-reading.ts';
import { encodeRecordHeader, parseSegmentFileName, readSegment, recordHeaderBytes, segmentFileName } from './spool-segment.ts';
import type { SpoolRecord } from './spool-segment.ts';
import { secondsText } from '#shared/wording/durations.ts';
import { quantityText } from '#shared/wording/quantities.ts';

/** A file open for writing at positions; replaced in tests to make a disk full. */
export interface SpoolFile {
  write(bytes: Uint8Array, position: number): Promise<void>;
  close(): Promise<void>;
}

export type SpoolTrouble =
  | { readonly kind: 'dropped'; readonly epoch: Epoch; readonly from: number; readonly to: number }
  | { readonly kind: 'unwritable'; readonly reason: string }
  | { readonly kind: 'writable' };

export interface SpoolOptions {
  readonly folder: string;
  readonly epoch: Epoch;
  /** Bytes on disk. */
  readonly size: number;
  /** ms */
  readonly age: number;
  /** ms since 1970 */
  readonly now: () => number;
  /** Dropped records are told at most once a second, all ranges of an epoch in one. */
  readonly onTrouble: (trouble: SpoolTrouble) => void;
  /** Bytes held in memory while the disk cannot be written. Default 16 MiB. */
  readonly memory?: number;
  /** ms between attempts to write while the disk cannot be written. Default 2,000. */
  readonly retry?: number;
  readonly openFile?: (path: string) => Promise<SpoolFile>;
}

interface Segment {
  readonly epoch: Epoch;
  readonly first: number;
  readonly path: string;
  last: number;
  bytes: number;
  /** ms since 1970 of the newest record. */
  newest: number;
}

const writeBatchBytes = 1024 * 1024;
const maximumSegments = 4_000;

async function openForWriting(path: string): Promise<SpoolFile> {
  const handle = await open(path, 'w', 0o600);
  return {
    async write(bytes, position) {
      let written = 0;
      while (written < bytes.length) {
        written += (await handle.write(bytes, written, bytes.length - written, position + written)).bytesWritten;
      }
    },
    close: () => handle.close(),
  };
}

export class Spool {
  private readonly options: SpoolOptions;
  private readonly segmentBytes: number;
  /** Ordered by epoch, then by sequence; the last one is open for writing when `file` is set. */
  private segments: Segment[] = [];
  private file: SpoolFile | undefined;
  private fileSince = 0;
  /** Not yet written; ordered by sequence. */
  private held: SpoolRecord[] = [];
  private heldBytes = 0;
  private inFlight: readonly SpoolRecord[] = [];
  private writing: Promise<void> | undefined;
  private retryTimer: NodeJS.Timeout | undefined;
  private troubleTimer: NodeJS.Timeout | undefined;
  private readonly agingTimer: NodeJS.Timeout;
  private readonly dropped = new Map<Epoch, { from: number; to: number }>();
  private unwritable = false;
  private closed = false;

  private constructor(options: SpoolOptions) {
    this.options = options;
    this.segmentBytes = Math.min(4 * 1024 * 1024, Math.max(16 * 1024, Math.floor(options.size / 8)));
    this.agingTimer = setInterval(() => this.enforceBounds(), Math.min(30_000, Math.max(50, options.age / 8)));
    this.agingTimer.unref();
  }

  /** Opens the folder (made when missing) with what earlier epochs left in it. A folder that cannot be used is told as trouble. */
  static async open(options: SpoolOptions): Promise<Spool> {
    const spool = new Spool(options);
    try {
      await mkdir(options.folder, { recursive: true, mode: 0o700 });
      spool.segments = await listSegments(options.folder);
    } catch (failure) {
      spool.becomeUnwritable(failure);
    }
    spool.enforceBounds();
    return spool;
  }

  /** The epochs of the records found in a folder, ascending; a new epoch must be later, whatever the clock says. */
  static async epochs(folder: string): Promise<readonly Epoch[]> {
    try {
      const names = await readdir(folder);
      const epochs = names.map((name) => parseSegmentFileName(name)?.epoch).filter((epoch) => epoch !== undefined);
      return [...new Set(epochs)].sort();
    } catch {
      return [];
    }
  }

  /** Keeps a record. Sequences must grow. Returns at once. */
  append(record: SpoolRecord): void {
    if (this.closed) return;
    this.held.push(record);
    this.heldBytes += record.bytes.length + recordHeaderBytes;
    this.boundMemory();
    if (!this.unwritable) this.writing ??= this.writeHeld().finally(() => (this.writing = undefined));
  }

  /** Oldest sequence number of the present epoch that can still be read; undefined when there is none. */
  oldest(): number | undefined {
    const segment = this.segments.find((each) => each.epoch === this.options.epoch);
    return segment?.first ?? this.inFlight[0]?.sequence ?? this.held[0]?.sequence;
  }

  /** Bytes on disk. */
  get bytes(): number {
    return this.segments.reduce((sum, segment) => sum + segment.bytes, 0);
  }

  /** Bytes waiting in memory to be written. */
  get waiting(): number {
    return this.inFlight.reduce((sum, record) => sum + record.bytes.length + recordHeaderBytes, this.heldBytes);
  }

  /** Records `from` to `to` of an epoch, as far as they are kept, up to about `maximumBytes` of them. */
  async read(epoch: Epoch, from: number, to: number, maximumBytes: number): Promise<SpoolReading> {
    const reader = new SpoolReader(from, to, maximumBytes);
    while (reader.wantsMore) {
      // Looked up anew each time: while a segment is read, others are written and dropped.
      const segment = this.segments.find((each) => each.epoch === epoch && each.last >= reader.expected && each.first <= to);
      if (!segment) break;
      const end = segment.last;
      reader.take(readSegment(await loadSegment(segment)), this.droppedReason());
      if (reader.wantsMore) reader.lose(end, 'The part of the spool that held these records is damaged or was dropped.');
    }
    if (epoch === this.options.epoch) reader.take([...this.inFlight, ...this.held], this.droppedReason());
    if (reader.wantsMore) reader.lose(to, this.missingReason(epoch, reader.expected));
    return reader.finish();
  }

  /** Resolves when everything appended so far is written, or cannot be. */
  async flush(): Promise<void> {
    await this.writing;
  }

  /** Writes what it can and closes. */
  async close(): Promise<void> {
    if (this.closed) return;
    clearInterval(this.agingTimer);
    clearTimeout(this.retryTimer);
    clearTimeout(this.troubleTimer);
    await this.flush();
    this.closed = true;
    await this.closeFile();
  }

  // ------------------------------------------------------------------------------------------------------------ writing

  private async writeHeld(): Promise<void> {
    // Records that come within one turn of the event loop, or while a batch is being written, share the next batch.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.held.length > 0) {
      const batch = this.takeBatch();
      try {
        await this.writeBatch(batch);
        this.inFlight = [];
        this.becomeWritable();
      } catch (failure) {
        this.inFlight = [];
        this.putBack(batch);
        await this.closeFile();
        this.becomeUnwritable(failure);
        return;
      }
      this.enforceBounds();
    }
  }

  private takeBatch(): SpoolRecord[] {
    let bytes = 0;
    let count = 0;
    while (count < this.held.length && (count === 0 || bytes < writeBatchBytes)) {
      bytes += (this.held[count]?.bytes.length ?? 0) + recordHeaderBytes;
      count++;
    }
    const batch = this.held.splice(0, count);
    this.heldBytes -= bytes;
    this.inFlight = batch;
    return batch;
  }

  private putBack(batch: readonly SpoolRecord[]): void {
    this.held = [...batch, ...this.held];
    this.heldBytes += batch.reduce((sum, record) => sum + record.bytes.length + recordHeaderBytes, 0);
    this.boundMemory();
  }

  private async writeBatch(batch: readonly SpoolRecord[]): Promise<void> {
    const first = batch[0];
    const last = batch.at(-1);
    if (!first || !last) return;
    const segment = await this.segmentFor(first);
    const bytes = Buffer.concat(batch.flatMap((record) => [encodeRecordHeader(record), record.bytes]));
    await this.file?.write(bytes, segment.bytes);
    segment.bytes += bytes.length;
    segment.last = last.sequence;
    segment.newest = last.time;
  }

  private async segmentFor(first: SpoolRecord): Promise<Segment> {
    const current = this.segments.at(-1);
    const old = Math.abs(first.time - this.fileSince) > this.options.age / 8;
    if (this.file && current && current.bytes < this.segmentBytes && !old) return current;
    await this.closeFile();
    const { folder, epoch } = this.options;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const path = join(folder, segmentFileName(epoch, first.sequence));
    this.file = await (this.options.openFile ?? openForWriting)(path);
    this.fileSince = first.time;
    const segment: Segment = { epoch, first: first.sequence, last: first.sequence - 1, path, bytes: 0, newest: first.time };
    // A segment that failed before its first record was written stands there already, empty.
    this.segments = [...this.segments.filter((each) => each.path !== path), segment];
    return segment;
  }

  private async closeFile(): Promise<void> {
    const { file } = this;
    this.file = undefined;
    await file?.close().catch(() => undefined);
  }

  // ------------------------------------------------------------------------------------------------------------- bounds

  private boundMemory(): void {
    const bound = this.options.memory ?? 16 * 1024 * 1024;
    let count = 0;
    while (this.heldBytes > bound && count < this.held.length - 1) {
      const record = this.held[count];
      if (!record) break;
      this.heldBytes -= record.bytes.length + recordHeaderBytes;
      this.noteDropped(this.options.epoch, record.sequence, record.sequence);
      count++;
    }
    if (count > 0) this.held.splice(0, count);
  }

  private enforceBounds(): void {
    let total = this.bytes;
    for (;;) {
      const oldest = this.segments[0];
      if (!oldest || (this.file && this.segments.length === 1)) return;
      const aged = this.options.now() - oldest.newest > this.options.age;
      if (total <= this.options.size && this.segments.length <= maximumSegments && !aged) return;
      this.segments.shift();
      total -= oldest.bytes;
      // Ageing is what the configuration asked for; only records dropped for want of space are worth a notice.
      if (!aged && oldest.last >= oldest.first) this.noteDropped(oldest.epoch, oldest.first, oldest.last);
      unlink(oldest.path).catch(() => undefined);
    }
  }

  private noteDropped(epoch: Epoch, from: number, to: number): void {
    const known = this.dropped.get(epoch);
    this.dropped.set(epoch, known ? { from: Math.min(known.from, from), to: Math.max(known.to, to) } : { from, to });
    this.troubleTimer ??= setTimeout(() => {
      this.troubleTimer = undefined;
      const ranges = [...this.dropped];
      this.dropped.clear();
      for (const [each, range] of ranges) this.options.onTrouble({ kind: 'dropped', epoch: each, ...range });
    }, 1_000);
    this.troubleTimer.unref();
  }

  private droppedReason(): string {
    return `Dropped: the spool keeps ${quantityText(this.options.size, 'bytes')} and ${secondsText(this.options.age)} of records.`;
  }

  private missingReason(epoch: Epoch, sequence: number): string {
    if (epoch !== this.options.epoch) {
      const known = this.segments.some((segment) => segment.epoch === epoch);
      return known ? 'The daemon ended before it wrote these records.' : 'This daemon holds no records of that epoch.';
    }
    const oldest = this.oldest();
    return oldest !== undefined && sequence < oldest ? this.droppedReason() : 'The daemon has no such records yet.';
  }

  // ------------------------------------------------------------------------------------------------------- full disks

  private becomeUnwritable(failure: unknown): void {
    if (!this.unwritable) this.options.onTrouble({ kind: 'unwritable', reason: problemOf(failure).message });
    this.unwritable = true;
    if (this.closed) return;
    this.retryTimer = setTimeout(() => {
      this.writing ??= this.writeHeld().finally(() => (this.writing = undefined));
    }, this.options.retry ?? 2_000);
    this.retryTimer.unref();
  }

  private becomeWritable(): void {
    if (!this.unwritable) return;
    this.unwritable = false;
    this.options.onTrouble({ kind: 'writable' });
  }
}

async function loadSegment(segment: Segment): Promise<Uint8Array> {
  try {
    const bytes = await readFile(segment.path);
    return bytes.subarray(0, Math.min(bytes.length, segment.bytes));
  } catch {
    return new Uint8Array();
  }
}

/** Segments in a folder. Only the last of each epoch is read: its end is where its sound records end. */
async function listSegments(folder: string): Promise<Segment[]> {
  const segments: Segment[] = [];
  for (const name of (await readdir(folder)).sort()) {
    const parsed = parseSegmentFileName(name);
    if (!parsed) continue;
    const path = join(folder, name);
    const { size, mtimeMs } = await stat(path);
    const previous = segments.at(-1);
    if (previous?.epoch === parsed.epoch) previous.last = parsed.first - 1;
    segments.push({ ...parsed, path, last: Number.MAX_SAFE_INTEGER, bytes: size, newest: mtimeMs });
  }
  for (const segment of segments) {
    if (segment.last !== Number.MAX_SAFE_INTEGER) continue;
    segment.last = segment.first - 1;
    for (const record of readSegment(await loadSegment(segment))) segment.last = record.sequence;
  }
  return segments;
}
