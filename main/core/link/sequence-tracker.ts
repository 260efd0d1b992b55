/**
 * Puts the numbered records of one epoch into order: each is handed on exactly once and in sequence, whatever comes
 * twice, late or not at all. What is missing is named, so that it can be asked of the daemon's spool; what cannot be had
 * is declared lost. Pure bookkeeping: no clock, no network.
 */
import type { GapState } from '#shared/run/records.ts';

/** Numbers `from` to `to`, both included. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

export interface GapNews extends Stretch {
  readonly state: GapState;
  readonly reason: string;
}

/** Where the ordered output goes. `filled` and `lost` come at their place between the records, `open` when it is noticed. */
export interface OrderedSink<T> {
  record(sequence: number, record: T, bytes: number): void;
  gap(news: GapNews): void;
}

/** Memory shared by everything that is held back, over all daemons of a link. */
export interface ByteBudget {
  readonly limit: number;
  used: number;
}

/** A number this far beyond everything known is damaged; no gap is that large. */
export const maximumLeap = 10_000_000;
/** What holding a record costs beside its payload. */
export const bookkeepingBytes = 256;

export class SequenceTracker<T> {
  private nextNumber: number;
  private highestNumber: number;
  private readonly sink: OrderedSink<T>;
  private readonly budget: ByteBudget;
  private readonly held = new Map<number, { readonly record: T; readonly bytes: number }>();
  /** No record beyond this one is held. */
  private furthestHeld = 0;
  /** Sorted, apart from each other: neither received (or let go again for want of room) nor declared lost. */
  private missing: Stretch[] = [];
  /** Sorted: declared lost, not yet passed by the output. */
  private lost: { from: number; to: number; reason: string }[] = [];
  /** Sorted: told as open, not yet passed by the output. */
  private told: Stretch[] = [];
  private duplicateCount = 0;

  /** @param first number of the first record that is expected; earlier ones are ignored and never claimed. */
  constructor(first: number, sink: OrderedSink<T>, budget: ByteBudget) {
    this.nextNumber = first;
    this.highestNumber = first - 1;
    this.sink = sink;
    this.budget = budget;
  }

  /** The next number to be handed on. */
  get next(): number {
    return this.nextNumber;
  }

  /** The highest number known to exist. */
  get highest(): number {
    return this.highestNumber;
  }

  get duplicates(): number {
    return this.duplicateCount;
  }

  /** The first numbers that are missing, or undefined when nothing is. */
  get firstMissing(): Stretch | undefined {
    return this.missing[0];
  }

  /** Takes a record from wherever it came. False: its number is not believable, and it was ignored. */
  receive(sequence: number, record: T, bytes: number): boolean {
    if (!Number.isSafeInteger(sequence) || sequence < 1 || sequence > this.highestNumber + maximumLeap) return false;
    if (sequence < this.nextNumber) {
      this.duplicateCount++;
      return true;
    }
    if (sequence > this.highestNumber) {
      this.expectUpTo(sequence - 1);
      this.highestNumber = sequence;
    } else if (!this.removeMissing(sequence)) {
      this.duplicateCount++;
      return true;
    }
    if (sequence === this.nextNumber) {
      this.handOn(sequence, record, bytes);
      this.drain();
    } else {
      this.hold(sequence, record, bytes);
    }
    return true;
  }

  /** Records up to this number are known to exist: those not received are missing. */
  expectUpTo(sequence: number): void {
    if (sequence <= this.highestNumber || sequence > this.highestNumber + maximumLeap) return;
    const stretch = { from: this.highestNumber + 1, to: sequence };
    this.missing.push(stretch);
    this.told.push(stretch);
    this.highestNumber = sequence;
    this.sink.gap({ ...stretch, state: 'open', reason: 'not received' });
  }

  /** Gives up whatever is missing between two numbers. Says how many records that were. */
  declareLost(from: number, to: number, reason: string): number {
    const kept: Stretch[] = [];
    let count = 0;
    for (const stretch of this.missing) {
      const start = Math.max(stretch.from, from);
      const end = Math.min(stretch.to, to);
      if (start > end) {
        kept.push(stretch);
        continue;
      }
      count += end - start + 1;
      this.lost.push({ from: start, to: end, reason });
      if (stretch.from < start) kept.push({ from: stretch.from, to: start - 1 });
      if (stretch.to > end) kept.push({ from: end + 1, to: stretch.to });
    }
    if (count === 0) return 0;
    this.missing = kept;
    this.lost.sort((left, right) => left.from - right.from);
    this.drain();
    return count;
  }

