/** What statistics say, in words that a tester understands; and the verdict's colour. */
import type { ComparedRun, Comparison, Finding } from '#shared/analysis/comparison.ts';
import { quantityText } from '#shared/wording/quantities.ts';
import { countText, counted } from '#shared/wording/counts.ts';
import { exactDateAndTime } from '#shared/wording/times.ts';
import { numberText, notKnown } from '#shared/wording/numbers.ts';

export { chanceText, falseAlarmText } from '#shared/analysis/chance-words.ts';

export type VerdictTone = 'ok' | 'warn' | 'fail' | 'not-live';

/** A change is red where the candidate did worse in something that has a right and a wrong; no history is never green. */
export function toneOf({ verdict, findings }: Pick<Comparison, 'verdict' | 'findings'>): VerdictTone {
  switch (verdict) {
    case 'no change':
      return 'ok';
    case 'no comparable history':
      return 'not-live';
    case 'changed':
      return findings.some(isFailure) ? 'fail' : 'warn';
  }
}

function isFailure({ status, subject }: Finding): boolean {
  if (status !== 'confirmed') return false;
  return subject.kind === 'outcome' || subject.kind === 'check' || subject.kind === 'step verdict' || isCrash(subject);
}

function isCrash(subject: Finding['subject']): boolean {
  return subject.kind === 'component' && subject.what === 'crashes';
}

/** `failover, rc2, 2026-11-20 14:03`. */
export function runText({ scenario, release, startedAt }: Pick<ComparedRun, 'scenario' | 'release' | 'startedAt'>): string {
  return `${scenario}, ${release}, ${exactDateAndTime(startedAt)}`;
}

/** What the number of runs could have shown. */
export function visibleText({ smallestVisible, unit, baseline }: Pick<Finding, 'smallestVisible' | 'unit' | 'baseline'>): string | null {
  if (smallestVisible === null || !Number.isFinite(smallestVisible)) return null;
  const runs = baseline.length;
  const difference = quantityText(smallestVisible, unit);
  return `With ${counted(runs, 'run')} this number alone confirms a difference of ${difference} from the median; a smaller one only together with others.`;
}

/** How many of the baseline's runs stand behind a finding. */
export function sampleText({ baseline }: Pick<Finding, 'baseline'>, runs: number): string {
  const without = runs - baseline.length;
  const have = `${baseline.length} of ${counted(runs, 'baseline run')} ${baseline.length === 1 ? 'has' : 'have'} this number`;
  return without > 0 ? `${have}; ${without} ${without === 1 ? 'has' : 'have'} none.` : `${have}.`;
}

/** `8.24× the usual spread`. */
export function effectText(effect: number | null): string {
  if (effect === null || !Number.isFinite(effect)) return '';
  const size = Math.abs(effect);
  return `${size >= 99.5 ? '> 99' : numberText(size)}×`;
}

/** What a row's picture says to those who do not see it. */
export function distributionText({ candidate, baseline, expected, unit }: Finding): string {
  const values = baseline.map(({ value }) => value);
  const seen =
    values.length === 0
      ? 'no baseline run has one'
      : `${counted(values.length, 'baseline run')} from ${quantityText(Math.min(...values), unit)} to ${quantityText(Math.max(...values), unit)}`;
  const range = expected ? `, expected ${quantityText(expected.low, unit)} to ${quantityText(expected.high, unit)}` : '';
  return `Candidate ${quantityText(candidate, unit)}; ${seen}${range}`;
}

/** `rc1 (7), rc1-hotfix (3)` for a condition's values. */
export function conditionText(values: Comparison['conditions'][number]['baseline']): string {
  return values.map(({ value, runs }) => `${value ?? 'not told'} (${runs})`).join(', ') || notKnown;
}

/** How many numbers were tested, and why others were not. */
export function testedText({ numbers, untested, falseDiscoveryRate }: Comparison['tested']): string {
  const left = untested.reduce((sum, each) => sum + each.numbers, 0);
  if (numbers === 0) return left > 0 ? `No number was tested; ${countText(left)} could not be` : 'No number was tested';
  const rest = left > 0 ? `, ${countText(left)} could not be` : '';
  return `${counted(numbers, 'number')} tested${rest}; at most ${quantityText(falseDiscoveryRate * 100, '%')} of the confirmed ones are false alarms`;
}
