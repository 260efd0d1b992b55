/**
 * How a scenario's runs went over release candidates and time: lines of durations, fault stopwatches and metrics, slow drift in
 * them, and runs of the very same revision that did not end alike.
 */
import { logNormalTail, wilsonInterval } from './distributions.ts';
import { addedScores, kendallDeviate, kendallScore, pairwiseSlopes, type KendallScore } from './mann-kendall.ts';
import { adjustedForDiscovery } from './multiplicity.ts';
import type { RunProfile } from './profile.ts';
import { median } from './robust.ts';
import type { Trend, TrendLine } from './trend.ts';
import type { Unit, SeriesKind } from '#shared/telemetry/series.ts';
import { quantityText } from '#shared/wording/quantities.ts';
import { counted, shareText } from '#shared/wording/counts.ts';
import { quoted } from '#shared/wording/names.ts';
import { featureUnit } from './told-units.ts';

export interface Drift {
  /** Change per run, by the median of pairwise slopes. */
  readonly perRun: number;
  readonly p: number;
  readonly direction: 'up' | 'down';
}

/** Values that drift is looked for in, at the least. */
const fewestValues = 8;
/** Releases whose medians can drift across, at the least: of fewer, no order is rare enough. */
const fewestReleases = 6;

/**
 * Slow drift of values in the order of their runs. A step from one release to the next is no drift: runs are compared with runs of
 * their own release only, and releases (their medians) with each other only where there are enough of them. Null: too few values.
 * @param releases release of each value; without it all are one
 */
export function driftOf(values: readonly (number | null)[], releases?: readonly string[]): Drift | null {
  const points = values.flatMap((value, index) =>
    value === null || !Number.isFinite(value) ? [] : [{ value, index, release: releases?.[index] ?? '' }],
  );
  if (points.length < fewestValues) return null;
  const groups = [...Map.groupBy(points, ({ release }) => release).values()];
  const within = judge(
    addedScores(groups.map((group) => kendallScore(group.map(({ value }) => value)))),
    groups.flatMap((group) => pairwiseSlopes(...columns(group))),
  );
  if (groups.length < fewestReleases) return within;
  const middles = groups.map((group) => ({
    index: median(group.map(({ index }) => index)),
    value: median(group.map(({ value }) => value)),
  }));
  const ordered = middles.toSorted((left, right) => left.index - right.index);
  const across = judge(kendallScore(ordered.map(({ value }) => value)), pairwiseSlopes(...columns(ordered)));
  // Two looks at the same values: the better one counts twice (Bonferroni).
  const better = !within || (across && across.p < within.p) ? across : within;
  return better && { ...better, p: Math.min(1, better.p * 2) };
}

function columns(points: readonly { readonly index: number; readonly value: number }[]): [number[], number[]] {
  return [points.map(({ index }) => index), points.map(({ value }) => value)];
}

function judge(score: KendallScore, slopes: readonly number[]): Drift | null {
  const perRun = median(slopes);
  if (!Number.isFinite(perRun)) return null;
  const deviate = kendallDeviate(score);
  const p = Math.min(1, 2 * Math.exp(logNormalTail(Math.abs(deviate))));
  return { perRun, p, direction: deviate < 0 || (deviate === 0 && perRun < 0) ? 'down' : 'up' };
}

export interface TrendOptions {
  /** Series whose level over the whole run is wanted. */
  readonly series: readonly string[];
  /** Level of false discovery control over the lines; 0.05 unless told. */
  readonly falseDiscoveryRate?: number;
}

/** Step lines at most: a scenario with a loop of a thousand steps is no thousand lines. */
const mostStepLines = 300;

type Line = Omit<TrendLine, 'drift'>;

/** Lines over some runs of one scenario, oldest first: run duration, step durations, fault stopwatches, chosen series. */
export function trendLines(profiles: readonly RunProfile[], options: TrendOptions): TrendLine[] {
  const lines = [
    runDurations(profiles),
    ...stepDurations(profiles),
    ...faultLines(profiles),
    ...[...new Set(options.series)].flatMap((series) => metricLine(profiles, series) ?? []),
  ];
  const releases = profiles.map(({ release }) => release);
  const drifts = lines.map(({ values }) => driftOf(values, releases));
  const adjusted = adjustedForDiscovery(drifts.map((drift) => drift?.p ?? 1));
  return lines.map((line, index) => {
    const drift = drifts[index];
    const q = adjusted[index] ?? 1;
    const told = drift && q <= (options.falseDiscoveryRate ?? 0.05) && drift.perRun !== 0 && matters(line, drift.perRun);
    return { ...line, drift: told ? { ...drift, q, sentence: driftSentence(line, drift) } : null };
  });
}

/** Over all runs a drift must come to one hundredth of the level, or nobody would act on it. */
function matters({ values }: Line, perRun: number): boolean {
  const level = Math.abs(median(values.flatMap((value) => value ?? [])));
  return Math.abs(perRun) * (values.length - 1) > level * 0.01;
}

