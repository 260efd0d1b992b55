/**
 * Whether a unit may begin on a worker now, and where: the one function that decides and explains. It gives the server, or the first reason
 * against it, in a fixed order: the campaign, the worker itself, who had it last, capacities, servers, the worker's slots.
 */
import type { SuiteFact } from '../campaign-state.ts';
import type { ServerName } from '../words.ts';
import type { Gate, Lane } from './lane.ts';
import { holderText, type Refusal } from './refusals.ts';
import type { KnownWorker, Scene } from './scene.ts';

/** ms after which a unit may be tried again by the worker that had it last, although there is another. */
export const otherWorkerPatience = 60_000;

export type Admitted = { readonly refusal: null; readonly server: ServerName | null } | { readonly refusal: Refusal };

/** What lies in the worker itself, whatever it executes now. */
export function unfit({ plan, refusals }: SuiteFact, worker: KnownWorker, packageName: string): Refusal | null {
  if (worker.leaving) return { kind: 'worker-leaving', worker: worker.worker };
  if (!worker.adapters.has(plan.adapter)) return { kind: 'adapter', adapter: plan.adapter, worker: worker.worker };
  const labels = plan.labels.filter((label) => !worker.labels.has(label));
  if (labels.length > 0) return { kind: 'labels', labels, worker: worker.worker };
  const refused = refusals.size === 0 ? undefined : refusals.get(worker.worker);
  if (refused?.epoch === worker.epoch) {
    return { kind: 'package-refused', package: packageName, worker: worker.worker, reason: refused.reason };
  }
  return plan.slots > worker.slots ? { kind: 'too-many-slots', needed: plan.slots, worker: worker.worker } : null;
}

/** Lets a worker have what it had last only where no other one could, or for too long did not. */
export function gateOf(scene: Scene, lane: Lane, { worker }: KnownWorker, now: number): Gate {
  return { worker, isOpen: (waitingSince) => now - waitingSince >= otherWorkerPatience || !anotherFits(scene, lane, worker) };
}

function anotherFits(scene: Scene, lane: Lane, not: string): boolean {
  const { fact } = lane;
  for (const worker of scene.workers.values()) {
    if (worker.worker !== not && !unfit(fact, worker, '')) return true;
  }
  return false;
}

export interface Question {
  readonly worker: KnownWorker;
  /** Slots of the worker that may be taken. */
  readonly free: number;
  /** ms since 1970. */
  readonly now: number;
  /** Whether somebody reads the answer: deciding needs no names of holders. */
  readonly explained: boolean;
}

export function admitUnit(scene: Scene, lane: Lane, unit: number, question: Question): Admitted {
  const { fact } = lane;
  const { worker, free, now } = question;
  const refusal =
    unfit(fact, worker, scene.packageOf(fact)) ?? hadItLast(scene, lane, unit, worker, now) ?? capacityRefusal(scene, lane, fact, question);
  if (refusal) return { refusal };
  const placed: Admitted = lane.usesServer ? placeOnServer(scene, lane, unit, fact, now) : { refusal: null, server: null };
  if (placed.refusal) return placed;
  const full = workerRefusal(scene, lane, fact, worker, free, now);
  return full ? { refusal: full } : placed;
}

function hadItLast(scene: Scene, lane: Lane, unit: number, worker: KnownWorker, now: number): Refusal | null {
  const { units } = lane.campaign;
  const last = units.lastLeaseOf(unit)?.worker;
  if (last !== worker.worker || gateOf(scene, lane, worker, now).isOpen(units.sinceOf(unit))) return null;
  return { kind: 'another-worker', worker: last };
}

function capacityRefusal(scene: Scene, lane: Lane, { plan }: SuiteFact, { now, explained }: Question): Refusal | null {
  for (const capacity in plan.needs) {
    const needed = plan.needs[capacity] ?? 0;
    const slots = scene.limitOf(capacity);
    if (slots === undefined) return { kind: 'capacity-unknown', capacity };
    const taken = scene.occupancy.taken(capacity);
    if (taken + needed > slots) {
      return { kind: 'capacity', capacity, taken, slots, needed, holders: explained ? holdersOf(scene, capacity) : [] };
    }
    if (scene.isReserved(lane, now, ({ capacities }) => capacities.has(capacity))) return reserved(scene, `capacity ${capacity}`);
  }
  return null;
}

