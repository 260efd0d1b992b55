/**
 * Sets of runs of which somebody else said which are as they should be and which are not. Each window of samples becomes a profile with
 * the numbers that the archive's summaries have; nothing of it has steps, so only rows of the whole run are compared.
 */
import { readFileSync } from 'node:fs';
import type { MetricTable, ProfileSeries, RunProfile } from '#shared/analysis/profile.ts';
import { profileOf } from '../../shared/analysis/simulated-runs.ts';

export interface FaultyRun {
  readonly profile: RunProfile;
  /** Components of which any is the cause. */
  readonly causes: readonly string[];
}

export interface LabelledSet {
  readonly name: string;
  readonly normals: readonly RunProfile[];
  readonly faulty: readonly FaultyRun[];
  /** Condition that divides the normal runs into two regimes, where the set has such. */
  readonly regimes?: readonly (readonly RunProfile[])[];
}

export interface SampledSeries {
  /** `Component.metric` */
  readonly name: string;
  readonly unit: ProfileSeries['unit'];
  readonly values: readonly number[];
}

export interface SampledRun {
  readonly index: number;
  /** Seconds, one for each value. */
  readonly times: readonly number[];
  readonly series: readonly SampledSeries[];
  readonly conditions?: Readonly<Record<string, string>>;
  readonly environment: string;
  /** ms since 1970 */
  readonly startedAt: number;
}

/** The profile of a window of samples. */
export function profileOfSamples({ index, times, series, conditions, environment, startedAt }: SampledRun): RunProfile {
  const known = series.filter(({ values }) => values.some(Number.isFinite));
  const rows = known.map(({ values }) => statisticsOf(times, values));
  const column = (pick: (row: Statistics) => number): Float64Array => Float64Array.from(rows, pick);
  const metrics: MetricTable = {
    series: known.map(({ name, unit }) => ({ name, unit, kind: 'gauge', daemon: 'recorded' })),
    step: new Int32Array(known.length).fill(-1),
    seriesOf: Uint32Array.from(known, (_, place) => place),
    count: column(({ count }) => count),
    missing: column(({ missing }) => missing),
    level: column(({ level }) => level),
    spread: column(({ spread }) => spread),
    trend: column(({ trend }) => trend),
    minimum: column(({ minimum }) => minimum),
    maximum: column(({ maximum }) => maximum),
  };
  const duration = 1_000 * ((times.at(-1) ?? 0) - (times[0] ?? 0));
  return profileOf({ index, metrics, environment, startedAt, duration, conditions: conditions ?? {} });
}

interface Statistics {
  readonly count: number;
  readonly missing: number;
  readonly level: number;
  readonly spread: number;
  readonly trend: number;
  readonly minimum: number;
  readonly maximum: number;
}

function statisticsOf(times: readonly number[], values: readonly number[]): Statistics {
  const places = [...values.keys()].filter((place) => Number.isFinite(values[place]));
  const sorted = Float64Array.from(places, (place) => values[place] ?? 0).sort();
  return {
    count: sorted.length,
    missing: values.length - sorted.length,
    level: quantileOf(sorted, 0.5),
    spread: quantileOf(sorted, 0.95) - quantileOf(sorted, 0.05),
    trend: slopeOf(places.map((place) => [times[place] ?? 0, values[place] ?? 0])),
    minimum: sorted[0] ?? Number.NaN,
    maximum: sorted.at(-1) ?? Number.NaN,
  };
}

/** Between the values on both sides, as the archive's summaries have it. */
function quantileOf(sorted: Float64Array, share: number): number {
  const at = share * (sorted.length - 1);
  const low = sorted[Math.floor(at)] ?? Number.NaN;
  const high = sorted[Math.ceil(at)] ?? Number.NaN;
  return low + (high - low) * (at - Math.floor(at));
}

function slopeOf(points: readonly (readonly [number, number])[]): number {
  const mean = (place: 0 | 1): number => points.reduce((sum, point) => sum + point[place], 0) / points.length;
  const [middleTime, middleValue] = [mean(0), mean(1)];
  let [products, squares] = [0, 0];
  for (const [time, value] of points) {
    products += (time - middleTime) * (value - middleValue);
    squares += (time - middleTime) ** 2;
  }
  return squares > 0 ? products / squares : Number.NaN;
}

/** Rows of a file with commas, quoted where they hold any. */
export function readTable(file: string): string[][] {
  const lines = readFileSync(file, 'utf8').split(/\r?\n/);
  return lines.filter((line) => line !== '').map(cellsOf);
}

function cellsOf(line: string): string[] {
  if (!line.includes('"')) return line.split(',');
  return [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(
    ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '',
  );
}

/** NaN for an empty cell. */
export function numberOf(cell: string | undefined): number {
  return cell === undefined || cell.trim() === '' ? Number.NaN : Number(cell);
}

/** Name of a component in a series' name: a dot begins the metric. */
export function componentName(name: string): string {
  return name.replaceAll('.', '_');
}
