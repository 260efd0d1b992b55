/**
 * The leader's own copy of a ledger that a nats-server keeps. The server tells that a message is kept before it is on its disk, so a power
 * cut there may cost the last of it; what is on this disk is appended again then.
 */
import { mkdir, open, rename } from 'node:fs/promises';
import path from 'node:path';
import { ProblemError } from '#shared/problem.ts';
import type { CampaignId } from '#shared/campaign/words.ts';
import { isMissing } from '../../archive/files.ts';
import type { Standstill } from '../../archive/standstill.ts';
import { LedgerFile } from '../journal/ledger-file.ts';
import { lastOf, type Batch } from '../ledger-batch.ts';
import type { Standing } from './ledger-messages.ts';

/** Batches that are copied before the disk is forced to have them. */
const forcedAtOnce = 256;

export interface MirrorOptions {
  readonly campaign: CampaignId;
  readonly file: string;
  readonly standstill: Standstill;
}

export class LedgerMirror {
  private readonly options: MirrorOptions;
  private log: LedgerFile | null = null;
  private checked = false;

  constructor(options: MirrorOptions) {
    this.options = options;
  }

  /** Sequence of its last record; 0 where there is no copy. */
  async last(): Promise<number> {
    const log = await this.opened();
    await log?.catchUp();
    return log?.last ?? 0;
  }

  /** Batches that it has behind where a ledger stands; null: it is a copy of another history. */
  async after(standing: Standing): Promise<Batch[] | null> {
    const log = await this.opened();
    if (!log || log.last < standing.sequence) return [];
    const batches: Batch[] = [];
    let meets = standing.sequence === 0;
    for await (const batch of log.readBatches(Math.max(standing.sequence, 1))) {
      if (lastOf(batch) === standing.sequence) meets = batch.writer === standing.writer;
      else if (batch.after >= standing.sequence) batches.push(batch);
    }
    return meets ? batches : null;
  }

  /** Keeps a batch, whose records are written down in `text`, and before it what is missing of those before. `read` gives batches from a record on, each with the writer before it. */
  async keep(
    batch: Batch,
    text: string,
    read: (from: number) => AsyncIterable<{ readonly batch: Batch; readonly previous: string }>,
  ): Promise<void> {
    const log = (await this.opened()) ?? (await this.create());
    if (!this.checked || log.last < batch.after) {
      if (!(await this.fill(log, batch.after, read(log.last + 1)))) {
        await this.setAside();
        return this.keep(batch, text, read);
      }
      this.checked = true;
    }
    await this.commit(log, batch, text);
  }

  /** Copies what is missing before a record; false: the copy is of another history. */
  private async fill(
    log: LedgerFile,
    end: number,
    read: AsyncIterable<{ readonly batch: Batch; readonly previous: string }>,
  ): Promise<boolean> {
    let some: Batch[] = [];
    const commit = async (): Promise<void> => {
      const batches = some;
      some = [];
      const [last] = batches.slice(-1);
      if (last) await this.unlessThere(log, lastOf(last), () => log.commitAll(batches));
    };
    for await (const { batch, previous } of read) {
      if (some.length === 0 && batch.after === log.last && log.writer !== previous) return false;
      if (batch.after >= end) break;
      if (some.push(batch) >= forcedAtOnce) await commit();
    }
    await commit();
    return true;
  }

  /** The copy of a history that the server lost and another core went on without is put away, not thrown away. */
  async setAside(): Promise<void> {
    const { file } = this.options;
    const aside = `${file}.lost-${Date.now()}`;
    await this.log?.close();
    this.log = null;
    await rename(file, aside);
    process.emitWarning(`${file} held records that the nats-server lost; they are in ${aside} now.`);
  }

  async close(): Promise<void> {
    await this.log?.close();
  }

  private commit(log: LedgerFile, batch: Batch, text: string): Promise<void> {
    return this.unlessThere(log, lastOf(batch), () => log.commit(batch, text));
  }

  /** Another core of this machine may have kept it already. */
  private async unlessThere(log: LedgerFile, last: number, commit: () => Promise<void>): Promise<void> {
    if (log.last >= last) return;
    try {
      await commit();
    } catch (failure) {
      if (!(failure instanceof ProblemError) || failure.problem.code !== 'deposed') throw failure;
      if (log.last < last) throw failure;
    }
  }

  private async opened(): Promise<LedgerFile | null> {
    try {
      this.log ??= await LedgerFile.open(this.options);
    } catch (failure) {
      if (!isMissing(failure)) throw failure;
    }
    return this.log;
  }

  private async create(): Promise<LedgerFile> {
    await mkdir(path.dirname(this.options.file), { recursive: true, mode: 0o700 });
    await (await open(this.options.file, 'a', 0o600)).close();
    this.log = await LedgerFile.open(this.options);
    return this.log;
  }
}
