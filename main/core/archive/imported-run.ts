/** Checks what was unpacked from a bundle as if every byte had been made to do harm. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { RunId } from '#shared/identifiers.ts';
import { problemOf } from '#shared/problem.ts';
import type { RunManifest } from '#shared/run/manifest.ts';
import { refuseBundle } from './bundle-format.ts';
import type { BundleLimits } from './bundle-zip.ts';
import { Database, literal, withoutGlobs } from './database.ts';
import { logFile, manifestFile, samplesFile, seriesFile, summaryFile } from './layout.ts';
import { scanLog } from './log-reader.ts';
import { parseManifest } from './manifest-file.ts';
import { looksLikeParquet } from './run-check.ts';

/** ms that DuckDB may take for one bundle; honest ones take a few seconds per GB. */
const patience = 10 * 60_000;

/** Columns and types of the Parquet files; docs/archive-format.md explains them. Summaries that were written first had no slopes. */
const schemas = {
  [seriesFile]:
    'series UINTEGER, daemon VARCHAR, component VARCHAR, metric VARCHAR, unit VARCHAR, kind VARCHAR, help VARCHAR, clock_offset DOUBLE',
  [samplesFile]: 'series UINTEGER, time TIMESTAMP, value DOUBLE',
  [summaryFile]:
    'execution UINTEGER, scenario VARCHAR, line UINTEGER, number UINTEGER, depth UINTEGER, started TIMESTAMP, duration DOUBLE,' +
    ' series UINTEGER, daemon VARCHAR, component VARCHAR, metric VARCHAR, unit VARCHAR, count UBIGINT, missing UBIGINT, min DOUBLE,' +
    ' max DOUBLE, mean DOUBLE, stddev DOUBLE, p05 DOUBLE, p50 DOUBLE, p95 DOUBLE, p99 DOUBLE, first DOUBLE, last DOUBLE, slope DOUBLE',
} as const;
const slope = ', slope DOUBLE';

/** Refuses with one sentence unless the folder is a whole finished run. `file` is the bundle's name, for that sentence. */
export async function checkImportedRun(file: string, folder: string, run: RunId, limits: BundleLimits): Promise<void> {
  const manifest = await checkManifest(file, folder, run);
  await checkLog(file, folder, manifest, limits);
  await checkParquet(file, folder, manifest, limits);
}

async function checkManifest(file: string, folder: string, run: RunId): Promise<RunManifest> {
  const place = path.join(folder, manifestFile);
  let manifest: RunManifest;
  try {
    manifest = parseManifest(await readFile(place, 'utf8'), place);
  } catch (failure) {
    return refuseBundle(file, `its manifest is damaged (${problemOf(failure).message})`);
  }
  if (manifest.run !== run) refuseBundle(file, `its manifest is that of another run (${manifest.run})`);
  if (manifest.totals === null || manifest.outcome === null || manifest.finishedAt === null) {
    refuseBundle(file, 'its run was not finished');
  }
  return manifest;
}

async function checkLog(file: string, folder: string, manifest: RunManifest, limits: BundleLimits): Promise<void> {
  let stranger: string | null = null;
  const place = path.join(folder, logFile);
  const scan = await scanLog(
    place,
    (record) => {
      if (record.kind === 'run-started' && record.run !== manifest.run) stranger = record.run;
    },
    { lineLimit: limits.lineBytes },
  ).catch((failure: unknown) => refuseBundle(file, `its log cannot be read (${problemOf(failure).message})`));
  if (scan.damage) refuseBundle(file, `line ${scan.damage.line} of its log is damaged: ${scan.damage.reason}`);
  if (stranger !== null) refuseBundle(file, `its log is that of another run (${String(stranger)})`);
  const { records } = manifest.totals ?? { records: 0 };
  if (scan.records !== records) refuseBundle(file, `its log has ${scan.records} records where its manifest says ${records}`);
}

async function checkParquet(file: string, folder: string, manifest: RunManifest, limits: BundleLimits): Promise<void> {
  const names = [seriesFile, samplesFile, summaryFile] as const;
  for (const name of names) {
    if (!(await looksLikeParquet(path.join(folder, name)))) refuseBundle(file, `${name} is no whole Parquet file`);
  }
  const database = await Database.open({ memory: '256MB', threads: 1 });
  const deadline = performance.now() + patience;
  // Again and again: one that falls between two queries would stop nothing.
  const timer = setInterval(() => {
    if (performance.now() > deadline) database.connection.interrupt();
  }, 1_000);
  try {
    for (const name of names) await checkTable(database, file, path.join(folder, name), name, expectedRows(name, manifest), limits);
    await checkReferences(database, file, folder);
  } finally {
    clearInterval(timer);
    database.dispose();
  }
}

function expectedRows(name: keyof typeof schemas, manifest: RunManifest): number | null {
  if (name === samplesFile) return manifest.totals?.samples ?? 0;
  return name === seriesFile ? (manifest.totals?.series ?? 0) : null;
}

async function checkTable(
  database: Database,
  file: string,
  place: string,
  name: keyof typeof schemas,
  expected: number | null,
  limits: BundleLimits,
): Promise<void> {
  const source = `read_parquet(${literal(withoutGlobs(place))})`;
  let schema: string;
  let rows: number;
  try {
    const described = await database.rows(`SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM ${source})`);
    schema = described.map(([column, type]) => `${String(column)} ${String(type)}`).join(', ');
    rows = await database.number(`SELECT count(*) FROM ${source}`);
  } catch (failure) {
    return refuseBundle(file, `${name} cannot be read (${sentence(failure)})`);
  }
  const known = schema === schemas[name] || (name === summaryFile && `${schema}${slope}` === schemas[name]);
  if (!known) refuseBundle(file, `${name} does not have the columns it should have`);
  if (rows > limits.samples) refuseBundle(file, `${name} has more than ${limits.samples} rows`);
  if (expected !== null && rows !== expected) refuseBundle(file, `${name} has ${rows} rows where its manifest says ${expected}`);
  try {
    // Decodes every value of every column, so that no reader meets a damaged page later.
    await database.rows(`SELECT bit_xor(hash(whole)) FROM ${source} AS whole`);
  } catch (failure) {
    return refuseBundle(file, `${name} cannot be read (${sentence(failure)})`);
  }
}

/** Every sample and every line of the summary names a series that is there, and no series is there twice. */
async function checkReferences(database: Database, file: string, folder: string): Promise<void> {
  const source = (name: string): string => `read_parquet(${literal(withoutGlobs(path.join(folder, name)))})`;
  try {
    const distinct = await database.number(`SELECT count(*) - count(DISTINCT series) FROM ${source(seriesFile)}`);
    if (distinct !== 0) refuseBundle(file, `${seriesFile} names a series twice`);
    for (const name of [samplesFile, summaryFile]) {
      const strangers = await database.number(
        `SELECT count(*) FROM (SELECT DISTINCT series FROM ${source(name)}) WHERE series NOT IN (SELECT series FROM ${source(seriesFile)} WHERE series IS NOT NULL) OR series IS NULL`,
      );
      if (strangers !== 0) refuseBundle(file, `${name} names series that ${seriesFile} does not know`);
    }
  } catch (failure) {
    if (problemOf(failure).code === 'bundle-refused') throw failure;
    refuseBundle(file, `its samples cannot be read (${sentence(failure)})`);
  }
}

function sentence(failure: unknown): string {
  return problemOf(failure).message.split('\n')[0]?.slice(0, 200) ?? 'unknown';
}
