/**
 * The third question: *How did the system behave with the previous release candidate?* The same steps, faults and metrics
 * in other runs of the scenario, as plain medians and differences; no verdict is drawn from them here. With which runs is decided where
 * Compare decides it (shared/analysis/usual-baseline.ts); only where no run is accepted, others stand in, and that is said.
 */
import type { PastBaseline, PastRun } from '#shared/contract/history.ts';
import { releaseInWords } from '#shared/analysis/usual-baseline.ts';
import { itemsOf, type RunState } from '../run-state.ts';
import type { Unit } from '#shared/telemetry/series.ts';
import { faultsOf } from './faults.ts';
import { counted } from '#shared/wording/counts.ts';

export interface StepComparison {
  readonly line: number;
  readonly number: number;
  readonly text: string;
  /** How often the same statement was executed before in its run. */
  readonly occurrence: number;
  readonly execution: number;
  readonly state: string;
  /** ms; null while it runs. */
  readonly duration: number | null;
  /** Median over the earlier runs that executed the step, ms; null when none did. */
  readonly before: number | null;
  readonly runs: number;
  /** How it ended in most of the earlier runs. */
  readonly usual: string | null;
}

export type PreviousAnswer =
  | { readonly kind: 'no comparable run'; readonly reason: string }
  | {
      readonly kind: 'compared';
      readonly release: string;
      /** Runs of that release that were compared, newest first. */
      readonly runs: readonly PastRun[];
      readonly steps: readonly StepComparison[];
      readonly faults: readonly { readonly text: string; readonly recovered: number | null; readonly before: number | null }[];
      /** Whether those runs were accepted as their release's baseline. */
      readonly accepted: boolean;
      /** Why these runs, in words. */
      readonly reason: string;
      /** Means over the whole run, of this run (once it is finished) and the median of the earlier ones'. */
      readonly metrics: readonly {
        readonly name: string;
        readonly unit: Unit;
        readonly now: number;
        readonly before: number;
      }[];
      /** How the earlier runs ended. */
      readonly outcomes: Readonly<Record<string, number>>;
    };

/** The middle value; the mean of the two middle ones of an even number. Null of none. */
export function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((left, right) => left - right);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle];
  if (upper === undefined) return null;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}

/**
 * Which earlier runs stand in where none is accepted: those of the release that was run last before and is another one than this run's.
 * Passed runs where there are any, since what failed is no measure.
 * @param release this run's; null: not known yet, so that no release is another one and those of the last one stand in
 */
export function standIns(release: string | null, history: readonly PastRun[]): readonly PastRun[] {
  const others = history.filter((past) => past.release !== release);
  const same = others.filter((past) => past.release === others[0]?.release);
  const passed = same.filter((past) => past.outcome === 'passed');
  return passed.length > 0 ? passed : same;
}

function stepKey(text: string, occurrence: number): string {
  return `${occurrence} ${text}`;
}

/**
 * @param history earlier runs, and the run itself once it is finished, newest first
 * @param baseline what the run is compared with while nobody chooses; null: no run like it is accepted
 * @param toBe the release of a run that is not started yet; null: not known
 */
export function answerPrevious(
  state: RunState,
  history: readonly PastRun[],
  baseline: PastBaseline | null,
  toBe: string | null = null,
): PreviousAnswer {
  const release = state.started?.release ?? toBe;
  const isOther = (past: PastRun): boolean => past.run !== state.started?.run;
  const earlier = history.filter(isOther);
  const accepted = (baseline?.runs ?? []).filter(isOther);
  const runs = accepted.length > 0 ? accepted : standIns(release, earlier);
  const [newest] = runs;
  if (!newest) return { kind: 'no comparable run', reason: nothingToCompare(release, earlier) };
  const reason = accepted.length > 0 && baseline ? baseline.reason : standInReason(newest.release, runs.length, release !== null);
  const outcomes: Record<string, number> = {};
  for (const { outcome } of runs) outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  return {
    kind: 'compared',
    release: newest.release,
    runs,
    steps: compareSteps(state, runs),
    faults: compareFaults(state, runs),
    accepted: accepted.length > 0,
    reason,
    // Means over the whole run say nothing of a moment in it.
    metrics:
      state.status === 'finished'
        ? compareMetrics(
            history.find(({ run }) => run === state.started?.run),
            runs,
          )
        : [],
    outcomes,
  };
}

function nothingToCompare(release: string | null, earlier: readonly PastRun[]): string {
  if (earlier.length === 0) return 'This scenario was not run before.';
  const same = `All earlier runs of this scenario were of the same release${release ? ` (${release})` : ''}`;
  return `${same}, and none of them is accepted.`;
}

function standInReason(release: string, runs: number, isOther: boolean): string {
  return `${counted(runs, 'run')} of ${releaseInWords(release)}, the ${isOther ? 'other ' : ''}release that was run last; no run like this one is accepted`;
}

function compareSteps(state: RunState, runs: readonly PastRun[]): readonly StepComparison[] {
  const past = new Map<string, { durations: number[]; states: string[] }>();
  for (const run of runs) {
    for (const { text, occurrence, duration, state: ended } of run.steps) {
      const key = stepKey(text, occurrence);
      const known = past.get(key) ?? { durations: [], states: [] };
      known.durations.push(duration);
      known.states.push(ended);
      past.set(key, known);
    }
  }
  const occurrences = new Map<string, number>();
  return itemsOf(state.steps)
    .filter(({ step }) => step.phase === 'main')
    .map(({ step, state: ended, duration }) => {
      const occurrence = occurrences.get(step.text) ?? 0;
      occurrences.set(step.text, occurrence + 1);
      const known = past.get(stepKey(step.text, occurrence));
      return {
        line: step.line,
        number: step.number,
        text: step.text,
        occurrence,
        execution: step.execution,
        state: ended,
        duration,
        before: known ? median(known.durations) : null,
        runs: known?.durations.length ?? 0,
        usual: known ? mostFrequent(known.states) : null,
      };
    });
}

function compareMetrics(own: PastRun | undefined, runs: readonly PastRun[]) {
  return (own?.metrics ?? []).flatMap(({ name, unit = 'none', mean }) => {
    const before = median(runs.flatMap((run) => run.metrics.find((metric) => metric.name === name)?.mean ?? []));
    return mean === null || before === null ? [] : [{ name, unit, now: mean, before }];
  });
}

function mostFrequent(values: readonly string[]): string | null {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort(([, left], [, right]) => right - left)[0]?.[0] ?? null;
}

function compareFaults(state: RunState, runs: readonly PastRun[]) {
  return faultsOf(state).map(({ text, recovered }) => ({
    text,
    recovered,
    before: median(runs.flatMap((run) => run.faults.filter((fault) => fault.text === text).flatMap((fault) => fault.recovered ?? []))),
  }));
}
