/**
 * The coordinator of an environment: answers what its workers ask. Each request is one turn: what ended goes into the ledger, what is unknown is
 * to be ended, what is free gets the next leases; the answer leaves when all of that is durable. So what a worker was told is never forgotten, and
 * what it says twice is counted once.
 */
import { isLate } from '#platform/awake-time.ts';
import type { Clock } from '#platform/clock.ts';
import type { LeaseFact } from '#shared/campaign/campaign-state.ts';
import { verdictOfCampaign } from '#shared/campaign/campaign-verdict.ts';
import { Durations } from '#shared/campaign/durations.ts';
import type { CampaignBody, CampaignBodyOf, TestVerdict } from '#shared/campaign/records.ts';
import { Scheduler, type Assignment } from '#shared/campaign/scheduling/scheduler.ts';
import { serversAway, waitsForServers } from '#shared/campaign/servers-away.ts';
import type { CampaignId, LeaseEnd } from '#shared/campaign/words.ts';
import { Emitter, type Owned } from '#shared/disposable.ts';
import { problemOf, type Problem } from '#shared/problem.ts';
import { leasePatience, type EndedLease, type LeaseName, type WorkRequest } from '#shared/protocol/work.ts';
import { secondsText, spanText } from '#shared/wording/durations.ts';
import type { ActiveCampaign } from './active-campaign.ts';
import { KnownWorkers } from './known-workers.ts';
import type { ListingDesk } from './listing-desk.ts';
import { AnswerBuilder, type UnsignedAnswer } from './answer-builder.ts';
import { Withdrawals } from './withdrawals.ts';

/** ms between looks at silences and at what has ended. */
const tick = 250;
/** ms in which a coordinator has found out which servers are there. */
const firstLook = 10_000;

export interface CoordinatorParts {
  readonly clock: Clock;
  readonly listing: ListingDesk;
  /** What is known of how long tests take. */
  readonly durations?: Durations;
  readonly report: (problem: Problem) => void;
}

/** A verdict that a worker told while its unit goes on. */
export interface EarlyVerdict {
  readonly campaign: CampaignId;
  readonly fence: number;
  readonly verdict: TestVerdict;
}

export class Coordinator implements Owned {
  readonly scheduler: Scheduler;
  readonly workers: KnownWorkers;
  private readonly clock: Clock;
  private readonly listing: ListingDesk;
  private readonly report: (problem: Problem) => void;
  private readonly campaigns = new Map<CampaignId, ActiveCampaign>();
  /** ms, monotonic. */
  private readonly takenAt = new Map<CampaignId, number>();
  /** Verdicts told early, by campaign and fence: should the worker be lost, they are what is known. */
  private readonly early = new Map<string, TestVerdict[]>();
  /** Leases that their worker has said to execute. */
  private readonly takenUp = new Set<string>();
  private readonly withdrawals = new Withdrawals();
  private readonly verdicts = new Emitter<EarlyVerdict>();
  /** Not all campaigns are here yet: workers are heard and answered, and given nothing. */
  private folding = true;
  private cancelTick: () => void = () => undefined;
  private disposed = false;

  constructor({ clock, listing, durations = new Durations(), report }: CoordinatorParts) {
    this.clock = clock;
    this.listing = listing;
    this.report = report;
    this.scheduler = new Scheduler(durations);
    this.workers = new KnownWorkers(clock);
    this.scheduleTick();
  }

  active(): readonly ActiveCampaign[] {
    return [...this.campaigns.values()];
  }

  campaign(id: CampaignId): ActiveCampaign | undefined {
    return this.campaigns.get(id);
  }

  /** From now on this campaign is coordinated here. */
  take(campaign: ActiveCampaign): void {
    this.campaigns.set(campaign.id, campaign);
    this.takenAt.set(campaign.id, this.clock.monotonic());
    this.scheduler.attach(campaign.state);
    this.withdrawals.watch(campaign);
    for (const { worker } of campaign.state.leases.values()) this.workers.inherit(worker);
    campaign.onLost((problem) => {
      this.report(problem);
      this.drop(campaign);
    });
  }

  /** Lets a campaign go without a word: it is over, or somebody else's. */
  drop(campaign: ActiveCampaign): void {
    if (this.campaigns.get(campaign.id) !== campaign) return;
    this.campaigns.delete(campaign.id);
    this.takenAt.delete(campaign.id);
    this.scheduler.detach(campaign.state);
    this.withdrawals.forget(campaign.id);
    this.listing.forget(campaign.id);
    for (const set of [this.early, this.takenUp]) for (const key of set.keys()) if (key.startsWith(`${campaign.id} `)) set.delete(key);
  }

