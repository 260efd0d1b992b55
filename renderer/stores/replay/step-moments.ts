/**
 * Two runs on one cursor: which moment of the other run is the one that is shown of this run. Aligned by steps, never by the
 * clock: as far into the same step. Steps are the same by what was called and written (shared/analysis/alignment.ts). Pure.
 */
import { alignSteps, stepKeys } from '#shared/analysis/alignment.ts';
import type { StepSpan, Timeline } from '#shared/run/timeline.ts';

export interface OtherMoment {
  /** The other run's moment: its time (ms since 1970), and how many of its records had come by then. */
  readonly time: number;
  readonly sequence: number;
  /** ms that the other run's times are earlier than this one's where they lie on each other. */
  readonly shift: number;
  /**
   * `within`: as far into the same step. `over`: the step was over there by then, and it waits. `before`: no step has begun.
   * `missing`: the other run has no such step; it stands at the end of the last one that both have.
   */
  readonly how: 'within' | 'over' | 'before' | 'missing';
  /** The same step of the other run; null where there is none. */
  readonly step: StepSpan | null;
}

/** A step of either run; null on the side that does not have it. */
export interface StepPair {
  readonly own: number | null;
  readonly other: number | null;
}

function keysOf(timeline: Timeline): { readonly key: string }[] {
  const steps: Parameters<typeof stepKeys>[0][number][] = [];
  for (let index = 0; index < timeline.stepCount; index++) {
    const span = timeline.step(index);
    if (span) steps.push(span.step);
  }
  return stepKeys(steps);
}

export class StepMoments {
  private readonly own: Timeline;
  private readonly other: Timeline;
  private readonly ownKeys: readonly { readonly key: string }[];
  private readonly otherKeys: readonly { readonly key: string }[];
  private readonly otherOfKey: ReadonlyMap<string, number>;

  /** Of two runs as far as they were read; more of them needs a new one. */
  constructor(own: Timeline, other: Timeline) {
    this.own = own;
    this.other = other;
    this.ownKeys = keysOf(own);
    this.otherKeys = keysOf(other);
    this.otherOfKey = new Map(this.otherKeys.map(({ key }, index) => [key, index]));
  }

  /** All steps of both runs: this run's in their order, each of the other's alone after the one that it followed. */
  pairs(): StepPair[] {
    const known = (index: number): number | null => (index < 0 ? null : index);
    return alignSteps(this.ownKeys, [this.otherKeys]).map(({ candidate, baseline }) => ({
      own: known(candidate),
      other: known(baseline[0] ?? -1),
    }));
  }

  /** The other run's moment for one of this run: its time, and how many of its records had come. */
  moment(cursor: number, sequence: number): OtherMoment {
    const span = this.own.stepAt(sequence);
    if (span === null) return this.before(cursor);
    const index = this.otherOf(span.index);
    const step = index === null ? null : this.other.step(index);
    if (step === null) return this.missing(span.index);
    const time = step.from + Math.max(0, cursor - span.from);
    const next = this.other.step(step.index + 1);
    // What came after the step belongs to the next one, also where its time says otherwise.
    const last = next ? next.begin - 1 : this.other.length;
    const ended = step.to !== null && time > step.to;
    const within = { shift: span.from - step.from, step, how: ended ? ('over' as const) : ('within' as const) };
    const sequenceThere = Math.min(last, Math.max(step.begin, this.other.sequenceAt(time)));
    return { ...within, time: Math.min(time, next?.from ?? this.other.end ?? time), sequence: sequenceThere };
  }

  private otherOf(index: number): number | null {
    const key = this.ownKeys[index]?.key;
    return key === undefined ? null : (this.otherOfKey.get(key) ?? null);
  }

  private before(cursor: number): OtherMoment {
    const [ownStart, otherStart] = [this.own.start ?? cursor, this.other.start ?? cursor];
    const first = this.other.step(0);
    const last = first ? first.begin - 1 : this.other.length;
    const time = Math.min(otherStart + cursor - ownStart, first?.from ?? this.other.end ?? otherStart);
    return { time, sequence: Math.min(last, this.other.sequenceAt(time)), shift: ownStart - otherStart, how: 'before', step: null };
  }

  /** At the end of the last step before this one that the other run has, too. */
  private missing(index: number): OtherMoment {
    for (let before = index - 1; before >= 0; before--) {
      const found = this.otherOf(before);
      const [step, own] = [found === null ? null : this.other.step(found), this.own.step(before)];
      if (!step || !own) continue;
      const sequence = step.end ?? (this.other.step(step.index + 1)?.begin ?? this.other.length + 1) - 1;
      return { time: this.other.timeOf(sequence), sequence, shift: own.from - step.from, how: 'missing', step: null };
    }
    return { ...this.before(this.own.start ?? 0), how: 'missing' };
  }
}
