/**
 * Finishing a run: its samples sorted by series and time in one file, the names of its series in another, and statistics for every
 * step and series in a third.
 */
import { mkdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { Database, fileList, literal, parquetOptions, withoutGlobs, type DatabaseOptions } from './database.ts';
import { partialSuffix, putInPlace, type ArchiveFiles } from './files.ts';
import { samplesFile, seriesFile, summaryFile, temporaryFolder } from './layout.ts';
import type { LogTally } from './log-tally.ts';
import type { FrameNumbers } from './sample-columns.ts';
import { describeNumbers, numbersKey } from './segment-writer.ts';
import type { ArchivedSeries } from './series-dictionary.ts';
import { writeSummary } from './summary.ts';

/**
 * Enough for sorting some tens of millions of samples by way of the disk; more is taken only where it was not. One thread: measured
 * faster than two, which wait for each other's memory. DuckDB needs about as much again as it is told to use, and the core
 * stays under 600 MB so.
 */
const memoriesForSealing = ['128MB', '256MB', '512MB', '1024MB'] as const;

export interface SealingInput {
  readonly folder: string;
  readonly files: ArchiveFiles;
  readonly segments: readonly string[];
  readonly series: readonly ArchivedSeries[];
  readonly frames: readonly FrameNumbers[];
  readonly tally: LogTally;
  /** End of the run for steps that never ended; ms since 1970, core's clock. */
  readonly end: number;
  /** How much memory is tried, one after the other; tests give less. */
  readonly memories?: readonly DatabaseOptions['memory'][];
}

/** Writes the three Parquet files; nothing is left half-written. Resolves to the number of samples. */
export async function sealSamples(input: SealingInput): Promise<number> {
  const memories = input.memories ?? memoriesForSealing;
  for (const [attempt, memory] of memories.entries()) {
    try {
      return await sealWithin(input, memory);
    } catch (failure) {
      if (attempt === memories.length - 1 || !isForWantOfMemory(failure)) throw failure;
    }
  }
  throw new Error('No memory was given for sealing.');
}

/** DuckDB refuses work that it cannot do within its bound; nothing is broken then. */
function isForWantOfMemory(failure: unknown): boolean {
  return failure instanceof Error && failure.message.includes('Out of Memory');
}

async function sealWithin(input: SealingInput, memory: DatabaseOptions['memory']): Promise<number> {
  const temporary = path.join(input.folder, temporaryFolder);
  await mkdir(temporary, { recursive: true });
  const database = await Database.open({ memory, threads: 1, temporaryFolder: temporary });
  try {
    await writeSeries(database, input);
    const samples = await writeSamples(database, input);
    await publish(input, (target) => writeSummary(database, input, target), summaryFile);
    return samples;
  } finally {
    database.dispose();
    await rm(temporary, { recursive: true, force: true });
  }
}

/** Lets `write` make a `.partial` file, then gives it its name when it is on the disk. */
async function publish(input: SealingInput, write: (partial: string) => Promise<void>, name: string): Promise<void> {
  const file = path.join(input.folder, name);
  const partial = `${file}${partialSuffix}`;
  try {
    await rm(partial, { force: true });
    await write(partial);
    await input.files.syncFile(partial);
    await putInPlace(input.files, file);
  } catch (failure) {
    await rm(partial, { force: true }).catch(() => {});
    throw failure;
  }
}

async function writeSeries(database: Database, input: SealingInput): Promise<void> {
  await database.run(
    `CREATE OR REPLACE TABLE series(series UINTEGER, daemon VARCHAR, component VARCHAR, metric VARCHAR, unit VARCHAR, kind VARCHAR,
      help VARCHAR, clock_offset DOUBLE)`,
  );
  const appender = await database.connection.createAppender('series');
  try {
    for (const { series, daemon, component, metric, unit, kind, help } of input.series) {
      appender.appendUInteger(series);
      for (const text of [daemon, component, metric, unit, kind]) appender.appendVarchar(text);
      if (help === undefined) appender.appendNull();
      else appender.appendVarchar(help);
      appender.appendDouble(input.tally.clockOffset(daemon));
      appender.endRow();
    }
  } finally {
    appender.closeSync();
  }
  const query = 'SELECT * FROM series ORDER BY series';
  await publish(input, (target) => database.run(`COPY (${query}) TO ${literal(target)} (${parquetOptions})`), seriesFile);
}

async function writeSamples(database: Database, input: SealingInput): Promise<number> {
  const source =
    input.segments.length > 0
      ? `read_parquet(${fileList(input.segments)})`
      : '(SELECT 0::UINTEGER AS series, NULL::TIMESTAMP_MS AS time, NULL::DOUBLE AS value WHERE false)';
  const query = `SELECT series, time, value FROM ${source} ORDER BY series, time`;
  const numbers = `KV_METADATA {${numbersKey}: ${literal(describeNumbers(input.frames))}}`;
  await publish(input, (target) => database.run(`COPY (${query}) TO ${literal(target)} (${parquetOptions}, ${numbers})`), samplesFile);
  const file = literal(withoutGlobs(path.join(input.folder, samplesFile)));
  return database.number(`SELECT num_rows FROM parquet_file_metadata(${file})`);
}

/** Bytes of files, those that are not there not counted. */
export async function bytesOf(files: readonly string[]): Promise<number> {
  const sizes = await Promise.all(
    files.map((file) =>
      stat(file).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
