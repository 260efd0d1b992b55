/** What later readers ask of a run's samples: one series over time, and the statistics of its steps. */
import type { DuckDBConnection, DuckDBResultReader } from '@duckdb/node-api';
import { access } from 'node:fs/promises';
import path from 'node:path';
import type { Owned } from '#shared/disposable.ts';
import type { RunId } from '#shared/identifiers.ts';
import { problemOf, ProblemError } from '#shared/problem.ts';
import { Database, fileList, literal, withoutGlobs } from './database.ts';
import { numberColumns } from './number-columns.ts';
import { runOfFolder, samplesFile, samplesFolder, seriesFile, summaryFile } from './layout.ts';
import { isFinished, readManifest } from './manifest-file.ts';
import { looksLikeParquet } from './run-check.ts';
import { readSampleFolder } from './segments.ts';
import { SeriesDictionary, type ArchivedSeries } from './series-dictionary.ts';

/** Samples of one series, in order of time. */
export interface SeriesSamples {
  readonly series: ArchivedSeries;
  /** ms since 1970, daemon's clock. */
  readonly times: Float64Array;
  /** NaN: no value at that time. */
  readonly values: Float64Array;
}

/** Statistics of one series during one execution of a step; execution 0 is the whole run. Null where there was no value. */
export interface SummaryRow {
  readonly execution: number;
  readonly scenario: string | null;
  readonly line: number | null;
  readonly number: number | null;
  readonly daemon: string;
  readonly component: string;
  readonly metric: string;
  readonly unit: string;
  readonly count: number;
  readonly missing: number;
  readonly min: number | null;
  readonly max: number | null;
  readonly mean: number | null;
  readonly stddev: number | null;
  readonly p05: number | null;
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly first: number | null;
  readonly last: number | null;
  /** Unit per second; absent in summaries that were written before there were slopes. */
  readonly slope?: number | null;
}

export interface SummaryFilter {
  readonly execution?: number;
  /** `Component.metric` */
  readonly seriesName?: string;
}

/** The whole summary of a run in columns of the same length, since it may have 100,000 rows. NaN: there was no such number. */
export interface SummaryTable {
  readonly series: readonly ArchivedSeries[];
  /** Index in `series`. */
  readonly seriesOf: Float64Array;
  /** Execution of a step; 0: the whole run. */
  readonly execution: Float64Array;
  readonly count: Float64Array;
  readonly missing: Float64Array;
  readonly min: Float64Array;
  readonly max: Float64Array;
  readonly p05: Float64Array;
  readonly p50: Float64Array;
  readonly p95: Float64Array;
  readonly slope: Float64Array;
}

const options = { memory: '256MB', threads: 2 } as const;
/** Samples of several series that are held at once, and series that are read at once. */
const rowsAtOnce = 1_500_000;
const mostSeriesAtOnce = 40;

export class RunQueries implements Owned {
  private readonly archive: string;
  private database: Database;

  private constructor(archive: string, database: Database) {
    this.archive = archive;
    this.database = database;
  }

  /** Asks the runs of an archive's folder; needs no open archive. */
  static async open(archive: string): Promise<RunQueries> {
    return new RunQueries(archive, await Database.open(options));
  }

  /**
   * Samples of all series with a name (several daemons may have one of the same name), from a time to another (ms since 1970,
   * daemon's clock, `to` not included). Of a run that still goes on: what is on disk.
   */
  async samplesOf(run: RunId, seriesName: string, from = -Infinity, to = Infinity): Promise<readonly SeriesSamples[]> {
    const folder = this.folderOf(run);
    const finished = await isSealed(folder);
    const wanted = await this.seriesOf(folder, finished, seriesName);
    const found: SeriesSamples[] = [];
    for (const series of wanted) found.push({ series, ...(await this.readSamples(folder, finished, series.series, from, to)) });
    return found;
  }

  /**
   * The same for many names at once, by the name: charts ask for dozens, and one question costs little more than one series does.
   * The larger the run, the fewer series are read at once, so that memory stays bounded.
   */
  async samplesOfAll(
    run: RunId,
    seriesNames: readonly string[],
    from = -Infinity,
    to = Infinity,
  ): Promise<ReadonlyMap<string, readonly SeriesSamples[]>> {
    const folder = this.folderOf(run);
    const found = new Map<string, SeriesSamples[]>();
    if (!(await isSealed(folder))) {
      for (const name of seriesNames) found.set(name, [...(await this.samplesOf(run, name, from, to))]);
      return found;
    }
    const wanted = seriesNames.length === 0 ? [] : await this.seriesOf(folder, true, ...seriesNames);
    const atOnce = await this.seriesAtOnce(folder);
    for (let start = 0; start < wanted.length; start += atOnce) {
      for (const samples of await this.readSealed(folder, wanted.slice(start, start + atOnce), from, to)) {
        const name = `${samples.series.component}.${samples.series.metric}`;
        found.set(name, [...(found.get(name) ?? []), samples]);
      }
    }
    return found;
  }

