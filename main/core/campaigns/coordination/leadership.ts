/**
 * Whether this core coordinates the campaigns of an environment: it takes the seat when that is free, folds what goes on, and coordinates until
 * the seat is lost or given back. Campaigns that another core has begun meanwhile are noticed and taken as well.
 */
import { hostname } from 'node:os';
import type { Clock } from '#platform/clock.ts';
import type { CampaignId } from '#shared/campaign/words.ts';
import { Emitter, type Owned } from '#shared/disposable.ts';
import { problemOf, type Problem } from '#shared/problem.ts';
import type { CampaignStore } from '../ports.ts';
import { ActiveCampaign } from './active-campaign.ts';
import type { Coordinator } from './coordinator.ts';

/** ms between attempts at the seat, and between looks for campaigns of other cores. */
const glance = 250;
/**
 * ms for which a core leaves the seat to others that cannot use the servers of a campaign, and that it keeps it at least when nobody took it. Workers
 * go on meanwhile with what they execute.
 */
const yielding = 1_500;
const keeping = 30_000;
/** Of so many glances one looks whether others have written into ledgers, too. */
const thoroughGlance = 2;

export interface LeadershipParts {
  readonly store: CampaignStore;
  readonly clock: Clock;
  /** Different for each core that may sit there. */
  readonly core: string;
  readonly coordinate: () => Coordinator;
  /** A campaign was taken: what it needs besides workers begins (its servers). */
  readonly taken: (campaign: ActiveCampaign, coordinator: Coordinator) => void;
  /** Whether another core should rather coordinate it, since this one cannot use a server of it; that is said in its ledger. */
  readonly refuses: (campaign: ActiveCampaign) => Promise<boolean>;
  readonly report: (problem: Problem) => void;
}

export class Leadership implements Owned {
  private readonly parts: LeadershipParts;
  private readonly changed = new Emitter<Coordinator | null>();
  /** Campaigns that have ended, or cannot be read: they are not looked at again. */
  private readonly settled = new Set<CampaignId>();
  /** Campaigns of which this core cannot use a server, while it coordinates them all the same. */
  private readonly refused = new Set<CampaignId>();
  /** When the seat was left to others last; ms, monotonic. */
  private yieldedAt = -Infinity;
  private coordinator: Coordinator | null = null;
  private working: Promise<void> = Promise.resolve();
  private cancelGlance: () => void = () => undefined;
  private readonly unsubscribe: () => void;
  private candidate = false;
  private glances = 0;
  private disposed = false;

  constructor(parts: LeadershipParts) {
    this.parts = parts;
    this.unsubscribe = parts.store.seat.onLost(() => this.stepDown('Another core has taken the seat of the coordinator.'));
  }

  /** From now on the seat is tried for. */
  begin(): void {
    this.candidate = true;
    this.look();
  }

  /** null: another core, or nobody, coordinates. */
  get current(): Coordinator | null {
    return this.coordinator;
  }

  onChange(listener: (coordinator: Coordinator | null) => void): () => void {
    return this.changed.subscribe(listener);
  }

  /** Looks for a seat and for campaigns now; resolves when it has. */
  async now(): Promise<void> {
    this.cancelGlance();
    this.look();
    await this.working;
  }

  async dispose(): Promise<void> {
    this.disposed = true;
    this.cancelGlance();
    this.unsubscribe();
    await this.working;
    const campaigns = this.coordinator?.active() ?? [];
    this.coordinator?.dispose();
    this.setCoordinator(null);
    for (const campaign of campaigns) await campaign.dispose();
    await this.parts.store.seat.giveBack().catch(() => undefined);
  }

  private look(): void {
    if (this.disposed || !this.candidate) return;
    this.working = this.working.then(() => this.lead()).catch((failure: unknown) => this.parts.report(problemOf(failure)));
    void this.working.then(() => {
      if (this.disposed) return;
      this.cancelGlance();
      this.cancelGlance = this.parts.clock.after(glance, () => this.look());
    });
  }

