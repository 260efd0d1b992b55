/**
 * Limits of the environment, watched through a whole run: a record whenever one is exceeded or kept again. What exceeds a
 * limit is unusual and shown; it decides the verdict only where the limit's severity is error.
 */
import type { Recorder } from './recorder.ts';
import type { Link } from '#main/core/ports.ts';
import type { Reading } from '#shared/scenario/machine-contract.ts';

export interface Limit {
  /** `MatchingEnginePrimary.rss`: the reading that it is about. */
  readonly reading: string;
  /** As written, for people: `MatchingEnginePrimary.rss < 600MB`. */
  readonly text: string;
  /** Whether a value is within the limit; a missing value is neither, and not asked about. */
  kept(value: string | number): boolean;
  readonly severity: 'warning' | 'error';
}

export class LimitWatch {
  private readonly recorder: Recorder;
  private readonly stops: (() => void)[];
  /** Whether each limit was kept when last looked at; they count as kept until seen otherwise. */
  private readonly kept = new Map<Limit, boolean>();
  private firstError: string | null = null;

  constructor(limits: readonly Limit[], link: Link | null, recorder: Recorder) {
    this.recorder = recorder;
    this.stops = link ? limits.map((limit) => link.watch([limit.reading], () => this.look(limit, link.reading(limit.reading)))) : [];
    if (link) for (const limit of limits) this.look(limit, link.reading(limit.reading));
  }

  /** The first limit of severity error that was exceeded, as a sentence. */
  get exceeded(): string | null {
    return this.firstError;
  }

  dispose(): void {
    for (const stop of this.stops) stop();
  }

  private look(limit: Limit, value: Reading): void {
    if (value === null) return;
    const kept = limit.kept(value);
    if (kept === (this.kept.get(limit) ?? true)) return;
    this.kept.set(limit, kept);
    if (!kept && limit.severity === 'error') this.firstError ??= `The limit ${limit.text} was exceeded: ${value}.`;
    this.recorder.record({
      kind: 'condition',
      execution: null,
      condition: `limit:${limit.reading}`.slice(0, 256),
      form: 'limit',
      text: limit.text,
      state: kept ? 'met' : 'not met',
      values: { [limit.reading]: value },
    });
  }
}
