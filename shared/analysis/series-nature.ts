/** What kind of series one has before one, as far as it decides what can be read from a deviation: clocks, and series that are restless. */
import type { ComparisonContext } from './findings.ts';
import { columnOf, features, trendFeature, type MatchedRows } from './metric-rows.ts';
import { median } from './robust.ts';

/**
 * Series that only tell the time (uptimes): one second more each second. Their levels and extremes say when a run was, not how it
 * went; a restart shows in their trend.
 */
export function clocks({ candidate }: ComparisonContext): Uint8Array {
  const { series, seriesOf, trend } = candidate.metrics;
  const trends = new Map<number, number[]>();
  for (let row = 0; row < trend.length; row += 1) {
    const number = seriesOf[row] ?? 0;
    const value = trend[row] ?? Number.NaN;
    if (series[number]?.unit !== 'ms' || !Number.isFinite(value)) continue;
    const list = trends.get(number) ?? [];
    trends.set(number, list);
    list.push(value);
  }
  return Uint8Array.from(series, (_, number) => (Math.abs(median(trends.get(number) ?? []) - 1_000) < 20 ? 1 : 0));
}

/**
 * How much a series differs between runs where it does: the widest range, over all steps, of its level or extremes from run to run.
 * Where a series happens to have been the same in all runs in one step, but not in others, that step cannot be measured by itself.
 */
export class Restlessness {
  readonly #context: ComparisonContext;
  readonly #matched: MatchedRows;
  #rowsOfSeries: ReadonlyMap<number, readonly number[]> | null = null;
  readonly #known = new Map<number, number>();

  constructor(context: ComparisonContext, matched: MatchedRows) {
    this.#context = context;
    this.#matched = matched;
  }

  /** In the series' unit. */
  of(series: number): number {
    const known = this.#known.get(series);
    if (known !== undefined) return known;
    this.#rowsOfSeries ??= Map.groupBy(this.#matched.place.keys(), (row) => this.#context.candidate.metrics.seriesOf[row] ?? 0);
    const rows = this.#rowsOfSeries.get(series) ?? [];
    let widest = 0;
    for (const row of rows) {
      for (let feature = 0; feature < features.length; feature += 1) {
        if (feature !== trendFeature) widest = Math.max(widest, this.#rangeOf(row, feature));
      }
    }
    this.#known.set(series, widest);
    return widest;
  }

  #rangeOf(row: number, feature: number): number {
    const name = features[feature] ?? 'level';
    let low = Infinity;
    let high = -Infinity;
    for (const [run, { metrics }] of this.#context.runs.entries()) {
      const value = columnOf(metrics, name)[this.#matched.rows[run]?.[row] ?? -1] ?? Number.NaN;
      if (value < low) low = value;
      if (value > high && value < Infinity) high = value;
    }
    return high > low ? high - low : 0;
  }
}