  /** Every campaign that goes on was taken. */
  begin(): void {
    this.folding = false;
  }

  onEarlyVerdict(listener: (early: EarlyVerdict) => void): () => void {
    return this.verdicts.subscribe(listener);
  }

  /** One turn. Rejects when what it decided did not become durable: then nothing is answered, and the worker asks again. */
  async answer(request: WorkRequest): Promise<UnsignedAnswer> {
    const { isNew, offer } = this.workers.hear(request);
    this.scheduler.meet(offer);
    const builder = new AnswerBuilder(request);
    const commits: Promise<void>[] = [];
    for (const campaign of this.campaigns.values()) {
      if (isNew) commits.push(this.endEarlierStart(campaign, request));
      if (isOutdated(campaign, request)) commits.push(campaign.commit(workerRecord(request, request.leaving ? 'leaving' : 'present')));
    }
    for (const { campaign, fence, verdict } of request.early) this.takeEarly(campaign, fence, verdict);
    const [lists, units] = [request.ended.filter((each) => this.isList(each)), request.ended.filter((each) => !this.isList(each))];
    for (const ended of units) commits.push(this.settle(request, ended, builder));
    // What was listed now is given out at once.
    await Promise.all(lists.map((ended) => this.settle(request, ended, builder)));
    this.compareRunning(request, builder, commits);
    if (!this.folding && !request.leaving && request.free > 0) this.give(request, builder, commits);
    await Promise.all(commits);
    return builder.build();
  }

  dispose(): void {
    this.disposed = true;
    this.cancelTick();
    for (const campaign of this.active()) this.drop(campaign);
  }

  // ---------------------------------------------------------------------------------------------------------- what is said

  /** A worker that was started anew executes nothing of before. */
  private async endEarlierStart(campaign: ActiveCampaign, { worker, epoch }: WorkRequest): Promise<void> {
    this.listing.loseWorker(worker, epoch);
    const lost = campaign.leasesOf(worker).filter((lease) => lease.epoch !== epoch);
    await campaign.commit(
      ...lost.map((lease) => this.lostRecord(campaign.id, lease, 'worker-lost', `The worker ${worker} was started anew.`)),
    );
  }

  private takeEarly(campaign: CampaignId, fence: number, verdict: TestVerdict): void {
    if (!this.campaigns.get(campaign)?.state.leases.has(fence)) return;
    const key = `${campaign} ${fence}`;
    const known = this.early.get(key) ?? [];
    if (known.some(({ test }) => test === verdict.test)) return;
    this.early.set(key, [...known, verdict]);
    this.verdicts.emit({ campaign, fence, verdict });
  }

  private isList({ campaign, fence }: EndedLease): boolean {
    return this.listing.isListing(campaign, fence);
  }

  /** Puts the end of a lease into the ledger, once; what comes with a fence that is over is evidence. */
  private async settle(request: WorkRequest, ended: EndedLease, builder: AnswerBuilder): Promise<void> {
    const { campaign: id, fence } = ended;
    const campaign = this.campaigns.get(id);
    if (!campaign) {
      // Of a campaign that may still be folded it is to be said once more.
      if (!this.folding) builder.settled(ended);
      return;
    }
    if (this.listing.isListing(id, fence)) {
      await this.listing.ended(campaign, ended);
      builder.settled(ended);
      return;
    }
    const lease = campaign.state.leases.get(fence);
    const isHolder = lease?.worker === request.worker && lease.epoch === request.epoch;
    if (isHolder) await campaign.commit(this.settledRecord(campaign, ended));
    else if (ended.verdicts.length > 0 && !this.isCounted(campaign, ended)) {
      await campaign.commit({ kind: 'late', fence, worker: request.worker, verdicts: ended.verdicts.slice(0, 1_000) });
    } else await campaign.commit();
    this.forgetLease(id, fence);
    builder.settled(ended);
  }

  /** Whether a worker only says again what stands in the ledger. */
  private isCounted({ state }: ActiveCampaign, { fence, end }: EndedLease): boolean {
    const past = state.pastLeases.findLast((lease) => lease.fence === fence);
    return past !== undefined && (past.end === end || past.end === 'server-lost');
  }

  private settledRecord({ id, state }: ActiveCampaign, ended: EndedLease): CampaignBody {
    const { fence, takenUpBefore } = ended;
    const takenUpAt = this.clock.now() - takenUpBefore;
    const { end, reason, verdicts } = this.withdrawals.endOf(ended, state, this.early.get(`${id} ${fence}`) ?? []);
    return { kind: 'settled', fence, end, takenUpAt, verdicts: [...verdicts], ...(reason !== undefined && { reason }) };
  }

