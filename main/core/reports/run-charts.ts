/** Which series of a run are worth a chart in its report, and their points: thinned to what can be seen, in the core's time. */
import type { RunQueries } from '../archive/queries.ts';
import { plainPoints, visiblePoints } from '../telemetry/visible-points.ts';
import { withGaps } from '#shared/telemetry/gaps.ts';
import type { RunFacts } from './run-facts.ts';
import { chartSize, type Chart, type ChartBand, type ChartLine } from './html/chart.ts';
import { seriesName } from '#shared/telemetry/series.ts';
import type { ArchivedSeries } from '../archive/series-dictionary.ts';
import { numberText } from '#shared/wording/numbers.ts';

/** What fits into a report that is read, and stays far below two megabytes. */
const most = { charts: 12, lines: 6 } as const;
/** What is drawn of every component that the scenario names. */
const usual = /^(?:rss|cpu)$|latency|round_trip|throughput|rate|orders|refused|errors/;

interface Group {
  readonly title: string;
  readonly series: ArchivedSeries[];
  /** Smaller is more important. */
  rank: number;
}

/** Words of the scenario's texts: `MatchingEnginePrimary`, `MatchingEnginePrimary.rss`. */
function wordsOf(texts: Readonly<Record<string, string>>): ReadonlySet<string> {
  return new Set(Object.values(texts).flatMap((text) => text.match(/[A-Za-z][A-Za-z0-9_-]*(?:\.[A-Za-z_][A-Za-z0-9_:]*)*/g) ?? []));
}

/** Series in groups that share a chart: one metric of several components. The most telling first. */
export function chartGroups(facts: Pick<RunFacts, 'manifest' | 'results'>, all: readonly ArchivedSeries[]): readonly Group[] {
  const words = wordsOf(facts.manifest.scenario.texts);
  const named = new Set([...words].map((word) => word.split('.')[0] ?? ''));
  const troubled = new Set(
    facts.results.components.filter(({ errors, crashes }) => errors + crashes > 0).map(({ component }) => component),
  );
  const groups = new Map<string, Group>();
  const seen = new Set<string>();
  for (const series of all) {
    const bare = series.metric.split('{')[0] ?? series.metric;
    const exact = words.has(`${series.component}.${bare}`);
    const around = named.has(series.component) || troubled.has(series.component) || series.unit === 'ms';
    if (!exact && !(around && usual.test(bare))) continue;
    // Where several daemons report one series, one of them is drawn.
    if (seen.has(seriesName(series))) continue;
    seen.add(seriesName(series));
    const key = `${bare} ${series.unit}`;
    const group = groups.get(key) ?? { title: bare, series: [], rank: Infinity };
    group.series.push(series);
    group.rank = Math.min(group.rank, exact ? 0 : /latency|round_trip/.test(bare) ? 1 : bare === 'rss' ? 2 : bare === 'cpu' ? 3 : 4);
    groups.set(key, group);
  }
  return [...groups.values()].sort((left, right) => left.rank - right.rank || left.title.localeCompare(right.title)).slice(0, most.charts);
}

/** Charts of the series that a run is about, in the core’s time, ms from the start of the run. */
export async function runCharts(facts: RunFacts, queries: RunQueries): Promise<readonly Chart[]> {
  const { manifest, startedAt } = facts;
  const [all, offsets] = await Promise.all([queries.series(manifest.run), queries.clockOffsets(manifest.run)]);
  const to = Math.max(facts.endedAt, startedAt + 1) - startedAt;
  const bands = stepBands(facts);
  const marks = facts.results.faults.map(({ at, text }) => ({ at: at - startedAt, name: text }));
  const charts: Chart[] = [];
  for (const { title, series } of chartGroups(facts, all)) {
    const lines: ChartLine[] = [];
    for (const each of series.slice(0, most.lines)) {
      const line = await lineOf(queries, facts, each, offsets.get(each.daemon) ?? 0);
      if (line.values.some((value) => value !== null)) lines.push({ ...line, kind: `line-${lines.length + 1}` });
    }
    const [first] = series;
    if (lines.length === 0 || !first) continue;
    const left = series.length - most.lines;
    const heading =
      lines.length === 1 ? (lines[0]?.name ?? title) : `${title}${left > 0 ? ` (${most.lines} of ${series.length} series)` : ''}`;
    const description = `${heading} over the run: ${lines.map(({ name, values }) => `${name} ${extremes(values)}`).join('; ')}`;
    const silences = silenceBands(facts, new Set(series.slice(0, most.lines).map(({ daemon }) => daemon)));
    charts.push({ title: heading, description, unit: first.unit, from: 0, to, lines, bands, silences, marks });
  }
  return charts;
}

function extremes(values: readonly (number | null)[]): string {
  const numbers = values.filter((value) => value !== null);
  return `from ${numberText(Math.min(...numbers))} to ${numberText(Math.max(...numbers))}`;
}

async function lineOf(queries: RunQueries, facts: RunFacts, series: ArchivedSeries, offset: number): Promise<Omit<ChartLine, 'kind'>> {
  const { startedAt, endedAt } = facts;
  const name = seriesName(series);
  const found = await queries.samplesOf(facts.manifest.run, name, startedAt + offset, endedAt + offset + 1);
  const samples = found.find((each) => each.series.daemon === series.daemon);
  if (!samples || samples.times.length === 0) return { name, times: [], values: [] };
  const times = samples.times.map((time) => time - offset - startedAt);
  const viewport = { from: 0, to: Math.max(1, endedAt - startedAt) + 1, columns: chartSize.columns };
  const silences = facts.silences
    .of(series.daemon)
    .map(({ from, to }) => ({ from: from - startedAt, to: to === null ? null : to - startedAt }));
  const points = plainPoints(name, visiblePoints(withGaps({ times, values: samples.values }, silences), viewport));
  return { name, times: points.times, values: points.values };
}

/** When one of these daemons was not heard. */
function silenceBands({ silences, startedAt, endedAt }: RunFacts, daemons: ReadonlySet<string>): readonly ChartBand[] {
  return silences
    .all()
    .filter(({ daemon }) => daemons.has(daemon))
    .map(({ daemon, from, to }) => ({ from: from - startedAt, to: (to ?? endedAt) - startedAt, name: `${daemon} lost` }));
}

/** Steps of the root scenario: those that they call lie within them. */
function stepBands({ steps, startedAt, endedAt }: RunFacts): readonly ChartBand[] {
  return steps
    .filter(({ step }) => step.depth === 0 && step.phase === 'main')
    .map(({ step, startedAt: began, duration }) => ({
      from: began - startedAt,
      to: (duration === null ? endedAt : began + duration) - startedAt,
      name: String(step.number),
    }))
    .filter(({ from, to }) => to - from > 0);
}
