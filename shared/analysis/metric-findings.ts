/** One row per series: of all steps and features in which it deviates, the most telling one, the others beside it. */
import type { Finding, MetricFeature } from './comparison.ts';
import type { TestedFamily } from './families.ts';
import { findingId, rank, stepName, type ComparisonContext, type RankedFinding } from './findings.ts';
import { columnOf, features, trendFeature } from './metric-rows.ts';
import type { MetricScan, MetricTest } from './metric-scan.ts';
import { simes } from './multiplicity.ts';
import { expectedHalfWidth } from './null-model.ts';
import type { ProfileSeries } from './profile.ts';
import { quantityRange, quantityText } from '#shared/wording/quantities.ts';
import { featureUnit, contractUnit } from './told-units.ts';

type JudgedTest = MetricTest & { readonly p: number };

/** Places and features named beside a row. */
const mostOthers = 30;

/** A family per series of the candidate of which any number was tested. */
export function metricFamilies(context: ComparisonContext, scan: MetricScan): TestedFamily[] {
  const { series, seriesOf } = context.candidate.metrics;
  const judged = scan.tests.map((test): JudgedTest => ({ ...test, p: Math.exp(scan.models[test.model]?.logP(test) ?? 0) }));
  const bySeries = Map.groupBy(judged, ({ row }) => seriesOf[row] ?? 0);
  return series.flatMap((each, number) => {
    const size = scan.sizes[number] ?? 0;
    if (size === 0) return [];
    const tests = bySeries.get(number) ?? [];
    const p = simes(
      tests.map((test) => test.p),
      size,
    );
    return [
      {
        p,
        size,
        doubled: tests.some((test) => isDoubled(test, each.kind)),
        finding: (q, threshold) => seriesFinding(context, scan, each, { tests, q, p, threshold }),
      },
    ];
  });
}

/** Normal score from which on twice as much is more than how the series varies anyway. */
const doubledScore = 2;

/** A level came to twice as much or more, or half or less; of a counter, how fast it grew. Tests lie outside the baseline's values. */
function isDoubled({ feature, value, median, floor, score }: MetricTest, kind: ProfileSeries['kind']): boolean {
  if (feature !== (kind === 'counter' ? trendFeature : levelFeature) || Math.abs(score) < doubledScore) return false;
  const [low, high] = [Math.min(Math.abs(value), Math.abs(median)), Math.max(Math.abs(value), Math.abs(median))];
  return high >= 2 * low && high - low > floor;
}

/** Position in `features`. */
const levelFeature = 0;

interface SeriesTests {
  readonly tests: readonly JudgedTest[];
  readonly p: number;
  readonly q: number;
  readonly threshold: number;
}

function seriesFinding(
  context: ComparisonContext,
  scan: MetricScan,
  series: ProfileSeries,
  { tests, p, q, threshold }: SeriesTests,
): RankedFinding {
  const telling = tests
    .filter((test) => test.p <= Math.max(0.001, threshold))
    .toSorted((left, right) => strength(context, scan, right) - strength(context, scan, left));
  const [first, ...others] = telling.length > 0 ? telling : tests;
  if (!first) throw new Error(`The series ${series.name} stands out, but none of its numbers does.`);
  const feature = features[first.feature] ?? 'level';
  const unit = featureUnit(series.unit, feature);
  const direction = first.value > first.median ? 'up' : 'down';
  const subject = { kind: 'metric', series: series.name, feature } as const;
  const half = expectedHalfWidth(first);
  const finding: Finding = {
    id: findingId(subject, null, direction),
    subject,
    step: stepKeyOf(context, scan, first),
    status: 'confirmed',
    direction,
    sentence: sentenceOf(context, scan, series, first),
    unit: contractUnit(unit),
    candidate: first.value,
    baseline: baselineValues(context, scan, first),
    expected: { median: first.median, low: lowest(first, feature, series, half), high: first.median + half },
    effect: effectOf(first),
    p: Math.max(p, Number.MIN_VALUE),
    q,
    smallestVisible: finiteOrNull(scan.models[first.model]?.visible(first, threshold, direction === 'up' ? 1 : -1)),
    also: others.slice(0, mostOthers).map((test) => ({
      step: stepKeyOf(context, scan, test),
      what: features[test.feature] ?? 'level',
      effect: effectOf(test),
      sentence: sentenceOf(context, scan, series, test),
    })),
  };
  const inStep = finding.step === null ? 1 : 1.25;
  return { finding, rank: rank.measured, weight: weightOf(first) * featureWeight[feature] * inStep };
}

