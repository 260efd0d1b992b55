/**
 * The waiting units of one campaign that need the same: those of one suite, the serial ones apart. What one of them needs, all need, so
 * whether the first can begin decides for all behind it; that is why a decision costs as much as there are lanes, not units.
 *
 * Within a lane: what failed last time first, then what is expected to take longest, then in the order of the plan. Units whose duration
 * nobody knows stand in a queue for each group, which moves when the guess for its group changes; units that are tried again stand in a
 * queue for each worker that had them last, since another one is to have them.
 */
import type { CampaignState, SuiteFact } from '../campaign-state.ts';
import type { Durations } from '../durations.ts';
import type { Unit } from '../plan.ts';
import { IndexedHeap } from './indexed-heap.ts';

/** ms that a test is taken for while nothing at all is known. */
export const nothingKnown = 1_000;

/** Which of two units goes first, as far as it lies in them. */
export interface UnitRank {
  /** Failed last time, or in this campaign. */
  readonly failed: boolean;
  /** ms */
  readonly expected: number;
}

interface Queue {
  /** A worker that is not to have them while there is another. */
  readonly avoid: string | null;
  readonly failed: boolean;
  /** The group whose guess stands for their durations; null: each has its own. */
  readonly group: string | null;
  /** ms for one test; only of a queue that has a group. */
  guess: number;
  /** Of its units together: ms, or tests where it has a guess for one. */
  size: number;
  readonly units: IndexedHeap<number>;
  /** The same units, the one that has waited longest first; only of a queue that a worker is kept from. */
  readonly oldest: IndexedHeap<number> | null;
}

/** What a worker may have of the units that it had last. */
export interface Gate {
  readonly worker: string;
  /** Whether one that has waited since then is given to it again. */
  readonly isOpen: (waitingSince: number) => boolean;
}

export class Lane {
  readonly campaign: CampaignState;
  readonly suite: SuiteFact['plan']['suite'];
  readonly serial: boolean;
  /** ms since 1970 since when units wait and none of it began. */
  idleSince = 0;
  private readonly durations: Durations;
  private readonly queues = new IndexedHeap<Queue>((left, right) => this.goesBefore(left, right));
  private readonly byKey = new Map<string, Queue>();
  /** Those that a worker is kept from, by the worker. */
  private readonly kept = new Map<string, Queue>();
  /** Of each waiting unit its queue, and its size: ms, or tests where its queue has a guess for one. */
  private readonly waiting = new Map<number, { readonly queue: Queue; readonly size: number }>();
  private workNow = 0;
  private shapeNow: string | null = null;
  /** How often something was learnt; at each doubling all guesses are looked at again, those that lean on other groups too. */
  private learnt = 0;
  private lookAgainAt = 1;

  constructor(campaign: CampaignState, suite: Lane['suite'], serial: boolean, durations: Durations) {
    this.campaign = campaign;
    this.suite = suite;
    this.serial = serial;
    this.durations = durations;
  }

  get size(): number {
    return this.waiting.size;
  }

  /** ms that its waiting units are expected to take one after another. */
  get work(): number {
    return this.size === 0 ? 0 : Math.max(0, this.workNow);
  }

  /** Of its suite, as the campaign knows it now. */
  get fact(): SuiteFact {
    const fact = this.campaign.suites.get(this.suite);
    if (!fact) throw new Error(`no suite ${this.suite}`);
    return fact;
  }

  /** The same text for lanes whose units need the same: what keeps one of them from a worker for now keeps the others. */
  get shape(): string {
    if (this.shapeNow !== null) return this.shapeNow;
    const { adapter, labels, slots, needs } = this.fact.plan;
    const campaign = this.campaign.plan?.campaign ?? '';
    this.shapeNow = JSON.stringify([campaign, this.serial, this.usesServer, adapter, labels, slots, Object.entries(needs)]);
    return this.shapeNow;
  }

  get usesServer(): boolean {
    return this.fact.plan.usesServer && this.campaign.servers.size > 0;
  }

  has(unit: number): boolean {
    return this.waiting.has(unit);
  }

  add(unit: Readonly<Unit>, now: number): void {
    if (this.waiting.has(unit.unit)) return;
    if (this.size === 0) this.idleSince = now;
    const owed = this.campaign.owedTests(unit.unit);
    const lastLease = this.campaign.units.lastLeaseOf(unit.unit);
    const own = lastLease
      ? (this.durations.together(unit.suite, unit.group, owed) ?? unit.expected ?? nothingKnown * owed.length)
      : unit.expected;
    const queue = this.queueOf({
      avoid: lastLease?.worker ?? null,
      failed: unit.failedBefore || lastLease !== undefined,
      group: own === null ? unit.group : null,
    });
    const size = own ?? owed.length;
    this.waiting.set(unit.unit, { queue, size });
    queue.size += size;
    this.workNow += size * queue.guess;
    queue.units.add(unit.unit);
    queue.oldest?.add(unit.unit);
    this.queues.add(queue);
  }

