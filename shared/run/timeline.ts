/**
 * A run that can be looked at in any of its moments. It is built from the records as they are read, and tells the state after
 * any number of them: from the nearest state that it has kept, folding what lies between. Moments are ordered by sequence;
 * their time is the latest time told so far, since clocks may be set back during a run. Needs no screen and no clock.
 */
import { newFaults } from './injected-faults.ts';
import { NumberColumn } from './number-column.ts';
import type { RunRecord } from './records.ts';
import type { RunState, RunStep } from './run-model.ts';
import { foldRecord, initialRunState } from './run-state.ts';
import { markKinds, marksOf, type Mark, type MarkKind } from './timeline-marks.ts';
import { isTroubled } from './tries.ts';
import { TimelineRecords } from './timeline-records.ts';

export { eventKinds, markKinds, type Mark, type MarkKind } from './timeline-marks.ts';

/** One execution of a statement, as a stretch of the timeline. */
export interface StepSpan {
  /** From 0, in the order in which steps began. */
  readonly index: number;
  readonly step: RunStep['step'];
  /** `running` where its end is not known. */
  readonly state: RunStep['state'];
  /** Sequences of its begin and end; `end` null: it never ended. */
  readonly begin: number;
  readonly end: number | null;
  /** ms since 1970 */
  readonly from: number;
  readonly to: number | null;
}

export interface TimelineOptions {
  /** Records between two kept states at first. */
  readonly spacing?: number;
  /** How many states are kept at most: then every other one is let go. */
  readonly checkpoints?: number;
}

export class Timeline {
  private readonly records = new TimelineRecords();
  /** For each record the latest time told up to it. */
  private readonly times = new NumberColumn('exact');
  private checkpoints: RunState[] = [initialRunState()];
  private spacing: number;
  private readonly mostCheckpoints: number;
  private last = initialRunState();
  private latestTime = Number.NEGATIVE_INFINITY;
  /** The state that was asked for last; the next one is mostly a little later. */
  private asked = initialRunState();
  private askedSequence = 0;
  private readonly marks = new Map<MarkKind, NumberColumn>(markKinds.map((kind) => [kind, new NumberColumn('small')]));
  private readonly stepEnds = new NumberColumn('small');
  /** Places of steps that did not pass. */
  private readonly troubled = new NumberColumn('small');
  private readonly openSteps = new Map<number, number>();

  constructor(options: TimelineOptions = {}) {
    this.spacing = options.spacing ?? 256;
    this.mostCheckpoints = options.checkpoints ?? 512;
  }

  /** Records so far: the sequence of the last one. */
  get length(): number {
    return this.records.length;
  }

  /** The state after all records so far. */
  get latest(): RunState {
    return this.last;
  }

  /** Time of the first record, ms since 1970; null before there is one. */
  get start(): number | null {
    return this.length === 0 ? null : this.times.at(0);
  }

  /** Time of the last record, ms since 1970; null before there is one. */
  get end(): number | null {
    return this.length === 0 ? null : this.times.at(this.length - 1);
  }

  /** Takes the records that come next, in their order; those that it has already are left out. */
  add(records: Iterable<RunRecord>): void {
    for (const record of records) if (record.sequence > this.length) this.take(record);
  }

  /** The state after the first `sequence` records; that of a run of which nothing is known for 0. */
  stateAt(sequence: number): RunState {
    const wanted = Math.min(this.length, Math.max(0, Math.floor(sequence)));
    if (wanted === this.length) return this.last;
    const checkpoint = Math.min(this.checkpoints.length - 1, Math.floor(wanted / this.spacing));
    let [state, at] = [this.checkpoints[checkpoint] ?? initialRunState(), checkpoint * this.spacing];
    if (this.askedSequence <= wanted && this.askedSequence > at) [state, at] = [this.asked, this.askedSequence];
    for (const record of this.records.between(at + 1, wanted)) state = foldRecord(state, record);
    this.asked = state;
    this.askedSequence = wanted;
    return state;
  }

  /** How many records had come by a time (ms since 1970). */
  sequenceAt(time: number): number {
    return this.times.countUpTo(time);
  }

  /** When a record came, ms since 1970; the first and the last time outside of the run. */
  timeOf(sequence: number): number {
    return this.times.at(Math.min(this.length, Math.max(1, sequence)) - 1);
  }

  /** The record of a sequence, as far as folding needs it; null where it told nothing but log lines, or is none. */
  recordAt(sequence: number): RunRecord | null {
    return this.records.wholeAt(sequence);
  }

  /** How many marks of a kind there are. */
  count(kind: MarkKind): number {
    return this.marks.get(kind)?.length ?? 0;
  }

