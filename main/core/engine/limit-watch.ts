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
  /** Limits that cannot be judged now, since the source of their values is lost: why. */
  private readonly lost = new Map<Limit, string>();
  private firstExcess: string | null = null;
  private firstUndecided: string | null = null;

  constructor(limits: readonly Limit[], link: Link | null, recorder: Recorder) {
    this.recorder = recorder;
    this.stops = link ? limits.map((limit) => link.watch([limit.reading], () => this.lookAgain(limit, link))) : [];
    if (link) for (const limit of limits) this.lookAgain(limit, link);
  }

  /** The first limit of severity error that was exceeded, or else that could not be decided or cannot be judged now, with a sentence. */
  get broken(): { readonly outcome: 'failed' | 'error'; readonly reason: string } | null {
    if (this.firstExcess !== null) return { outcome: 'failed', reason: this.firstExcess };
    const unjudged = [...this.lost].find(([{ severity }]) => severity === 'error');
    const reason = this.firstUndecided ?? (unjudged ? `The limit ${unjudged[0].text} cannot be judged: ${unjudged[1]}.` : null);
    return reason === null ? null : { outcome: 'error', reason };
  }

  dispose(): void {
    for (const stop of this.stops) stop();
  }

  private lookAgain(limit: Limit, link: Link): void {
    const value = link.reading(limit.reading);
    if (value !== null) this.look(limit, value);
    else this.miss(limit, link.whyUnknown(limit.reading));
  }

  /** There is no value: said where that is because its source is lost. It is judged again when the source is back. */
  private miss(limit: Limit, why: string | null): void {
    if (why === null || this.lost.has(limit)) return;
    const lost = `${limit.reading} is not known: ${why}`;
    this.lost.set(limit, lost);
    this.record(limit, 'pending', null, lost);
  }

  private look(limit: Limit, value: string | number): void {
    const kept = limit.kept(value);
    if (kept === null) return;
    if (typeof kept === 'object') return this.tellUndecided(limit, kept.problem);
    const isBack = this.lost.delete(limit);
    const isNews = kept !== (this.kept.get(limit) ?? true);
    if (!isNews && !isBack) return;
    this.kept.set(limit, kept);
    if (!kept && limit.severity === 'error') this.firstExcess ??= `The limit ${limit.text} was exceeded: ${value}.`;
    this.record(limit, kept ? 'met' : 'not met', value);
  }

  private record({ reading, text }: Limit, state: 'met' | 'not met' | 'pending', value: Reading, lost?: string): void {
    this.recorder.record({
      kind: 'condition',
      execution: null,
      condition: `limit:${reading}`.slice(0, 256),
      form: 'limit',
      text,
      state,
      values: { [reading]: value },
      ...(lost !== undefined && { lost }),
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