  /** All series of a run. */
  async series(run: RunId): Promise<readonly ArchivedSeries[]> {
    const folder = this.folderOf(run);
    return this.seriesOf(folder, await isSealed(folder));
  }

  /**
   * ms by which each daemon's clock was ahead of the core's: the median of what was measured. Of a run that still goes on
   * nothing is known yet.
   */
  async clockOffsets(run: RunId): Promise<ReadonlyMap<string, number>> {
    const folder = this.folderOf(run);
    if (!(await isSealed(folder))) return new Map();
    const result = await this.ask(`SELECT DISTINCT daemon, coalesce(clock_offset, 0)::DOUBLE AS ahead FROM ${table(folder, seriesFile)}`);
    const rows = result.getRowObjectsJS() as unknown as { daemon: string; ahead: number }[];
    return new Map(rows.map(({ daemon, ahead }) => [daemon, ahead]));
  }

  /** The summary of a finished run. */
  async summaryOf(run: RunId, filter: SummaryFilter = {}): Promise<readonly SummaryRow[]> {
    const folder = this.folderOf(run);
    if (!(await isSealed(folder))) {
      throw new ProblemError({ code: 'run-not-finished', message: `The run ${run} has no summary yet: it has not been finished.` });
    }
    const conditions = ['true'];
    if (filter.execution !== undefined) conditions.push(`execution = ${Math.trunc(filter.execution)}`);
    if (filter.seriesName !== undefined) conditions.push(named(filter.seriesName));
    const result = await this.ask(
      `SELECT * EXCLUDE (depth, started, duration, series) REPLACE (count::DOUBLE AS count, missing::DOUBLE AS missing)
      FROM ${table(folder, summaryFile)} WHERE ${conditions.join(' AND ')}`,
    );
    return result.getRowObjectsJS() as unknown as SummaryRow[];
  }

  /** The whole summary of a finished run. Summaries that were written before there were slopes have NaN there. */
  async summaryTable(run: RunId): Promise<SummaryTable> {
    const folder = this.folderOf(run);
    const series = await this.seriesOf(folder, true);
    const source = table(folder, summaryFile);
    const described = await this.ask(`SELECT name FROM parquet_schema(${literal(withoutGlobs(path.join(folder, summaryFile)))})`);
    const sloped = described.getRowsJS().some(([name]) => name === 'slope');
    const numbers = ['min', 'max', 'p05', 'p50', 'p95', sloped ? 'slope' : 'NULL'].map((name) => `coalesce(${name}, 'NaN')::DOUBLE`);
    const sql = `SELECT series::DOUBLE, execution::DOUBLE, count::DOUBLE, missing::DOUBLE, ${numbers.join(', ')} FROM ${source}`;
    const columns = await this.asking((connection) => numberColumns(connection, sql));
    const column = (index: number): Float64Array => columns[index] ?? new Float64Array();
    const places = new Map(series.map((each, index) => [each.series, index]));
    return {
      series,
      seriesOf: column(0).map((number) => places.get(number) ?? -1),
      execution: column(1),
      count: column(2),
      missing: column(3),
      min: column(4),
      max: column(5),
      p05: column(6),
      p50: column(7),
      p95: column(8),
      slope: column(9),
    };
  }

  dispose(): void {
    this.database.dispose();
  }

  /** Asks DuckDB; a file that it cannot read is told in one sentence, and keeps nobody from asking further. */
  private ask(sql: string): Promise<DuckDBResultReader> {
    return this.asking((connection) => connection.runAndReadAll(sql));
  }

  private async asking<T>(ask: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    const asked = this.database;
    try {
      return await ask(asked.connection);
    } catch (failure) {
      const reason = problemOf(failure).message.split('\n')[0] ?? '';
      // After an error inside DuckDB this instance answers nothing any more.
      if (/INTERNAL|FATAL|invalidated/.test(reason) && this.database === asked) {
        this.database = await Database.open(options);
        asked.dispose();
      }
      throw new ProblemError({
        code: 'samples-unreadable',
        message: `The samples of a run cannot be read: ${reason.slice(0, 300)}`,
        tip: 'Import the run again from its bundle if there is one.',
      });
    }
  }

  private folderOf(run: RunId): string {
    if (runOfFolder(run) === null) throw notThere(run);
    return path.join(this.archive, run);
  }

  /** How many series are read at once: so many that they have `rowsAtOnce` samples if all have about as many. */
  private async seriesAtOnce(folder: string): Promise<number> {
    const rows = await this.ask(`SELECT coalesce(sum(num_rows), 0)::DOUBLE FROM ${metadata(folder, samplesFile)}`);
    const series = await this.ask(`SELECT coalesce(sum(num_rows), 0)::DOUBLE FROM ${metadata(folder, seriesFile)}`);
    const one = (result: DuckDBResultReader): number => Number(result.getRowsJS()[0]?.[0] ?? 0);
    const each = one(rows) / Math.max(1, one(series));
    return Math.max(1, Math.min(mostSeriesAtOnce, Math.floor(rowsAtOnce / Math.max(1, each))));
  }

