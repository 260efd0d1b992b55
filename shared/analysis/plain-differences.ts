/**
 * With too few runs for a verdict there is no between-run spread to measure by. Differences are told all the same, plainly: how far the
 * value lies outside the baseline's range, in proportion to what the number itself does within a step.
 */
import { features, columnOf, matchRows, trendFeature, usualSeconds, type MatchedRows } from './metric-rows.ts';
import { fewestSamples } from './metric-scan.ts';
import { clocks } from './series-nature.ts';
import type { RunProfile } from './profile.ts';
import { metricSentence } from './metric-findings.ts';
import { findingId, rank, type ComparisonContext, type RankedFinding } from './findings.ts';
import type { ComparedNumber, NumberKind } from './number-findings.ts';
import type { Finding } from './comparison.ts';
import { medianOfSorted } from './robust.ts';
import { featureUnit, contractUnit } from './told-units.ts';

/** Series told at most. */
const mostSeries = 300;
/** Distance from the baseline's range, in units of what is usual, that is worth telling. */
const worthTelling = 0.25;

interface Difference {
  readonly row: number;
  readonly feature: number;
  readonly size: number;
}

/** The largest difference of each series, most telling first. */
export function plainMetricDifferences(context: ComparisonContext): { readonly findings: RankedFinding[]; readonly numbers: number } {
  const scan = new PlainScan(context);
  for (let row = 0; row < scan.matched.place.length; row += 1) scan.scanRow(row);
  const told = [...scan.strongest.values()].sort((left, right) => right.size - left.size).slice(0, mostSeries);
  return { findings: told.map((each) => plainMetric(context, scan.matched, each)), numbers: scan.numbers };
}

class PlainScan {
  readonly matched: MatchedRows;
  /** By series. */
  readonly strongest = new Map<number, Difference>();
  numbers = 0;
  readonly #candidate: RunProfile;
  readonly #seconds: Float64Array;
  readonly #clocks: Uint8Array;
  readonly #own: readonly Float64Array[];
  readonly #others: readonly (readonly Float64Array[])[];
  /** Of the number that was looked at last. */
  #known = false;
  #low = 0;
  #high = 0;

  constructor(context: ComparisonContext) {
    this.matched = matchRows(context);
    this.#candidate = context.candidate;
    this.#seconds = usualSeconds(context);
    this.#clocks = clocks(context);
    this.#own = features.map((feature) => columnOf(context.candidate.metrics, feature));
    this.#others = features.map((feature) => context.runs.map((run) => columnOf(run.metrics, feature)));
  }