  private lostRecord(id: CampaignId, { fence }: LeaseFact, end: LeaseEnd, reason: string): CampaignBody {
    const verdicts = this.early.get(`${id} ${fence}`) ?? [];
    this.forgetLease(id, fence);
    return { kind: 'settled', fence, end, reason, verdicts };
  }

  private forgetLease(id: CampaignId, fence: number): void {
    this.early.delete(`${id} ${fence}`);
    this.takenUp.delete(`${id} ${fence}`);
  }

  /** What the worker executes against what it should: ends what is over, gives again what an answer that was lost gave. */
  private compareRunning(request: WorkRequest, builder: AnswerBuilder, commits: Promise<void>[]): void {
    const told = new Set<string>();
    for (const name of request.running) {
      told.add(keyOf(name));
      const reason = this.whyToEnd(request, name);
      if (reason === null) this.takenUp.add(keyOf(name));
      else builder.cancel(name, reason);
    }
    for (const campaign of this.campaigns.values()) {
      for (const lease of campaign.leasesOf(request.worker)) {
        if (lease.epoch !== request.epoch || told.has(`${campaign.id} ${lease.fence}`)) continue;
        this.missed(campaign, lease, builder, commits);
      }
      this.listing.giveAgain(campaign, request, told, builder);
    }
  }

  private whyToEnd({ worker, epoch }: WorkRequest, { campaign: id, fence }: LeaseName): string | null {
    const campaign = this.campaigns.get(id);
    // A campaign that may still be folded may have given it.
    if (!campaign) return this.folding ? null : 'The campaign is over.';
    if (this.listing.isListing(id, fence)) return campaign.state.stop ? 'The campaign was stopped.' : null;
    const lease = campaign.state.leases.get(fence);
    if (!lease || lease.worker !== worker || lease.epoch !== epoch) return 'It was given to another worker.';
    return campaign.state.stop ? 'The campaign was stopped.' : this.withdrawals.reasonOf({ campaign: id, fence });
  }

  private missed(campaign: ActiveCampaign, lease: LeaseFact, builder: AnswerBuilder, commits: Promise<void>[]): void {
    if (this.takenUp.has(`${campaign.id} ${lease.fence}`)) {
      const reason = `The worker ${lease.worker} does not know of it any more.`;
      commits.push(campaign.commit(this.lostRecord(campaign.id, lease, 'runner-lost', reason)));
    } else if (campaign.state.stop) {
      commits.push(campaign.commit(this.lostRecord(campaign.id, lease, 'stopped', 'It was stopped before it had begun.')));
    } else builder.lease(campaign, lease);
  }

  // ---------------------------------------------------------------------------------------------------------- what is given

  private give(request: WorkRequest, builder: AnswerBuilder, commits: Promise<void>[]): void {
    let { free } = request;
    for (const campaign of this.campaigns.values()) {
      if (free <= 0) break;
      free -= this.listing.give(campaign, { ...request, free }, this.scheduler, () => this.workers.names(), builder);
    }
    if (free <= 0) return;
    const { offer } = this.workers.get(request.worker) ?? {};
    if (!offer) return;
    const { assignments, turns } = this.scheduler.next({ ...offer, free }, this.clock.now());
    for (const [id, bodies] of bodiesByCampaign(assignments, this.campaigns)) {
      const campaign = this.campaigns.get(id);
      if (!campaign) continue;
      const ownTurns = turns.filter(({ server }) => campaign.state.servers.has(server));
      commits.push(campaign.commit(...ownTurns.map((turn): CampaignBody => ({ kind: 'server-turned', ...turn })), ...bodies));
      for (const body of bodies) {
        const lease = body.kind === 'leased' ? campaign.state.leases.get(body.fence) : undefined;
        if (lease) builder.lease(campaign, lease);
      }
    }
  }

  // ------------------------------------------------------------------------------------------------------------- what passes

  private scheduleTick(): void {
    if (this.disposed) return;
    const began = this.clock.monotonic();
    this.cancelTick = this.clock.after(tick, () => {
      const elapsed = this.clock.monotonic() - began;
      this.look(isLate(elapsed, tick) ? elapsed : 0);
      this.scheduleTick();
    });
  }

  private look(starved: number): void {
    for (const worker of this.workers.takeSilent(starved)) this.loseWorker(worker);
    for (const campaign of this.active()) this.endIfOver(campaign);
  }

