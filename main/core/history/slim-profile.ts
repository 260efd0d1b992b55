/**
 * What a trend needs of a profile: its steps, and chosen series over the whole run. Hundreds of runs are looked at together, and each
 * of their profiles may have megabytes.
 */
import type { MetricTable, RunProfile } from '#shared/analysis/profile.ts';

/** The profile without log templates, and of its metrics only these series (`Component.metric`) over the whole run. */
export function slimProfile(profile: RunProfile, series: ReadonlySet<string>): RunProfile {
  return { ...profile, templates: [], metrics: wholeRunOf(profile.metrics, series) };
}

function wholeRunOf(metrics: MetricTable, wanted: ReadonlySet<string>): MetricTable {
  const chosen = metrics.series.flatMap(({ name }, index) => (wanted.has(name) ? [index] : []));
  const placeOf = new Map(chosen.map((index, place) => [index, place]));
  const rows: number[] = [];
  if (chosen.length > 0) {
    for (let row = 0; row < metrics.step.length; row++) {
      if (metrics.step[row] === -1 && placeOf.has(metrics.seriesOf[row] ?? -1)) rows.push(row);
    }
  }
  const pick = (column: Float64Array): Float64Array => Float64Array.from(rows, (row) => column[row] ?? Number.NaN);
  return {
    series: chosen.flatMap((index) => metrics.series[index] ?? []),
    step: new Int32Array(rows.length).fill(-1),
    seriesOf: Uint32Array.from(rows, (row) => placeOf.get(metrics.seriesOf[row] ?? -1) ?? 0),
    count: pick(metrics.count),
    missing: pick(metrics.missing),
    level: pick(metrics.level),
    spread: pick(metrics.spread),
    trend: pick(metrics.trend),
    minimum: pick(metrics.minimum),
    maximum: pick(metrics.maximum),
  };
}
