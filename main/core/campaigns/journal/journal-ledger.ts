/** The ledger of a campaign on the house journal: its file, the queue of what is appended, and those who follow it. */
import { watch, type FSWatcher } from 'node:fs';
import type { CampaignRecord } from '#shared/campaign/records.ts';
import type { CampaignId } from '#shared/campaign/words.ts';
import { every, type Clock } from '#platform/clock.ts';
import { LogFollowers } from '../../archive/log-followers.ts';
import { Standstill } from '../../archive/standstill.ts';
import type { AppendedFile } from '../../archive/files.ts';
import { AppendQueue } from '../append-queue.ts';
import type { Ledger } from '../ports.ts';
import { LedgerFile } from './ledger-file.ts';

/** ms between looks at a file that is followed, beside what the system tells of it. */
const lookInterval = 250;
/** ms that what waits for a full disk is still tried when the ledger is closed. */
const closingPatience = 2_000;

export interface JournalLedgerOptions {
  readonly campaign: CampaignId;
  readonly file: string;
  readonly clock: Clock;
  readonly openFile?: (file: string) => Promise<AppendedFile>;
  /** Told when it is closed. */
  readonly onClosed?: (ledger: Ledger) => void;
}

export class JournalLedger implements Ledger {
  readonly campaign: CampaignId;
  private readonly options: JournalLedgerOptions;
  private readonly log: LedgerFile;
  private readonly standstill: Standstill;
  private readonly queue: AppendQueue;
  private readonly followers: LogFollowers<CampaignRecord>;
  private watching: { end(): void } | null = null;

  private constructor(options: JournalLedgerOptions, log: LedgerFile, standstill: Standstill) {
    this.campaign = options.campaign;
    this.options = options;
    this.log = log;
    this.standstill = standstill;
    this.queue = new AppendQueue(options.campaign, (after, records, text) => log.commit({ after, records }, text));
    this.followers = new LogFollowers({
      get durableSequence() {
        return log.last;
      },
      subscribe: (listener) => log.subscribe(listener),
      read: (from) => log.read(from),
    });
  }

  static async open(options: JournalLedgerOptions): Promise<JournalLedger> {
    const standstill = new Standstill(options.clock, options.file);
    return new JournalLedger(options, await LedgerFile.open({ ...options, standstill }), standstill);
  }

  append(expected: number, records: readonly CampaignRecord[]): Promise<void> {
    return this.queue.append(expected, records);
  }

  async last(): Promise<number> {
    await this.log.catchUp();
    return this.log.last;
  }

  read(from: number): AsyncIterable<readonly CampaignRecord[]> {
    return this.log.read(from);
  }

  follow(from: number, listener: (records: readonly CampaignRecord[]) => void): () => void {
    const unsubscribe = this.followers.subscribe(from, listener);
    this.watching ??= this.watch();
    return () => {
      unsubscribe();
      if (this.followers.size > 0) return;
      this.watching?.end();
      this.watching = null;
    };
  }

  onStandstill(listener: (still: boolean, reason: string) => void): () => void {
    return this.standstill.subscribe((full, { message }) => listener(full, message));
  }

  async dispose(): Promise<void> {
    this.watching?.end();
    this.watching = null;
    this.standstill.abandonAfter(closingPatience);
    await this.queue.close();
    await this.log.close();
    this.options.onClosed?.(this);
  }

  /** Looks at the file when the system says that it changed, and now and then in any case: not every file system tells. */
  private watch(): { end(): void } {
    const look = (): void => void this.log.catchUp().catch((failure: unknown) => this.warnOnce(failure));
    const stop = every(this.options.clock, lookInterval, look);
    const watcher = watched(this.options.file, look);
    look();
    return {
      end: () => {
        stop();
        watcher?.close();
      },
    };
  }

  private warnOnce(failure: unknown): void {
    this.watching?.end();
    process.emitWarning(`${this.options.file} is not followed any more: ${failure instanceof Error ? failure.message : String(failure)}`);
  }
}

function watched(file: string, look: () => void): FSWatcher | null {
  try {
    const watcher = watch(file, { persistent: false }, look);
    watcher.on('error', () => watcher.close());
    return watcher;
  } catch {
    return null;
  }
}
