/** A clock for tests. */
import type { Clock } from '#network/daemon/clock.ts';

/** Time that passes when the test says so. */
export class HandClock implements Clock {
  time = 1_000_000;
  private readonly calls = new Set<() => void>();
  now(): number {
    return this.time;
  }
  monotonic(): number {
    return this.time;
  }
  every(_: number, call: () => void): () => void {
    this.calls.add(call);
    return () => void this.calls.delete(call);
  }
  pass(elapsed: number): void {
    this.time += elapsed;
    for (const call of this.calls) call();
  }
}
