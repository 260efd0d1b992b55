/**
 * Group commit of a ledger: what is appended while a batch is on its way shares the next one. Appends follow one another without waiting,
 * each naming the record that it follows; when one cannot be committed, those behind it cannot either.
 */
import type { CampaignRecord } from '#shared/campaign/records.ts';
import type { CampaignId } from '#shared/campaign/words.ts';
import { deposed, ledgerClosed } from './ledger-problems.ts';

/** Records of one commit at most, unless a single append has more. */
export const mostRecords = 200;

interface Waiting {
  readonly expected: number;
  readonly records: readonly CampaignRecord[];
  readonly resolve: () => void;
  readonly reject: (failure: unknown) => void;
}

export class AppendQueue {
  private readonly campaign: CampaignId;
  private readonly commit: (after: number, records: readonly CampaignRecord[]) => Promise<void>;
  private waiting: Waiting[] = [];
  /** Sequence of the last record that waits or is on its way; null: none does. */
  private tail: number | null = null;
  private draining: Promise<void> | null = null;
  private closed = false;

  constructor(campaign: CampaignId, commit: (after: number, records: readonly CampaignRecord[]) => Promise<void>) {
    this.campaign = campaign;
    this.commit = commit;
  }

  append(expected: number, records: readonly CampaignRecord[]): Promise<void> {
    if (this.closed) return Promise.reject(ledgerClosed(this.campaign));
    const mistake = mistakeIn(expected, records);
    if (mistake !== null) return Promise.reject(new Error(mistake));
    if (this.tail !== null && this.tail !== expected) return Promise.reject(deposed(this.campaign, expected, this.tail));
    if (records.length === 0) return Promise.resolve();
    this.tail = expected + records.length;
    return new Promise((resolve, reject) => {
      this.waiting.push({ expected, records, resolve, reject });
      this.draining ??= Promise.resolve().then(() => this.drain());
    });
  }

  /** Takes nothing more; resolves when what waits is committed, or was given up. */
  async close(): Promise<void> {
    this.closed = true;
    await this.draining;
  }

  private async drain(): Promise<void> {
    while (this.waiting.length > 0) {
      const batch = this.takeBatch();
      try {
        await this.commit(
          batch[0]?.expected ?? 0,
          batch.length === 1 ? (batch[0]?.records ?? []) : batch.flatMap(({ records }) => records),
        );
      } catch (failure) {
        const lost = [...batch, ...this.waiting.splice(0)];
        for (const { reject } of lost) reject(failure);
        break;
      }
      for (const { resolve } of batch) resolve();
    }
    this.tail = null;
    this.draining = null;
  }

  private takeBatch(): Waiting[] {
    let count = 0;
    let records = 0;
    while (count < this.waiting.length && (count === 0 || records + (this.waiting[count]?.records.length ?? 0) <= mostRecords)) {
      records += this.waiting[count++]?.records.length ?? 0;
    }
    return this.waiting.splice(0, count);
  }
}

/** What a program did wrong that wants these appended. */
function mistakeIn(expected: number, records: readonly CampaignRecord[]): string | null {
  for (const [index, { sequence, kind }] of records.entries()) {
    if (sequence !== expected + 1 + index) return `Record ${sequence} was to be appended where ${expected + 1 + index} belongs.`;
    if (kind === 'campaign-ended' && index < records.length - 1) return 'Records were to be appended behind the end of their campaign.';
  }
  return null;
}
