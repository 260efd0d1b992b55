/** A release sheet in words and colours, and what can be done about each of its questions. */
import type { ReleaseSheet } from '#shared/analysis/trend.ts';
import type { ComparedRun } from '#shared/analysis/comparison.ts';
import type { Verdict } from '../../components/verdict-label.tsx';
import { inertText } from '../../components/inert-text.ts';
import { exactDateAndTime } from '#shared/wording/times.ts';
import { shareText } from '#shared/wording/counts.ts';

export type Answer = ReleaseSheet['answer'];
export type Question = ReleaseSheet['questions'][number];
export type SheetScenario = ReleaseSheet['scenarios'][number];
export type AnswerTone = 'ok' | 'warn' | 'fail';

/** Only a yes is green. */
export function answerTone(answer: Answer): AnswerTone {
  switch (answer) {
    case 'yes':
      return 'ok';
    case 'no':
      return 'fail';
    case 'not yet':
      return 'warn';
  }
}

export const answerTitles: Readonly<Record<Answer, string>> = { yes: 'Yes', no: 'No', 'not yet': 'Not yet' };

type ComparisonVerdict = NonNullable<SheetScenario['comparison']>['verdict'];

/** A comparison without history is never green. */
export function comparisonTone(verdict: ComparisonVerdict): 'ok' | 'warn' | 'not-live' {
  switch (verdict) {
    case 'changed':
      return 'warn';
    case 'no change':
      return 'ok';
    case 'no comparable history':
      return 'not-live';
  }
}

/** The name of a release as it is shown; a run need not have one. */
export function releaseText(release: string): string {
  return release === '' ? '(no release)' : inertText(release);
}

/**
 * The release that another one is compared with unless told otherwise, of a list that has the newest first: the latest before it with
 * accepted runs; where none has, the one right before. Null: it is the first.
 */
export function releaseBefore(
  releases: readonly { readonly release: string; readonly accepted: number }[],
  release: string,
): string | null {
  const at = releases.findIndex((each) => each.release === release);
  const earlier = at < 0 ? [] : releases.slice(at + 1);
  return (earlier.find(({ accepted }) => accepted > 0) ?? earlier[0])?.release ?? null;
}

/** What is asked, as a word before the sentence. */
export const questionTitles: Readonly<Record<Question['kind'], string>> = {
  undecided: 'Decide',
  failed: 'Look',
  unexplained: 'Explain',
  missing: 'Run',
  intermittent: 'Unsteady',
  history: 'History',
};

/** What resolves a question, most fitting first. */
export type Remedy =
  'accept' | 'reject' | 'explain' | 'explain run' | 'open' | 'compare' | 'run scenario' | 'baseline runs' | 'choose previous' | 'trend';

export function remediesOf({ kind, run, scenario, finding }: Question, { previous }: Pick<ReleaseSheet, 'previous'>): readonly Remedy[] {
  const withRun = (...remedies: readonly Remedy[]): readonly Remedy[] => (run === null ? [] : remedies);
  const withScenario = (...remedies: readonly Remedy[]): readonly Remedy[] => (scenario === null ? [] : remedies);
  switch (kind) {
    case 'undecided':
      return withRun('accept', 'reject', 'open');
    case 'failed':
      return [...withScenario('run scenario'), ...withRun('open', 'explain run')];
    case 'unexplained':
      return withRun(finding === undefined ? 'explain run' : 'explain', 'compare');
    case 'missing':
      return withScenario('run scenario');
    case 'intermittent':
      return [...withRun('open', 'explain run'), ...withScenario('trend')];
    case 'history':
      return previous === null
        ? ['choose previous']
        : [...withScenario('baseline runs'), 'choose previous', ...withScenario('run scenario')];
  }
}

/** Questions under the scenario they are about, in the order of the sheet; those about none come last. */
export function questionsByScenario(
  questions: readonly Question[],
): readonly { readonly scenario: string | null; readonly questions: readonly Question[] }[] {
  const groups = Map.groupBy(questions, ({ scenario }) => scenario);
  return [...groups]
    .map(([scenario, own]) => ({ scenario, questions: own }))
    .sort((one, other) => Number(one.scenario === null) - Number(other.scenario === null));
}

/** `2026-11-20 14:03, rc2: failed, undecided`, with a value in between where there is one. */
export function runSentence({ startedAt, release, outcome, decision }: ComparedRun, value: string | null): string {
  return `${exactDateAndTime(startedAt)}, ${releaseText(release)}: ${value === null ? '' : `${value}, `}${outcome}, ${decision}`;
}

/** The letter that stands for a verdict where there is no room for the word. */
export function verdictLetter(verdict: Verdict): string {
  return verdict.slice(0, 1).toUpperCase();
}

/** `33 % (6 % to 79 %)`: a rate with its interval. */
export function rateText({ rate, low, high }: { readonly rate: number; readonly low: number; readonly high: number }): string {
  return `${shareText(rate)} (${shareText(low)} to ${shareText(high)})`;
}
