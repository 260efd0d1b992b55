/**
 * Writes `log.ndjson` by group commit: everything appended while one batch goes to the disk shares the next write and
 * fdatasync. A record counts only when it is on the disk. Batches are written at fixed positions, so a batch that failed half-way
 * is simply written again over itself: no record is torn or doubled.
 */
import { Emitter } from '#shared/disposable.ts';
import { ProblemError } from '#shared/problem.ts';
import type { RecordBody, RunRecord } from '#shared/run/records.ts';
import type { Clock } from '#platform/clock.ts';
import type { PositionedFile } from './files.ts';
import type { Standstill } from './standstill.ts';

/** A batch holds at most this many bytes beyond its last line; so much is what a power cut can tear at the end of a log. */
export const maximumBatchBytes = 4 * 1024 * 1024;
/** Characters of serialised records that wait for the disk; callers beyond it wait before their record is serialised and numbered. */
export const maximumWaitingCharacters = 64 * 1024 * 1024;
/** Distance of the places in the log that are remembered for late readers, in records. */
const markDistance = 1_024;
const nameInProblems = 'The log';

interface WaitingRecord {
  readonly record: RunRecord;
  readonly line: string;
  readonly resolve: (record: RunRecord) => void;
  readonly reject: (failure: unknown) => void;
}
interface WaitingCaller {
  readonly body: RecordBody;
  readonly time: number;
  readonly resolve: (record: RunRecord) => void;
  readonly reject: (failure: unknown) => void;
}

/** Where a log stands when it is opened. */
export interface LogPosition {
  /** bytes */
  readonly length: number;
  /** Sequence of its last record; 0 when it has none. */
  readonly sequence: number;
}

export class LogWriter {
  private readonly file: PositionedFile;
  private readonly clock: Clock;
  private readonly standstill: Standstill;
  private readonly committed = new Emitter<readonly RunRecord[]>();
  private waiting: WaitingRecord[] = [];
  private waitingCharacters = 0;
  private callers: WaitingCaller[] = [];
  private durableLength: number;
  private lastDurable: number;
  private nextSequence: number;
  private draining: Promise<void> | null = null;
  private closed = false;
  private fileClosed = false;
  private readonly marks: { sequence: number; offset: number }[] = [{ sequence: 1, offset: 0 }];

  constructor(file: PositionedFile, position: LogPosition, clock: Clock, standstill: Standstill) {
    this.file = file;
    this.clock = clock;
    this.standstill = standstill;
    this.durableLength = position.length;
    this.lastDurable = position.sequence;
    this.nextSequence = position.sequence + 1;
    if (position.sequence > 0) this.marks.push({ sequence: position.sequence + 1, offset: position.length });
  }

  /** Sequence of the last record on the disk. */
  get durableSequence(): number {
    return this.lastDurable;
  }

  /** Bytes of the log that are on the disk. */
  get length(): number {
    return this.durableLength;
  }

  /** Records that are not on the disk yet. */
  get waitingRecords(): number {
    return this.waiting.length + this.callers.length;
  }

  /** Tells each batch after its fsync. */
  subscribe(listener: (records: readonly RunRecord[]) => void): () => void {
    return this.committed.subscribe(listener);
  }

  append(body: RecordBody): Promise<RunRecord> {
    if (this.closed) return Promise.reject(closedProblem());
    const time = this.clock.now();
    return new Promise((resolve, reject) => {
      if (this.callers.length > 0 || this.waitingCharacters >= maximumWaitingCharacters) {
        this.callers.push({ body, time, resolve, reject });
      } else {
        this.enqueue(body, time, resolve, reject);
      }
      this.draining ??= Promise.resolve().then(() => this.drain());
    });
  }

  /** Byte offset at or before which a record starts, for reading on from there. */
  offsetBefore(sequence: number): number {
    let low = 0;
    let high = this.marks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((this.marks[middle]?.sequence ?? Infinity) <= sequence) low = middle;
      else high = middle - 1;
    }
    return this.marks[low]?.offset ?? 0;
  }

  /** Resolves when everything appended so far is on the disk, or was given up. */
  async flush(): Promise<void> {
    while (this.draining) await this.draining;
  }

  /** Takes no more records, writes those that wait, closes the file. */
  async close(): Promise<void> {
    this.closed = true;
    await this.flush();
    if (this.fileClosed) return;
    this.fileClosed = true;
    await this.file.close();
  }

  private enqueue(body: RecordBody, time: number, resolve: (record: RunRecord) => void, reject: (failure: unknown) => void): void {
    const record: RunRecord = { sequence: this.nextSequence, time, ...body };
    const line = `${JSON.stringify(record)}\n`;
    this.nextSequence++;
    this.waiting.push({ record, line, resolve, reject });
    this.waitingCharacters += line.length;
  }

  private async drain(): Promise<void> {
    while (this.waiting.length > 0) {
      const batch = this.takeBatch();
      try {
        await this.commit(batch);
      } catch (failure) {
        this.giveUp(batch, failure);
        break;
      }
      this.committed.emit(batch.map(({ record }) => record));
      for (const { record, resolve } of batch) resolve(record);
      this.admitCallers();
    }
    this.draining = null;
  }

  private takeBatch(): WaitingRecord[] {
    let characters = 0;
    let count = 0;
    while (count < this.waiting.length && characters < maximumBatchBytes) characters += this.waiting[count++]?.line.length ?? 0;
    this.waitingCharacters -= characters;
    return this.waiting.splice(0, count);
  }

  private async commit(batch: readonly WaitingRecord[]): Promise<void> {
    const bytes = Buffer.from(batch.map(({ line }) => line).join(''), 'utf8');
    await this.standstill.insist(nameInProblems, async () => {
      try {
        await this.writeFully(bytes);
        await this.file.datasync();
      } catch (failure) {
        // Best effort: what is left of the batch would be cut at the next opening anyway.
        await this.file.truncate(this.durableLength).catch(() => {});
        throw failure;
      }
    });
    this.markPlace(batch);
    this.durableLength += bytes.length;
    this.lastDurable += batch.length;
  }

  private async writeFully(bytes: Uint8Array): Promise<void> {
    let written = 0;
    while (written < bytes.length) {
      const count = await this.file.write(bytes.subarray(written), this.durableLength + written);
      if (count <= 0) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
      written += count;
    }
  }

  private markPlace(batch: readonly WaitingRecord[]): void {
    const first = batch[0]?.record.sequence ?? 0;
    if (first - (this.marks.at(-1)?.sequence ?? 0) >= markDistance) this.marks.push({ sequence: first, offset: this.durableLength });
  }

  private admitCallers(): void {
    let admitted = 0;
    while (admitted < this.callers.length && this.waitingCharacters < maximumWaitingCharacters) {
      const caller = this.callers[admitted++];
      if (caller) this.enqueue(caller.body, caller.time, caller.resolve, caller.reject);
    }
    if (admitted > 0) this.callers = this.callers.slice(admitted);
  }

  /** The core goes down while the disk is full: nobody is told that a record was written which was not. */
  private giveUp(batch: readonly WaitingRecord[], failure: unknown): void {
    this.closed = true;
    const lost = [...batch, ...this.waiting, ...this.callers];
    this.waiting = [];
    this.callers = [];
    this.waitingCharacters = 0;
    for (const { reject } of lost) reject(failure);
  }
}

export function closedProblem(): ProblemError {
  return new ProblemError({ code: 'run-closed', message: 'The log of this run is closed; nothing can be added to it.' });
}
