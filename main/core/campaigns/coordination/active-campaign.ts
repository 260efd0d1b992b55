/**
 * A campaign that goes on, in the hands of its coordinator: its state, and the one way to change it. What is decided is applied at once, so that
 * the next decision knows it, and appended; nobody outside is told before it is durable. When it cannot be appended, what is here is not what the
 * ledger says, and the campaign is let go.
 */
import type { Clock } from '#platform/clock.ts';
import { CampaignState, type LeaseFact } from '#shared/campaign/campaign-state.ts';
import type { CampaignPlan } from '#shared/campaign/plan.ts';
import type { CampaignBody, CampaignRecord } from '#shared/campaign/records.ts';
import type { CampaignId } from '#shared/campaign/words.ts';
import { Emitter, type Owned } from '#shared/disposable.ts';
import { ProblemError, problemOf, type Problem } from '#shared/problem.ts';
import { campaignWithoutPlan, deposed } from '../ledger-problems.ts';
import type { Ledger } from '../ports.ts';

export class ActiveCampaign implements Owned {
  readonly state: CampaignState;
  private readonly ledger: Ledger;
  private readonly clock: Clock;
  private readonly changed = new Emitter<void>();
  private readonly lost = new Emitter<Problem>();
  private last: number;
  private gone: Problem | null = null;
  private durable: Promise<void> = Promise.resolve();
  private readonly byWorker = new Map<string, Map<number, LeaseFact>>();

  private constructor(ledger: Ledger, state: CampaignState, clock: Clock) {
    this.ledger = ledger;
    this.state = state;
    this.clock = clock;
    this.last = state.sequence;
    for (const lease of state.leases.values()) this.begin(lease);
    state.observe({
      leaseBegan: (lease) => this.begin(lease),
      leaseEnded: ({ worker, fence }) => void this.byWorker.get(worker)?.delete(fence),
      ended: () => this.byWorker.clear(),
      unitWaits: nothing,
      serverChanged: nothing,
      prioritised: nothing,
    });
  }

  /** Folds what the ledger has. Rejects when it does not begin with a plan. */
  static async load(ledger: Ledger, clock: Clock): Promise<ActiveCampaign> {
    const state = new CampaignState();
    for await (const records of ledger.read(1)) for (const record of records) state.apply(record);
    if (!state.plan) throw campaignWithoutPlan(ledger.campaign);
    return new ActiveCampaign(ledger, state, clock);
  }

  get id(): CampaignId {
    return this.ledger.campaign;
  }

  get plan(): CampaignPlan {
    if (!this.state.plan) throw new Error('A campaign that was loaded has a plan.');
    return this.state.plan;
  }

  /** Leases that a worker holds, in whatever start of it. */
  leasesOf(worker: string): readonly LeaseFact[] {
    return [...(this.byWorker.get(worker)?.values() ?? [])];
  }

  /** Decides: resolves when it is durable, rejects when it will not be. */
  commit(...bodies: readonly CampaignBody[]): Promise<void> {
    if (this.gone) return Promise.reject(new ProblemError(this.gone));
    if (bodies.length === 0) return this.durable;
    const expected = this.last;
    const time = this.clock.now();
    const records = bodies.map((body, index): CampaignRecord => ({ sequence: expected + 1 + index, time, ...body }));
    this.last += records.length;
    for (const record of records) this.state.apply(record);
    const appended = this.ledger.append(expected, records).catch((failure: unknown) => this.letGo(problemOf(failure)));
    this.durable = appended;
    // Whoever does not wait for it must not bring the core down.
    appended.catch(() => undefined);
    this.changed.emit();
    return appended;
  }

  /** Lets it go when somebody else has written into its ledger: an operator through another core, or another coordinator. */
  async lookForOthers(): Promise<void> {
    const found = await this.ledger.last();
    if (this.gone || found <= this.last) return;
    this.gone = deposed(this.id, this.last, found).problem;
    this.lost.emit(this.gone);
  }

  /** Told after each change; returns the unsubscribe. */
  onChange(listener: () => void): () => void {
    return this.changed.subscribe(listener);
  }

  /** Told once, when it is not ours any more. */
  onLost(listener: (problem: Problem) => void): () => void {
    return this.lost.subscribe(listener);
  }

  async dispose(): Promise<void> {
    await this.durable.catch(() => undefined);
    await this.ledger.dispose();
  }

  private begin(lease: LeaseFact): void {
    const held = this.byWorker.get(lease.worker) ?? new Map<number, LeaseFact>();
    this.byWorker.set(lease.worker, held);
    held.set(lease.fence, lease);
  }

  private letGo(problem: Problem): never {
    if (!this.gone) {
      this.gone = problem;
      this.lost.emit(problem);
    }
    throw new ProblemError(problem);
  }
}

const nothing = (): void => undefined;
