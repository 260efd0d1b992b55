/**
 * `summary.parquet`: statistics of every series during every step, and during the whole run (execution 0). Works on a bounded
 * number of samples at a time, so that a long run needs no more memory than a short one.
 */
import path from 'node:path';
import { literal, parquetOptions, withoutGlobs, type Database } from './database.ts';
import { samplesFile } from './layout.ts';
import type { LogTally, StepWindow } from './log-tally.ts';

export interface SummaryInput {
  readonly folder: string;
  readonly tally: LogTally;
  /** End of the run for steps that never ended; ms since 1970, core's clock. */
  readonly end: number;
}

/** Samples that are looked at together. */
const rowsAtATime = 500_000;

/** Values whose squares a double can hold; DuckDB would refuse the whole query for another one. */
const measurable = 'abs(value) < 1e150';

/** Statistics of the samples of a group, of which the increments count where `within` holds. */
const statistics = (within: string): string => `
  count(value) AS count, count(*) - count(value) AS missing, min(value) AS min, max(value) AS max, avg(value) AS mean,
  stddev_samp(value) FILTER (${measurable}) AS stddev,
  quantile_cont(value, [0.05, 0.5, 0.95, 0.99]) AS quantiles, arg_min(value, time) AS first, arg_max(value, time) AS last,
  CASE WHEN any_value(kind) = 'counter' THEN sum(growth) FILTER (${within}) / nullif(sum(span) FILTER (${within}), 0)
    ELSE regr_slope(value, second) FILTER (${measurable}) END AS slope`;

const columns = `execution UINTEGER, series UINTEGER, count UBIGINT, missing UBIGINT, min DOUBLE, max DOUBLE, mean DOUBLE, stddev DOUBLE,
  quantiles DOUBLE[], first DOUBLE, last DOUBLE, slope DOUBLE`;

/** Writes the summary to a file. Needs the table `series` that sealing made. */
export async function writeSummary(database: Database, input: SummaryInput, target: string): Promise<void> {
  await database.run(`CREATE OR REPLACE TABLE summary(${columns})`);
  const depths = await loadSteps(database, input);
  const samples = `read_parquet(${literal(withoutGlobs(path.join(input.folder, samplesFile)))})`;
  for (const [first, last] of await seriesInParts(database, samples)) {
    await database.run(`CREATE OR REPLACE TABLE part AS ${partQuery(samples, first, last)}`);
    await database.run(`INSERT INTO summary SELECT 0, series, ${statistics('true')} FROM part GROUP BY series`);
    for (const depth of depths) await database.run(insertSteps(depth));
  }
  await database.run('DROP TABLE IF EXISTS part');
  await database.run(`COPY (${finalQuery}) TO ${literal(target)} (${parquetOptions})`);
}

/**
 * Samples of some series. `second` counts from their first one, since a slope over times since 1970 would lose half its digits.
 * Of counters also by how much each sample grew beyond the one before it, and in how many seconds; where it fell, the counter began
 * again, and nothing is known of its growth.
 */
function partQuery(samples: string, first: number, last: number): string {
  return `
    WITH chosen AS (SELECT series, kind, time, epoch_ms(time)::DOUBLE - clock_offset AS core_time, value
      FROM ${samples} JOIN series USING (series) WHERE series BETWEEN ${first} AND ${last}),
    origin AS (SELECT min(core_time) AS begin FROM chosen),
    counted AS (SELECT *, lag(value) OVER series_in_order AS value_before, lag(core_time) OVER series_in_order AS time_before
      FROM chosen WHERE kind = 'counter' AND value IS NOT NULL WINDOW series_in_order AS (PARTITION BY series ORDER BY time)),
    every AS (SELECT *, NULL::DOUBLE AS value_before, NULL::DOUBLE AS time_before FROM chosen WHERE kind <> 'counter' OR value IS NULL
      UNION ALL SELECT * FROM counted)
    SELECT series, kind, time, core_time, value, (core_time - begin) / 1000 AS second, time_before,
      CASE WHEN ${rising} THEN value - value_before END AS growth,
      CASE WHEN ${rising} THEN (core_time - time_before) / 1000 END AS span
    FROM every, origin`;
}

const rising = `value >= value_before AND ${measurable} AND abs(value_before) < 1e150`;

/** Steps of one depth never overlap, so each sample belongs to the step of that depth that began last, if that still ran. */
function insertSteps(depth: number): string {
  return `INSERT INTO summary
    SELECT execution, series, ${statistics('time_before >= step.started')}
    FROM part ASOF JOIN (SELECT execution, started, ended FROM steps WHERE depth = ${depth} AND ended > started) AS step
      ON part.core_time >= step.started
    WHERE part.core_time < step.ended
    GROUP BY execution, series`;
}

const finalQuery = `
  SELECT summary.execution, steps.scenario, steps.line, steps.number, steps.depth,
    CASE WHEN summary.execution = 0 THEN NULL ELSE make_timestamp_ms(steps.started::BIGINT)::TIMESTAMP_MS END AS started,
    CASE WHEN summary.execution = 0 THEN NULL ELSE steps.ended - steps.started END AS duration,
    series, daemon, component, metric, unit, count, missing, min, max, mean, stddev,
    quantiles[1] AS p05, quantiles[2] AS p50, quantiles[3] AS p95, quantiles[4] AS p99, first, last, slope
  FROM summary LEFT JOIN steps USING (execution) JOIN series USING (series)
  ORDER BY summary.execution, series`;

/** Fills the table `steps`; returns the depths that occur in it. */
async function loadSteps(database: Database, input: SummaryInput): Promise<number[]> {
  await database.run(
    'CREATE OR REPLACE TABLE steps(execution UINTEGER, scenario VARCHAR, line UINTEGER, number UINTEGER, depth UINTEGER, started DOUBLE, ended DOUBLE)',
  );
  const depths = new Set<number>();
  const appender = await database.connection.createAppender('steps');
  try {
    for (const step of input.tally.steps.values()) {
      appendStep(appender, step, input.end);
      depths.add(step.depth);
    }
  } finally {
    appender.closeSync();
  }
  return [...depths].sort((one, other) => one - other);
}

type Appender = Awaited<ReturnType<Database['connection']['createAppender']>>;

function appendStep(appender: Appender, step: StepWindow, end: number): void {
  appender.appendUInteger(step.execution);
  appender.appendVarchar(step.scenario);
  appender.appendUInteger(step.line);
  appender.appendUInteger(step.number);
  appender.appendUInteger(step.depth);
  appender.appendDouble(step.start);
  appender.appendDouble(step.end ?? end);
  appender.endRow();
}

/** Splits the series into stretches of neighbours that have a bounded number of samples together. */
async function seriesInParts(database: Database, samples: string): Promise<[number, number][]> {
  const counts = await database.rows(`SELECT series, count(*) FROM ${samples} GROUP BY series ORDER BY series`);
  const parts: [number, number][] = [];
  let rows = Infinity;
  for (const [series, count] of counts) {
    const part = parts.at(-1);
    if (part && rows + Number(count) <= rowsAtATime) {
      part[1] = Number(series);
      rows += Number(count);
    } else {
      parts.push([Number(series), Number(series)]);
      rows = Number(count);
    }
  }
  return parts;
}
