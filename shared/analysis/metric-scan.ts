/**
 * Holds every number of every series (step × feature) against the baseline's runs: the part of a comparison that runs over millions of
 * values. What lies among the baseline's own values is passed over at once; of the rest deviates are kept in columns.
 */
import type { ComparisonContext } from './findings.ts';
import { minimumBaselineRuns } from './comparison.ts';
import { columnOf, features, matchRows, trendFeature, usualSeconds, usualSizes, type MatchedRows } from './metric-rows.ts';
import { NullModel, sharedNull, type Deviation } from './null-model.ts';
import { among, deviate, normalScore } from './prediction.ts';
import { clocks, Restlessness } from './series-nature.ts';
import type { ProfileSeries } from './profile.ts';

/** Deviates per feature that the null is learnt from, about. */
const learntDeviates = 50_000;

/** Samples from which on numbers deviate differently: of a whole run they are steadier than of a short step. */
const sampleCounts = [0, 8, 30];

/**
 * Of few samples a slope or a median says more about when they were taken than about the series. Of a whole run any number of them
 * counts: there are no more.
 */
export function fewestSamples(feature: number, wholeRun: boolean): number {
  return feature === trendFeature ? 6 : wholeRun ? 1 : 5;
}

export interface MetricScan {
  readonly matched: MatchedRows;
  /** By `model` of a test. */
  readonly models: readonly NullModel[];
  /** Tested numbers per series of the candidate. */
  readonly sizes: Uint32Array;
  readonly tests: readonly MetricTest[];
  readonly tested: number;
  readonly candidateWithout: number;
  readonly baselineWithout: number;
}

/** A number that lies outside the baseline's. */
export interface MetricTest extends Deviation {
  readonly row: number;
  /** Which model it is judged by: numbers of one feature, made of about as many samples, deviate alike. */
  readonly model: number;
  readonly feature: number;
  readonly value: number;
  /** Differences below it matter to nobody. */
  readonly floor: number;
}

/** Tests every number that the candidate has (step × series × feature) against the same number of the baseline runs. */
export function scanMetrics(context: ComparisonContext): MetricScan {
  const matched = matchRows(context);
  const scanner = new Scanner(context, matched);
  for (let row = 0; row < matched.place.length; row += 1) scanner.scanRow(row);
  const result = scanner.result();
  return { matched, ...result, tests: withRestlessness(context, matched, result.tests) };
}

/** A number that was the same in all runs is measured by how its series differs elsewhere. */
function withRestlessness(context: ComparisonContext, matched: MatchedRows, tests: readonly MetricTest[]): MetricTest[] {
  const restlessness = new Restlessness(context, matched);
  const seconds = usualSeconds(context);
  return tests.map((test) => {
    if (!test.constant) return test;
    const range = restlessness.of(context.candidate.metrics.seriesOf[test.row] ?? 0);
    const place = matched.place[test.row] ?? -1;
    const per = test.feature === trendFeature ? (seconds[place < 0 ? seconds.length - 1 : place] ?? 1) : 1;
    const scale = Math.max(test.scale, range / 4 / per);
    if (scale === test.scale) return test;
    const z = deviate(test.value, { ...test, scale });
    return { ...test, scale, z, score: normalScore(z, test.runs) };
  });
}

class Scanner {
  readonly #context: ComparisonContext;
  readonly #matched: MatchedRows;
  readonly #own: readonly Float64Array[];
  /** By feature, then run. */
  readonly #others: readonly (readonly Float64Array[])[];
  readonly #counts: readonly Float64Array[];
  readonly #models: readonly NullModel[];
  readonly #floors: Floors;
  readonly #clocks: Uint8Array;
  readonly #sizes: Uint32Array;
  readonly #tests: MetricTest[] = [];
  readonly #values: Float64Array;
  readonly #stride: number;
  /** Baseline values on both sides of the candidate's that make it unremarkable. */
  readonly #among: number;
  #count = 0;
  #tested = 0;
  #candidateWithout = 0;
  #baselineWithout = 0;

  constructor(context: ComparisonContext, matched: MatchedRows) {
    const { candidate, runs } = context;
    const shared = sharedNull();
    this.#context = context;
    this.#matched = matched;
    this.#own = features.map((feature) => columnOf(candidate.metrics, feature));
    this.#others = features.map((feature) => runs.map((run) => columnOf(run.metrics, feature)));
    // Extremes are often alike because they are at a bound, and a level because it is told in steps.
    this.#models = features.flatMap((feature) => sampleCounts.map(() => new NullModel(shared, feature === 'level')));
    this.#counts = runs.map(({ metrics }) => metrics.count);
    this.#floors = new Floors(context);
    this.#clocks = clocks(context);
    this.#sizes = new Uint32Array(candidate.metrics.series.length);
    this.#values = new Float64Array(runs.length);
    this.#stride = Math.max(1, Math.floor((matched.place.length * runs.length) / learntDeviates));
    this.#among = among(runs.length);
  }

  result(): Omit<MetricScan, 'matched'> {
    return {
      models: this.#models,
      sizes: this.#sizes,
      tests: this.#tests,
      tested: this.#tested,
      candidateWithout: this.#candidateWithout,
      baselineWithout: this.#baselineWithout,
    };
  }

