/** Which charts there are and what each shows: kept with the workspace, and decoded with care when it is read again. */
import { z } from 'zod';

const chartSchema = z.object({
  id: z.string().min(1).max(64),
  title: z.string().max(200),
  /** Names of series, `Component.metric`; `Component.STATE` is drawn as a lane of states. */
  series: z.array(z.string().min(1).max(400)).max(24),
});
export type Chart = z.infer<typeof chartSchema>;

export const chartsLayoutSchema = z.object({
  version: z.literal(1),
  /** Charts beside one another. */
  columns: z.int().min(1).max(4),
  charts: z.array(chartSchema).max(48),
});
export type ChartsLayout = z.infer<typeof chartsLayoutSchema>;

export const emptyChartsLayout: ChartsLayout = { version: 1, columns: 2, charts: [] };

/** Most series of one chart: more lines than colours cannot be told apart. */
export const maximumSeriesPerChart = 12;

/** The layout with series added to a chart, each once; with a new chart when `chart` is null. */
export function withSeries(layout: ChartsLayout, chart: string | null, series: readonly string[], newId: string): ChartsLayout {
  if (chart === null) {
    const [first = 'Chart'] = series;
    const title = series.length === 1 ? first : 'Chart';
    return { ...layout, charts: [...layout.charts, { id: newId, title, series: [...new Set(series)].slice(0, maximumSeriesPerChart) }] };
  }
  return changed(layout, chart, (each) => ({ ...each, series: [...new Set([...each.series, ...series])].slice(0, maximumSeriesPerChart) }));
}

/** The layout with one chart changed. */
export function changed(layout: ChartsLayout, chart: string, change: (chart: Chart) => Chart): ChartsLayout {
  return { ...layout, charts: layout.charts.map((each) => (each.id === chart ? change(each) : each)) };
}

/** Names of all shown series, each once, without lanes of states. */
export function shownSeries(layout: ChartsLayout): string[] {
  return [...new Set(layout.charts.flatMap((chart) => chart.series))].filter((name) => !isStateLane(name));
}

export function isStateLane(series: string): boolean {
  return series.endsWith('.STATE');
}
