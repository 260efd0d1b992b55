/** Release candidates and scenarios over time: lists, sheets, trends. */
import type { MethodTable } from '../contract/method-tables.ts';
import { comparableRuns, type KnownRun } from './baselines.ts';
import { comparedRun, type Comparisons } from './comparisons.ts';
import type { HistoryParts } from './history-parts.ts';
import { slimProfile } from './slim-profile.ts';
import type { RunProfile } from '#shared/analysis/profile.ts';
import { releaseSheet, runThatCounts, type ReleaseScenario } from '#shared/analysis/release-sheet.ts';
import { intermittentRuns, trendLines } from '#shared/analysis/trends.ts';
import { releaseOrder } from '#shared/analysis/usual-baseline.ts';
import type { ReleaseSheet, Trend } from '#shared/analysis/trend.ts';
import { problemOf, ProblemError } from '#shared/problem.ts';

/** Accepted runs of the candidate before that a sheet compares with, and runs per scenario that it looks at. */
const bounds = { baseline: 20, runs: 200 } as const;

export function releaseService(
  parts: HistoryParts,
  comparisons: Comparisons,
): MethodTable<'scenario.trend' | 'releases.list' | 'releases.sheet'> {
  const service = new Releases(parts, comparisons);
  return {
    'scenario.trend': ({ scenario, series, limit }) => service.trend(scenario, series, limit),
    'releases.list': async () => ({ releases: listOf(await liveRuns(parts)) }),
    'releases.sheet': ({ release, previous }) => service.sheet(release, previous),
  };
}

async function liveRuns(parts: HistoryParts): Promise<readonly KnownRun[]> {
  return (await comparableRuns(parts)).filter(({ mode }) => mode === 'live');
}

function listOf(runs: readonly KnownRun[]) {
  const byRelease = Map.groupBy(runs, ({ release }) => release);
  return releaseOrder(runs)
    .toReversed()
    .map((release) => {
      const own = byRelease.get(release) ?? [];
      const count = (fits: (run: KnownRun) => boolean): number => own.filter(fits).length;
      return {
        release,
        firstRun: Math.min(...own.map(({ startedAt }) => startedAt)),
        lastRun: Math.max(...own.map(({ startedAt }) => startedAt)),
        runs: own.length,
        passed: count(({ outcome }) => outcome === 'passed'),
        failed: count(({ outcome }) => outcome === 'failed' || outcome === 'error'),
        accepted: count(({ decision }) => decision === 'accepted'),
        rejected: count(({ decision }) => decision === 'rejected'),
        scenarios: [...new Set(own.map(({ scenario }) => scenario))].sort(),
      };
    });
}

/** The latest earlier candidate that has accepted runs; where none has, the one right before. */
function releaseToCompareWith(earlier: readonly string[], runs: readonly KnownRun[]): string | null {
  const accepted = new Set(runs.filter(({ decision }) => decision === 'accepted').map(({ release }) => release));
  return earlier.findLast((release) => accepted.has(release)) ?? earlier.at(-1) ?? null;
}

class Releases {
  private readonly parts: HistoryParts;
  private readonly comparisons: Comparisons;

  constructor(parts: HistoryParts, comparisons: Comparisons) {
    this.parts = parts;
    this.comparisons = comparisons;
  }

  async trend(scenario: string, series: readonly string[], limit: number): Promise<Trend> {
    const runs = (await liveRuns(this.parts))
      .filter((run) => run.scenario === scenario)
      .slice(0, limit)
      .toReversed();
    const read = await this.read(runs, series);
    const profiles = read.map(({ profile }) => profile);
    return {
      scenario,
      runs: read.map(({ run }) => comparedRun(run)),
      lines: trendLines(profiles, { series }),
      intermittent: intermittentRuns(profiles),
    };
  }

  async sheet(release: string, previous: string | null): Promise<ReleaseSheet> {
    const runs = await liveRuns(this.parts);
    const order = releaseOrder(runs);
    const place = order.indexOf(release);
    if (place < 0) {
      throw new ProblemError({
        code: 'unknown-release',
        message: `The archive holds no run of the release ${release}.`,
        tip: `It has runs of: ${order.join(', ') || 'no release'}.`,
      });
    }
    const before = previous ?? releaseToCompareWith(order.slice(0, place), runs);
    const own = runs.filter((run) => run.release === release);
    const names = new Set([...own, ...runs.filter((run) => run.release === before)].map(({ scenario }) => scenario));
    const scenarios: ReleaseScenario[] = [];
    const intermittent = [];
    for (const scenario of [...names].sort()) {
      const made = own
        .filter((run) => run.scenario === scenario)
        .slice(0, bounds.runs)
        .toReversed();
      scenarios.push(await this.scenario(scenario, made, before, runs));
      const profiles = (await this.read(made, [])).map(({ profile }) => profile);
      intermittent.push(...intermittentRuns(profiles).map(({ sentence, disagreeing }) => ({ scenario, sentence, disagreeing })));
    }
    return releaseSheet({ release, previous: before, scenarios, intermittent });
  }

  private async scenario(
    scenario: string,
    runs: readonly KnownRun[],
    previous: string | null,
    all: readonly KnownRun[],
  ): Promise<ReleaseScenario> {
    const said = await Promise.all(runs.map(async ({ run }) => [run, await this.parts.remarks.of(run)] as const));
    const base = { scenario, runs: runs.map(comparedRun), remarks: new Map(said) };
    const counting = runThatCounts(base.runs);
    if (!counting) return { ...base, comparison: null, problem: null };
    if (previous === null) return { ...base, comparison: null, problem: 'There is no release candidate before this one.' };
    try {
      const baseline = { kind: 'accepted', release: previous, last: bounds.baseline } as const;
      return { ...base, comparison: await this.comparisons.compare(counting.run, baseline, all), problem: null };
    } catch (failure) {
      return { ...base, comparison: null, problem: problemOf(failure).message };
    }
  }

  /** Runs with as much of their profiles as trends need; those that cannot be read are left out. */
  private async read(
    runs: readonly KnownRun[],
    series: readonly string[],
  ): Promise<{ readonly run: KnownRun; readonly profile: RunProfile }[]> {
    const wanted = new Set(series);
    const profiles = await this.parts.profiles.each(
      runs.map(({ run }) => run),
      (profile) => slimProfile(profile, wanted),
    );
    return runs.flatMap((run, index) => {
      const profile = profiles[index];
      return profile ? [{ run, profile }] : [];
    });
  }
}
