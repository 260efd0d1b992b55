/**
 * What is kept free for a unit that has waited too long, since lighter ones take every slot before enough of them are free at once. There is
 * one reservation at a time in an environment, so two heavy units never wait for each other's half. It binds only what does not go before.
 */
import type { ServerName } from '../words.ts';
import { unfit } from './admission.ts';
import type { Lane } from './lane.ts';
import type { KnownWorker, Reservation, Scene } from './scene.ts';

/** ms after which something is kept free for a lane of which nothing could begin. */
export const reservationPatience = 30_000;

/** Begins one for a lane whose first unit only others that are executed keep from beginning. */
export function reserveFor(scene: Scene, lane: Lane, now: number): void {
  if (scene.reservation || now - lane.idleSince < reservationPatience || !isHopeful(scene, lane)) return;
  scene.reservation = renewed(scene, lane, null);
}

/** Ends it when it has no sense any more, and chooses anew what is not there any more. */
export function keepReservation(scene: Scene): void {
  const { reservation } = scene;
  if (!reservation) return;
  const { lane } = reservation;
  scene.reservation = isHopeful(scene, lane) ? renewed(scene, lane, reservation) : null;
}

/** Whether it still begins as soon as others end: nothing is kept free for what a server or a worker is missing for. */
function isHopeful(scene: Scene, lane: Lane): boolean {
  const { campaign, fact } = lane;
  if (lane.size === 0 || campaign.stop || campaign.end || !scene.campaigns.has(campaign)) return false;
  for (const [capacity, needed] of Object.entries(fact.plan.needs)) if (needed > (scene.limitOf(capacity) ?? 0)) return false;
  const usable = (server: ServerName): boolean =>
    scene.serial.has(server) === lane.serial && (lane.serial || scene.slotsOf(server) >= fact.plan.slots);
  if (lane.usesServer && !scene.readyServers(campaign).some(usable)) return false;
  return [...scene.workers.values()].some((worker) => !unfit(fact, worker, ''));
}

function renewed(scene: Scene, lane: Lane, before: Reservation | null): Reservation {
  const { plan } = lane.fact;
  return {
    lane,
    capacities: new Set(Object.keys(plan.needs)),
    worker: workerFor(scene, lane, before?.worker ?? null),
    server: lane.usesServer && !lane.serial ? serverFor(scene, lane, plan.slots, before?.server ?? null) : null,
  };
}

/** The worker that is kept free: none where one has room already, else the one that had it before, else the one with the most room. */
function workerFor(scene: Scene, lane: Lane, before: string | null): string | null {
  const { fact } = lane;
  const needed = (worker: KnownWorker): number => (lane.serial && !lane.usesServer ? worker.slots : fact.plan.slots);
  const known = before === null ? undefined : scene.workers.get(before);
  if (known && !unfit(fact, known, '')) return before;
  let best: KnownWorker | null = null;
  for (const worker of scene.workers.values()) {
    if (unfit(fact, worker, '')) continue;
    if (scene.room(worker) >= needed(worker)) return null;
    if (!best || scene.room(worker) > scene.room(best)) best = worker;
  }
  return best?.worker ?? null;
}

function serverFor(scene: Scene, lane: Lane, needed: number, before: ServerName | null): ServerName | null {
  const usable = scene.readyServers(lane.campaign).filter((server) => !scene.serial.has(server) && scene.slotsOf(server) >= needed);
  if (before !== null && usable.includes(before)) return before;
  const spare = (server: ServerName): number => scene.slotsOf(server) - scene.occupancy.server(server).taken;
  let best: ServerName | null = null;
  for (const server of usable) {
    if (spare(server) >= needed) return null;
    if (best === null || spare(server) > spare(best)) best = server;
  }
  return best;
}
