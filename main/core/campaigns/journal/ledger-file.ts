/**
 * The ledger of one campaign as a file: a batch a line. Several processes may write it at once. Each appends at the end, in one piece, and
 * what counts is decided by reading: the first whole line that follows the last record is the next batch; what was torn, or came second, is
 * none. So nobody ever writes over anything, and a process that was held up between its last look and its write spoils nothing.
 */
import { randomBytes } from 'node:crypto';
import { Emitter } from '#shared/disposable.ts';
import { ProblemError } from '#shared/problem.ts';
import type { CampaignRecord } from '#shared/campaign/records.ts';
import type { CampaignId } from '#shared/campaign/words.ts';
import { openForAppending, type AppendedFile } from '../../archive/files.ts';
import { readLines, type LogLine } from '../../archive/log-reader.ts';
import type { Standstill } from '../../archive/standstill.ts';
import { batchText, endsCampaign, lastOf, readBatch, type Batch } from '../ledger-batch.ts';
import { damagedLedger, deposed, ledgerClosed } from '../ledger-problems.ts';

/** Distance of the places in the file that are remembered for late readers, in records. */
const markDistance = 1_024;
const nameInProblems = 'The ledger';

export interface LedgerFileOptions {
  readonly campaign: CampaignId;
  readonly file: string;
  readonly standstill: Standstill;
  /** Opens a file that several append to; tests hand in one that fails. */
  readonly openFile?: (file: string) => Promise<AppendedFile>;
}

/** Where a reader of the file stands: behind a batch. */
interface Place {
  readonly offset: number;
  readonly sequence: number;
}

export class LedgerFile {
  readonly campaign: CampaignId;
  private readonly options: LedgerFileOptions;
  private readonly handle: AppendedFile;
  private readonly token = randomBytes(8).toString('hex');
  private readonly committed = new Emitter<readonly CampaignRecord[]>();
  private readonly marks: Place[] = [{ offset: 0, sequence: 0 }];
  /** Whether a line was met that is no batch. */
  private metDamage = false;
  private offset = 0;
  private sequence = 0;
  private sealed = false;
  private lastWriter = '';
  private batches = 0;
  /** The batch that is being written: whether it was met while reading. */
  private pending: { readonly writer: string; met: boolean } | null = null;
  private turn: Promise<unknown> = Promise.resolve();
  private closing: Promise<void> | null = null;

  private constructor(options: LedgerFileOptions, handle: AppendedFile) {
    this.campaign = options.campaign;
    this.options = options;
    this.handle = handle;
  }

  /** Opens a file that is there and reads it. */
  static async open(options: LedgerFileOptions): Promise<LedgerFile> {
    const ledger = new LedgerFile(options, await (options.openFile ?? openForAppending)(options.file));
    try {
      await ledger.catchUp();
    } catch (failure) {
      await ledger.handle.close();
      throw failure;
    }
    return ledger;
  }

  /** Sequence of the last record that is known. */
  get last(): number {
    return this.sequence;
  }

  /** Of the last batch; empty: there is none. */
  get writer(): string {
    return this.lastWriter;
  }

  /** Tells records that were added, by whomever. */
  subscribe(listener: (records: readonly CampaignRecord[]) => void): () => void {
    return this.committed.subscribe(listener);
  }

  /** Reads what was added since. */
  catchUp(): Promise<void> {
    return this.inTurn(async () => {
      const { size } = await this.handle.status();
      if (size !== this.offset) await this.scan();
    });
  }

  /** Appends a batch behind a record; resolves when it is on the disk. Rejects where that is not the last record. */
  commit(batch: Omit<Batch, 'writer'> & { readonly writer?: string }, text?: string): Promise<void> {
    return this.inTurn(() => this.commitBatch({ writer: `${this.token}-${++this.batches}`, ...batch }, text));
  }

  /** Appends batches that follow one another, and forces them to the disk once; what is there already is left out. */
  commitAll(batches: readonly Batch[]): Promise<void> {
    return this.inTurn(() =>
      this.options.standstill.insist(
        nameInProblems,
        () => this.attemptAll(batches),
        (failure) => !(failure instanceof ProblemError),
      ),
    );
  }

  /** Records from a sequence on, as far as there are any now. */
  async *read(from: number): AsyncGenerator<readonly CampaignRecord[]> {
    for await (const { after, records } of this.readBatches(from)) yield after >= from - 1 ? records : records.slice(from - after - 1);
  }

  /** Batches from the one on that holds this record. */
  async *readBatches(from: number): AsyncGenerator<Batch> {
    await this.catchUp();
    const end = this.offset;
    const { offset, sequence: before } = this.placeBefore(from);
    let sequence = before;
    if (offset === end) return;
    for await (const lines of readLines(this.options.file, { start: offset, end })) {
      for (const line of lines) {
        const batch = this.metDamage ? batchOf(line) : decodedBatch(line);
        if (batch?.after !== sequence) continue;
        sequence = lastOf(batch);
        if (sequence >= from) yield batch;
      }
    }
  }

