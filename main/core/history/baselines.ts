/** Which runs a run is compared with: chosen by name, or the accepted ones of a release candidate. */
import { nothingSaid } from '../archive/remark-store.ts';
import type { HistoryParts } from './history-parts.ts';
import type { ComparedRun } from '#shared/analysis/comparison.ts';
import { acceptedLike, releaseInWords, releaseOrder, usualBaseline } from '#shared/analysis/usual-baseline.ts';
import type { Baseline } from '#shared/contract/history.ts';
import type { RunId } from '#shared/identifiers.ts';
import { problemOf, ProblemError } from '#shared/problem.ts';
import type { RunSummary } from '#shared/run/manifest.ts';
import { counted } from '#shared/wording/counts.ts';

/** A finished, undamaged run of the archive, with what was decided about it. */
export type KnownRun = ComparedRun & Pick<RunSummary, 'mode'>;

/** All runs that can be compared, newest first. */
export async function comparableRuns({ archive, remarks }: Pick<HistoryParts, 'archive' | 'remarks'>): Promise<readonly KnownRun[]> {
  const [runs, said] = await Promise.all([archive.list(), remarks.summarised()]);
  return runs.flatMap((summary) => {
    const { run, scenario, release, environment, startedAt, duration, outcome, mode } = summary;
    if (summary.totals === null || outcome === null || summary.damage !== null) return [];
    const { decision } = said.get(run) ?? nothingSaid;
    return [{ run, scenario, release, environment, startedAt, duration, outcome, mode, decision }];
  });
}

export interface ChosenBaseline {
  /** In words: `rc1, last 10 accepted runs`. */
  readonly name: string;
  /** Newest first. */
  readonly runs: readonly KnownRun[];
  /** Why these, in words; null where somebody named them. */
  readonly reason: string | null;
}

/** The runs that a baseline means for a candidate; refused in one sentence where there are none. */
export function chooseBaseline(candidate: KnownRun, baseline: Baseline, runs: readonly KnownRun[]): ChosenBaseline {
  switch (baseline.kind) {
    case 'run': {
      const run = knownRun(baseline.run, runs);
      if (run.run === candidate.run) throw sameRun(candidate.run);
      refuseDryRun(run);
      return { name: `one run of ${run.release || 'no release'}`, runs: [run], reason: null };
    }
    case 'runs': {
      const chosen = [...new Set(baseline.runs)].filter((run) => run !== candidate.run).map((run) => knownRun(run, runs));
      if (chosen.length === 0) throw sameRun(candidate.run);
      chosen.forEach(refuseDryRun);
      return { name: counted(chosen.length, 'chosen run'), runs: chosen, reason: null };
    }
    case 'accepted':
      return acceptedRuns(candidate, baseline, runs);
  }
}

function acceptedRuns(
  candidate: KnownRun,
  { release, last }: Extract<Baseline, { kind: 'accepted' }>,
  runs: readonly KnownRun[],
): ChosenBaseline {
  const live = runs.filter(({ mode }) => mode === 'live');
  const usual = release === null ? usualBaseline(candidate, live, last) : null;
  const chosen = usual?.runs ?? (release === null ? [] : ofRelease(release, candidate, live).slice(0, last));
  const wanted = usual?.release ?? release;
  if (wanted !== null && chosen.length > 0)
    return { name: `${releaseInWords(wanted)}, ${lastAccepted(chosen.length)}`, runs: chosen, reason: usual?.reason ?? null };
  if (release !== null) refuseUnknownRelease(release, runs);
  const where = `${candidate.scenario} in ${candidate.environment}`;
  throw new ProblemError({
    code: 'no-baseline',
    message:
      release === null
        ? `No other run of ${where} has been accepted, so there is nothing to compare ${candidate.run} with.`
        : `No run of ${where} with release ${release} has been accepted, so there is nothing to compare ${candidate.run} with.`,
    tip: 'Accept the runs that are as they should be, in the Archive or with: testops runs accept <run>.',
  });
}

/** A release of which there is no run at all is a slip of the keys, not a want of history. */
function refuseUnknownRelease(release: string, runs: readonly KnownRun[]): void {
  const releases = releaseOrder(runs).filter((each) => each !== '');
  if (releases.includes(release)) return;
  const known = releases.length > maximumNamed ? ['…', ...releases.slice(-maximumNamed)] : releases;
  throw new ProblemError({
    code: 'unknown-release',
    message: `There is no run of a release ${release}; ${known.length === 0 ? 'no run names a release' : `there are: ${known.join(', ')}`}.`,
    tip: 'testops releases list shows the releases.',
  });
}

/** How many releases are named in a sentence, the latest ones. */
const maximumNamed = 12;

function ofRelease(release: string, candidate: KnownRun, runs: readonly KnownRun[]): readonly KnownRun[] {
  return acceptedLike(candidate, runs).filter((run) => run.release === release);
}

/** The run with an id, if it can be compared. */
export function knownRun(run: RunId, runs: readonly KnownRun[]): KnownRun {
  const found = runs.find((each) => each.run === run);
  if (found) return found;
  throw new ProblemError({
    code: notComparable,
    message: `The run ${run} is not in the archive, not finished, or damaged, so it cannot be compared.`,
    tip: 'testops runs list shows the runs and how they are.',
  });
}

const notComparable = 'not-comparable';

/** Says which of its reasons a refusal has, by a second look at the archive; anything else stays as it is. */
export async function plainReason(failure: unknown, named: readonly RunId[], { archive }: Pick<HistoryParts, 'archive'>): Promise<unknown> {
  if (problemOf(failure).code !== notComparable) return failure;
  const summaries = new Map((await archive.list()).map((summary) => [summary.run, summary]));
  for (const run of named) {
    const summary = summaries.get(run);
    if (!summary) {
      const message = `The run ${run} is not in the archive.`;
      return new ProblemError({ code: notComparable, message, tip: 'testops runs list shows the runs.' });
    }
    if (summary.damage !== null) {
      const message = `The run ${run} is damaged and cannot be compared: ${summary.damage}`;
      return new ProblemError({ code: notComparable, message, tip: 'Import it again from its bundle if there is one.' });
    }
    if (summary.totals === null || summary.outcome === null) {
      const message = `The run ${run} has not finished, so it cannot be compared yet.`;
      return new ProblemError({ code: notComparable, message, tip: 'Let it end, or recover it first.' });
    }
  }
  return failure;
}

/** A dry run executed nothing that could be compared. */
export function refuseDryRun({ run, mode }: KnownRun): void {
  if (mode !== 'dry') return;
  throw new ProblemError({ code: 'dry-run', message: `The run ${run} was a dry run: it executed nothing that could be compared.` });
}

function sameRun(run: RunId): ProblemError {
  return new ProblemError({ code: 'same-run', message: `The run ${run} cannot be compared with itself.`, tip: 'Choose another run.' });
}

function lastAccepted(count: number): string {
  return count === 1 ? 'its accepted run' : `last ${count} accepted runs`;
}
