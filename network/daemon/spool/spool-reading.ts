/** One bounded answer from the spool: the records found, and honestly what of them is gone. */
import type { SpoolEnd } from '#shared/protocol/observations.ts';
import type { SpoolRecord } from './spool-segment.ts';

export interface SpoolReading {
  readonly records: readonly SpoolRecord[];
  readonly lost: SpoolEnd['lost'];
  /** Where to ask again, because the answer is bounded; null when everything asked for is answered. */
  readonly next: number | null;
}

const maximumLostRanges = 1_000;

/** Collects the records `from` to `to` in order; what is skipped on the way is lost. */
export class SpoolReader {
  /** The next sequence number wanted. */
  expected: number;
  private readonly to: number;
  private readonly maximumBytes: number;
  private bytes = 0;
  private readonly records: SpoolRecord[] = [];
  private readonly lost: SpoolEnd['lost'] = [];

  constructor(from: number, to: number, maximumBytes: number) {
    this.expected = from;
    this.to = to;
    this.maximumBytes = maximumBytes;
  }

  /** Neither complete nor full. */
  get wantsMore(): boolean {
    // A record taken can state one lost range, and the end another.
    return this.expected <= this.to && this.bytes < this.maximumBytes && this.lost.length < maximumLostRanges - 2;
  }

  /** Takes those of the records, given in order, that are wanted. */
  take(records: Iterable<SpoolRecord>, reasonOfSkipped: string): void {
    for (const record of records) {
      if (!this.wantsMore || record.sequence > this.to) return;
      if (record.sequence < this.expected) continue;
      this.lose(record.sequence - 1, reasonOfSkipped);
      this.records.push(record);
      this.bytes += record.bytes.length;
      this.expected = record.sequence + 1;
    }
  }

  /** States that everything still wanted up to this number is gone. */
  lose(last: number, reason: string): void {
    const to = Math.min(last, this.to);
    if (to < this.expected) return;
    this.lost.push({ from: this.expected, to, reason });
    this.expected = to + 1;
  }

  finish(): SpoolReading {
    return { records: this.records, lost: this.lost, next: this.expected <= this.to ? this.expected : null };
  }
}
