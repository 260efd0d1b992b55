/** The numbers of a profile, out of a run's summary: per step and series level, spread, trend, extremes. */
import type { SummaryTable } from '../archive/queries.ts';
import type { MetricTable, ProfileSeries, ProfileStep } from '#shared/analysis/profile.ts';
import { seriesName } from '#shared/telemetry/series.ts';

/** The numbers of the chosen series in each step and in the whole run (step -1), of the summary of a run. */
export function metricTable(summary: SummaryTable, steps: readonly ProfileStep[]): MetricTable {
  const { series, placeOf } = chosenSeries(summary);
  const stepOf = new Map(steps.map(({ execution }, index) => [execution, index]));
  stepOf.set(0, -1);
  const rows: number[] = [];
  for (let row = 0; row < summary.execution.length; row++) {
    if ((placeOf[summary.seriesOf[row] ?? -1] ?? -1) >= 0 && stepOf.has(summary.execution[row] ?? -1)) rows.push(row);
  }
  const pick = (column: Float64Array): Float64Array => Float64Array.from(rows, (row) => column[row] ?? Number.NaN);
  return {
    series,
    step: Int32Array.from(rows, (row) => stepOf.get(summary.execution[row] ?? -1) ?? -1),
    seriesOf: Uint32Array.from(rows, (row) => placeOf[summary.seriesOf[row] ?? -1] ?? 0),
    count: pick(summary.count),
    missing: pick(summary.missing),
    level: pick(summary.p50),
    spread: Float64Array.from(rows, (row) => (summary.p95[row] ?? Number.NaN) - (summary.p05[row] ?? Number.NaN)),
    trend: pick(summary.slope),
    minimum: pick(summary.min),
    maximum: pick(summary.max),
  };
}

/** Of a name that several daemons report, the series of the daemon that reported most; the others have no place (-1). */
function chosenSeries(summary: SummaryTable): { readonly series: readonly ProfileSeries[]; readonly placeOf: Int32Array } {
  const samples = new Float64Array(summary.series.length);
  for (let row = 0; row < summary.execution.length; row++) {
    const place = summary.seriesOf[row] ?? -1;
    if (summary.execution[row] === 0 && place >= 0) samples[place] = summary.count[row] ?? 0;
  }
  const best = new Map<string, number>();
  for (const [index, each] of summary.series.entries()) {
    const name = seriesName(each);
    const known = best.get(name);
    if (known === undefined || (samples[index] ?? 0) > (samples[known] ?? 0)) best.set(name, index);
  }
  const placeOf = new Int32Array(summary.series.length).fill(-1);
  const series: ProfileSeries[] = [];
  for (const [name, index] of best) {
    const each = summary.series[index];
    if (!each) continue;
    placeOf[index] = series.length;
    series.push({ name, unit: each.unit, kind: each.kind, daemon: each.daemon });
  }
  return { series, placeOf };
}
