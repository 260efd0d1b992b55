/**
 * With too few runs for a verdict there is no between-run spread to measure by. Differences are told all the same, plainly: how far the
 * value lies outside the baseline's range, in proportion to what the number itself does within a step.
 */
import { contractUnit, featureUnit } from './amounts.ts';
import { features, columnOf, matchRows, trendFeature, usualSeconds } from './metric-rows.ts';
import { metricSentence } from './metric-findings.ts';
import { findingId, rank, type ComparisonContext, type RankedFinding } from './findings.ts';
import type { ComparedNumber, NumberKind } from './number-findings.ts';
import type { Finding } from './comparison.ts';
import { medianOfSorted } from './robust.ts';

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
  const { candidate } = context;
  const { series, seriesOf } = candidate.metrics;
  const matched = matchRows(context);
  const seconds = usualSeconds(context);
  const own = features.map((feature) => columnOf(candidate.metrics, feature));
  const others = features.map((feature) => context.runs.map((run) => columnOf(run.metrics, feature)));
  const strongest = new Map<number, Difference>();
  let numbers = 0;
  for (let row = 0; row < matched.place.length; row += 1) {
    const number = seriesOf[row] ?? 0;
    const counter = series[number]?.kind === 'counter';
    const level = Math.abs(own[0]?.[row] ?? 0);
    const spread = own[1]?.[row] ?? 0;
    const place = matched.place[row] ?? -1;
    const duration = seconds[place < 0 ? seconds.length - 1 : place] ?? 1;
    for (let feature = counter ? trendFeature : 0; feature < (counter ? trendFeature + 1 : features.length); feature += 1) {
      const value = own[feature]?.[row] ?? Number.NaN;
      let low = Infinity;
      let high = -Infinity;
      for (let run = 0; run < matched.rows.length; run += 1) {
        const other = others[feature]?.[run]?.[matched.rows[run]?.[row] ?? -1] ?? Number.NaN;
        if (other < low) low = other;
        if (other > high) high = other;
      }
      if (!(value > -Infinity && low < Infinity)) continue;
      numbers += 1;
      const beyond = value > high ? value - high : value < low ? low - value : 0;
      if (beyond === 0) continue;
      const usual = counter
        ? Math.max(Math.abs(low), Math.abs(high))
        : feature === trendFeature
          ? (0.1 * level + 2 * spread) / duration
          : 0.1 * level + 2 * spread;
      const size = Math.min(1e6, beyond / (usual + (high - low) + Number.MIN_VALUE)) * (place < 0 ? 1 : 1.05);
      if (size > worthTelling && size > (strongest.get(number)?.size ?? 0)) strongest.set(number, { row, feature, size });
    }
  }
  const told = [...strongest.values()].sort((left, right) => right.size - left.size).slice(0, mostSeries);
  return { findings: told.map((each) => plainMetric(context, matched, each)), numbers };
}

function plainMetric(context: ComparisonContext, matched: ReturnType<typeof matchRows>, { row, feature, size }: Difference): RankedFinding {
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
