/** Finds the rows of the baseline's runs that say the same as the candidate's rows: same step, same series. Columns, no objects per row. */
import type { ComparisonContext } from './findings.ts';
import type { MetricFeature } from './comparison.ts';
import type { MetricTable, RunProfile } from './profile.ts';

export const features: readonly MetricFeature[] = ['level', 'spread', 'trend', 'minimum', 'maximum'];
/** Position of `trend` in `features`; all that is looked at of a counter, since it only grows. */
export const trendFeature = 2;

/** Values of one feature, one for each row of the table, in the unit of its series. */
export function columnOf(table: MetricTable, feature: MetricFeature): Float64Array {
  return table[feature];
}

export interface MatchedRows {
  /** Per baseline run and row of the candidate: the run's row, or -1. */
  readonly rows: readonly Int32Array[];
  /** Per row of the candidate: position of its step in the alignment; -1: the whole run. */
  readonly place: Int32Array;
}

/** Cells (step × series) up to which a plain array is used to find rows. */
const mostCells = 16_000_000;

/** Which row of each baseline run stands for the same series in the same step as each of the candidate's rows. */
export function matchRows({ candidate, runs, aligned }: ComparisonContext): MatchedRows {
  const own = candidate.metrics;
  const seriesCount = own.series.length;
  const seriesNumber = new Map(own.series.map(({ name }, index) => [name, index]));
  const placeOfStep = new Int32Array(candidate.steps.length);
  for (const [place, { candidate: index }] of aligned.entries()) if (index >= 0) placeOfStep[index] = place;
  const finder = rowFinder((aligned.length + 1) * seriesCount);
  const place = own.step.map((step) => (step < 0 ? -1 : (placeOfStep[step] ?? -1)));
  for (let row = 0; row < place.length; row += 1) finder.set(((place[row] ?? -1) + 1) * seriesCount + (own.seriesOf[row] ?? 0), row);
  const rows = runs.map((run, index) => {
    const places = new Int32Array(run.steps.length).fill(-2);
    for (const [position, { baseline }] of aligned.entries()) {
      const step = baseline[index] ?? -1;
      if (step >= 0) places[step] = position;
    }
    return rowsOfRun(run, places, seriesNumber, seriesCount, place.length, finder);
  });
  return { rows, place };
}

function rowsOfRun(
  { metrics }: RunProfile,
  places: Int32Array,
  seriesNumber: ReadonlyMap<string, number>,
  seriesCount: number,
  size: number,
  finder: RowFinder,
): Int32Array {
  const rows = new Int32Array(size).fill(-1);
  const series = Int32Array.from(metrics.series, ({ name }) => seriesNumber.get(name) ?? -1);
  for (let row = 0; row < metrics.step.length; row += 1) {
    const number = series[metrics.seriesOf[row] ?? 0] ?? -1;
    const step = metrics.step[row] ?? -1;
    const place = step < 0 ? -1 : (places[step] ?? -2);
    if (number < 0 || place === -2) continue;
    const found = finder.get((place + 1) * seriesCount + number);
    if (found >= 0) rows[found] = row;
  }
  return rows;
}

interface RowFinder {
  set(cell: number, row: number): void;
  get(cell: number): number;
}

function rowFinder(cells: number): RowFinder {
  if (cells <= mostCells) {
    const rows = new Int32Array(cells).fill(-1);
    return { set: (cell, row) => void (rows[cell] = row), get: (cell) => rows[cell] ?? -1 };
  }
  const rows = new Map<number, number>();
  return { set: (cell, row) => void rows.set(cell, row), get: (cell) => rows.get(cell) ?? -1 };
}

/** Seconds that each aligned step usually takes in the baseline; the last entry is the whole run. */
export function usualSeconds({ runs, aligned }: ComparisonContext): Float64Array {
  const seconds = new Float64Array(aligned.length + 1);
  for (const [place, { baseline }] of aligned.entries()) {
    seconds[place] = mean(runs.map((run, index) => run.steps[baseline[index] ?? -1]?.duration ?? null)) / 1_000;
  }
  seconds[aligned.length] = mean(runs.map(({ duration }) => duration)) / 1_000;
  return seconds.map((value) => Math.max(0.05, value));
}

function mean(values: readonly (number | null)[]): number {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? 0 : known.reduce((sum, value) => sum + value, 0) / known.length;
}

/** How large each of the candidate's series usually is in the baseline: mean absolute level over all rows. */
export function usualSizes({ candidate, runs }: ComparisonContext): Float64Array {
  const numbers = new Map(candidate.metrics.series.map(({ name }, index) => [name, index]));
  const sums = new Float64Array(numbers.size + 1);
  const counts = new Float64Array(numbers.size + 1);
  for (const { metrics } of runs) {
    const series = Int32Array.from(metrics.series, ({ name }) => numbers.get(name) ?? numbers.size);
    for (let row = 0; row < metrics.level.length; row += 1) {
      const level = Math.abs(metrics.level[row] ?? 0);
      const number = series[metrics.seriesOf[row] ?? 0] ?? numbers.size;
      if (level >= 0 && level < Infinity) {
        sums[number] = (sums[number] ?? 0) + level;
        counts[number] = (counts[number] ?? 0) + 1;
      }
    }
  }
  return sums.map((sum, index) => sum / Math.max(1, counts[index] ?? 1));
}