  close(): Promise<void> {
    this.closing ??= this.turn.then(
      () => this.handle.close(),
      () => this.handle.close(),
    );
    return this.closing;
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.closing) return Promise.reject(ledgerClosed(this.campaign));
    const result = this.turn.then(work);
    this.turn = result.catch(() => undefined);
    return result;
  }

  private async commitBatch(batch: Batch, text?: string): Promise<void> {
    this.pending = { writer: batch.writer, met: false };
    try {
      const bytes = Buffer.from(`\n${batchText(batch, text)}\n`, 'utf8');
      await this.options.standstill.insist(
        nameInProblems,
        () => this.attempt(batch, bytes),
        (failure) => !(failure instanceof ProblemError),
      );
    } finally {
      this.pending = null;
    }
  }

  /** Writes a batch unless it is there already, by an attempt before whose end was not known. */
  private async attempt(batch: Batch, bytes: Buffer): Promise<void> {
    const { size, removed } = await this.handle.status();
    if (removed) throw ledgerClosed(this.campaign);
    if (size !== this.offset || this.sequence !== batch.after) await this.scan();
    if (this.pending?.met) return this.handle.datasync();
    if (this.sequence !== batch.after) throw deposed(this.campaign, batch.after, this.sequence);
    if (this.sealed) throw ledgerClosed(this.campaign);
    // What is there and belongs to no batch was torn off: the line begins anew behind it.
    const piece = size === this.offset ? bytes.subarray(1) : bytes;
    await this.writeFully(piece);
    await this.handle.datasync();
    const { size: now } = await this.handle.status();
    if (size === this.offset && now === size + piece.length) {
      this.accept(batch, now);
      return;
    }
    await this.scan();
    if (this.pending?.met) return;
    if (this.sequence !== batch.after) throw deposed(this.campaign, batch.after, this.sequence);
    throw new Error('it was written together with something else');
  }

  private async attemptAll(batches: readonly Batch[]): Promise<void> {
    const { size, removed } = await this.handle.status();
    if (removed) throw ledgerClosed(this.campaign);
    if (size !== this.offset) await this.scan();
    const missing = batches.filter(({ after }) => after >= this.sequence);
    const [first] = missing;
    if (!first) return this.handle.datasync();
    if (first.after !== this.sequence) throw deposed(this.campaign, first.after, this.sequence);
    // As with a single one: what was torn off is closed off first.
    const lines = missing.map((batch) => Buffer.from(`${batchText(batch)}\n`, 'utf8'));
    const piece = Buffer.concat(size === this.offset ? lines : [Buffer.from('\n'), ...lines]);
    await this.writeFully(piece);
    await this.handle.datasync();
    const { size: now } = await this.handle.status();
    if (size !== this.offset || now !== size + piece.length) {
      await this.scan();
      if (this.sequence < lastOf(missing.at(-1) ?? first)) throw new Error('it was written together with something else');
      return;
    }
    let end = size;
    for (const [index, batch] of missing.entries()) this.accept(batch, (end += lines[index]?.length ?? 0));
  }

  private async writeFully(bytes: Uint8Array): Promise<void> {
    let written = 0;
    while (written < bytes.length) {
      const count = await this.handle.append(bytes.subarray(written));
      if (count <= 0) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
      written += count;
    }
  }

  /** Reads whole lines behind the last batch. What is not whole yet is looked at again the next time. */
  private async scan(): Promise<void> {
    let damage: { readonly line: LogLine; readonly reason: string } | null = null;
    for await (const lines of readLines(this.options.file, { start: this.offset })) {
      for (const line of lines) {
        if (!line.complete || line.bytes.length === 0) continue;
        const read = readBatch(line.bytes.toString('utf8'));
        if ('damage' in read) {
          damage = { line, reason: read.damage };
          this.metDamage = true;
        } else if (read.batch.after === this.sequence) {
          this.accept(read.batch, line.end);
          damage = null;
        } else if (read.batch.after > this.sequence) {
          const missing = `records ${this.sequence + 1} to ${read.batch.after} are missing`;
          throw damagedLedger(this.campaign, damage ? `${missing}, ${damage.reason}` : missing, this.options.file);
        }
      }
    }
    if (damage && !(await this.isFollowed(damage.line))) throw damagedLedger(this.campaign, damage.reason, this.options.file);
  }

  /** Whether something stands behind a line: then the line was torn, and the next writer closed it off. */
  private async isFollowed(line: LogLine): Promise<boolean> {
    return (await this.handle.status()).size > line.end;
  }

  private accept(batch: Batch, end: number): void {
    if (this.pending?.writer === batch.writer) this.pending.met = true;
    this.sequence = lastOf(batch);
    this.lastWriter = batch.writer;
    this.offset = end;
    this.sealed = endsCampaign(batch.records);
    if (this.sequence - (this.marks.at(-1)?.sequence ?? 0) >= markDistance) this.marks.push({ offset: end, sequence: this.sequence });
    this.committed.emit(batch.records);
  }

  private placeBefore(from: number): Place {
    return this.marks.findLast(({ sequence }) => sequence < from) ?? { offset: 0, sequence: 0 };
  }
}

/** The batch on a line that was read before; what was torn or came second is none. */
function batchOf(line: LogLine): Batch | null {
  if (line.bytes.length === 0) return null;
  const read = readBatch(line.bytes.toString('utf8'));
  return 'batch' in read ? read.batch : null;
}

/** A line of a file in which every line up to here was decoded when it was met: to decode it once more is half of what opening a campaign takes. */
function decodedBatch(line: LogLine): Batch | null {
  return line.bytes.length === 0 ? null : (JSON.parse(line.bytes.toString('utf8')) as Batch);
}