/** What cannot be less than nothing is not expected to be: spreads, and amounts that nobody ever saw below zero. */
function lowest({ median, value }: MetricTest, feature: MetricFeature, { unit }: ProfileSeries, half: number): number {
  const low = median - half;
  const neverBelow = feature === 'spread' || (feature !== 'trend' && unit !== 'none' && median >= 0 && value >= 0);
  return neverBelow ? Math.max(0, low) : low;
}

/** Where the baseline's values are all the same, there is no spread that a deviation could be told in. */
function effectOf({ z, constant }: MetricTest): number | null {
  return constant ? null : z;
}

function finiteOrNull(value: number | undefined): number | null {
  return value !== undefined && Number.isFinite(value) ? value : null;
}

/** How far the value is off: in spreads, up to where they tell no more, and in proportion to what was usual. */
function weightOf({ score, value, median, scale }: MetricTest): number {
  const proportion = Math.abs(value - median) / (Math.abs(median) + scale + Number.MIN_VALUE);
  return Math.min(Math.abs(score), 12) * Math.min(4, 0.25 + Math.log1p(proportion));
}

/** Levels and trends say more than extremes. A step says more than the whole run, over which a gauge's trend mixes all steps. */
const featureWeight: Readonly<Record<MetricFeature, number>> = { level: 1, trend: 1.15, spread: 0.85, minimum: 0.8, maximum: 0.8 };

function strength(context: ComparisonContext, scan: MetricScan, test: MetricTest): number {
  const whole = (scan.matched.place[test.row] ?? -1) < 0;
  const feature = features[test.feature] ?? 'level';
  const counter = context.candidate.metrics.series[context.candidate.metrics.seriesOf[test.row] ?? 0]?.kind === 'counter';
  const place = !whole ? 1.1 : feature === 'trend' && !counter ? 0.6 : 1;
  // A step of some seconds tells more than one of milliseconds.
  const samples = context.candidate.metrics.count[test.row] ?? 0;
  const weight = featureWeight[feature] * place * (samples < 5 ? 0.8 : 1);
  return weight * Math.abs(test.score) + Math.min(1, Math.log1p(Math.abs(test.z)) / 100);
}

function stepKeyOf({ aligned }: ComparisonContext, { matched }: MetricScan, { row }: MetricTest): string | null {
  return aligned[matched.place[row] ?? -1]?.key ?? null;
}

function baselineValues({ runs }: ComparisonContext, { matched }: MetricScan, { row, feature }: MetricTest): Finding['baseline'] {
  return runs.flatMap(({ run, metrics }, index) => {
    const value = columnOf(metrics, features[feature] ?? 'level')[matched.rows[index]?.[row] ?? -1];
    return value === undefined || !Number.isFinite(value) ? [] : [{ run, value }];
  });
}

function sentenceOf(context: ComparisonContext, scan: MetricScan, series: ProfileSeries, test: MetricTest): string {
  const values = baselineValues(context, scan, test).map(({ value }) => value);
  return metricSentence(context, series, features[test.feature] ?? 'level', test.row, test.value, values);
}

/** `Engine.rss grew by 1.9 MB/s during step 14, “exec_smoke”; rc1's 10 runs: −0.01 to 0.02 MB/s.` */
export function metricSentence(
  context: ComparisonContext,
  series: ProfileSeries,
  feature: MetricFeature,
  row: number,
  value: number,
  values: readonly number[],
): string {
  const unit = featureUnit(series.unit, feature);
  const step = context.candidate.steps[context.candidate.metrics.step[row] ?? -1];
  const where = step ? `during ${stepName(step)}` : 'over the whole run';
  const range = values.length === 0 ? 'nothing' : quantityRange(Math.min(...values), Math.max(...values), unit);
  return `${happened(series.name, feature, value, quantityText(Math.abs(value), unit), quantityText(value, unit))} ${where}; ${context.runsName}: ${range}.`;
}

function happened(name: string, feature: MetricFeature, value: number, size: string, signed: string): string {
  switch (feature) {
    case 'level':
      return `${name} was ${signed}`;
    case 'spread':
      return `${name} varied by ${size}`;
    case 'minimum':
      return `${name} was ${signed} at the least`;
    case 'maximum':
      return `${name} was ${signed} at the most`;
    case 'trend':
      return value === 0 ? `${name} did not change` : `${name} ${value > 0 ? 'grew' : 'fell'} by ${size}`;
  }
}
