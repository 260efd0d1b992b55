/** A clock for tests. */
import type { Clock } from '#platform/clock.ts';

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
  after(_: number, call: () => void): () => void {
    this.calls.add(call);
    return () => void this.calls.delete(call);
  }
  pass(elapsed: number): void {
    this.time += elapsed;
    const due = [...this.calls];
    this.calls.clear();
    for (const call of due) call();
  }
}
