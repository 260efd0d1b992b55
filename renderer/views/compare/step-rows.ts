/** The steps of candidate and baseline side by side, as the table shows them. */
import type { ComparedStep } from '#shared/analysis/comparison.ts';
import { notKnown } from '#shared/wording/numbers.ts';

export interface DurationBar {
  /** Shares of the row's longest duration, 0 to 1. */
  readonly candidate: number | null;
  readonly median: number | null;
  readonly range: { readonly low: number; readonly high: number } | null;
}

/** ms; below it a duration is that of the machine, not of the step. */
const shortestShown = 10;

/** Each row has a scale of its own: steps of 5 ms and of 5 minutes stand in one table. Null: nothing has a duration worth a bar. */
export function durationBar({ candidate, baseline }: Pick<ComparedStep, 'candidate' | 'baseline'>): DurationBar | null {
  const own = candidate?.duration ?? null;
  const median = baseline?.duration ?? null;
  const range = baseline?.range ?? null;
  const longest = Math.max(own ?? 0, median ?? 0, range?.high ?? 0);
  if (longest < shortestShown) return null;
  const share = (value: number) => Math.min(1, Math.max(0, value / longest));
  return {
    candidate: own === null ? null : share(own),
    median: median === null ? null : share(median),
    range: range && { low: share(range.low), high: share(range.high) },
  };
}

/** `passed` when all did alike, else `passed 9, failed 1`. */
export function statesText(baseline: ComparedStep['baseline']): string {
  if (!baseline || baseline.runs === 0) return notKnown;
  const [first, ...others] = baseline.states.toSorted((one, other) => other.runs - one.runs);
  if (!first) return notKnown;
  return others.length === 0 ? first.state : [first, ...others].map(({ state, runs }) => `${state} ${runs}`).join(', ');
}

/** Whether the candidate's state is one that most runs of the baseline did not have. */
export function isOtherState({ candidate, baseline }: Pick<ComparedStep, 'candidate' | 'baseline'>): boolean {
  if (!candidate || !baseline) return false;
  const same = baseline.states.find(({ state }) => state === candidate.state)?.runs ?? 0;
  return same * 2 < baseline.runs;
}

/** What to say of a step that only one side executed. */
export function sideText({ side }: Pick<ComparedStep, 'side'>): string | null {
  switch (side) {
    case 'both':
      return null;
    case 'candidate':
      return 'only in the candidate';
    case 'baseline':
      return 'only in the baseline';
  }
}

export interface StepFilter {
  /** Only steps with findings, or of one side, or with another state. */
  readonly onlyDifferent: boolean;
}

export function filterSteps(steps: readonly ComparedStep[], { onlyDifferent }: StepFilter): readonly ComparedStep[] {
  return onlyDifferent ? steps.filter((step) => step.findings > 0 || step.side !== 'both' || isOtherState(step)) : steps;
}
