/** What collectors that look again and again have in common: one look at a time, and values that are told to be gone. */
import { every } from '#platform/clock.ts';
import type { Owned } from '#shared/disposable.ts';
import { problemOf } from '#shared/problem.ts';
import type { CollectorParts, CollectorTarget } from './collector.ts';

export interface LookOptions extends CollectorParts {
  readonly target: CollectorTarget;
  /** Gives the values that there are now, by series. */
  readonly look: () => Promise<ReadonlyMap<number, number>>;
  /** What is looked at, for the notice of a fault: `the machine`. */
  readonly what: string;
  /** Code of that notice. */
  readonly faultCode: string;
}

export class RepeatedLook implements Owned {
  private readonly options: LookOptions;
  private reported: ReadonlySet<number> = new Set();
  private stopTicking: (() => void) | undefined;
  private looking: Promise<void> | undefined;
  private disposed = false;
  private faultTold = false;

  constructor(options: LookOptions) {
    this.options = options;
  }

  /** The first values are there when this is done. */
  async start(): Promise<void> {
    await this.look();
    if (this.disposed) return;
    const { clock, target } = this.options;
    this.stopTicking = every(clock, target.interval, () => {
      this.looking ??= this.look()
        .catch((failure: unknown) => this.fault(failure))
        .finally(() => {
          this.looking = undefined;
        });
    });
  }

  async dispose(): Promise<void> {
    this.disposed = true;
    this.stopTicking?.();
    await this.looking;
  }

  private async look(): Promise<void> {
    const values = await this.options.look();
    if (!this.disposed) this.send(values);
  }

  /** What had a value before and has none now (an interface gone, a disk unmounted) is told once as NaN. */
  private send(values: ReadonlyMap<number, number>): void {
    const { reporter, clock } = this.options;
    const gone = [...this.reported].filter((series) => !values.has(series)).map((series) => ({ series, value: Number.NaN }));
    this.reported = new Set(values.keys());
    const present = [...values].map(([series, value]) => ({ series, value }));
    if (present.length + gone.length > 0) reporter.samples(clock.now(), [...present, ...gone]);
  }

  /** Told once, since it may come back in every look. */
  private fault(failure: unknown): void {
    if (this.faultTold) return;
    this.faultTold = true;
    const { reporter, clock, target, what, faultCode } = this.options;
    const text = `Watching ${what} met a fault and goes on: ${problemOf(failure).message}. Please report it.`.slice(0, 1_000);
    reporter.event({ kind: 'notice', time: clock.now(), severity: 'error', code: faultCode, text, component: target.component });
  }
}

/** By how much a count grew per unit of time; NaN when it went back: it was reset, and the rate is not known this time. */
export function rate(before: number, now: number, elapsed: number): number {
  return now >= before ? (now - before) / elapsed : Number.NaN;
}
