/**
 * Group commit of a ledger: what is appended while a batch is on its way shares the next one. Appends follow one another without waiting,
 * each naming the record that it follows; when one cannot be committed, those behind it cannot either.
 */
import type { CampaignRecord } from '#shared/campaign/records.ts';
import type { CampaignId } from '#shared/campaign/words.ts';
import { recordsText } from './ledger-batch.ts';
import { deposed, ledgerClosed, tooLarge } from './ledger-problems.ts';

/** Records of one commit at most, and characters of them, unless a single append has more. */
const mostRecords = 200;
const mostCharacters = 512 * 1024;
/** Characters of a single append; readers take no longer line. */
export const longestAppend = 16 * 1024 * 1024;

/** Makes records durable behind one; `text`: as {@link recordsText} writes them down. */
export type Commit = (after: number, records: readonly CampaignRecord[], text: string) => Promise<void>;

interface Waiting {
  readonly expected: number;
  readonly records: readonly CampaignRecord[];
  readonly text: string;
  readonly resolve: () => void;
  readonly reject: (failure: unknown) => void;
}

export class AppendQueue {
  private readonly campaign: CampaignId;
  private readonly commit: Commit;
  private waiting: Waiting[] = [];
  /** Sequence of the last record that waits or is on its way; null: none does. */
  private tail: number | null = null;
  private draining: Promise<void> | null = null;
  private closed = false;

  constructor(campaign: CampaignId, commit: Commit) {
    this.campaign = campaign;
    this.commit = commit;
  }

  append(expected: number, records: readonly CampaignRecord[]): Promise<void> {
    if (this.closed) return Promise.reject(ledgerClosed(this.campaign));
    const mistake = mistakeIn(expected, records);
    if (mistake !== null) return Promise.reject(new Error(mistake));
    if (this.tail !== null && this.tail !== expected) return Promise.reject(deposed(this.campaign, expected, this.tail));
    if (records.length === 0) return Promise.resolve();
    const text = recordsText(records);
    if (text.length > longestAppend) return Promise.reject(tooLarge(this.campaign, text.length, longestAppend));
    this.tail = expected + records.length;
    return new Promise((resolve, reject) => {
      this.waiting.push({ expected, records, text, resolve, reject });
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
        const records = batch.flatMap((each) => each.records);
        await this.commit(batch[0]?.expected ?? 0, records, batch.map(({ text }) => text).join(','));
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
    let characters = 0;
    for (const { records: more, text } of this.waiting) {
      records += more.length;
      characters += text.length;
      if (count > 0 && (records > mostRecords || characters > mostCharacters)) break;
      count++;
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