  private loseWorker(worker: string): void {
    this.scheduler.lose(worker);
    this.listing.loseWorker(worker, null);
    for (const campaign of this.campaigns.values()) {
      const lost = campaign.leasesOf(worker);
      const fact = campaign.state.workers.get(worker);
      const reason = `Nothing was heard of the worker ${worker} for ${secondsText(leasePatience)}.`;
      const bodies: CampaignBody[] = lost.map((lease) => this.lostRecord(campaign.id, lease, 'worker-lost', reason));
      if (fact && fact.state !== 'lost') {
        bodies.push({ ...workerRecord(fact, 'lost'), reason });
      }
      this.attempt(campaign.commit(...bodies));
    }
  }

  private endIfOver(campaign: ActiveCampaign): void {
    const { state } = campaign;
    if (state.end || this.listing.isBusy(campaign)) return;
    const heldFor = this.clock.monotonic() - (this.takenAt.get(campaign.id) ?? 0);
    const stuck = state.stop ? null : whyStuck(campaign, this.clock.now(), heldFor);
    if (!state.isExhausted && stuck === null) return;
    const { outcome } = verdictOfCampaign(state, this.clock.now());
    const ended = campaign.commit({ kind: 'campaign-ended', ...(stuck ?? { outcome }) });
    this.attempt(ended.then(() => this.drop(campaign)));
  }

  /** What fails here was reported by the campaign's own loss. */
  private attempt(work: Promise<void>): void {
    work.catch((failure: unknown) => {
      const problem = problemOf(failure);
      if (problem.code === 'unexpected') this.report(problem);
    });
  }
}

function keyOf({ campaign, fence }: LeaseName): string {
  return `${campaign} ${fence}`;
}

/** Whether the campaign has to know something else of a worker that could execute tests of it. */
function isOutdated({ plan, state }: ActiveCampaign, { worker, epoch, adapters, slots, leaving }: WorkRequest): boolean {
  const known = state.workers.get(worker);
  if (!known) return plan.suites.some(({ adapter }) => adapters.includes(adapter));
  return known.epoch !== epoch || known.slots !== slots || known.state !== (leaving ? 'leaving' : 'present');
}

type WorkerRecord = CampaignBodyOf<'worker-changed'>;
type EndRecord = CampaignBodyOf<'campaign-ended'>;

function workerRecord(
  { worker, epoch, slots, labels, host }: Pick<WorkRequest, 'worker' | 'epoch' | 'slots' | 'host'> & { readonly labels: readonly string[] },
  state: WorkerRecord['state'],
): WorkerRecord {
  return { kind: 'worker-changed', worker, state, epoch, slots, labels: [...labels], host };
}

/** The leases of a decision as records, by campaign; fences go on from the last of each. */
function bodiesByCampaign(
  assignments: readonly Assignment[],
  campaigns: ReadonlyMap<CampaignId, ActiveCampaign>,
): ReadonlyMap<CampaignId, readonly CampaignBody[]> {
  const bodies = new Map<CampaignId, CampaignBody[]>();
  for (const { campaign: state, unit, attempt, tests, worker, epoch, server } of assignments) {
    const campaign = [...campaigns.values()].find((each) => each.state === state);
    if (!campaign) continue;
    const own = bodies.get(campaign.id) ?? [];
    bodies.set(campaign.id, own);
    const all = state.units.at(unit)?.tests.length === tests.length;
    const fence = state.lastFence + 1 + own.length;
    own.push({ kind: 'leased', fence, unit, attempt, worker, epoch, server, ...(!all && { tests: [...tests] }) });
  }
  return bodies;
}

/** Why nothing of what waits will ever be executed; null: it may be. @param heldFor ms for which this coordinator has had it */
function whyStuck({ state }: ActiveCampaign, now: number, heldFor: number): Pick<EndRecord, 'outcome' | 'reason'> | null {
  const { outcome } = verdictOfCampaign(state, now);
  const ended = outcome === 'not executed' ? outcome : 'failed';
  if ([...state.servers.values()].every((server) => server.state === 'out'))
    return waitsForServers(state) ? { outcome: ended, reason: 'No server is left to execute the rest on.' } : null;
  const away = serversAway(state);
  // Servers that were out of reach for the coordinator before this one may be there.
  if (!away || now < away.until || heldFor < Math.min(firstLook, away.patience)) return null;
  const reason = `No server was ready for ${spanText(away.patience)}. ${away.reasons}`.slice(0, 2_000);
  return { outcome: ended, reason };
}
