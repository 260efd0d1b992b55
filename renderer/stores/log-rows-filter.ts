/**
 * Which rows of the log are shown. A filter goes through the rows in slices of a few milliseconds, so that a million rows
 * never stop the window. Regular expressions are RE2's: their time grows with the text and with nothing else, so that
 * no pattern and no log line can make them hang.
 */
import { RE2JS } from 're2js';
import { rowKinds, severities, type LogRows, type RowKind, type RowSeverity } from './log-rows.ts';

export interface LogFilter {
  readonly minimumSeverity: RowSeverity;
  /** Empty: all. */
  readonly kinds: readonly RowKind[];
  /** Empty: all. */
  readonly components: readonly string[];
  /** Rows contain it, cases the same; or match it, where `isPattern`. */
  readonly text: string;
  readonly isPattern: boolean;
}

export const noFilter: LogFilter = { minimumSeverity: 'debug', kinds: [], components: [], text: '', isPattern: false };

/** Whether a filter lets everything through. */
export function letsAllThrough(filter: LogFilter): boolean {
  return filter.minimumSeverity === 'debug' && filter.kinds.length === 0 && filter.components.length === 0 && filter.text === '';
}

type TextTest = (text: string) => boolean;
export type CompiledText = { readonly test: TextTest } | { readonly problem: string };

/** Longest pattern; longer ones are refused, since a pattern's size bounds its cost. */
const longestPattern = 1_000;

/** A test of a row's text, or a sentence that says why the pattern cannot be used. */
export function compileText(text: string, isPattern: boolean): CompiledText {
  if (text === '') return { test: () => true };
  if (!isPattern) return { test: containing(text) };
  if (text.length > longestPattern) return { problem: `A regular expression may have ${longestPattern} characters.` };
  try {
    const pattern = RE2JS.compile(text, RE2JS.CASE_INSENSITIVE);
    return { test: (line) => pattern.test(line) };
  } catch (failure) {
    const reason = failure instanceof Error ? failure.message.replace(/^error parsing regexp: /, '') : 'it cannot be read';
    return { problem: `This is no regular expression: ${reason}.` };
  }
}

/** Contains, whatever the case. */
function containing(text: string): TextTest {
  const wanted = text.toLowerCase();
  return (line) => line.toLowerCase().includes(wanted);
}

/** Rows between two looks at the clock. */
const rowsPerLook = 64;

export class FilterScan {
  readonly filter: LogFilter;
  private readonly rows: LogRows;
  private readonly test: TextTest;
  private readonly minimum: number;
  private readonly kinds: Uint8Array | null;
  private readonly wantedComponents: ReadonlySet<string> | null;
  /** For each component's number: 0 not looked up yet, 1 wanted, 2 not wanted. */
  private readonly components: Uint8Array;
  private matches = new Uint32Array(4_096);
  private matchCount = 0;
  private dropped = 0;
  private scanned: number;

  constructor(rows: LogRows, filter: LogFilter, test: TextTest) {
    this.rows = rows;
    this.filter = filter;
    this.test = test;
    this.minimum = severities.indexOf(filter.minimumSeverity);
    this.kinds = filter.kinds.length === 0 ? null : Uint8Array.from(rowKinds, (kind) => (filter.kinds.includes(kind) ? 1 : 0));
    this.wantedComponents = filter.components.length === 0 ? null : new Set(filter.components);
    this.components = new Uint8Array(65_536);
    this.scanned = rows.first;
  }

  /** Matching rows that are still kept. */
  get count(): number {
    return this.matchCount - this.dropped;
  }

  /** Whether every row was looked at. */
  get complete(): boolean {
    return this.scanned >= this.rows.end;
  }

  /** Share of the rows that were looked at, 0 to 1. */
  get progress(): number {
    return this.rows.count === 0 ? 1 : (this.scanned - this.rows.first) / this.rows.count;
  }

  /** Number of the row at a place among the matches. */
  numberAt(place: number): number {
    return this.matches[this.dropped + place] ?? this.rows.end;
  }

  /** Place of the first match that is the row or comes after it. */
  placeOf(number: number): number {
    let [low, high] = [this.dropped, this.matchCount];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.matches[middle] ?? 0) < number) low = middle + 1;
      else high = middle;
    }
    return low - this.dropped;
  }

  /** Looks at further rows until the time is up. @param now a clock, ms @param until by that clock */
  advance(now: () => number, until: number): void {
    this.forgetDropped();
    while (this.scanned < this.rows.end) {
      const stop = Math.min(this.rows.end, this.scanned + rowsPerLook);
      for (; this.scanned < stop; this.scanned++) if (this.fits(this.scanned)) this.keep(this.scanned);
      if (now() >= until) return;
    }
  }

  private fits(number: number): boolean {
    if (this.rows.severityOf(number) < this.minimum) return false;
    if (this.kinds && this.kinds[this.rows.kindOf(number)] !== 1) return false;
    if (this.wantedComponents && !this.isWanted(this.rows.componentOf(number), this.wantedComponents)) return false;
    return this.test(this.rows.textOf(number));
  }

  private isWanted(component: number, wanted: ReadonlySet<string>): boolean {
    if (this.components[component] === 0) this.components[component] = wanted.has(this.rows.components[component] ?? '') ? 1 : 2;
    return this.components[component] === 1;
  }

  private keep(number: number): void {
    if (this.matchCount === this.matches.length) {
      const grown = new Uint32Array(this.matches.length * 2);
      grown.set(this.matches);
      this.matches = grown;
    }
    this.matches[this.matchCount++] = number;
  }

  /** Rows that the log has dropped are no matches any more. */
  private forgetDropped(): void {
    this.scanned = Math.max(this.scanned, this.rows.first);
    while (this.dropped < this.matchCount && (this.matches[this.dropped] ?? 0) < this.rows.first) this.dropped++;
    if (this.dropped < 65_536) return;
    this.matches.copyWithin(0, this.dropped, this.matchCount);
    this.matchCount -= this.dropped;
    this.dropped = 0;
  }
}