  private async lead(): Promise<void> {
    const { seat } = this.parts.store;
    if (!this.coordinator) {
      if (this.sinceYielding < yielding) return;
      if (this.disposed || !(await seat.take(`${this.parts.core} on ${hostname()}`))) return;
      this.setCoordinator(this.parts.coordinate());
    }
    await this.takeCampaigns();
    await this.lookAtRefused();
    if (this.glances++ % thoroughGlance === 0) for (const campaign of this.coordinator?.active() ?? []) await campaign.lookForOthers();
    this.coordinator?.begin();
  }

  private async takeCampaigns(): Promise<void> {
    const { store, report } = this.parts;
    for (const id of await store.ledgers.list()) {
      const { coordinator } = this;
      if (!coordinator || this.disposed) return;
      if (this.settled.has(id) || coordinator.campaign(id)) continue;
      try {
        await this.takeCampaign(id, coordinator);
      } catch (failure) {
        const problem = problemOf(failure);
        // Somebody wrote into it at this very moment: it is read anew.
        if (problem.code === 'deposed') continue;
        this.settled.add(id);
        report(problem);
      }
    }
  }

  private async takeCampaign(id: CampaignId, coordinator: Coordinator): Promise<void> {
    const { store, clock, core, taken } = this.parts;
    const ledger = await store.ledgers.open(id);
    const campaign = await ActiveCampaign.load(ledger, clock).catch(async (failure: unknown) => {
      await ledger.dispose();
      throw failure;
    });
    if (campaign.state.end) {
      this.settled.add(id);
      return campaign.dispose();
    }
    // Nobody else has the seat; a record of an earlier holder that comes now is refused by the ledger.
    if (this.coordinator !== coordinator) return campaign.dispose();
    if (await this.parts.refuses(campaign)) {
      this.refused.add(id);
      if (this.sinceYielding >= keeping) {
        await campaign.dispose();
        return this.leaveSeat();
      }
    }
    // What an operator wrote through another core is read with everything else at the next glance.
    campaign.onLost(({ code, message }) => this.stepDown(code === 'deposed' ? null : message));
    await campaign.commit({ kind: 'coordinator-changed', core, host: hostname() });
    coordinator.take(campaign);
    taken(campaign, coordinator);
  }

  private get sinceYielding(): number {
    return this.parts.clock.monotonic() - this.yieldedAt;
  }

  /** Now and then another core may have come that can use what this one cannot; or this one can meanwhile. */
  private async lookAtRefused(): Promise<void> {
    for (const id of this.sinceYielding < keeping ? [] : this.refused) {
      const campaign = this.coordinator?.campaign(id);
      if (campaign && !campaign.state.end && (await this.parts.refuses(campaign))) return this.leaveSeat();
      this.refused.delete(id);
    }
  }

  /** Leaves it to others for a moment. */
  private leaveSeat(): void {
    this.yieldedAt = this.parts.clock.monotonic();
    this.refused.clear();
    this.stepDown(null);
  }

  /** @param reason null: this core takes the seat again, unless it is another's */
  private stepDown(reason: string | null): void {
    const { coordinator } = this;
    if (!coordinator) return;
    if (reason !== null) {
      const message = `This core does not coordinate campaigns any more. ${reason}`;
      this.parts.report({ severity: 'warning', code: 'coordinator-deposed', message });
    }
    const campaigns = coordinator.active();
    coordinator.dispose();
    this.setCoordinator(null);
    for (const campaign of campaigns) void campaign.dispose().catch(() => undefined);
    void this.parts.store.seat.giveBack().catch(() => undefined);
  }

  private setCoordinator(coordinator: Coordinator | null): void {
    if (this.coordinator === coordinator) return;
    this.coordinator = coordinator;
    this.changed.emit(coordinator);
  }
}