  /** Gives the memory of held records back. Nothing may be received afterwards. */
  release(): void {
    for (const { bytes } of this.held.values()) this.budget.used -= bytes + bookkeepingBytes;
    this.held.clear();
  }

  private handOn(sequence: number, record: T, bytes: number): void {
    this.nextNumber = sequence + 1;
    this.sink.record(sequence, record, bytes);
    const gap = this.told[0];
    if (gap?.to === sequence) {
      this.told.shift();
      this.sink.gap({ ...gap, state: 'filled', reason: 'received later' });
    }
  }

  private drain(): void {
    for (;;) {
      const held = this.held.get(this.nextNumber);
      const lost = this.lost[0];
      if (held) {
        this.held.delete(this.nextNumber);
        this.budget.used -= held.bytes + bookkeepingBytes;
        this.handOn(this.nextNumber, held.record, held.bytes);
      } else if (lost?.from === this.nextNumber) {
        this.lost.shift();
        this.passLost(lost);
      } else {
        return;
      }
    }
  }

  /** The output steps over a lost stretch; what of the told gaps lies before it was filled. */
  private passLost(lost: Stretch & { readonly reason: string }): void {
    this.nextNumber = lost.to + 1;
    let gap = this.told[0];
    while (gap && gap.from <= lost.to) {
      this.told.shift();
      if (gap.from < lost.from) this.sink.gap({ from: gap.from, to: lost.from - 1, state: 'filled', reason: 'received later' });
      if (gap.to > lost.to) {
        this.told.unshift({ from: lost.to + 1, to: gap.to });
        break;
      }
      gap = this.told[0];
    }
    this.sink.gap({ ...lost, state: 'lost' });
  }

  private hold(sequence: number, record: T, bytes: number): void {
    const cost = bytes + bookkeepingBytes;
    if (this.budget.used + cost > this.budget.limit) this.letGoBeyond(sequence, cost);
    if (this.budget.used + cost > this.budget.limit) {
      this.addMissing(sequence);
      return;
    }
    this.budget.used += cost;
    this.held.set(sequence, { record, bytes });
    this.furthestHeld = Math.max(this.furthestHeld, sequence);
  }

  /** Makes room by letting go the records furthest from being handed on; they will be asked of the spool again. */
  private letGoBeyond(sequence: number, cost: number): void {
    // Mostly it is the newest record that finds no room; then there is nothing beyond it to look for.
    if (sequence > this.furthestHeld) return;
    const later = [...this.held.keys()].filter((each) => each > sequence).sort((left, right) => right - left);
    // Half of them at once, so that making room for each of many records does not sort them all each time.
    const half = Math.ceil(later.length / 2);
    for (const [index, each] of later.entries()) {
      if (index >= half && this.budget.used + cost <= this.budget.limit) return;
      this.budget.used -= (this.held.get(each)?.bytes ?? 0) + bookkeepingBytes;
      this.held.delete(each);
      this.furthestHeld = later[index + 1] ?? sequence;
      this.addMissing(each);
    }
  }

  /** Index of the first missing stretch that ends at or after a number. */
  private missingIndex(sequence: number): number {
    let low = 0;
    let high = this.missing.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.missing[middle]?.to ?? Infinity) < sequence) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private removeMissing(sequence: number): boolean {
    const index = this.missingIndex(sequence);
    const stretch = this.missing[index];
    if (!stretch || stretch.from > sequence) return false;
    const rest: Stretch[] = [];
    if (stretch.from < sequence) rest.push({ from: stretch.from, to: sequence - 1 });
    if (stretch.to > sequence) rest.push({ from: sequence + 1, to: stretch.to });
    this.missing.splice(index, 1, ...rest);
    return true;
  }

  private addMissing(sequence: number): void {
    const index = this.missingIndex(sequence);
    const before = this.missing[index - 1];
    const after = this.missing[index];
    const joinsBefore = before?.to === sequence - 1;
    const joinsAfter = after?.from === sequence + 1;
    const from = joinsBefore ? before.from : sequence;
    const to = joinsAfter ? after.to : sequence;
    this.missing.splice(joinsBefore ? index - 1 : index, (joinsBefore ? 1 : 0) + (joinsAfter ? 1 : 0), { from, to });
  }
}
