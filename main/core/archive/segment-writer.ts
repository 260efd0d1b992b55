/** Writes columns of samples as one Parquet segment, and merges segments; reads back what segments say of themselves. */
import { DOUBLE, DuckDBDataChunk, TIMESTAMP_MS, UINTEGER, type DuckDBAppender } from '@duckdb/node-api';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { z } from 'zod';
import { daemonNameSchema, epochSchema } from '#shared/identifiers.ts';
import { fileList, literal, parquetOptions, type Database } from './database.ts';
import { partialSuffix, putInPlace, type ArchiveFiles } from './files.ts';
import { NumberRanges } from './number-ranges.ts';
import type { FrameNumbers, SampleColumns } from './sample-columns.ts';
import { segmentName, type Segment } from './segments.ts';

/** Rows of a DuckDB vector. */
const vectorRows = 2_048;
/** The event loop gets its turn after this many rows (a few ms); an appender left alone stores three times as many in one go. */
const rowsPerTurn = 32 * vectorRows;

/** Key under which a Parquet file of samples tells which frames it holds. */
export const numbersKey = 'testops_numbers';

const storedNumbersSchema = z.array(
  z.object({ daemon: daemonNameSchema, epoch: epochSchema, ranges: z.array(z.tuple([z.int().min(1), z.int().min(1)])) }),
);

/** A segment and what is in it. */
export interface KnownSegment extends Segment {
  readonly rows: number;
  readonly frames: readonly FrameNumbers[];
}

/** The numbers of frames as a segment keeps them (JSON), for those who read it again. */
export function describeNumbers(frames: Iterable<FrameNumbers>): string {
  return JSON.stringify([...frames].map(({ daemon, epoch, numbers }) => ({ daemon, epoch, ranges: numbers.toArray() })));
}

/** What `describeNumbers` wrote; throws where a text is none of it. */
export function parseNumbers(text: string): FrameNumbers[] {
  const stored = storedNumbersSchema.parse(JSON.parse(text));
  return stored.map(({ daemon, epoch, ranges }) => ({ daemon, epoch, numbers: NumberRanges.of(ranges) }));
}

export class SegmentWriter {
  private readonly database: Database;
  private readonly files: ArchiveFiles;
  private readonly folder: string;

  constructor(database: Database, files: ArchiveFiles, folder: string) {
    this.database = database;
    this.files = files;
    this.folder = folder;
  }

  async write(commit: number, columns: SampleColumns, frames: readonly FrameNumbers[]): Promise<KnownSegment> {
    await this.database.run('CREATE OR REPLACE TABLE arriving(series UINTEGER, time TIMESTAMP_MS, value DOUBLE)');
    const appender = await this.database.connection.createAppender('arriving');
    try {
      await fill(appender, columns);
      appender.flushSync();
    } finally {
      appender.closeSync();
    }
    // NaN is how frames say "no value"; in files that is NULL, which every reader understands.
    const file = await this.copy(`SELECT series, time, nullif(value, 'NaN'::DOUBLE) AS value FROM arriving`, commit, commit, frames);
    await this.database.run('DROP TABLE arriving');
    return { file, from: commit, to: commit, rows: columns.length, frames };
  }

  async merge(segments: readonly KnownSegment[], frames: readonly FrameNumbers[]): Promise<KnownSegment> {
    const from = segments[0]?.from ?? 0;
    const to = segments.at(-1)?.to ?? 0;
    const query = `SELECT series, time, value FROM read_parquet(${fileList(segments.map(({ file }) => file))})`;
    const file = await this.copy(query, from, to, frames);
    return { file, from, to, rows: segments.reduce((sum, { rows }) => sum + rows, 0), frames };
  }

  /** ms since 1970, the daemon's clock: the latest time in a segment; null: it is empty. */
  async latest({ file }: Segment): Promise<number | null> {
    const [[time] = []] = await this.database.rows(`SELECT epoch_ms(max(time))::DOUBLE FROM read_parquet(${fileList([file])})`);
    return typeof time === 'number' ? time : null;
  }

  /** Writes a query's rows as a segment: whole and on the disk before it has its name. */
  private async copy(query: string, from: number, to: number, frames: readonly FrameNumbers[]): Promise<string> {
    const file = path.join(this.folder, segmentName(from, to));
    const partial = `${file}${partialSuffix}`;
    try {
      await this.database.run(
        `COPY (${query}) TO ${literal(partial)} (${parquetOptions}, KV_METADATA {${numbersKey}: ${literal(describeNumbers(frames))}})`,
      );
      await this.files.syncFile(partial);
      await putInPlace(this.files, file);
      return file;
    } catch (failure) {
      await rm(partial, { force: true }).catch(() => {});
      throw failure;
    }
  }
}

async function fill(appender: DuckDBAppender, columns: SampleColumns): Promise<void> {
  const chunk = DuckDBDataChunk.create([UINTEGER, TIMESTAMP_MS, DOUBLE]);
  let row = 0;
  for (const times of columns.timesInChunks(vectorRows)) {
    const end = row + times.length;
    chunk.reset();
    chunk.rowCount = times.length;
    setColumn(chunk, 0, columns.series(row, end));
    setColumn(chunk, 1, times);
    setColumn(chunk, 2, columns.values(row, end));
    appender.appendDataChunk(chunk);
    row = end;
    if (row % rowsPerTurn === 0) {
      appender.flushSync();
      await nextTurn();
    }
  }
}

/** Copies a column as it is in memory; an item at a time would cost thirty times as much. */
function setColumn(chunk: DuckDBDataChunk, index: number, column: Uint32Array | BigInt64Array | Float64Array): void {
  const vector = chunk.getColumnVector(index) as unknown as { items: { set(values: ArrayLike<unknown>): void }; flush(): void };
  vector.items.set(column);
  vector.flush();
}

/** Rows and frames of segments that an earlier core wrote; throws if any of them cannot be read. */
export async function readSegments(database: Database, segments: readonly Segment[]): Promise<KnownSegment[]> {
  if (segments.length === 0) return [];
  const files = fileList(segments.map(({ file }) => file));
  const counts = await database.rows(`SELECT file_name, num_rows FROM parquet_file_metadata(${files})`);
  const numbers = await database.rows(
    `SELECT file_name, decode(value) FROM parquet_kv_metadata(${files}) WHERE decode(key) = ${literal(numbersKey)}`,
  );
  const rowsOf = new Map(counts.map(([file, rows]) => [String(file), Number(rows)]));
  const framesOf = new Map(numbers.map(([file, text]) => [String(file), parseNumbers(String(text))]));
  return segments.map((segment) => ({
    ...segment,
    rows: rowsOf.get(segment.file) ?? 0,
    frames: framesOf.get(segment.file) ?? [],
  }));
}
