/**
 * The one decision: which units begin now on a worker that has slots free, over all campaigns of an environment. Pure: it knows what the
 * campaigns' states and the workers' offers say, and is told the time. What it gives away is held from that moment on; the ledger's record
 * confirms it, or {@link Scheduler.withdraw} takes it back.
 *
 * Order: the level (priority, and one more for each minute in which nothing of a lane began), among equal ones the campaign that has fewer
 * slots, then what failed last time, then what takes longest. A unit whose package is prepared or whose suite is warm elsewhere goes first
 * only when it is longer by more than starting it here costs, so affinity never leaves a slot idle and never lets a long test begin last.
 */
import type { DaemonName, Epoch } from '#shared/identifiers.ts';
import type { CampaignState, LeaseFact } from '../campaign-state.ts';
import { Durations } from '../durations.ts';
import type { TestVerdict } from '../records.ts';
import type { ServerName, TestId } from '../words.ts';
import { admitUnit, gateOf, unfit } from './admission.ts';
import { EffectiveParallelism } from './effective-parallelism.ts';
import { Lane, type UnitRank } from './lane.ts';
import type { WorkerOffer } from './occupancy.ts';
import { isOccupied, needsHelp, type Refusal } from './refusals.ts';
import { keepReservation, reserveFor } from './reservations.ts';
import { knownWorker, Scene, type KnownWorker } from './scene.ts';
import { ServerModes, type ServerTurn } from './server-modes.ts';

/** ms that starting costs which a warm runner saves. */
const startCost = 2_000;
/** ms that preparing a package is taken for. */
const prepareCost = 30_000;

/** What a worker is to execute. */
export interface Assignment {
  readonly campaign: CampaignState;
  readonly unit: number;
  readonly attempt: number;
  /** What is owed of the unit's tests, in its order. */
  readonly tests: readonly TestId[];
  readonly worker: DaemonName;
  readonly epoch: Epoch;
  readonly server: ServerName | null;
}

export interface Decision {
  readonly assignments: readonly Assignment[];
  /** Servers that execute the other kind of units from now on. */
  readonly turns: readonly ServerTurn[];
}

interface Candidate extends UnitRank {
  readonly lane: Lane;
  readonly unit: number;
  readonly level: number;
  readonly share: number;
  readonly server: ServerName | null;
}

export class Scheduler {
  /** What is known of how long tests take; it learns from every attempt that comes to its end. */
  readonly durations: Durations;
  private readonly scene = new Scene();
  private readonly parallelism = new EffectiveParallelism();
  private readonly modes = new ServerModes(this.scene, this.parallelism);
  private readonly detachments = new Map<CampaignState, () => void>();

  constructor(durations = new Durations()) {
    this.durations = durations;
  }

  /** From now on units of this campaign are given away as well. */
  attach(campaign: CampaignState): void {
    if (this.detachments.has(campaign)) return;
    this.scene.campaigns.set(campaign, new Map());
    this.scene.measure();
    for (const { server, mode } of campaign.servers.values()) if (mode === 'serial') this.scene.serial.add(server);
    for (let unit = 0; unit < campaign.units.size; unit += 1) {
      if (campaign.units.stateOf(unit) === 'waiting') this.unitWaits(campaign, unit);
    }
    for (const lease of campaign.leases.values()) this.leaseBegan(campaign, lease);
    this.modes.computeAnew();
    const forget = campaign.observe({
      unitWaits: (unit) => this.unitWaits(campaign, unit),
      leaseBegan: (lease) => this.leaseBegan(campaign, lease),
      leaseEnded: (lease, verdicts) => this.leaseEnded(campaign, lease, verdicts),
      // Which servers are ready is looked at in each decision.
      serverChanged: () => {},
      prioritised: () => {},
      ended: () => this.detach(campaign),
    });
    this.detachments.set(campaign, forget);
  }

  /** Forgets a campaign, and all that it holds. */
  detach(campaign: CampaignState): void {
    this.detachments.get(campaign)?.();
    this.detachments.delete(campaign);
    this.scene.campaigns.delete(campaign);
    this.scene.occupancy.releaseAll(campaign);
    this.scene.measure();
    this.modes.computeAnew();
  }

  /** A worker is there, or says something else of itself. */
  meet(offer: WorkerOffer): void {
    this.scene.workers.set(offer.worker, knownWorker(offer));
  }

  /** It is there no more; what it executed is held until the ledger says that it is over. */
  lose(worker: string): void {
    this.scene.workers.delete(worker);
  }

  /** What begins now on this worker. @param now ms since 1970 */
  next(offer: WorkerOffer, now: number): Decision {
    const worker = knownWorker(offer);
    this.scene.workers.set(offer.worker, worker);
    keepReservation(this.scene);
    const turns = this.modes.turn();
    const assignments: Assignment[] = [];
    let free = Math.min(offer.free, this.scene.room(worker));
    while (free > 0) {
      const chosen = this.best(worker, free, now);
      if (!chosen) break;
      assignments.push(this.give(chosen, worker, now));
      free = Math.min(free - chosen.lane.fact.plan.slots, this.scene.room(worker));
    }
    return { assignments, turns };
  }

