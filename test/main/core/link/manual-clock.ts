/** A clock that a test sets. */
import type { Clock } from '#platform/clock.ts';

export class ManualClock implements Clock {
  private time = 1_000_000;
  private wall = 1_800_000_000_000;
  private timers: { readonly due: number; readonly callback: () => void }[] = [];

  now(): number {
    return this.wall;
  }

  monotonic(): number {
    return this.time;
  }

  after(milliseconds: number, callback: () => void): () => void {
    const timer = { due: this.time + milliseconds, callback };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter((each) => each !== timer);
    };
  }

  /** Lets time pass and calls back what is due, in order. */
  pass(milliseconds: number): void {
    const end = this.time + milliseconds;
    for (;;) {
      const next = this.timers.filter(({ due }) => due <= end).sort((left, right) => left.due - right.due)[0];
      if (!next) break;
      this.timers = this.timers.filter((each) => each !== next);
      this.advanceTo(Math.max(this.time, next.due));
      next.callback();
    }
    this.advanceTo(end);
  }

  /** Time passes in which this process does not run: what was due meanwhile is called back once it runs again. */
  stall(milliseconds: number): void {
    this.advanceTo(this.time + milliseconds);
    this.pass(0);
  }

  private advanceTo(time: number): void {
    this.wall += time - this.time;
    this.time = time;
  }
}
