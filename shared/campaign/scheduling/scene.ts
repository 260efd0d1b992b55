/** What is decided about: the campaigns of an environment with their waiting units in lanes, the workers, the servers, and what is taken. */
import type { CampaignState, SuiteFact } from '../campaign-state.ts';
import type { ServerName } from '../words.ts';
import type { Lane } from './lane.ts';
import { Occupancy, type WorkerOffer } from './occupancy.ts';

/** ms after which a lane of which nothing began counts as one level of priority higher. */
export const ageingPeriod = 60_000;

/** What is kept free for a unit that has waited too long. */
export interface Reservation {
  readonly lane: Lane;
  readonly capacities: ReadonlySet<string>;
  readonly worker: string | null;
  readonly server: ServerName | null;
}

/** A worker as it said of itself last, with its lists as sets. */
export interface KnownWorker extends Omit<WorkerOffer, 'labels' | 'adapters' | 'packages' | 'warm'> {
  readonly labels: ReadonlySet<string>;
  readonly adapters: ReadonlySet<string>;
  readonly packages: ReadonlySet<string>;
  readonly warm: ReadonlySet<string>;
}

export class Scene {
  readonly occupancy = new Occupancy();
  readonly workers = new Map<string, KnownWorker>();
  readonly campaigns = new Map<CampaignState, Map<string, Lane>>();
  /** Servers that execute their serial units. */
  readonly serial = new Set<ServerName>();
  reservation: Reservation | null = null;
  private limits: ReadonlyMap<string, number> = new Map();
  private serverSlots: ReadonlyMap<ServerName, number> = new Map();
  /** Whether a campaign had no plan yet. */
  private unmeasured = false;

  /** Lanes in which something waits and may begin. */
  *lanes(): Iterable<Lane> {
    for (const [campaign, lanes] of this.campaigns) {
      if (campaign.stop || campaign.end) continue;
      for (const lane of lanes.values()) if (lane.size > 0) yield lane;
    }
  }

  /** The campaigns are others now. Where they differ about a capacity or a server, the smaller number holds. */
  measure(): void {
    const limits = new Map<string, number>();
    const slots = new Map<ServerName, number>();
    for (const { plan, servers } of this.campaigns.keys()) {
      for (const [name, limit] of Object.entries(plan?.capacities ?? {})) limits.set(name, Math.min(limit, limits.get(name) ?? limit));
      for (const { server, slots: own } of servers.values()) slots.set(server, Math.min(own, slots.get(server) ?? own));
    }
    this.limits = limits;
    this.serverSlots = slots;
    this.unmeasured = [...this.campaigns.keys()].some(({ plan }) => plan === null);
  }

  /** undefined: nobody says. */
  limitOf(capacity: string): number | undefined {
    if (this.unmeasured) this.measure();
    return this.limits.get(capacity);
  }

  slotsOf(server: ServerName): number {
    if (this.unmeasured) this.measure();
    return this.serverSlots.get(server) ?? 0;
  }

  /** Slots of a worker that nothing of ours takes. */
  room({ worker, slots }: KnownWorker): number {
    const place = this.occupancy.worker(worker);
    return place.alone > 0 ? 0 : slots - place.taken;
  }

  /** Servers of a campaign on which it may execute something. */
  readyServers(campaign: CampaignState): ServerName[] {
    const ready: ServerName[] = [];
    for (const { server, state } of campaign.servers.values()) if (state === 'ready') ready.push(server);
    return ready;
  }

  /** Priority of campaign and suite, and one for each period in which nothing of the lane began. */
  levelOf(lane: Lane, now: number): number {
    return lane.campaign.priority + lane.fact.priority + Math.floor(Math.max(0, now - lane.idleSince) / ageingPeriod);
  }

  /** Whether something is kept free, and not for this lane or one that goes before. */
  isReserved(lane: Lane, now: number, what: (reservation: Reservation) => boolean): boolean {
    const { reservation } = this;
    if (!reservation || reservation.lane === lane || !what(reservation)) return false;
    return this.levelOf(lane, now) <= this.levelOf(reservation.lane, now);
  }

  packageOf(suite: SuiteFact): string {
    const reference = suite.plan.package;
    if (!reference) return `suite ${suite.plan.suite}`;
    return `package ${reference.name} ${reference.version}`.trim();
  }
}

export function knownWorker(offer: WorkerOffer): KnownWorker {
  const { labels, adapters, packages, warm } = offer;
  return { ...offer, labels: new Set(labels), adapters: new Set(adapters), packages: new Set(packages), warm: new Set(warm) };
}
