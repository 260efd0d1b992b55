/** When a daemon was heard last, and for how long it has been silent since, in all and as far as anybody could have heard it. */
import type { Clock } from '#platform/clock.ts';

export class LifeSigns {
  private readonly clock: Clock;
  /** ms, monotonic. */
  private last: number | undefined;
  /** The same, ms since 1970 by the core's clock. */
  private lastAt: number | null = null;
  /** ms since the last sign in which this process did not run, and could not have noticed another. */
  private unheard = 0;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** ms since 1970, core's clock; null: there was none. */
  get at(): number | null {
    return this.lastAt;
  }

  /** ms since the last one; Infinity when there was none. */
  get silence(): number {
    return this.last === undefined ? Infinity : this.clock.monotonic() - this.last;
  }

  /** ms of the silence in which a sign would have been noticed. */
  get silenceHeard(): number {
    return this.silence - this.unheard;
  }

  note(): void {
    this.last = this.clock.monotonic();
    this.lastAt = this.clock.now();
    this.unheard = 0;
  }

  /** ms in which this process did not run. */
  starved(milliseconds: number): void {
    this.unheard += milliseconds;
  }
}
