/** Limits of the environment as bands behind the lines of a chart: where a value may not be. */
import { parseQuantity } from '#shared/scenario/quantity.ts';

/** A limit as the environment's status and the run's `condition` records tell it. */
export interface ToldLimit {
  readonly series: string;
  /** `MatchingEnginePrimary.rss < 600MB` */
  readonly text: string;
  readonly severity: 'warning' | 'error';
}

/** The stretch of values that breaks a limit; an open end is infinite. */
export interface LimitBand {
  readonly series: string;
  readonly from: number;
  readonly to: number;
  /** Where the forbidden stretch begins. */
  readonly edge: number;
  readonly severity: 'warning' | 'error';
  readonly text: string;
}

/** The band of a limit; null for limits that forbid no stretch (`==`, `!=`) or cannot be read. */
export function limitBand(limit: ToldLimit): LimitBand | null {
  const parts = /\s(<=|>=|<|>)\s*(\S+)\s*$/.exec(limit.text);
  const bound = parts && parseQuantity(parts[2] ?? '');
  if (!parts || !bound || !Number.isFinite(bound.value)) return null;
  const { series, severity, text } = limit;
  const above = parts[1] === '<' || parts[1] === '<=';
  const [from, to] = above ? [bound.value, Number.POSITIVE_INFINITY] : [Number.NEGATIVE_INFINITY, bound.value];
  return { series, severity, text, edge: bound.value, from, to };
}

/** Bands of some series, each text once. */
export function bandsOf(limits: readonly ToldLimit[], series: readonly string[]): LimitBand[] {
  const seen = new Set<string>();
  return limits.flatMap((limit) => {
    if (!series.includes(limit.series) || seen.has(limit.text)) return [];
    seen.add(limit.text);
    const band = limitBand(limit);
    return band ? [band] : [];
  });
}

/** An axis range that shows a limit when values come near it, and does not squeeze the lines flat for one that is far. */
export function rangeWithLimits(range: readonly [number, number], bands: readonly LimitBand[]): [number, number] {
  let [from, to] = range;
  const spread = to - from;
  for (const { edge } of bands) {
    if (edge > to && edge - to <= spread) to = edge + spread * 0.05;
    if (edge < from && from - edge <= spread) from = edge - spread * 0.05;
  }
  return [from, to];
}
