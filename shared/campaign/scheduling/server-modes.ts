/**
 * Which servers execute their serial units, one by one, and which the parallel ones: the moving split. With N servers, serial work S, parallel
 * work P and c units' worth of work done at once by a server, everything ends together when N·S / (S + P / c) servers are serial. As many,
 * rounded up, begin serial; each turns parallel when no serial unit waits any more. It is computed anew when a server comes or goes and when
 * units are planned; beyond that a server that has nothing to do does what is left.
 */
import type { ServerName } from '../words.ts';
import type { EffectiveParallelism } from './effective-parallelism.ts';
import type { Scene } from './scene.ts';

export interface ServerTurn {
  readonly server: ServerName;
  readonly mode: 'serial' | 'parallel';
}

/** How many of the servers begin serial. @param parallelism units' worth of work that one server does at once */
export function serialServers(servers: number, serialWork: number, parallelWork: number, parallelism: number): number {
  if (servers === 0 || serialWork <= 0) return 0;
  const share = (servers * serialWork) / (serialWork + parallelWork / Math.max(1, parallelism));
  return Math.min(servers, Math.max(1, Math.ceil(share - 1e-9)));
}

interface Waiting {
  readonly serialWork: number;
  readonly parallelWork: number;
  readonly serialUnits: number;
  readonly parallelUnits: number;
}

export class ServerModes {
  private readonly scene: Scene;
  private readonly parallelism: EffectiveParallelism;
  private due = true;
  private readyBefore = '';

  constructor(scene: Scene, parallelism: EffectiveParallelism) {
    this.scene = scene;
    this.parallelism = parallelism;
  }

  /** What is to be done on the servers has changed; that there are others is seen anyway. */
  computeAnew(): void {
    this.due = true;
  }

  /** Turns servers as it is time; @returns those that were turned. */
  turn(): ServerTurn[] {
    const ready = this.ready();
    const turns: ServerTurn[] = [];
    const turnTo = (server: ServerName, mode: ServerTurn['mode']): void => {
      if (mode === 'serial') this.scene.serial.add(server);
      else this.scene.serial.delete(server);
      turns.push({ server, mode });
    };
    const waiting = this.waiting();
    const names = ready.join('\n');
    if (this.due || names !== this.readyBefore) {
      this.due = false;
      this.readyBefore = names;
      this.split(ready, waiting, turnTo);
    }
    this.useIdle(ready, waiting, turnTo);
    this.serveEach(turnTo);
    return turns;
  }

  private ready(): ServerName[] {
    return [...new Set([...this.scene.campaigns.keys()].flatMap((campaign) => (campaign.stop ? [] : this.scene.readyServers(campaign))))];
  }

  private waiting(): Waiting {
    const sums = { serialWork: 0, parallelWork: 0, serialUnits: 0, parallelUnits: 0 };
    for (const lane of this.scene.lanes()) {
      if (!lane.usesServer) continue;
      if (lane.serial) {
        sums.serialWork += lane.work;
        sums.serialUnits += lane.size;
      } else {
        sums.parallelWork += lane.work * lane.fact.plan.slots;
        sums.parallelUnits += lane.size;
      }
    }
    return sums;
  }

  private split(ready: readonly ServerName[], waiting: Waiting, turnTo: (server: ServerName, mode: ServerTurn['mode']) => void): void {
    const wanted = serialServers(ready.length, waiting.serialWork, waiting.parallelWork, this.doneAtOnce(ready));
    const serial = ready.filter((server) => this.scene.serial.has(server));
    const parallel = ready.filter((server) => !this.scene.serial.has(server));
    for (const server of this.leastTaken(parallel).slice(0, Math.max(0, wanted - serial.length))) turnTo(server, 'serial');
    for (const server of this.leastTaken(serial).slice(0, Math.max(0, serial.length - wanted))) turnTo(server, 'parallel');
  }

  /** No more than the workers' slots allow. */
  private doneAtOnce(ready: readonly ServerName[]): number {
    if (ready.length === 0) return 1;
    const slots = ready.reduce((sum, server) => sum + this.scene.slotsOf(server), 0) / ready.length;
    const workerSlots = [...this.scene.workers.values()].reduce((sum, worker) => sum + (worker.leaving ? 0 : worker.slots), 0);
    const usable = workerSlots === 0 ? slots : Math.min(slots, workerSlots / ready.length);
    return this.parallelism.of(Math.max(1, usable));
  }

  /** A server without work of its kind turns to the other one. */
  private useIdle(
    ready: readonly ServerName[],
    { serialUnits, parallelUnits }: Waiting,
    turnTo: (server: ServerName, mode: ServerTurn['mode']) => void,
  ): void {
    let open = serialUnits;
    for (const server of ready) if (this.scene.serial.has(server) && this.scene.occupancy.server(server).holdings === 0) open -= 1;
    for (const server of ready) {
      const serial = this.scene.serial.has(server);
      if (this.scene.occupancy.server(server).holdings > 0) continue;
      if (serial && serialUnits === 0) turnTo(server, 'parallel');
      else if (!serial && parallelUnits === 0 && open > 0) {
        open -= 1;
        turnTo(server, 'serial');
      }
    }
  }

  /** A campaign whose serial units have no server of its own that is serial gets one. */
  private serveEach(turnTo: (server: ServerName, mode: ServerTurn['mode']) => void): void {
    for (const lane of this.scene.lanes()) {
      if (!lane.serial || !lane.usesServer) continue;
      const ready = this.scene.readyServers(lane.campaign);
      if (ready.length === 0 || ready.some((server) => this.scene.serial.has(server))) continue;
      for (const server of this.leastTaken(ready).slice(0, 1)) turnTo(server, 'serial');
    }
  }

  private leastTaken(servers: readonly ServerName[]): ServerName[] {
    const taken = (server: ServerName): number => this.scene.occupancy.server(server).holdings;
    return servers.toSorted((left, right) => taken(left) - taken(right));
  }
}
