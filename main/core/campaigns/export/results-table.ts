/**
 * The results of a campaign as one Parquet file: a row for each attempt at a test, and one for each test that nobody attempted. Read by DuckDB,
 * pandas, Spark and whatever else asks in columns.
 */
import { BOOLEAN, DOUBLE, DuckDBDataChunk, INTEGER, TIMESTAMP_MS, VARCHAR, type DuckDBType, type DuckDBValue } from '@duckdb/node-api';
import { DuckDBTimestampMillisecondsValue } from '@duckdb/node-api';
import { rename, rm } from 'node:fs/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { AttemptFact, CampaignState } from '#shared/campaign/campaign-state.ts';
import { causeText } from '#shared/campaign/cause-text.ts';
import { FailureCauses } from '#shared/campaign/failure-causes.ts';
import type { CampaignPlan, QuarantineEntry } from '#shared/campaign/plan.ts';
import { isRed } from '#shared/campaign/words.ts';
import { ProblemError, problemOf } from '#shared/problem.ts';
import { Database, literal, parquetOptions } from '../../archive/database.ts';
import { quarantineOf } from '../quarantine.ts';

/** Rows of a DuckDB vector. */
const vectorRows = 2_048;

/** A test, and one of its attempts; null: nobody attempted it. */
interface Row {
  readonly state: CampaignState;
  readonly plan: CampaignPlan;
  readonly number: number;
  readonly attempt: AttemptFact | null;
  /** Of its attempts the last, on which its result rests. */
  readonly last: boolean;
  readonly cause: string | null;
  readonly quarantined: QuarantineEntry | undefined;
}

interface Column {
  readonly name: string;
  readonly type: DuckDBType;
  readonly value: (row: Row) => DuckDBValue;
}

const column = (name: string, type: DuckDBType, value: Column['value']): Column => ({ name, type, value });

const columns: readonly Column[] = [
  column('campaign', VARCHAR, ({ plan }) => plan.campaign),
  column('name', VARCHAR, ({ plan }) => plan.name),
  column('environment', VARCHAR, ({ plan }) => plan.environment),
  column('revision', VARCHAR, ({ plan }) => plan.revision),
  column('suite', VARCHAR, ({ state, number }) => state.testAt(number)?.suite ?? null),
  column('test', VARCHAR, ({ state, number }) => state.testAt(number)?.test ?? null),
  column('test_group', VARCHAR, ({ state, number }) => unitOf(state, number)?.group ?? null),
  column('serial', BOOLEAN, ({ state, number }) => unitOf(state, number)?.serial ?? null),
  column('result', VARCHAR, ({ state, number }) => state.tests.resultOf(number)),
  column('quarantined', BOOLEAN, ({ quarantined }) => quarantined !== undefined),
  column('cause', VARCHAR, ({ cause }) => cause),
  column('attempt', INTEGER, ({ attempt }) => attempt?.lease.attempt ?? null),
  column('last', BOOLEAN, ({ last }) => last),
  column('verdict', VARCHAR, ({ attempt }) => attempt?.verdict.verdict ?? null),
  column('message', VARCHAR, ({ attempt }) => attempt?.verdict.message ?? null),
  column('started_at', TIMESTAMP_MS, ({ attempt }) => startOf(attempt)),
  column('duration_ms', DOUBLE, ({ attempt }) => attempt?.verdict.duration ?? null),
  column('worker', VARCHAR, ({ attempt }) => attempt?.lease.worker ?? null),
  column('host', VARCHAR, ({ state, attempt }) => state.workers.get(attempt?.lease.worker ?? '')?.host ?? null),
  column('server', VARCHAR, ({ attempt }) => attempt?.lease.server ?? null),
];

/** Writes the file: whole or not at all. The state must not change meanwhile. */
export async function writeResultsTable(state: CampaignState, plan: CampaignPlan, now: number, path: string): Promise<void> {
  const database = await Database.open({ memory: '256MB', threads: 1 });
  const partial = `${path}.partial`;
  try {
    await fill(database, rowsOf(state, plan, now));
    await database.run(`COPY results TO ${literal(partial)} (${parquetOptions})`);
    await rename(partial, path);
  } catch (failure) {
    await rm(partial, { force: true }).catch(() => undefined);
    throw new ProblemError({
      code: 'report-not-writable',
      file: path,
      message: `The results cannot be written here (${problemOf(failure).message}).`,
      tip: 'Name a file in a folder that exists and may be written.',
    });
  } finally {
    database.dispose();
  }
}

async function fill(database: Database, rows: Iterable<Row>): Promise<void> {
  await database.run(`CREATE TABLE results(${columns.map(({ name, type }) => `"${name}" ${type.toString()}`).join(', ')})`);
  const appender = await database.connection.createAppender('results');
  try {
    const chunk = DuckDBDataChunk.create(columns.map(({ type }) => type));
    for (const some of inParts(rows)) {
      chunk.reset();
      chunk.setColumns(columns.map(({ value }) => some.map(value)));
      appender.appendDataChunk(chunk);
      appender.flushSync();
      await nextTurn();
    }
  } finally {
    appender.closeSync();
  }
}

function* inParts(rows: Iterable<Row>): Iterable<readonly Row[]> {
  let part: Row[] = [];
  for (const row of rows) {
    part.push(row);
    if (part.length < vectorRows) continue;
    yield part;
    part = [];
  }
  if (part.length > 0) yield part;
}

function* rowsOf(state: CampaignState, plan: CampaignPlan, now: number): Iterable<Row> {
  const quarantine = quarantineOf(state, now);
  const causes = new FailureCauses(state);
  for (let number = 0; number < state.tests.size; number += 1) {
    const result = state.tests.resultOf(number);
    const attempts = state.tests.attemptsOf(number);
    const cause = result !== null && isRed(result) ? causeText(causes.of(number)) : null;
    const test = { state, plan, number, cause, quarantined: quarantine.get(number) };
    if (attempts.length === 0) yield { ...test, attempt: null, last: true };
    for (const [place, attempt] of attempts.entries()) yield { ...test, attempt, last: place === attempts.length - 1 };
  }
}

function unitOf(state: CampaignState, number: number) {
  return state.units.at(state.tests.unitOf(number) ?? -1);
}

function startOf(attempt: AttemptFact | null): DuckDBTimestampMillisecondsValue | null {
  if (!attempt) return null;
  const { lease, verdict } = attempt;
  return new DuckDBTimestampMillisecondsValue(BigInt(Math.round((lease.takenUpAt ?? lease.leasedAt) + verdict.offset)));
}
