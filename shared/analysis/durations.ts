/** What took how long: the run, its steps, and faults until the system had recovered. */
import { minimumBaselineRuns } from './comparison.ts';
import { capital } from './facts.ts';
import { fact, findingId, rank, stepName, type ComparisonContext, type RankedFinding } from './findings.ts';
import type { ComparedNumber, NumberKind } from './number-findings.ts';
import type { ProfileStep } from './profile.ts';
import { quantityRange, quantityText } from '#shared/wording/quantities.ts';
import { quoted } from '#shared/wording/names.ts';

/** ms: what is much shorter varies with the scheduler of the machine, and with how often a condition is looked at. */
const stepOffset = 200;
/** Durations that differ by less than one hundredth and some milliseconds matter to nobody. */
const stepFloor = (median: number): number => 0.01 + 40 / (median + stepOffset);
/** A fault stopwatch is stopped by what the system did, so it may be read more closely. */
const faultOffset = 25;
const faultFloor = (): number => 0.02;

const ended = new Set<ProfileStep['state']>(['passed', 'failed', 'error', 'timed out']);

/** Durations of the run and of its steps. */
export function durationNumbers({ candidate, runs, aligned, runsName }: ComparisonContext): NumberKind {
  const numbers: ComparedNumber[] = [];
  const told = (what: string, value: number, values: readonly number[]): string =>
    `${what} took ${quantityText(value, 'ms')}; ${runsName}: ${quantityRange(Math.min(...values), Math.max(...values), 'ms')}.`;
  const subject = { kind: 'step duration' } as const;
  for (const { key, candidate: own, baseline } of aligned) {
    const step = candidate.steps[own];
    if (!step || step.duration === null || !ended.has(step.state)) continue;
    const value = step.duration;
    // A step that failed elsewhere took as long as it was allowed to, not as long as it needed.
    const values = runs.map((run, index) => {
      const other = run.steps[baseline[index] ?? -1];
      return other?.state === step.state ? other.duration : null;
    });
    numbers.push({
      subject,
      step: key,
      unit: 'ms',
      value,
      values,
      rank: rank.measured,
      sentence: (known) => told(capital(stepName(step)), value, known),
    });
  }
  const whole = candidate.duration;
  // A run that had other steps took another time.
  const sameSteps = aligned.every((row) => row.candidate >= 0 && row.baseline.some((index) => index >= 0));
  if (whole !== null && sameSteps) {
    const values = runs.map(({ duration, outcome }) => (outcome === candidate.outcome ? duration : null));
    numbers.push({
      subject,
      step: null,
      unit: 'ms',
      value: whole,
      values,
      rank: rank.minor,
      sentence: (known) => told('The run', whole, known),
    });
  }
  return { numbers, offset: stepOffset, floor: stepFloor };
}

/** Fault stopwatches that stopped. */
export function faultNumbers({ candidate, runs, runsName }: ComparisonContext): NumberKind {
  const numbers = candidate.faults.flatMap(({ key, text, recovered }): ComparedNumber[] => {
    if (recovered === null) return [];
    const values = runs.map(({ faults }) => faults.find((each) => each.key === key)?.recovered ?? null);
    const sentence = (known: readonly number[]): string =>
      `After ${quoted(text)} it took ${quantityText(recovered, 'ms')} to recover; ${runsName}: ${quantityRange(Math.min(...known), Math.max(...known), 'ms')}.`;
    return [{ subject: { kind: 'fault', text }, step: key, unit: 'ms', value: recovered, values, rank: rank.fault, sentence }];
  });
  return { numbers, offset: faultOffset, floor: faultFloor };
}

/** Faults that the system never recovered from, though it always had. */
export function faultFacts({ candidate, runs, runsName, enough }: ComparisonContext): RankedFinding[] {
  return candidate.faults.flatMap(({ key, text, recovered }) => {
    const others = runs.flatMap(({ run, faults }) =>
      faults.filter((each) => each.key === key).map((each) => ({ run, value: each.recovered })),
    );
    const recoveries = others.flatMap(({ run, value }) => (value === null ? [] : [{ run, value }]));
    if (recovered !== null || others.length === 0 || recoveries.length < others.length) return [];
    const values = recoveries.map(({ value }) => value);
    const subject = { kind: 'fault', text } as const;
    const range = quantityRange(Math.min(...values), Math.max(...values), 'ms');
    return [
      fact({
        id: findingId(subject, key, 'up'),
        subject,
        step: key,
        sentence: `After ${quoted(text)} nothing recovered; ${runsName} took ${range}.`,
        direction: 'up',
        unit: 'ms',
        baseline: recoveries,
        confirmed: enough && others.length >= minimumBaselineRuns,
        rank: rank.decidesVerdict,
        weight: 1,
      }),
    ];
  });
}