  /** Takes back what was given away and did not get into the ledger. */
  withdraw({ campaign, unit }: Assignment, now: number): void {
    const holding = this.scene.occupancy.holding(campaign, unit);
    if (holding?.fence !== null) return;
    this.scene.occupancy.release(campaign, unit);
    if (campaign.units.stateOf(unit) === 'waiting') this.unitWaits(campaign, unit, now);
  }

  /**
   * Why a unit does not begin on a worker now; null: it does, at the worker's next request. Without a worker: why it begins nowhere.
   */
  admit(campaign: CampaignState, unit: number, worker: string | null, now: number): Refusal | null {
    const planned = campaign.units.at(unit);
    if (!planned) return { kind: 'unknown-unit' };
    if (campaign.units.stateOf(unit) === 'over' || campaign.end) return { kind: 'over' };
    const holder = this.scene.occupancy.holding(campaign, unit) ?? campaign.units.lastLeaseOf(unit);
    if (holder && (campaign.units.stateOf(unit) === 'leased' || !this.laneOf(campaign, unit)?.has(unit))) {
      return { kind: 'executed', worker: holder.worker };
    }
    if (campaign.stop) return { kind: 'stopped', operator: campaign.stop.operator };
    const lane = this.laneOf(campaign, unit);
    if (!lane) return { kind: 'unknown-unit' };
    return worker === null ? this.admitAnywhere(lane, unit, now) : this.admitHere(lane, unit, worker, now);
  }

  /** Whether a suite could be executed, or listed, by a worker at all. */
  fits(campaign: CampaignState, suite: Lane['suite'], worker: string): Refusal | null {
    const [fact, known] = [campaign.suites.get(suite), this.scene.workers.get(worker)];
    if (!known) return { kind: 'worker-unknown', worker };
    return fact ? unfit(fact, known, this.scene.packageOf(fact)) : { kind: 'unknown-unit' };
  }

  private admitHere(lane: Lane, unit: number, name: string, now: number): Refusal | null {
    const worker = this.scene.workers.get(name);
    if (!worker) return { kind: 'worker-unknown', worker: name };
    const { refusal } = admitUnit(this.scene, lane, unit, { worker, free: this.scene.room(worker), now, explained: true });
    if (refusal) return refusal;
    const units = lane.ahead(unit);
    return units > 0 ? { kind: 'ahead', units } : null;
  }

  private admitAnywhere(lane: Lane, unit: number, now: number): Refusal | null {
    let first: Refusal | null = { kind: 'no-worker' };
    let nearest = -1;
    for (const worker of this.scene.workers.values()) {
      const misfit = unfit(lane.fact, worker, this.scene.packageOf(lane.fact));
      const refusal = misfit ?? this.admitHere(lane, unit, worker.worker, now);
      if (!refusal) return null;
      const distance = misfit ? nearness.indexOf(misfit.kind) : nearness.length + (refusal.kind === 'another-worker' ? 0 : 1);
      if (distance <= nearest) continue;
      nearest = distance;
      first = misfit && 'worker' in misfit && misfit.kind !== 'worker-leaving' ? ({ ...misfit, worker: null } as Refusal) : refusal;
    }
    return first;
  }

  private best(worker: KnownWorker, free: number, now: number): Candidate | null {
    const { reservation } = this.scene;
    const refused = new Map<string, Refusal>();
    let best: Candidate | null = null;
    for (const lane of this.scene.lanes()) {
      const [level, share] = [this.scene.levelOf(lane, now), this.share(lane)];
      // Most lanes are behind already, whatever waits first in them.
      if (best && (level < best.level || (level === best.level && share > best.share))) continue;
      const unit = lane.head(lane.isKeptFrom(worker.worker) ? gateOf(this.scene, lane, worker, now) : undefined);
      if (unit === undefined) continue;
      const { failed, expected } = lane.rankOf(unit);
      const candidate: Candidate = { lane, unit, server: null, failed, expected, level, share };
      if (best && !goesBefore(candidate, best, worker)) continue;
      const isPlain = lane.fact.refusals.size === 0 && lane.campaign.units.lastLeaseOf(unit) === undefined;
      const known = isPlain ? refused.get(lane.shape) : undefined;
      const admitted = known ? { refusal: known } : admitUnit(this.scene, lane, unit, { worker, free, now, explained: false });
      if (!admitted.refusal) best = { ...candidate, server: admitted.server };
      else {
        if (isPlain && isShared(admitted.refusal)) refused.set(lane.shape, admitted.refusal);
        if (isBlocked(admitted.refusal)) reserveFor(this.scene, lane, now);
      }
    }
    // What was just kept free may be what was chosen before that.
    return best && reservation !== this.scene.reservation ? this.best(worker, free, now) : best;
  }

