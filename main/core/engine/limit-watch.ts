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
  /** Whether a value is within the limit, or why that cannot be decided; null where there is no value to decide on. */
  kept(value: string | number): boolean | { readonly problem: string } | null;
  readonly severity: 'warning' | 'error';
}

export class LimitWatch {
  private readonly recorder: Recorder;
  private readonly stops: (() => void)[];
  /** Whether each limit was kept when last looked at; they count as kept until seen otherwise. */
  private readonly kept = new Map<Limit, boolean>();
  /** Limits of which it was said that they cannot be decided. */
  private readonly undecided = new Set<Limit>();
  private firstExcess: string | null = null;
  private firstUndecided: string | null = null;

  constructor(limits: readonly Limit[], link: Link | null, recorder: Recorder) {
    this.recorder = recorder;
    this.stops = link ? limits.map((limit) => link.watch([limit.reading], () => this.look(limit, link.reading(limit.reading)))) : [];
    if (link) for (const limit of limits) this.look(limit, link.reading(limit.reading));
  }

  /** The first limit of severity error that was exceeded, or else that could not be decided, with a sentence. */
  get broken(): { readonly outcome: 'failed' | 'error'; readonly reason: string } | null {
    if (this.firstExcess !== null) return { outcome: 'failed', reason: this.firstExcess };
    return this.firstUndecided === null ? null : { outcome: 'error', reason: this.firstUndecided };
  }

  dispose(): void {
    for (const stop of this.stops) stop();
  }

  private look(limit: Limit, value: Reading): void {
    if (value === null) return;
    const kept = limit.kept(value);
    if (kept === null) return;
    if (typeof kept === 'object') return this.tellUndecided(limit, kept.problem);
    if (kept === (this.kept.get(limit) ?? true)) return;
    this.kept.set(limit, kept);
    if (!kept && limit.severity === 'error') this.firstExcess ??= `The limit ${limit.text} was exceeded: ${value}.`;
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

  private tellUndecided(limit: Limit, problem: string): void {
    if (this.undecided.has(limit)) return;
    this.undecided.add(limit);
    const message = `The limit ${limit.text} cannot be decided: ${problem}`;
    if (limit.severity === 'error') this.firstUndecided ??= message;
    const tip = 'Limits are for metrics that are numbers; correct it in environment.yaml.';
    this.recorder.record({ kind: 'problem', severity: limit.severity, code: 'limit-undecided', message, tip });
  }
}