function driftSentence({ title, unit, values }: Line, { perRun, direction }: Drift): string {
  const verb = direction === 'up' ? 'grows' : 'falls';
  return `${title} ${verb} by ${quantityText(Math.abs(perRun), unit)} from run to run, over ${counted(values.filter((value) => value !== null).length, 'run')}.`;
}

function runDurations(profiles: readonly RunProfile[]): Line {
  return { id: 'run', kind: 'run duration', title: 'Duration of the run', unit: 'ms', values: profiles.map(({ duration }) => duration) };
}

/** Steps that at least two runs have, in the order of the latest run that has them. */
function stepDurations(profiles: readonly RunProfile[]): Line[] {
  const lines = new Map<string, Line & { values: (number | null)[] }>();
  for (const [run, profile] of [...profiles.entries()].reverse()) {
    for (const { key, text, occurrence, duration } of profile.steps) {
      let line = lines.get(key);
      if (!line) {
        if (lines.size >= mostStepLines) continue;
        const title = `Duration of ${quoted(text)}${occurrence > 1 ? ` (time ${occurrence})` : ''}`;
        line = { id: `step:${key}`, kind: 'step duration', title, unit: 'ms', values: profiles.map(() => null) };
        lines.set(key, line);
      }
      line.values[run] = duration;
    }
  }
  return [...lines.values()].filter(({ values }) => values.filter((value) => value !== null).length >= Math.min(2, profiles.length));
}

function faultLines(profiles: readonly RunProfile[]): Line[] {
  const lines = new Map<string, Line & { values: (number | null)[] }>();
  for (const [run, profile] of profiles.entries()) {
    for (const { key, text, recovered } of profile.faults) {
      const line = lines.get(key) ?? {
        id: `fault:${key}`,
        kind: 'fault' as const,
        title: `Recovery from ${quoted(text)}`,
        unit: 'ms' as Unit,
        values: profiles.map(() => null),
      };
      lines.set(key, line);
      line.values[run] = recovered;
    }
  }
  return [...lines.values()];
}

/** A gauge's level, or a counter's growth per second, over the whole run; null: no run has the series. */
function metricLine(profiles: readonly RunProfile[], name: string): Line | null {
  const found = profiles.map((profile) => wholeRunOf(profile, name));
  const known = found.find((each) => each !== null);
  if (!known) return null;
  const unit = known.kind === 'counter' ? (featureUnit(known.unit, 'trend') as Unit) : known.unit;
  const title = known.kind === 'counter' ? `Growth of ${name}` : name;
  return { id: `metric:${name}`, kind: 'metric', title, unit, values: found.map((each) => each?.value ?? null) };
}

function wholeRunOf(
  { metrics }: RunProfile,
  name: string,
): { readonly unit: Unit; readonly kind: SeriesKind; readonly value: number | null } | null {
  const index = metrics.series.findIndex((each) => each.name === name);
  const series = metrics.series[index];
  if (!series) return null;
  const row = metrics.step.findIndex((step, at) => step === -1 && metrics.seriesOf[at] === index);
  const value = row < 0 ? Number.NaN : ((series.kind === 'counter' ? metrics.trend : metrics.level)[row] ?? Number.NaN);
  return { unit: series.unit, kind: series.kind, value: Number.isFinite(value) ? value : null };
}

/** Runs of the same release, texts, environment, variables and commit of which some passed and some did not. */
export function intermittentRuns(profiles: readonly RunProfile[]): Trend['intermittent'] {
  // What an operator stopped, or a crash of the core ended, says nothing about the system.
  const decided = profiles.filter(({ outcome }) => outcome !== 'stopped' && outcome !== 'interrupted');
  const groups = Map.groupBy(decided, revisionOf);
  return [...groups.values()].flatMap((runs) => {
    const [first] = runs;
    const disagreeing = runs.filter(({ outcome }) => outcome !== 'passed');
    if (!first || disagreeing.length === 0 || disagreeing.length === runs.length) return [];
    const { low, high } = wilsonInterval(disagreeing.length, runs.length);
    const sentence =
      `${first.scenario} on ${first.release} did not pass ${disagreeing.length} of ${runs.length} times with nothing changed: ` +
      `${shareText(disagreeing.length / runs.length)}, with 95 % confidence between ${shareText(low)} and ${shareText(high)}.`;
    return [
      {
        release: first.release,
        scenarioHash: first.scenarioHash,
        runs: runs.length,
        failed: disagreeing.length,
        rate: disagreeing.length / runs.length,
        low,
        high,
        disagreeing: disagreeing.map(({ run }) => run),
        sentence,
      },
    ];
  });
}

/** Conditions that make another revision of what is tested; where the core ran does not. */
const revisionConditions = /^(mode|workspace commit|commit|variable|configuration|texts?\b)/;

function revisionOf(run: RunProfile): string {
  const conditions = Object.entries(run.conditions).filter(([name]) => revisionConditions.test(name));
  return JSON.stringify([
    run.scenario,
    run.release,
    run.scenarioHash,
    run.environment,
    conditions.sort(([left], [right]) => (left < right ? -1 : 1)),
  ]);
}