  private async readSealed(folder: string, series: readonly ArchivedSeries[], from: number, to: number): Promise<SeriesSamples[]> {
    const numbers = series.map((each) => each.series).join(', ');
    const result = await this.ask(
      `SELECT series::DOUBLE, epoch_ms(time)::DOUBLE, coalesce(value, 'NaN'::DOUBLE) FROM ${table(folder, samplesFile)}
      WHERE series IN (${numbers})${between(from, to)} ORDER BY series, time`,
    );
    const [owners = [], allTimes = [], allValues = []] = result.getColumnsJS() as number[][];
    const [times, values] = [Float64Array.from(allTimes), Float64Array.from(allValues)];
    const stretches = new Map<number, { readonly first: number; end: number }>();
    for (const [index, owner] of owners.entries()) {
      const stretch = stretches.get(owner);
      if (stretch) stretch.end = index + 1;
      else stretches.set(owner, { first: index, end: index + 1 });
    }
    return series.map((each) => {
      const { first, end } = stretches.get(each.series) ?? { first: 0, end: 0 };
      return { series: each, times: times.subarray(first, end), values: values.subarray(first, end) };
    });
  }

  /** Series with one of these names; all where none is given. */
  private async seriesOf(folder: string, finished: boolean, ...names: readonly string[]): Promise<ArchivedSeries[]> {
    if (!finished) {
      const dictionary = new SeriesDictionary();
      await dictionary.load((await readSampleFolder(path.join(folder, samplesFolder))).seriesFiles.map(({ file }) => file));
      return dictionary.all().filter((series) => names.length === 0 || names.includes(`${series.component}.${series.metric}`));
    }
    const columns = 'series, daemon, component, metric, unit, kind, help';
    const result = await this.ask(`SELECT ${columns} FROM ${table(folder, seriesFile)} WHERE ${named(...names)}`);
    const rows = result.getRowObjectsJS() as unknown as (Omit<ArchivedSeries, 'help'> & { help: string | null })[];
    return rows.map(({ help, ...series }) => (help === null ? series : { ...series, help }));
  }

  private async readSamples(
    folder: string,
    finished: boolean,
    series: number,
    from: number,
    to: number,
  ): Promise<{ times: Float64Array; values: Float64Array }> {
    const ask = async (): Promise<{ times: Float64Array; values: Float64Array }> => {
      const source = finished ? table(folder, samplesFile) : await segmentsOf(folder);
      return source === null ? { times: new Float64Array(), values: new Float64Array() } : this.twoColumns(source, series, from, to);
    };
    // A segment may be merged away between looking and reading; the second look finds the merged one.
    return finished ? ask() : ask().catch(ask);
  }

  private async twoColumns(
    source: string,
    series: number,
    from: number,
    to: number,
  ): Promise<{ times: Float64Array; values: Float64Array }> {
    const result = await this.ask(
      `SELECT epoch_ms(time)::DOUBLE, coalesce(value, 'NaN'::DOUBLE) FROM ${source} WHERE series = ${series}${between(from, to)} ORDER BY time`,
    );
    const [times, values] = result.getColumnsJS();
    return { times: Float64Array.from((times ?? []) as number[]), values: Float64Array.from((values ?? []) as number[]) };
  }
}

function notThere(run: string): ProblemError {
  return new ProblemError({ code: 'unknown-run', message: `There is no run ${run} in the archive.` });
}

/** Whether a run's samples are in their final file; one whose manifest is lost still has them. */
async function isSealed(folder: string): Promise<boolean> {
  try {
    return isFinished(await readManifest(folder));
  } catch (failure) {
    if (await looksLikeParquet(path.join(folder, samplesFile))) return true;
    await access(folder).catch(() => {
      throw notThere(path.basename(folder));
    });
    throw failure;
  }
}

/** The condition that a series has one of these names, or any; names say component and metric, and components have no dot. */
function named(...names: readonly string[]): string {
  if (names.length === 0) return 'true';
  const each = names.map((name) => {
    const dot = name.indexOf('.');
    return `component = ${literal(name.slice(0, dot))} AND metric = ${literal(name.slice(dot + 1))}`;
  });
  return `(${each.join(' OR ')})`;
}

/** What bounds the time, as further conditions. */
function between(from: number, to: number): string {
  return [
    Number.isFinite(from) ? ` AND time >= make_timestamp_ms(${Math.round(from)})::TIMESTAMP_MS` : '',
    Number.isFinite(to) ? ` AND time < make_timestamp_ms(${Math.round(to)})::TIMESTAMP_MS` : '',
  ].join('');
}

function metadata(folder: string, name: string): string {
  return `parquet_file_metadata(${literal(withoutGlobs(path.join(folder, name)))})`;
}

function table(folder: string, name: string): string {
  return `read_parquet(${literal(withoutGlobs(path.join(folder, name)))})`;
}

async function segmentsOf(folder: string): Promise<string | null> {
  const { segments } = await readSampleFolder(path.join(folder, samplesFolder));
  return segments.length === 0 ? null : `read_parquet(${fileList(segments.map(({ file }) => file))})`;
}
