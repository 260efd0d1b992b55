/**
 * What is taken: slots of workers, slots of servers, weighted capacities, over all campaigns of an environment. A unit that is executed, or
 * was just given away, is one holding; it takes everything at once and gives everything back at once, so nothing is freed twice.
 */
import type { DaemonName, Epoch } from '#shared/identifiers.ts';
import type { CampaignState } from '../campaign-state.ts';
import type { ServerName } from '../words.ts';

/** What a worker said of itself last. */
export interface WorkerOffer {
  readonly worker: DaemonName;
  readonly epoch: Epoch;
  readonly slots: number;
  /** Slots that are free for new leases. */
  readonly free: number;
  readonly labels: readonly string[];
  readonly adapters: readonly string[];
  /** Hashes of packages that are prepared there. */
  readonly packages: readonly string[];
  /** Suites that have a warm runner there. */
  readonly warm: readonly string[];
  readonly leaving: boolean;
}

export interface Holding {
  readonly campaign: CampaignState;
  readonly unit: number;
  readonly worker: DaemonName;
  readonly server: ServerName | null;
  /** Slots, of the worker and of the server. */
  readonly slots: number;
  readonly needs: Readonly<Record<string, number>>;
  /** Has its server, or where it uses none its worker, for itself. */
  readonly alone: boolean;
  /** null: given away, and not in the ledger yet. */
  fence: number | null;
  /** Units on its server when it began, itself included. */
  readonly together: number;
}

interface Place {
  taken: number;
  holdings: number;
  /** Somebody has it for itself. */
  alone: number;
}

export class Occupancy {
  private readonly workers = new Map<string, Place>();
  private readonly servers = new Map<ServerName, Place>();
  private readonly capacities = new Map<string, number>();
  private readonly held = new Map<CampaignState, Map<number, Holding>>();
  private readonly slotsOf = new Map<CampaignState, number>();

  worker(name: string): Readonly<Place> {
    return this.workers.get(name) ?? nothing;
  }

  server(name: ServerName): Readonly<Place> {
    return this.servers.get(name) ?? nothing;
  }

  /** Slots of a capacity that are taken. */
  taken(capacity: string): number {
    return this.capacities.get(capacity) ?? 0;
  }

  /** Slots of workers that a campaign has. */
  share(campaign: CampaignState): number {
    return this.slotsOf.get(campaign) ?? 0;
  }

  holding(campaign: CampaignState, unit: number): Holding | undefined {
    return this.held.get(campaign)?.get(unit);
  }

  *holdings(): Iterable<Holding> {
    for (const units of this.held.values()) yield* units.values();
  }

  take(holding: Holding): void {
    this.release(holding.campaign, holding.unit);
    const units = this.held.get(holding.campaign) ?? new Map<number, Holding>();
    this.held.set(holding.campaign, units.set(holding.unit, holding));
    this.count(holding, 1);
  }

  /** @returns what was given back; undefined: nothing was held */
  release(campaign: CampaignState, unit: number): Holding | undefined {
    const units = this.held.get(campaign);
    const holding = units?.get(unit);
    if (!units || !holding) return undefined;
    units.delete(unit);
    if (units.size === 0) this.held.delete(campaign);
    this.count(holding, -1);
    return holding;
  }

  releaseAll(campaign: CampaignState): void {
    for (const unit of this.held.get(campaign)?.keys() ?? []) this.release(campaign, unit);
    this.slotsOf.delete(campaign);
  }

  private count({ campaign, worker, server, slots, needs, alone }: Holding, sign: 1 | -1): void {
    change(this.workers, worker, sign, slots, alone && server === null);
    if (server !== null) change(this.servers, server, sign, slots, alone);
    for (const [capacity, needed] of Object.entries(needs)) this.capacities.set(capacity, this.taken(capacity) + sign * needed);
    this.slotsOf.set(campaign, this.share(campaign) + sign * slots);
  }
}

const nothing: Readonly<Place> = { taken: 0, holdings: 0, alone: 0 };

function change<Name>(places: Map<Name, Place>, name: Name, sign: 1 | -1, slots: number, alone: boolean): void {
  const place = places.get(name) ?? { ...nothing };
  place.taken += sign * slots;
  place.holdings += sign;
  if (alone) place.alone += sign;
  if (place.holdings === 0) places.delete(name);
  else places.set(name, place);
}
