/** The ranked list of findings as the tester wants to see it: filtered, with other places listed beneath a finding that is expanded. */
import type { ComparedStep, Finding, FindingSubject } from '#shared/analysis/comparison.ts';
import { isAbout } from '../../stores/comparison-choice.ts';
import type { FindingFilter, FindingKind } from '../../stores/comparison.ts';
import type { CauseRemark } from '../decisions/decision-words.ts';
import { counted } from '#shared/wording/counts.ts';

/** Under which heading of the filter a finding falls. */
export function kindOf({ kind }: FindingSubject): FindingKind {
  switch (kind) {
    case 'outcome':
      return 'Verdict';
    case 'check':
      return 'Checks';
    case 'step verdict':
    case 'step duration':
    case 'step presence':
      return 'Steps';
    case 'fault':
      return 'Faults';
    case 'metric':
    case 'series presence':
      return 'Metrics';
    case 'log':
      return 'Logs';
    case 'component':
      return 'Components';
  }
}

export type StepsByKey = ReadonlyMap<string, ComparedStep>;

export function stepsByKey(steps: readonly ComparedStep[]): StepsByKey {
  return new Map(steps.map((step) => [step.key, step]));
}

/** `step 7  kill -9 MatchingEnginePrimary`, or that it is about the whole run. */
export function placeText(step: string | null, steps: StepsByKey): string {
  if (step === null) return 'the whole run';
  const known = steps.get(step);
  if (!known) return step;
  return `step ${known.number}  ${known.text.trim()}${known.occurrence > 1 ? ` (time ${known.occurrence})` : ''}`;
}

/** What there is to search in. */
function textOf(finding: Finding, steps: StepsByKey, cause: CauseRemark | undefined): string {
  const { subject } = finding;
  const subjectTexts = Object.values(subject).filter((value) => typeof value === 'string');
  const causeTexts = cause ? [cause.cause, cause.reference ?? '', cause.text] : [];
  return [finding.sentence, placeText(finding.step, steps), ...subjectTexts, ...causeTexts].join(' ').toLowerCase();
}

export interface RankedFinding {
  readonly finding: Finding;
  /** From 1, in the whole list. */
  readonly rank: number;
}

export function filterFindings(
  findings: readonly Finding[],
  steps: StepsByKey,
  explained: ReadonlyMap<string, CauseRemark>,
  { text, kind, status, step, hideExplained }: FindingFilter,
): readonly RankedFinding[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return findings
    .map((finding, index) => ({ finding, rank: index + 1 }))
    .filter(({ finding }) => {
      if (kind !== null && kindOf(finding.subject) !== kind) return false;
      if (status !== null && finding.status !== status) return false;
      if (step !== null && !isAbout(finding, step)) return false;
      const cause = explained.get(finding.id);
      if (hideExplained && cause) return false;
      const all = words.length === 0 ? '' : textOf(finding, steps, cause);
      return words.every((word) => all.includes(word));
    });
}

export type FindingRow =
  | { readonly kind: 'finding'; readonly key: string; readonly ranked: RankedFinding }
  /** Another place of the finding above it. */
  | { readonly kind: 'place'; readonly key: string; readonly finding: Finding; readonly place: number };

/** Rows from top to bottom. */
export function rowsOf(ranked: readonly RankedFinding[], expanded: ReadonlySet<string>): readonly FindingRow[] {
  return ranked.flatMap((each): FindingRow[] => {
    const { finding } = each;
    const own: FindingRow = { kind: 'finding', key: finding.id, ranked: each };
    if (!expanded.has(finding.id)) return [own];
    return [own, ...finding.also.map((_, place) => ({ kind: 'place' as const, key: `${finding.id}#${place}`, finding, place }))];
  });
}

/** Key of the row of a selection. */
export function rowKey(finding: string | null, place: number | null): string | null {
  return finding === null || place === null ? finding : `${finding}#${place}`;
}

/** `also in 4 other steps`; in words that fit when the other places are of the same step. */
export function alsoText({ also, step }: Pick<Finding, 'also' | 'step'>): string {
  const elsewhere = new Set(also.map((other) => other.step).filter((other) => other !== step && other !== null)).size;
  if (elsewhere === 0) return `also in ${counted(also.length, 'other way')}`;
  return `also in ${counted(elsewhere, 'other step')}`;
}

/** How many findings of each kind there are, in the order of the kinds; kinds without any are left out. */
export function kindCounts(findings: readonly Finding[]): ReadonlyMap<FindingKind, number> {
  const counts = new Map<FindingKind, number>();
  for (const { subject } of findings) counts.set(kindOf(subject), (counts.get(kindOf(subject)) ?? 0) + 1);
  return counts;
}