  private share(lane: Lane): number {
    return this.scene.occupancy.share(lane.campaign);
  }

  private give({ lane, unit, server }: Candidate, { worker, epoch }: KnownWorker, now: number): Assignment {
    const { campaign } = lane;
    const assignment: Assignment = {
      campaign,
      unit,
      attempt: (campaign.units.lastLeaseOf(unit)?.attempt ?? 0) + 1,
      tests: campaign.owedTests(unit),
      worker,
      epoch,
      server,
    };
    this.hold(lane, unit, worker, server, null);
    lane.idleSince = now;
    if (this.scene.reservation?.lane === lane) this.scene.reservation = null;
    return assignment;
  }

  private hold(lane: Lane, unit: number, worker: DaemonName, server: ServerName | null, fence: number | null): void {
    const { slots, needs } = lane.fact.plan;
    const together = server === null ? 1 : this.scene.occupancy.server(server).holdings + 1;
    const alone = lane.serial;
    this.scene.occupancy.take({ campaign: lane.campaign, unit, worker, server, slots, needs, alone, fence, together });
    lane.delete(unit);
  }

  private unitWaits(campaign: CampaignState, unit: number, now = campaign.units.sinceOf(unit)): void {
    const planned = campaign.units.at(unit);
    const lane = this.laneOf(campaign, unit);
    if (!planned || !lane) return;
    lane.add(planned, now);
    if (!campaign.units.lastLeaseOf(unit)) this.modes.computeAnew();
  }

  private leaseBegan(campaign: CampaignState, lease: LeaseFact): void {
    const holding = this.scene.occupancy.holding(campaign, lease.unit);
    if (holding && holding.worker === lease.worker && holding.server === lease.server) {
      holding.fence = lease.fence;
      return;
    }
    const lane = this.laneOf(campaign, lease.unit);
    if (!lane) return;
    this.hold(lane, lease.unit, lease.worker, lease.server, lease.fence);
    lane.idleSince = Math.max(lane.idleSince, lease.leasedAt);
  }

  private leaseEnded(campaign: CampaignState, lease: LeaseFact, verdicts: readonly TestVerdict[]): void {
    const holding = this.scene.occupancy.release(campaign, lease.unit);
    const unit = campaign.units.at(lease.unit);
    if (!unit) return;
    if (holding && holding.server !== null && !holding.alone && unit.expected !== null && verdicts.length === unit.tests.length) {
      const together = (holding.together + this.scene.occupancy.server(holding.server).holdings + 1) / 2;
      this.parallelism.observe(
        together,
        unit.expected,
        verdicts.reduce((sum, { duration }) => sum + duration, 0),
      );
    }
    let learnt = false;
    for (const verdict of verdicts) learnt = this.durations.learn(unit.suite, unit.group, verdict) || learnt;
    if (!learnt) return;
    for (const serial of [false, true]) this.scene.campaigns.get(campaign)?.get(laneKey(unit.suite, serial))?.refresh(unit.group);
  }

  /** Made when it is needed first. */
  private laneOf(campaign: CampaignState, unit: number): Lane | undefined {
    const planned = campaign.units.at(unit);
    const lanes = this.scene.campaigns.get(campaign);
    if (!planned || !lanes) return undefined;
    const key = laneKey(planned.suite, planned.serial);
    const lane = lanes.get(key) ?? new Lane(campaign, planned.suite, planned.serial, this.durations);
    lanes.set(key, lane);
    return lane;
  }
}

function laneKey(suite: string, serial: boolean): string {
  return `${serial ? 'serial' : 'parallel'} ${suite}`;
}

/** What no worker has, from what is farthest from beginning to what is nearest to it. */
const nearness: readonly Refusal['kind'][] = ['worker-leaving', 'adapter', 'labels', 'package-refused', 'too-many-slots'];

function isBlocked(refusal: Refusal): boolean {
  return isOccupied(refusal) && !needsHelp(refusal);
}

/** Whether it keeps all units back that need the same, whatever suite they are of. */
function isShared(refusal: Refusal): boolean {
  return isOccupied(refusal) || refusal.kind === 'server-serial' || refusal.kind === 'server-parallel';
}

function goesBefore(left: Candidate, right: Candidate, worker: KnownWorker): boolean {
  if (left.level !== right.level) return left.level > right.level;
  if (left.share !== right.share) return left.share < right.share;
  if (left.failed !== right.failed) return left.failed;
  return left.expected + saved(left.lane, worker) > right.expected + saved(right.lane, worker);
}

/** ms that are saved because it is executed on this worker. */
function saved({ fact: { plan } }: Lane, worker: KnownWorker): number {
  const hash = plan.package?.hash ?? null;
  return (hash === null || worker.packages.has(hash) ? prepareCost : 0) + (worker.warm.has(plan.suite) ? startCost : 0);
}
