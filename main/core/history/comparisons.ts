/** Compares runs of the archive: finds candidate and baseline, their profiles, and lets the analysis judge. */
import { chooseBaseline, comparableRuns, knownRun, plainReason, refuseDryRun, type KnownRun } from './baselines.ts';
import type { HistoryParts } from './history-parts.ts';
import { compareProfiles } from '#shared/analysis/compare.ts';
import type { ComparedRun, Comparison } from '#shared/analysis/comparison.ts';
import type { RunProfile } from '#shared/analysis/profile.ts';
import type { Baseline } from '#shared/contract/history.ts';
import type { RunId } from '#shared/identifiers.ts';
import { ProblemError } from '#shared/problem.ts';
import { RecentMap } from '#shared/recent-map.ts';

/** Comparisons kept; a finished run never changes, so neither does what is said of two of them. */
const keptComparisons = 24;

export class Comparisons {
  private readonly parts: Pick<HistoryParts, 'archive' | 'remarks' | 'profiles'>;
  private readonly kept = new RecentMap<string, Comparison>(keptComparisons);

  constructor(parts: Pick<HistoryParts, 'archive' | 'remarks' | 'profiles'>) {
    this.parts = parts;
  }

  /** @param runs what the archive holds, where the caller has just looked */
  async compare(candidate: RunId, baseline: Baseline, runs?: readonly KnownRun[]): Promise<Comparison> {
    const known = runs ?? (await comparableRuns(this.parts));
    const { candidateRun, chosen } = await this.choose(candidate, baseline, known);
    const key = [chosen.name, candidate, ...chosen.runs.map(({ run }) => run)].join(' ');
    const comparison = this.kept.get(key) ?? (await this.make(candidateRun, chosen.name, chosen.runs));
    this.kept.set(key, comparison);
    const told = withDecisions(comparison, known);
    return chosen.reason === null ? told : { ...told, baselineReason: chosen.reason };
  }

  private async choose(candidate: RunId, baseline: Baseline, known: readonly KnownRun[]) {
    try {
      const candidateRun = knownRun(candidate, known);
      refuseDryRun(candidateRun);
      return { candidateRun, chosen: chooseBaseline(candidateRun, baseline, known) };
    } catch (failure) {
      throw await plainReason(failure, [candidate, ...namedRuns(baseline)], this.parts);
    }
  }

  private async make(candidateRun: KnownRun, baselineName: string, chosen: readonly KnownRun[]): Promise<Comparison> {
    const [candidate, found] = await Promise.all([
      this.parts.profiles.of(candidateRun.run),
      this.parts.profiles.ofAll(chosen.map(({ run }) => run)),
    ]);
    const readable = found.flatMap((profile, index) => {
      const run = chosen[index];
      return profile && run ? [{ profile, run }] : [];
    });
    if (readable.length === 0) {
      throw new ProblemError({
        code: 'baseline-unreadable',
        message: `None of the runs to compare with can be read (${baselineName}).`,
        tip: 'testops runs show <run> says what is wrong with a run.',
      });
    }
    const profiles: readonly RunProfile[] = readable.map(({ profile }) => profile);
    const baselineRuns = readable.map(({ run }) => comparedRun(run));
    return compareProfiles(candidate, profiles, { candidateRun: comparedRun(candidateRun), baselineRuns, baselineName });
  }
}

function namedRuns(baseline: Baseline): readonly RunId[] {
  switch (baseline.kind) {
    case 'run':
      return [baseline.run];
    case 'runs':
      return baseline.runs;
    case 'accepted':
      return [];
  }
}

export function comparedRun({ run, scenario, release, environment, startedAt, duration, outcome, decision }: KnownRun): ComparedRun {
  return { run, scenario, release, environment, startedAt, duration, outcome, decision };
}

/** Decisions may have changed since the comparison was made; nothing else can. */
function withDecisions(comparison: Comparison, runs: readonly KnownRun[]): Comparison {
  const decisions = new Map<string, ComparedRun['decision']>(runs.map(({ run, decision }) => [run, decision]));
  const now = (run: ComparedRun): ComparedRun => ({ ...run, decision: decisions.get(run.run) ?? run.decision });
  return { ...comparison, candidate: now(comparison.candidate), baseline: comparison.baseline.map(now) };
}
