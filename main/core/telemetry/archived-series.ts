/** Samples of archived runs for charts: thinned out to what can be seen, in the core's time. Of a run that goes on, what is on disk. */
import { RunQueries, type SeriesSamples } from '../archive/queries.ts';
import type { ActiveRuns } from '../runs/active-runs.ts';
import type { Decoded, MethodTable } from '../contract/method-tables.ts';
import type { EnvironmentParts } from '../environments/use.ts';
import { knownSeries } from './hub.ts';
import { plainPoints, visiblePoints } from './visible-points.ts';
import type { KnownSeries, Points } from '#shared/contract/telemetry.ts';
import type { Owned } from '#shared/disposable.ts';
import type { RunId } from '#shared/identifiers.ts';
import { seriesName } from '#shared/telemetry/series.ts';

export interface ArchivedSeriesParts extends EnvironmentParts {
  readonly runs: ActiveRuns;
  readonly archiveFolder: string;
}

/** ms around the wanted time that are read as well, so that a line enters and leaves the picture where it should. */
const margin = 5_000;

export class ArchivedSeriesService implements Owned {
  readonly methods: MethodTable<'runs.points' | 'runs.series'>;
  private readonly parts: ArchivedSeriesParts;
  private opening: Promise<RunQueries> | null = null;

  constructor(parts: ArchivedSeriesParts) {
    this.parts = parts;
    this.methods = {
      'runs.points': async (request) => ({ points: await this.points(request) }),
      'runs.series': async ({ run }) => ({ series: await this.series(run) }),
    };
  }

  /** Opened when it is first needed: many consoles never look at the past. */
  queries(): Promise<RunQueries> {
    this.opening ??= RunQueries.open(this.parts.archiveFolder);
    return this.opening;
  }

  async dispose(): Promise<void> {
    await this.opening?.then(
      (queries) => queries.dispose(),
      () => undefined,
    );
  }

  private async series(run: RunId): Promise<KnownSeries[]> {
    const queries = await this.queries();
    const known = (await queries.series(run)).map((series) => knownSeries(seriesName(series), series, series.daemon));
    return known.sort((left, right) => (left.name < right.name ? -1 : 1));
  }

  private async points({ run, series, from, to, columns }: Decoded<'runs.points'>): Promise<Points[]> {
    const queries = await this.queries();
    const offsets = await this.offsets(queries, run);
    const points: Points[] = [];
    const ahead = Math.max(0, ...offsets.values());
    const behind = Math.min(0, ...offsets.values());
    const names = [...new Set(series)];
    const all = await queries.samplesOfAll(run, names, (from ?? -Infinity) + behind - margin, (to ?? Infinity) + ahead + margin);
    for (const name of names) {
      const samples = longest(all.get(name) ?? []);
      if (!samples || samples.times.length === 0) continue;
      const offset = offsets.get(samples.series.daemon) ?? 0;
      const times = samples.times.map((time) => time - offset);
      const first = from ?? times[0] ?? 0;
      const last = to ?? (times.at(-1) ?? first) + 1;
      if (!(last > first)) continue;
      points.push(plainPoints(name, visiblePoints({ times, values: samples.values }, { from: first, to: last, columns })));
    }
    return points;
  }

  /** By how much the daemons' clocks are ahead: as archived, or of a run that goes on as the link knows it now. */
  private async offsets(queries: RunQueries, run: RunId): Promise<ReadonlyMap<string, number>> {
    const origin = this.parts.runs.list().find((active) => active.run === run);
    if (!origin?.environmentFile || this.parts.runs.journal(run)?.manifest.mode !== 'live') return queries.clockOffsets(run);
    return this.parts.environments.use(
      origin.environmentFile,
      async ({ link }) => new Map(link.daemons().map(({ daemon, clockOffset }) => [daemon, clockOffset ?? 0])),
    );
  }
}

/** Where several daemons reported one series, one of them is drawn, never a mixture: the one that reported most. */
function longest(found: readonly SeriesSamples[]): SeriesSamples | undefined {
  return found.toSorted((left, right) => right.times.length - left.times.length)[0];
}