  scanRow(row: number): void {
    const { series, seriesOf, count } = this.#candidate.metrics;
    const number = seriesOf[row] ?? 0;
    const counter = series[number]?.kind === 'counter';
    const trendOnly = counter || this.#clocks[number] === 1;
    const place = this.matched.place[row] ?? -1;
    const samples = count[row] ?? 0;
    const usual = counter ? 0 : this.#usual(row);
    const duration = this.#seconds[place < 0 ? this.#seconds.length - 1 : place] ?? 1;
    for (let feature = 0; feature < features.length; feature += 1) {
      if ((trendOnly && feature !== trendFeature) || samples < fewestSamples(feature, place < 0)) continue;
      const beyond = this.#beyond(row, feature);
      if (this.#known) this.numbers += 1;
      const scale = counter ? Math.max(Math.abs(this.#low), Math.abs(this.#high)) : feature === trendFeature ? usual / duration : usual;
      const size = Math.min(100, beyond / (scale + this.#high - this.#low + Number.MIN_VALUE)) * (samples / (samples + 10));
      if (size > worthTelling && size > (this.strongest.get(number)?.size ?? 0)) this.strongest.set(number, { row, feature, size });
    }
  }

  /** What a number of this row may well differ by: a tenth of the level, and what the series does within a step. */
  #usual(row: number): number {
    this.#beyond(row, 0);
    const level = Math.max(Math.abs(this.#own[0]?.[row] ?? 0), Math.abs(this.#low), Math.abs(this.#high));
    this.#beyond(row, 1);
    const spread = Math.max(this.#own[1]?.[row] ?? 0, this.#high);
    return 0.1 * (level < Infinity ? level : 0) + 2 * (spread < Infinity ? Math.max(0, spread) : 0);
  }

  /** How far the candidate's value lies outside the baseline's; sets `#known`, `#low` and `#high`. */
  #beyond(row: number, feature: number): number {
    const value = this.#own[feature]?.[row] ?? Number.NaN;
    const columns = this.#others[feature] ?? [];
    let low = Infinity;
    let high = -Infinity;
    for (let run = 0; run < columns.length; run += 1) {
      const other = columns[run]?.[this.matched.rows[run]?.[row] ?? -1] ?? Number.NaN;
      if (other < low) low = other;
      if (other > high) high = other;
    }
    const known = low < Infinity && value > -Infinity;
    this.#known = known;
    this.#low = known ? low : 0;
    this.#high = known ? high : 0;
    return !known ? 0 : value > high ? value - high : value < low ? low - value : 0;
  }
}

function plainMetric(context: ComparisonContext, matched: MatchedRows, { row, feature, size }: Difference): RankedFinding {
  const { metrics } = context.candidate;
  const series = metrics.series[metrics.seriesOf[row] ?? 0];
  const name = features[feature] ?? 'level';
  if (!series) throw new Error('A row of metrics names no series.');
  const baseline = context.runs.flatMap((run, index) => {
    const value = columnOf(run.metrics, name)[matched.rows[index]?.[row] ?? -1];
    return value === undefined || !Number.isFinite(value) ? [] : [{ run: run.run, value }];
  });
  const values = baseline.map(({ value }) => value);
  const value = columnOf(metrics, name)[row] ?? Number.NaN;
  const direction = value > Math.max(...values) ? 'up' : 'down';
  const subject = { kind: 'metric', series: series.name, feature: name } as const;
  const finding = plainFinding({
    id: findingId(subject, null, direction),
    subject,
    step: context.aligned[matched.place[row] ?? -1]?.key ?? null,
    direction,
    sentence: metricSentence(context, series, name, row, value, values),
    unit: contractUnit(featureUnit(series.unit, name)),
    candidate: value,
    baseline,
  });
  return { finding, rank: rank.plain, weight: size };
}

type PlainParts = Pick<Finding, 'id' | 'subject' | 'step' | 'direction' | 'sentence' | 'unit' | 'candidate' | 'baseline'>;

function plainFinding(parts: PlainParts): Finding {
  const sorted = Float64Array.from(parts.baseline, ({ value }) => value).sort();
  const median = medianOfSorted(sorted, sorted.length);
  const expected = sorted.length < 2 ? null : { median, low: sorted[0] ?? median, high: sorted.at(-1) ?? median };
  return { ...parts, status: 'plain', expected, effect: null, p: null, q: null, smallestVisible: null, also: [] };
}

/** Durations and counts that lie outside the baseline's by more than a quarter. */
export function plainNumberDifferences(context: ComparisonContext, { numbers, offset }: NumberKind): RankedFinding[] {
  return numbers.flatMap((number) => {
    const known = number.values.flatMap((value) => (value === null || !Number.isFinite(value) ? [] : [value]));
    if (known.length === 0) return [];
    const [low, high] = [Math.min(...known), Math.max(...known)];
    const ratio = Math.max(Math.log((number.value + offset) / (high + offset)), Math.log((low + offset) / (number.value + offset)));
    return ratio > worthTelling ? [plainNumber(context, number, known, ratio)] : [];
  });
}

function plainNumber({ runs }: ComparisonContext, number: ComparedNumber, known: readonly number[], ratio: number): RankedFinding {
  const direction = number.value > Math.max(...known) ? 'up' : 'down';
  const finding = plainFinding({
    id: findingId(number.subject, number.step, direction),
    subject: number.subject,
    step: number.step,
    direction,
    sentence: number.sentence(known),
    unit: contractUnit(number.unit),
    candidate: number.value,
    baseline: runs.flatMap(({ run }, index) => {
      const value = number.values[index];
      return value === null || value === undefined || !Number.isFinite(value) ? [] : [{ run, value }];
    }),
  });
  return { finding, rank: number.rank === rank.fault ? rank.fault : rank.plain, weight: ratio };
}
