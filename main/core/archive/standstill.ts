/**
 * What happens when a disk is full or fails: writing stands still, the listeners are told, and the same is tried again until
 * it succeeds or until the core goes down and cannot wait any longer.
 */
import { ProblemError, type Problem } from '#shared/problem.ts';
import { Emitter } from '#shared/disposable.ts';
import type { Clock } from '#platform/clock.ts';
import { isForWantOfSpace } from './files.ts';

/** ms between the first two attempts; doubles up to the longest. */
const shortestPause = 100;
const longestPause = 2_000;

export class Standstill {
  private readonly clock: Clock;
  private readonly place: string;
  private readonly emitter = new Emitter<{ full: boolean; problem: Problem }>();
  private readonly held = new Set<string>();
  private readonly sleepers = new Set<() => void>();
  /** Monotonic ms after which failing work is given up; null: never. */
  private giveUpAt: number | null = null;

  constructor(clock: Clock, place: string) {
    this.clock = clock;
    this.place = place;
  }

  get full(): boolean {
    return this.held.size > 0;
  }

  subscribe(listener: (full: boolean, problem: Problem) => void): () => void {
    return this.emitter.subscribe(({ full, problem }) => {
      listener(full, problem);
    });
  }

  /** Tries until it succeeds. `what` names the work in the problem: `The log`. `worthIt` tells which failures may pass by waiting. */
  async insist<T>(what: string, attempt: () => Promise<T>, worthIt: (failure: unknown) => boolean = () => true): Promise<T> {
    for (let pause = shortestPause; ; pause = Math.min(pause * 2, longestPause)) {
      try {
        const result = await attempt();
        this.goOn(what);
        return result;
      } catch (failure) {
        const problem = this.describe(what, failure);
        if (!worthIt(failure) || this.givenUp()) {
          this.held.delete(what);
          const { tip: _tip, ...told } = problem;
          throw failure instanceof ProblemError ? failure : new ProblemError(told);
        }
        this.stand(what, problem);
        await this.sleep(pause);
      }
    }
  }

  /** From now on failing work is given up after some ms; what waits is tried at once. */
  abandonAfter(milliseconds: number): void {
    this.giveUpAt = this.clock.monotonic() + milliseconds;
    for (const wake of this.sleepers) wake();
  }

  /** Says that work stands still without trying it again here (the caller does). */
  stand(what: string, problem: Problem): void {
    if (this.held.has(what)) return;
    this.held.add(what);
    this.emitter.emit({ full: true, problem });
  }

  goOn(what: string): void {
    if (!this.held.delete(what) || this.full) return;
    this.emitter.emit({
      full: false,
      problem: { severity: 'information', code: 'writing-goes-on', message: `Writing to ${this.place} goes on.`, file: this.place },
    });
  }

  describe(what: string, failure: unknown): Problem {
    const reason = failure instanceof Error ? failure.message.split('\n')[0] : String(failure);
    return isForWantOfSpace(failure)
      ? {
          severity: 'error',
          code: 'disk-full',
          message: `${what} cannot be written to ${this.place}: the disk is full.`,
          tip: 'Make room; writing goes on by itself.',
          file: this.place,
        }
      : {
          severity: 'error',
          code: 'write-failed',
          message: `${what} cannot be written to ${this.place}: ${reason}.`,
          tip: 'It is tried again until it succeeds.',
          file: this.place,
        };
  }

  private givenUp(): boolean {
    return this.giveUpAt !== null && this.clock.monotonic() >= this.giveUpAt;
  }

  private sleep(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        cancel();
        this.sleepers.delete(wake);
        resolve();
      };
      const cancel = this.clock.after(milliseconds, wake);
      this.sleepers.add(wake);
    });
  }
}
