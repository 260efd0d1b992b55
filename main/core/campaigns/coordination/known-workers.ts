/** The workers of an environment, by what they said last and when. Time in which this core did not run is nobody's silence. */
import type { Clock } from '#platform/clock.ts';
import type { WorkerOffer } from '#shared/campaign/scheduling/occupancy.ts';
import { leasePatience, type WorkRequest } from '#shared/protocol/work.ts';

export interface WorkerSeen {
  readonly offer: WorkerOffer;
  readonly host: string;
  /** ms, monotonic. */
  heardAt: number;
}

export class KnownWorkers {
  private readonly clock: Clock;
  private readonly seen = new Map<string, WorkerSeen>();
  /** Workers that hold leases since before this core had the seat, by when they are waited for no longer. */
  private readonly inherited = new Map<string, number>();

  constructor(clock: Clock) {
    this.clock = clock;
  }

  all(): readonly WorkerSeen[] {
    return [...this.seen.values()];
  }

  names(): readonly string[] {
    return [...this.seen.keys()];
  }

  get(worker: string): WorkerSeen | undefined {
    return this.seen.get(worker);
  }

  /** `isNew`: this start of it was not heard before. */
  hear(request: WorkRequest): { readonly isNew: boolean; readonly offer: WorkerOffer } {
    const offer = offerOf(request);
    const before = this.seen.get(request.worker);
    this.inherited.delete(request.worker);
    this.seen.set(request.worker, { offer, host: request.host, heardAt: this.clock.monotonic() });
    return { isNew: before?.offer.epoch !== offer.epoch, offer };
  }

  /** A worker of which the ledger says that it executes something: it has as long as any other to say so. */
  inherit(worker: string): void {
    if (!this.seen.has(worker)) this.inherited.set(worker, this.clock.monotonic());
  }

  /** Workers that were silent for too long; they are known no more. `starved`: ms in which this process did not run. */
  takeSilent(starved: number): readonly string[] {
    const now = this.clock.monotonic();
    const silent: string[] = [];
    for (const [worker, seen] of this.seen) {
      seen.heardAt += starved;
      if (now - seen.heardAt > leasePatience) silent.push(worker);
    }
    for (const [worker, since] of this.inherited) {
      this.inherited.set(worker, since + starved);
      if (now - since - starved > leasePatience) silent.push(worker);
    }
    for (const worker of silent) {
      this.seen.delete(worker);
      this.inherited.delete(worker);
    }
    return silent;
  }
}

function offerOf({ worker, epoch, slots, free, labels, adapters, packages, warm, leaving }: WorkRequest): WorkerOffer {
  return { worker, epoch, slots, free, labels, adapters, packages, warm, leaving };
}
