/**
 * When daemons were not heard during a run, by its presence records: lines must not lead over such a time, and bands show it. A
 * daemon that was started anew so soon that nobody missed it was not heard for a moment, too.
 */
import type { RunRecord } from './records.ts';

export interface Silence {
  readonly daemon: string;
  /** ms since 1970, the core's clock: the last sign of life, and when it was heard again; null: not in what is known of the run. */
  readonly from: number;
  readonly to: number | null;
}

/** Silences that are kept; a daemon that comes and goes more often is not what a picture can show. */
const most = 5_000;

export class Silences {
  private readonly found: Silence[] = [];
  /** Daemons that were heard in the run. */
  private readonly heard = new Set<string>();

  clear(): void {
    this.found.length = 0;
    this.heard.clear();
  }

  /** Takes the next record of the run. */
  take(record: RunRecord): void {
    if (record.kind === 'presence' || record.kind === 'observation') this.heard.add(record.daemon);
    if (record.kind === 'recovered' && record.silentSince !== undefined) this.hearNothing(record.silentSince);
    if (record.kind !== 'presence') return;
    const { daemon, state, time, lastSign } = record;
    const open = this.found.findIndex((each) => each.daemon === daemon && each.to === null);
    const begun = this.found[open];
    if (state === 'lost') {
      if (!begun && this.found.length < most) this.found.push({ daemon, from: lastSign ?? time, to: null });
    } else if (begun) this.found[open] = { ...begun, to: time };
    else if (lastSign !== undefined && this.found.length < most) this.found.push({ daemon, from: lastSign, to: time });
  }

  /** The core died: of no daemon was anything heard any more. */
  private hearNothing(from: number): void {
    for (const daemon of this.heard) {
      const isSilent = this.found.some((each) => each.daemon === daemon && each.to === null);
      if (!isSilent && this.found.length < most) this.found.push({ daemon, from, to: null });
    }
  }

  all(): readonly Silence[] {
    return this.found;
  }

  of(daemon: string): readonly Silence[] {
    return this.found.filter((each) => each.daemon === daemon);
  }
}
