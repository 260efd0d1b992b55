/**
 * The leases of a worker: which wait for a slot, which run, which have ended and are told until the ledger has them. Bounded by what the
 * coordinator may give: nothing new is asked for while much waits to be told.
 */
import { RecentMap } from '#shared/recent-map.ts';
import type { TestVerdict } from '#shared/campaign/records.ts';
import type { LeaseName, WorkRequest } from '#shared/protocol/work.ts';
import { endedText, fitEarly, type EndedRecord } from './told-verdicts.ts';
import { LeaseRun, type LeasedWork, type LeaseServices } from './lease-run.ts';

/** Ended leases that wait to be told, beyond which nothing new is asked for. */
const mostEnded = 400;
/** Verdicts that wait to be told early; beyond, the oldest are told by the end of their lease alone. */
const mostEarly = 2_000;
/** Leases that were had lately; none is executed twice. */
const remembered = 8_192;

export interface LeaseBookOptions {
  readonly slots: number;
  readonly services: LeaseServices;
  /** There is something to tell now. */
  readonly onNews: () => void;
}

interface Running {
  readonly name: LeaseName;
  readonly run: LeaseRun;
  readonly slots: number;
}

export class LeaseBook {
  private readonly options: LeaseBookOptions;
  private readonly waiting: Running[] = [];
  private readonly running = new Map<string, Running>();
  private readonly ended = new Map<string, EndedRecord>();
  private readonly seen = new RecentMap<string, true>(remembered);
  private early: { readonly name: LeaseName; readonly verdict: TestVerdict }[] = [];
  private readonly ends = new Set<Promise<void>>();

  constructor(options: LeaseBookOptions) {
    this.options = options;
  }

  get isIdle(): boolean {
    return this.running.size === 0 && this.waiting.length === 0;
  }

  /** Whether an end waits to be told. */
  get hasEnded(): boolean {
    return this.ended.size > 0;
  }

  get free(): number {
    if (this.ended.size >= mostEnded) return 0;
    const taken = [...this.waiting, ...this.running.values()].reduce((sum, { slots }) => sum + slots, 0);
    return Math.max(0, this.options.slots - taken);
  }

  /** Takes leases up, each once, as far as there are slots; the others wait. */
  take(works: readonly LeasedWork[]): void {
    for (const work of works) {
      const { campaign, fence } = work.lease;
      const key = keyOf({ campaign, fence });
      if (this.seen.get(key)) continue;
      this.seen.set(key, true);
      const name = { campaign, fence };
      const run = new LeaseRun(work, this.options.services, (verdict) => this.tellEarly(name, verdict));
      this.waiting.push({ name, run, slots: Math.min(work.suite.slots, this.options.slots) });
    }
    this.begin();
  }

  /** Their end stands in the ledger. */
  settle(names: readonly LeaseName[]): void {
    for (const name of names) this.ended.delete(keyOf(name));
  }

  stop(name: LeaseName, reason: string): void {
    const key = keyOf(name);
    this.running.get(key)?.run.stop('stopped', reason);
    const at = this.waiting.findIndex((each) => keyOf(each.name) === key);
    if (at >= 0) for (const { run } of this.waiting.splice(at, 1)) this.finish(name, run, { end: 'stopped', reason, verdicts: [] });
  }

  /** Ends everything; what has no verdict is to be executed elsewhere. */
  stopAll(reason: string): void {
    for (const { name, run } of this.waiting.splice(0)) this.finish(name, run, { end: 'runner-lost', reason, verdicts: [] });
    for (const { run } of this.running.values()) run.stop('runner-lost', reason);
  }

  /** Resolves when everything that ran has ended. */
  async allEnded(): Promise<void> {
    await Promise.all(this.ends);
  }

  /** What a request tells of leases, within so many bytes. What is told early is told once. */
  told(
    now: number,
    bytes: number,
  ): Pick<WorkRequest, 'running'> & { readonly ended: readonly string[]; readonly early: WorkRequest['early'] } {
    const running = [...this.waiting, ...this.running.values()].map(({ name }) => name);
    let left = bytes - running.length * 120;
    const ended: string[] = [];
    for (const record of this.ended.values()) {
      const text = endedText(record, now, bytes);
      if (ended.length >= 1_000 || (ended.length > 0 && text.length > left)) break;
      ended.push(text);
      left -= text.length;
    }
    const early = fitEarly(this.early, left);
    this.early = this.early.slice(early.length);
    return { running, ended, early };
  }

  get hasEarly(): boolean {
    return this.early.length > 0;
  }

  private begin(): void {
    let taken = [...this.running.values()].reduce((sum, { slots }) => sum + slots, 0);
    for (let next = this.waiting[0]; next && taken + next.slots <= this.options.slots; next = this.waiting[0]) {
      this.waiting.shift();
      taken += next.slots;
      this.running.set(keyOf(next.name), next);
      const end = this.execute(next);
      this.ends.add(end);
      void end.finally(() => this.ends.delete(end));
    }
  }

  private async execute({ name, run }: Running): Promise<void> {
    const outcome = await run.run();
    this.running.delete(keyOf(name));
    this.finish(name, run, outcome);
    this.begin();
  }

  private finish(name: LeaseName, { takenUpAt }: LeaseRun, outcome: Pick<EndedRecord, 'end' | 'reason' | 'verdicts'>): void {
    // Its end tells all of it.
    this.early = this.early.filter((each) => keyOf(each.name) !== keyOf(name));
    this.ended.set(keyOf(name), { ...name, ...outcome, takenUpAt });
    this.options.onNews();
  }

  private tellEarly(name: LeaseName, verdict: TestVerdict): void {
    this.early.push({ name, verdict });
    if (this.early.length > mostEarly) this.early.shift();
    this.options.onNews();
  }
}

function keyOf({ campaign, fence }: LeaseName): string {
  return `${campaign} ${fence}`;
}