/** One unit of each suite that holds slots of a capacity, and how many more there are. */
function holdersOf(scene: Scene, capacity: string): readonly string[] {
  const bySuite = new Map<string, { readonly suite: string; readonly test: string; count: number }>();
  let looked = 0;
  for (const { campaign, unit, needs } of scene.occupancy.holdings()) {
    if (looked++ > holdersLookedAt) break;
    const planned = campaign.units.at(unit);
    if (!planned || needs[capacity] === undefined) continue;
    const known = bySuite.get(planned.suite);
    if (known) known.count += 1;
    else bySuite.set(planned.suite, { suite: planned.suite, test: planned.tests[0] ?? '', count: 0 });
  }
  return [...bySuite.values()].map(({ suite, test, count }) => holderText(suite, test, count));
}
const holdersLookedAt = 10_000;

function placeOnServer(scene: Scene, lane: Lane, unit: number, { plan }: SuiteFact, now: number): Admitted {
  const ready = scene.readyServers(lane.campaign);
  if (ready.length === 0) {
    const all = [...lane.campaign.servers.values()];
    const coming = all.some(({ state }) => state === 'waiting' || state === 'deploying');
    return { refusal: { kind: 'servers-not-ready', servers: all.map(({ server }) => server), coming } };
  }
  return lane.serial ? placeSerial(scene, lane, unit, ready) : placeParallel(scene, lane, unit, plan.slots, ready, now);
}

function placeSerial(scene: Scene, lane: Lane, unit: number, ready: readonly ServerName[]): Admitted {
  const serial = ready.filter((server) => scene.serial.has(server));
  const empty = serial.filter((server) => scene.occupancy.server(server).holdings === 0);
  const server = preferred(lane, unit, empty, () => 0);
  if (server !== undefined) return { refusal: null, server };
  const busy = serial.filter((server) => scene.occupancy.server(server).alone > 0);
  if (busy.length > 0) return { refusal: { kind: 'server-serial', servers: busy } };
  return { refusal: { kind: 'server-parallel', servers: serial.length > 0 ? serial : ready } };
}

function placeParallel(scene: Scene, lane: Lane, unit: number, needed: number, ready: readonly ServerName[], now: number): Admitted {
  const largest = ready.reduce((most, server) => Math.max(most, scene.slotsOf(server)), 0);
  if (needed > largest) return { refusal: { kind: 'server-too-small', needed, slots: largest } };
  const parallel = ready.filter((server) => !scene.serial.has(server) && scene.occupancy.server(server).alone === 0);
  if (parallel.length === 0) return { refusal: { kind: 'server-serial', servers: ready } };
  const spare = (server: ServerName): number => scene.slotsOf(server) - scene.occupancy.server(server).taken;
  const fitting = parallel.filter((server) => spare(server) >= needed);
  const open = fitting.filter((server) => !scene.isReserved(lane, now, (reservation) => reservation.server === server));
  const server = preferred(lane, unit, open, spare);
  if (server !== undefined) return { refusal: null, server };
  if (fitting[0] !== undefined) return { refusal: reserved(scene, `server ${fitting[0]}`) };
  const [taken, slots] = parallel.reduce(
    ([takenSum, slotSum], each) => [takenSum + scene.occupancy.server(each).taken, slotSum + scene.slotsOf(each)],
    [0, 0],
  );
  return { refusal: { kind: 'server-full', servers: parallel, taken, slots, needed } };
}

/** Of several servers another one than the unit had last, then the one with the most room. */
function preferred(lane: Lane, unit: number, servers: readonly ServerName[], room: (server: ServerName) => number): ServerName | undefined {
  const last = lane.campaign.units.lastLeaseOf(unit)?.server ?? null;
  let best: ServerName | undefined;
  for (const server of servers) {
    if (best === undefined || (best === last && server !== last) || (server !== last && room(server) > room(best))) best = server;
  }
  return best;
}

function workerRefusal(scene: Scene, lane: Lane, { plan }: SuiteFact, worker: KnownWorker, free: number, now: number): Refusal | null {
  const place = scene.occupancy.worker(worker.worker);
  const needsAll = lane.serial && !lane.usesServer;
  const alone = place.alone > 0 || (needsAll && (place.holdings > 0 || free < worker.slots));
  if (alone) return { kind: 'worker-alone', worker: worker.worker };
  if (plan.slots > free) {
    const { slots } = worker;
    return { kind: 'worker-full', worker: worker.worker, taken: slots - Math.max(0, free), slots, needed: plan.slots };
  }
  return scene.isReserved(lane, now, (reservation) => reservation.worker === worker.worker)
    ? reserved(scene, `worker ${worker.worker}`)
    : null;
}

function reserved(scene: Scene, what: string): Refusal {
  const lane = scene.reservation?.lane;
  return { kind: 'reserved', what, suite: lane?.suite ?? '', unit: lane?.head() ?? 0 };
}