  /** A mark by its place among those of its kind, from 0; null where there is none. */
  markAt(kind: MarkKind, index: number): Mark | null {
    const sequence = this.marks.get(kind)?.at(index) ?? Number.NaN;
    return Number.isNaN(sequence) ? null : this.mark(kind, sequence);
  }

  /** The first mark of these kinds after a sequence; null where there is none. */
  next(kinds: readonly MarkKind[], from: number): Mark | null {
    return this.nearest(kinds, (column) => column.at(column.countUpTo(from)), Math.min);
  }

  /** The last mark of these kinds before a sequence; null where there is none. */
  previous(kinds: readonly MarkKind[], from: number): Mark | null {
    return this.nearest(kinds, (column) => column.at(column.countUpTo(from - 1) - 1), Math.max);
  }

  /** Steps that began so far. */
  get stepCount(): number {
    return this.stepEnds.length;
  }

  /** Steps that ended in trouble so far. */
  get troubledCount(): number {
    return this.troubled.length;
  }

  /** The place among all steps of one that ended in trouble, by its place among those, from 0. */
  troubledStep(place: number): number {
    return this.troubled.at(place);
  }

  /** When a step began, ms since 1970; cheaper than the step. */
  beginOf(index: number): number {
    return this.timeOf(this.marks.get('step')?.at(index) ?? 1);
  }

  /** A step by its place, from 0. */
  step(index: number): StepSpan | null {
    const begin = this.marks.get('step')?.at(index) ?? Number.NaN;
    const began = Number.isNaN(begin) ? null : this.records.wholeAt(begin);
    if (began?.kind !== 'step-started') return null;
    const end = this.stepEnds.at(index) || null;
    const ended = end === null ? null : this.records.wholeAt(end);
    const state = ended?.kind === 'step-finished' ? ended.state : 'running';
    const [from, to] = [this.timeOf(begin), end === null ? null : this.timeOf(end)];
    return { index, step: began.step, state, begin, end, from, to };
  }

  /** The step that began last, after the first `sequence` records; null before the first. */
  stepAt(sequence: number): StepSpan | null {
    return this.step((this.marks.get('step')?.countUpTo(sequence) ?? 0) - 1);
  }

  private take(record: RunRecord): void {
    this.records.push(record);
    this.latestTime = Math.max(this.latestTime, record.time);
    this.times.push(this.latestTime);
    const before = this.last;
    this.last = foldRecord(before, record);
    if (this.length % this.spacing === 0) this.keep();
    const noted = new Set<MarkKind>();
    for (const { sequence } of newFaults(before.faults, this.last.faults)) this.marks.get('fault')?.insert(sequence);
    for (const [kind] of marksOf(record)) {
      if (!noted.has(kind) && kind !== 'fault') this.marks.get(kind)?.push(this.length);
      noted.add(kind);
    }
    if (record.kind === 'step-started') {
      this.openSteps.set(record.step.execution, this.stepEnds.length);
      this.stepEnds.push(0);
    }
    if (record.kind === 'step-finished') {
      const place = this.openSteps.get(record.step.execution) ?? -1;
      this.stepEnds.set(place, this.length);
      if (place >= 0 && isTroubled(record.state)) this.troubled.push(place);
      this.openSteps.delete(record.step.execution);
    }
  }

  /** Keeps the state; when there are many, every other one goes, and further ones come half as often. */
  private keep(): void {
    this.checkpoints.push(this.last);
    if (this.checkpoints.length <= this.mostCheckpoints) return;
    this.checkpoints = this.checkpoints.filter((_, index) => index % 2 === 0);
    this.spacing *= 2;
  }

  private nearest(
    kinds: readonly MarkKind[],
    find: (column: NumberColumn) => number,
    choose: (one: number, other: number) => number,
  ): Mark | null {
    let best: { kind: MarkKind; sequence: number } | null = null;
    for (const kind of kinds) {
      const column = this.marks.get(kind);
      const sequence = column ? find(column) : Number.NaN;
      if (Number.isNaN(sequence)) continue;
      if (best === null || (choose(sequence, best.sequence) === sequence && sequence !== best.sequence)) best = { kind, sequence };
    }
    return best && this.mark(best.kind, best.sequence);
  }

  private mark(kind: MarkKind, sequence: number): Mark | null {
    const record = this.records.wholeAt(sequence);
    const found = record ? marksOf(record).find(([each]) => each === kind) : undefined;
    return found ? { kind, sequence, time: this.timeOf(sequence), label: found[1] } : null;
  }
}