  delete(unit: number): void {
    const entry = this.waiting.get(unit);
    if (!entry) return;
    const { queue, size } = entry;
    queue.units.delete(unit);
    queue.oldest?.delete(unit);
    this.waiting.delete(unit);
    queue.size -= size;
    this.workNow -= size * queue.guess;
    if (queue.units.size > 0) return this.queues.moved(queue);
    this.queues.delete(queue);
    this.byKey.delete(keyOf(queue));
    if (isKept(queue)) this.kept.delete(queue.avoid);
  }

  /** Whether some of its units were had by a worker last, so that it matters who asks. */
  isKeptFrom(worker: string): boolean {
    return this.kept.has(worker);
  }

  /** The unit that goes first; undefined: none waits that may be had. */
  head(gate?: Gate): number | undefined {
    const own = gate && this.kept.get(gate.worker);
    if (!own) return this.queues.first?.units.first;
    const others = this.queues.firstOf((queue) => queue !== own)?.units.first;
    const again = this.mayHaveAgain(own, gate);
    if (others === undefined || again === undefined) return others ?? again;
    return this.unitBefore(again, others) ? again : others;
  }

  /** Of the units that the worker had last the first, or where it has not waited long enough the one that has waited longest. */
  private mayHaveAgain({ units, oldest }: Queue, { isOpen }: Gate): number | undefined {
    return [units.first, oldest?.first].find((unit) => unit !== undefined && isOpen(this.campaign.units.sinceOf(unit)));
  }

  rankOf(unit: number): UnitRank {
    const entry = this.waiting.get(unit);
    return entry ? { failed: entry.queue.failed, expected: entry.size * entry.queue.guess } : { failed: false, expected: 0 };
  }

  /** How many units of the lane go before this one. Looks at each, so it is for explaining, not for deciding. */
  ahead(unit: number): number {
    let count = 0;
    for (const other of this.waiting.keys()) if (other !== unit && this.unitBefore(other, unit)) count += 1;
    return count;
  }

  /** Something was learnt of a group. */
  refresh(group: string): void {
    this.learnt += 1;
    if (this.learnt >= this.lookAgainAt) {
      this.lookAgainAt *= 2;
      for (const queue of this.byKey.values()) this.guessAnew(queue);
      return;
    }
    for (const failed of [false, true]) this.guessAnew(this.byKey.get(keyOf({ avoid: null, failed, group })));
  }

  private guessAnew(queue: Queue | undefined): void {
    if (!queue || queue.group === null) return;
    const guess = this.durations.guess(this.suite, queue.group) ?? nothingKnown;
    this.workNow += queue.size * (guess - queue.guess);
    queue.guess = guess;
    this.queues.moved(queue);
  }

  private queueOf(wanted: Pick<Queue, 'avoid' | 'failed' | 'group'>): Queue {
    const key = keyOf(wanted);
    const known = this.byKey.get(key);
    if (known) return known;
    const guess = wanted.group === null ? 1 : (this.durations.guess(this.suite, wanted.group) ?? nothingKnown);
    const units = new IndexedHeap<number>((left, right) => this.unitBefore(left, right));
    const oldest = wanted.avoid === null ? null : new IndexedHeap<number>((left, right) => this.waitsLonger(left, right));
    const queue: Queue = { ...wanted, guess, size: 0, units, oldest };
    this.byKey.set(key, queue);
    if (isKept(queue)) this.kept.set(queue.avoid, queue);
    return queue;
  }

  private goesBefore(left: Queue, right: Queue): boolean {
    const [first, second] = [left.units.first, right.units.first];
    if (first === undefined || second === undefined) return second === undefined && first !== undefined;
    return this.unitBefore(first, second);
  }

  private waitsLonger(left: number, right: number): boolean {
    const { units } = this.campaign;
    return units.sinceOf(left) === units.sinceOf(right) ? left < right : units.sinceOf(left) < units.sinceOf(right);
  }

  private unitBefore(left: number, right: number): boolean {
    const [one, other] = [this.waiting.get(left), this.waiting.get(right)];
    if (!one || !other) return left < right;
    if (one.queue.failed !== other.queue.failed) return one.queue.failed;
    const difference = one.size * one.queue.guess - other.size * other.queue.guess;
    return difference === 0 ? left < right : difference > 0;
  }
}

/** Units that were leased before have durations of their own and have failed. */
function isKept(queue: Queue): queue is Queue & { readonly avoid: string } {
  return queue.avoid !== null && queue.failed && queue.group === null;
}

function keyOf({ avoid, failed, group }: Pick<Queue, 'avoid' | 'failed' | 'group'>): string {
  return JSON.stringify([avoid, failed, group]);
}
