/** The timers of a run: they can be held, as while the run is paused, and go on with what is left of their time. */
import type { Clock } from '#platform/clock.ts';

interface Timer {
  /** ms that were left when it was started or continued last. */
  readonly left: number;
  /** Monotonic, ms; null while it is held. */
  readonly since: number | null;
  readonly cancel: () => void;
}

export class HoldableTimers {
  private readonly clock: Clock;
  private readonly ended: (reference: number) => void;
  private readonly timers = new Map<number, Timer>();

  /** `ended` is told the reference of every timer whose time is over. */
  constructor(clock: Clock, ended: (reference: number) => void) {
    this.clock = clock;
    this.ended = ended;
  }

  start(reference: number, milliseconds: number): void {
    const cancel = this.clock.after(milliseconds, () => {
      this.timers.delete(reference);
      this.ended(reference);
    });
    this.timers.set(reference, { left: milliseconds, since: this.clock.monotonic(), cancel });
  }

  stop(reference: number): void {
    this.timers.get(reference)?.cancel();
    this.timers.delete(reference);
  }

  hold(reference: number): void {
    const timer = this.timers.get(reference);
    if (!timer || timer.since === null) return;
    timer.cancel();
    const left = Math.max(0, timer.left - (this.clock.monotonic() - timer.since));
    this.timers.set(reference, { left, since: null, cancel: () => undefined });
  }

  continue(reference: number): void {
    const timer = this.timers.get(reference);
    if (timer?.since === null) this.start(reference, timer.left);
  }

  dispose(): void {
    for (const { cancel } of this.timers.values()) cancel();
    this.timers.clear();
  }
}