  scanRow(row: number): void {
    const { metrics } = this.#context.candidate;
    const series = metrics.series[metrics.seriesOf[row] ?? 0];
    if (!series) return;
    // Rows are spread over the sample by a multiplicative hash, so that no pattern of steps or series decides.
    const learns = Math.imul(row + 1, 0x9e3779b1) >>> 0 < 0x1_0000_0000 / this.#stride;
    const trendOnly = series.kind === 'counter' || this.#clocks[metrics.seriesOf[row] ?? 0] === 1;
    if (trendOnly) this.#scan(row, trendFeature, series, learns);
    else for (let feature = 0; feature < features.length; feature += 1) this.#scan(row, feature, series, learns);
  }

  #scan(row: number, feature: number, series: ProfileSeries, learns: boolean): void {
    const samples = this.#context.candidate.metrics.count[row] ?? 0;
    const fewest = fewestSamples(feature, (this.#matched.place[row] ?? -1) < 0);
    const value = samples < fewest ? Number.NaN : (this.#own[feature]?.[row] ?? Number.NaN);
    const { below, above } = this.#gather(row, feature, value, fewest);
    const count = this.#count;
    if (Number.isNaN(value)) {
      if (count > 0) this.#candidateWithout += 1;
      return;
    }
    if (count < minimumBaselineRuns) {
      this.#baselineWithout += 1;
      return;
    }
    this.#tested += 1;
    const family = this.#context.candidate.metrics.seriesOf[row] ?? 0;
    this.#sizes[family] = (this.#sizes[family] ?? 0) + 1;
    const unremarkable = below >= this.#among && above >= this.#among;
    const number = feature * sampleCounts.length + sampleCounts.findLastIndex((least) => samples >= least);
    const model = this.#models[number];
    if ((unremarkable && !learns) || !model) return;
    const sorted = sortFirst(this.#values, count);
    const floor = this.#floors.of(row, feature, series, this.#matched.place[row] ?? -1, sorted, count);
    if (learns) model.learn(sorted, count, floor);
    if (unremarkable) return;
    this.#tests.push({ row, model: number, feature, value, floor, ...model.deviation(value, sorted, count, floor) });
  }

  /** Collects the baseline's values; says how many are at most, and at least, the candidate's. */
  #gather(row: number, feature: number, value: number, fewest: number): { readonly below: number; readonly above: number } {
    const columns = this.#others[feature] ?? [];
    const values = this.#values;
    let count = 0;
    let below = 0;
    let above = 0;
    for (let run = 0; run < columns.length; run += 1) {
      const at = this.#matched.rows[run]?.[row] ?? -1;
      if (at < 0) continue;
      const other = columns[run]?.[at] ?? Number.NaN;
      if (!(other > -Infinity && other < Infinity)) continue;
      if (fewest > 1 && (this.#counts[run]?.[at] ?? 0) < fewest) continue;
      values[count++] = other;
      if (other <= value) below += 1;
      if (other >= value) above += 1;
    }
    this.#count = count;
    return { below, above };
  }
}

/** Sorts the first values in place: insertion, since there are few. */
function sortFirst(values: Float64Array, count: number): Float64Array {
  if (count > 40) {
    values.subarray(0, count).sort();
    return values;
  }
  for (let index = 1; index < count; index += 1) {
    const value = values[index] ?? 0;
    let at = index - 1;
    while (at >= 0 && (values[at] ?? 0) > value) {
      values[at + 1] = values[at] ?? 0;
      at -= 1;
    }
    values[at + 1] = value;
  }
  return values;
}

/**
 * Differences that matter to nobody: a thousandth of what the series usually is, and per unit what no tester acts on. Of a trend, what
 * comes to so much over the step.
 */
class Floors {
  readonly #sizes: Float64Array;
  readonly #seconds: Float64Array;
  readonly #seriesOf: Uint32Array;

  constructor(context: ComparisonContext) {
    this.#sizes = usualSizes(context);
    this.#seconds = usualSeconds(context);
    this.#seriesOf = context.candidate.metrics.seriesOf;
  }

  of(row: number, feature: number, series: ProfileSeries, place: number, sorted: Float64Array, count: number): number {
    const middle = Math.abs(sorted[count >> 1] ?? 0);
    if (series.kind === 'counter') return relative * middle;
    const size = this.#sizes[this.#seriesOf[row] ?? 0] ?? 0;
    const least = leastOfUnit(series) + relative * size;
    // One more or one less of what is counted is no change of how a series varies.
    if (feature === spreadFeature && series.unit === 'count') return Math.max(1, least);
    if (feature === trendFeature) {
      const seconds = this.#seconds[place < 0 ? this.#seconds.length - 1 : place] ?? 1;
      return Math.max(least / seconds, relative * middle);
    }
    // The level of this row may be far below what the series usually is.
    return feature === 1 ? least : Math.max(leastOfUnit(series), relative * middle, 1e-6 * size);
  }
}

/** Position in `features`. */
const spreadFeature = 1;
const relative = 1e-3;

function leastOfUnit({ unit }: ProfileSeries): number {
  switch (unit) {
    case 'bytes':
      return 1_024;
    case 'bytes per second':
      return 1_024;
    case '%':
      return 0.5;
    case 'ms':
      return 0.005;
    case 'count':
    case 'none':
    case 'per second':
      return 0;
  }
}
