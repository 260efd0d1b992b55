/** What is compared with what: which runs can be, what is taken while nothing is chosen, and the choice in words. */
import { z } from 'zod';
import type { Finding } from '#shared/analysis/comparison.ts';
import { usualBaseline, type UsualBaseline } from '#shared/analysis/usual-baseline.ts';
import { baselineSchema, type Baseline } from '#shared/contract/history.ts';
import { runIdSchema, type RunId } from '#shared/identifiers.ts';
import type { ArchivedRun } from './archived-runs.ts';

export const comparisonChoiceSchema = z.object({
  /** Null: the finished run that the Run view shows, else the latest. */
  candidate: runIdSchema.nullable(),
  baseline: baselineSchema,
});
export interface ComparisonChoice {
  readonly candidate: RunId | null;
  readonly baseline: Baseline;
}

/** Accepted runs that are looked back on, unless told otherwise. */
export const usualLast = 20;

export const usualChoice: ComparisonChoice = { candidate: null, baseline: { kind: 'accepted', release: null, last: usualLast } };

type Run = Pick<ArchivedRun, 'run' | 'scenario' | 'environment' | 'release' | 'startedAt' | 'outcome' | 'mode' | 'damage' | 'decision'>;

/** Whether a run can be compared: it is finished, whole, and was no dry run. */
export function isComparable({ outcome, damage, mode }: Pick<Run, 'outcome' | 'damage' | 'mode'>): boolean {
  return outcome !== null && damage === null && mode === 'live';
}

/** The candidate of a choice; null: no run can be one. `shown`: the run that the Run view shows. */
export function candidateOf<Each extends Run>(choice: ComparisonChoice, runs: readonly Each[], shown: RunId | null): Each | null {
  const comparable = runs.filter(isComparable);
  const named = (run: RunId | null) => comparable.find((each) => each.run === run);
  return named(choice.candidate) ?? named(shown) ?? comparable.toSorted((one, other) => other.startedAt - one.startedAt)[0] ?? null;
}

/** Newest first: runs that the candidate can be set against. */
export function othersOf<Each extends Run>(candidate: Run, runs: readonly Each[]): readonly Each[] {
  return runs.filter((run) => isComparable(run) && run.run !== candidate.run).toSorted((one, other) => other.startedAt - one.startedAt);
}

/** Whether both are runs of the same scenario in the same environment. */
function isAlike(one: Pick<Run, 'scenario' | 'environment'>, other: Pick<Run, 'scenario' | 'environment'>): boolean {
  return one.scenario === other.scenario && one.environment === other.environment;
}

export interface ReleaseOfRuns {
  readonly release: string;
  /** When its latest run before the candidate's was begun. */
  readonly lastRun: number;
  /** Runs of the candidate's scenario and environment, besides the candidate, and how many of them are accepted. */
  readonly runs: number;
  readonly accepted: number;
}

/** Release candidates that have runs like the candidate, latest first. */
export function releasesOf(candidate: Run, runs: readonly Run[]): readonly ReleaseOfRuns[] {
  const alike = othersOf(candidate, runs).filter((run) => isAlike(candidate, run));
  return [...Map.groupBy(alike, ({ release }) => release)].map(([release, each]) => ({
    release,
    lastRun: Math.max(...each.map(({ startedAt }) => startedAt)),
    runs: each.length,
    accepted: each.filter(({ decision }) => decision === 'accepted').length,
  }));
}

/** The one run that a candidate is best compared with while there is no baseline: like it, and of another release if there is one. */
export function oneLike<Each extends Run>(candidate: Run, runs: readonly Each[]): Each | null {
  const alike = othersOf(candidate, runs).filter((run) => isAlike(candidate, run));
  return alike.find(({ release }) => release !== candidate.release) ?? alike[0] ?? null;
}

/** What the recorded runs that come with the product are runs of. */
const sampled = { environment: 'demo', scenarios: ['release-check', 'failover'] };

/** Whether the sample history, not taken in yet, would give the candidate other releases to be compared with. */
export function samplesWouldHelp(candidate: Run, runs: readonly Run[]): boolean {
  if (candidate.environment !== sampled.environment || !sampled.scenarios.includes(candidate.scenario)) return false;
  return releasesOf(candidate, runs).every(({ release }) => release === candidate.release);
}

/** What `release: null` stands for; null: no run like the candidate is accepted. */
export function usualOf(candidate: Run, runs: readonly Run[], last = usualLast): UsualBaseline | null {
  const known = runs.filter(isComparable).flatMap((run) => (run.outcome === null ? [] : [{ ...run, outcome: run.outcome }]));
  return usualBaseline(candidate, known, last);
}

/** Why there is nothing to compare with, and what can be done about it; null: there is something. */
export type Missing =
  | { readonly kind: 'no candidate' }
  /** No run of that release is accepted; `runs` could be. `ofAny`: nor is any of another release. */
  | { readonly kind: 'none accepted'; readonly release: string; readonly runs: number; readonly ofAny: boolean }
  /** There is no other run of this scenario in this environment. */
  | { readonly kind: 'no other run' };

export function missingOf(choice: ComparisonChoice, candidate: Run | null, runs: readonly Run[]): Missing | null {
  if (candidate === null) return { kind: 'no candidate' };
  const { baseline } = choice;
  if (baseline.kind !== 'accepted') return null;
  const releases = releasesOf(candidate, runs);
  if (baseline.release !== null) {
    const known = releases.find(({ release }) => release === baseline.release);
    return known && known.accepted > 0 ? null : { kind: 'none accepted', release: baseline.release, runs: known?.runs ?? 0, ofAny: false };
  }
  if (usualOf(candidate, runs) !== null) return null;
  const [latest] = releases;
  return latest ? { kind: 'none accepted', release: latest.release, runs: latest.runs, ofAny: true } : { kind: 'no other run' };
}

/** The choice as a command, to be given to somebody else. */
export function commandOf(candidate: RunId, baseline: Baseline): string {
  const words = ['testops', 'compare', candidate];
  switch (baseline.kind) {
    case 'run':
      words.push(baseline.run);
      break;
    case 'runs':
      words.push(...baseline.runs);
      break;
    case 'accepted':
      if (baseline.release !== null) words.push('--baseline', quoted(baseline.release));
      words.push('--last', String(baseline.last));
  }
  return words.join(' ');
}

/** As a shell takes it for one word. */
function quoted(word: string): string {
  return /^[\w.:/@+-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

/** What several chosen runs are compared as: the newest against the others; one run against what is usual. */
export function choiceOf(runs: readonly Pick<Run, 'run' | 'startedAt'>[]): ComparisonChoice {
  const [candidate, ...others] = runs.toSorted((one, other) => other.startedAt - one.startedAt).map(({ run }) => run);
  const [first, ...more] = others;
  if (candidate === undefined || first === undefined) return { ...usualChoice, candidate: candidate ?? null };
  return { candidate, baseline: more.length === 0 ? { kind: 'run', run: first } : { kind: 'runs', runs: [first, ...more].slice(0, 200) } };
}

/** Whether a finding is about a step, in its most telling place or another. */
export function isAbout(finding: Pick<Finding, 'step' | 'also'>, step: string): boolean {
  return finding.step === step || finding.also.some((other) => other.step === step);
}
