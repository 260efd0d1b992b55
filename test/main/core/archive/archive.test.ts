/** The archive through its public door: runs are made, closed, opened again, listed, read, finished and removed. */
import { appendFile, readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openArchive, type Archive } from '#main/core/archive/archive.ts';
import { Database, literal } from '#main/core/archive/database.ts';
import { RunQueries } from '#main/core/archive/queries.ts';
import type { RunRecord } from '#shared/run/records.ts';
import {
  batchOf,
  daemon,
  declarations,
  echo,
  epoch,
  manifestOf,
  readAll,
  realClock,
  recordRun,
  removeFolder,
  runId,
  step,
  temporaryFolder,
} from './fixtures.ts';

let folder: string;
let archive: Archive;

beforeEach(async () => {
  folder = await temporaryFolder();
  archive = await openArchive({ folder, clock: realClock });
});
afterEach(async () => {
  await archive.dispose();
  await removeFolder(folder);
});

/** A lock as a process that is gone left it. */
async function leaveDeadLock(): Promise<void> {
  const lock = { token: 'gone', pid: 1, started: 'another start', boot: null, host: hostname() };
  await writeFile(path.join(folder, runId(), 'lock.json'), JSON.stringify(lock));
}

describe('an interrupted run', () => {
  test('knows the time of its latest sample, by the clock of the core that died', async () => {
    const series = declarations(2);
    const journal = await archive.create(manifestOf(runId()));
    await journal.append({ kind: 'presence', daemon, state: 'present', epoch, clockOffset: 400 });
    journal.appendSamples(batchOf(series, 1, 10_000));
    journal.appendSamples(batchOf(series, 2, 12_000));
    await journal.suspend();
    const again = await archive.reopen(runId());
    expect(await again.lastSample?.()).toBe(11_600);
    await again.suspend();
  });

  test('without samples knows of none', async () => {
    await (await archive.create(manifestOf(runId()))).suspend();
    const again = await archive.reopen(runId());
    expect(await again.lastSample?.()).toBeNull();
    await again.suspend();
  });
});

describe('a run that goes on', () => {
  test('gives records their sequence in order of the calls and resolves when they are on disk', async () => {
    const journal = await archive.create(manifestOf(runId()));
    const records = await Promise.all(Array.from({ length: 500 }, (_, index) => journal.append(echo(`${index}`))));
    expect(records.map(({ sequence }) => sequence)).toEqual(records.map((_, index) => index + 1));
    const lines = (await readFile(path.join(folder, runId(), 'log.ndjson'), 'utf8')).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(records);
  });

  test('followers get every record once, in order, wherever they begin and whatever is added meanwhile', async () => {
    const journal = await archive.create(manifestOf(runId()));
    const heard = new Map<number, number[]>();
    const follow = (from: number): (() => void) => {
      const sequences: number[] = [];
      heard.set(from, sequences);
      return journal.subscribe(from, (records) => sequences.push(...records.map(({ sequence }) => sequence)));
    };
    follow(1);
    for (let index = 0; index < 3_000; index++) void journal.append(echo(`first ${index}`));
    await journal.append(echo('last of the first'));
    for (const from of [2, 1_500, 3_001, 4_000]) follow(from);
    const leave = follow(10);
    leave();
    const last = 6_001;
    for (let index = 0; index < 2_999; index++) void journal.append(echo(`second ${index}`));
    await journal.append(echo('end'));
    await expect.poll(() => heard.get(2)?.length).toBe(last - 1);
    for (const from of [1, 2, 1_500, 3_001, 4_000]) {
      await expect.poll(() => heard.get(from)?.at(-1)).toBe(last);
      expect(heard.get(from)).toEqual(Array.from({ length: last - from + 1 }, (_, index) => from + index));
    }
    expect(heard.get(10)).toEqual([]);
  });

  test('a follower that fails harms neither the log nor the others', async () => {
    const journal = await archive.create(manifestOf(runId()));
    const heard: RunRecord[] = [];
    journal.subscribe(1, () => {
      throw new Error('a mistake in a view');
    });
    journal.subscribe(1, (records) => heard.push(...records));
    await journal.append(echo('one'));
    await journal.append(echo('two'));
    expect(heard).toHaveLength(2);
  });

  test('what would not be readable later is made to fit, or refused before it has a place', async () => {
    const journal = await archive.create(manifestOf(runId()));
    await journal.append(echo(`${'x'.repeat(65_529)}\u{1F600}${'y'.repeat(50_000)}`));
    const values = { reading: Number.NaN };
    await journal.append({ kind: 'condition', execution: 1, condition: 'c', form: 'wait', text: '', state: 'pending', values });
    await expect(journal.append({ kind: 'echo', execution: 1.5, text: '' })).rejects.toMatchObject({ problem: { code: 'record-refused' } });
    await journal.append(echo('next'));
    const [cut, condition, next] = await readAll(archive.read(runId(), 1));
    expect(cut).toMatchObject({ text: expect.stringMatching(/^x{65528}.*… \(cut\)$/) as string });
    expect(condition).toMatchObject({ values: { reading: null } });
    expect(next).toMatchObject({ sequence: 3, text: 'next' });
  });

  test('is open for one core only, also seen from another console', async () => {
    const journal = await archive.create(manifestOf(runId()));
    const other = await openArchive({ folder, clock: realClock });
    expect(await other.interrupted()).toEqual([]);
    expect(await other.list()).toMatchObject([{ outcome: null }]);
    await expect(other.reopen(runId())).rejects.toMatchObject({ problem: { code: 'run-open' } });
    await expect(other.remove(runId())).rejects.toMatchObject({ problem: { code: 'run-open' } });
    await expect(other.exportRun(runId(), path.join(folder, 'x'))).rejects.toMatchObject({ problem: { code: 'run-not-finished' } });
    await expect(archive.create(manifestOf(runId()))).rejects.toMatchObject({ problem: { code: 'run-exists' } });
    await journal.suspend();
    expect(await other.interrupted()).toEqual([runId()]);
    expect(await other.list()).toMatchObject([{ outcome: 'interrupted' }]);
    await other.dispose();
  });

  test('samples of it can be read about a second after they were given', async () => {
    const journal = await archive.create(manifestOf(runId()));
    journal.appendSamples(batchOf(declarations(3), 1, 5_000, [1, Number.NaN, 3]));
    const queries = await RunQueries.open(folder);
    const valueOf = async (metric: number): Promise<number[]> => [
      ...((await queries.samplesOf(runId(), `MatchingEnginePrimary.metric_${metric}`))[0]?.values ?? []),
    ];
    await expect.poll(() => valueOf(2), { timeout: 5_000 }).toEqual([3]);
    expect(await valueOf(1)).toEqual([Number.NaN]);
    queries.dispose();
  });

  test('many small segments are merged and nothing is lost by it', async () => {
    const journal = await archive.create(manifestOf(runId()));
    const series = declarations(2);
    for (let frame = 1; frame <= 70; frame++) {
      journal.appendSamples(batchOf(series, frame, frame * 1_000));
      await journal.commitSamples();
    }
    const segments = (await readdir(path.join(folder, runId(), 'samples'))).filter((name) => name.endsWith('.parquet'));
    expect(segments).toHaveLength(2 + 6);
    await journal.suspend();
    const again = await archive.reopen(runId());
    expect(again.lastNumbers()).toEqual([{ daemon, epoch, highest: 70, missing: [] }]);
    await again.suspend();
    const queries = await RunQueries.open(folder);
    const [found] = await queries.samplesOf(runId(), 'MatchingEnginePrimary.metric_1', 10_000, 60_000);
    expect([...(found?.times ?? [])]).toEqual(Array.from({ length: 50 }, (_, index) => 10_000 + index * 1_000));
    queries.dispose();
  });
});

describe('a run that was interrupted', () => {
  test('goes on after its last intact record; a torn line is cut off and said so', async () => {
    const journal = await archive.create(manifestOf(runId()));
    await recordRun(journal);
    const { length } = await readAll(archive.read(runId(), 1));
    await journal.suspend();
    await appendFile(path.join(folder, runId(), 'log.ndjson'), '{"sequence":7,"time":1,"kind":"echo","exec');
    expect((await archive.show(runId())).problems).toMatchObject([{ code: 'log-torn' }]);
    expect(await readAll(archive.read(runId(), 1))).toHaveLength(length);
    const again = await archive.reopen(runId());
    expect(again.repairs).toMatchObject([{ code: 'log-tail-cut' }]);
    const next = await again.append({ kind: 'recovered', message: 'The core was started again.' });
    expect(next.sequence).toBe(length + 2);
    const records = await readAll(archive.read(runId(), length));
    expect(records.map(({ kind }) => kind)).toEqual(['run-finished', 'problem', 'recovered']);
  });

  test('its dead lock is taken over, and the numbers of what is missing are told', async () => {
    const journal = await archive.create(manifestOf(runId()));
    const series = declarations(2);
    for (const frame of [3, 4, 7, 9]) journal.appendSamples(batchOf(series, frame, frame));
    for (const number of [5, 12]) await journal.append({ kind: 'observation', daemon, epoch, number, events: [] });
    await journal.append({ kind: 'gap', daemon, epoch, from: 10, to: 10, state: 'lost', reason: 'gone' });
    await journal.suspend();
    await leaveDeadLock();
    expect(await archive.interrupted()).toEqual([runId()]);
    const again = await archive.reopen(runId());
    const missing = [
      [6, 6],
      [8, 8],
      [11, 11],
    ];
    expect(again.lastNumbers()).toEqual([{ daemon, epoch, highest: 12, missing }]);
  });

  test('one that had ended but not been finished is finished', async () => {
    const journal = await archive.create(manifestOf(runId()));
    await recordRun(journal);
    await journal.suspend();
    expect(await archive.interrupted()).toEqual([]);
    expect(await archive.list()).toMatchObject([{ outcome: 'passed', totals: { samples: 50, series: 10, steps: 1, records: 6 } }]);
  });

  test('damage in the middle of the log is told, not written over', async () => {
    const journal = await archive.create(manifestOf(runId()));
    const long = 'x'.repeat(60_000);
    for (let index = 0; index < 200; index++) void journal.append(echo(long));
    await journal.suspend();
    const file = path.join(folder, runId(), 'log.ndjson');
    const bytes = await readFile(file);
    bytes[100] = 0;
    await writeFile(file, bytes);
    await expect(archive.reopen(runId())).rejects.toMatchObject({ problem: { code: 'log-damaged' } });
    expect((await stat(file)).size).toBe(bytes.length);
    await expect(readAll(archive.read(runId(), 1))).rejects.toMatchObject({ problem: { code: 'log-damaged' } });
  });
});

describe('a finished run', () => {
  test('is whole, read-only and open to plain DuckDB', async () => {
    const journal = await archive.create(manifestOf(runId()));
    await recordRun(journal, 5, 10);
    await journal.finish();
    const names = (await readdir(path.join(folder, runId()))).sort();
    expect(names).toEqual(['log.ndjson', 'run.json', 'samples.parquet', 'series.parquet', 'summary.parquet']);
    for (const name of names) expect((await stat(path.join(folder, runId(), name))).mode & 0o222).toBe(0);
    await expect(journal.append(echo('late'))).rejects.toMatchObject({ problem: { code: 'run-closed' } });
    await expect(archive.reopen(runId())).rejects.toMatchObject({ problem: { code: 'run-finished' } });

    const database = await Database.open({ memory: '64MB', threads: 1 });
    const file = (name: string): string => literal(path.join(folder, runId(), name));
    const rows = await database.rows(
      `SELECT component, metric, count(*)::INTEGER, max(value) FROM read_parquet(${file('samples.parquet')})
       JOIN read_parquet(${file('series.parquet')}) USING (series) WHERE metric = 'metric_3' GROUP BY ALL`,
    );
    expect(rows).toEqual([['MatchingEnginePrimary', 'metric_3', 5, 3.5]]);
    expect(await database.number(`SELECT count(*) FROM read_json(${file('log.ndjson')})`)).toBe(6);
    database.dispose();
  });

  test('has a summary by step, by the clock of the core, with missing values counted', async () => {
    let now = 1_000_000;
    const clock = { ...realClock, now: () => now };
    const clocked = await openArchive({ folder, clock });
    const journal = await clocked.create(manifestOf(runId()));
    const series = declarations(1);
    const ahead = 5_000;
    await journal.append({ kind: 'presence', daemon, state: 'present', epoch, clockOffset: ahead });
    const sample = (sequence: number, time: number, value: number): void => {
      journal.appendSamples(batchOf(series, sequence, time + ahead, [value]));
    };
    await journal.append({ kind: 'step-started', step: step(1, 0) });
    for (let index = 0; index < 10; index++) sample(index + 1, now + index, index);
    now += 10;
    await journal.append({ kind: 'step-finished', step: step(1, 0), state: 'passed', message: null, result: null, duration: 10 });
    await journal.append({ kind: 'step-started', step: step(2, 4) });
    await journal.append({ kind: 'step-started', step: step(3, 1, 1) });
    sample(11, now, 100);
    sample(12, now + 1, Number.NaN);
    sample(13, now + 2, 300);
    now += 3;
    await journal.append({ kind: 'step-finished', step: step(3, 1, 1), state: 'passed', message: null, result: null, duration: 3 });
    sample(14, now + 1, 1e300);
    sample(15, now + 2, Number.POSITIVE_INFINITY);
    now += 10;
    await journal.updateManifest({ finishedAt: now, outcome: 'stopped' });
    await journal.finish();

    const queries = await RunQueries.open(folder);
    const all = await queries.summaryOf(runId(), { seriesName: 'MatchingEnginePrimary.metric_0' });
    expect(
      all.map(({ execution, line, count, missing, min, max, first, last }) => [execution, line, count, missing, min, max, first, last]),
    ).toEqual([
      [0, null, 14, 1, 0, Infinity, 0, Infinity],
      [1, 0, 10, 0, 0, 9, 0, 9],
      [2, 4, 4, 1, 100, Infinity, 100, Infinity],
      [3, 1, 2, 1, 100, 300, 100, 300],
    ]);
    const [first] = await queries.summaryOf(runId(), { execution: 1 });
    expect(first?.mean).toBe(4.5);
    expect(first?.p50).toBe(4.5);
    expect(first?.p95).toBeCloseTo(8.55, 9);
    expect(first?.stddev).toBeCloseTo(3.0277, 4);
    queries.dispose();
    await clocked.dispose();
  });

  test('has slopes: least squares of gauges, growth of counters without their restarts', async () => {
    const start = Date.UTC(2026, 10, 20, 12);
    let now = start;
    const clocked = await openArchive({ folder, clock: { ...realClock, now: () => now } });
    const journal = await clocked.create(manifestOf(runId()));
    const [gauge, other] = declarations(2);
    const series = [gauge!, { ...other!, kind: 'counter' as const }];
    await journal.append({ kind: 'step-started', step: step(1, 0) });
    // The counter starts again at 5 s, and its process is gone at 3 s.
    const counter = [100, 103, 106, Number.NaN, 112, 1, 4, 7];
    for (const [index, value] of counter.entries()) {
      journal.appendSamples(batchOf(series, index + 1, start + index * 1_000, [7 - 0.25 * index + (index % 2 ? 0.1 : -0.1), value]));
    }
    now = start + 6_000;
    await journal.append({ kind: 'step-finished', step: step(1, 0), state: 'passed', message: null, result: null, duration: 6_000 });
    await journal.append({ kind: 'step-started', step: step(2, 1) });
    now += 1_500;
    await journal.append({ kind: 'step-finished', step: step(2, 1), state: 'passed', message: null, result: null, duration: 1_500 });
    await journal.updateManifest({ finishedAt: now, outcome: 'passed' });
    await journal.finish();
    const queries = await RunQueries.open(folder);
    const slopes = async (metric: string) =>
      (await queries.summaryOf(runId(), { seriesName: `MatchingEnginePrimary.${metric}` })).map(({ slope }) => slope);
    const [whole, first, second] = await slopes('metric_0');
    // By hand: the zigzag of ±0.1 over 8 points tilts the line by 0.8 / 84, over the first 6 by 0.6 / 35.
    expect(whole).toBeCloseTo(-0.25 + (0.1 * 4) / 42, 9);
    expect(first).toBeCloseTo(-0.25 + (0.1 * 3) / 17.5, 9);
    expect(second).toBeCloseTo(-0.25 + 0.2, 9);
    const growth = await slopes('metric_1');
    expect(growth[0]).toBeCloseTo(3, 9);
    expect(growth[1]).toBeCloseTo(3, 9);
    expect(growth[2]).toBeCloseTo(3, 9);
    queries.dispose();
    await clocked.dispose();
  });

  test('without any samples is finished too', async () => {
    const journal = await archive.create(manifestOf(runId()));
    await journal.append({ kind: 'run-finished', outcome: 'stopped', reason: 'by the operator' });
    await journal.finish();
    const { manifest, problems } = await archive.show(runId());
    expect(problems).toEqual([]);
    expect(manifest).toMatchObject({ outcome: 'stopped', reason: 'by the operator', totals: { samples: 0, series: 0, records: 1 } });
  });
});

describe('the samples of a finished run', () => {
  test('of many series at once are those of one after the other; names that it does not have have none', async () => {
    const journal = await archive.create(manifestOf(runId()));
    await recordRun(journal, 5, 10);
    await journal.finish();
    const queries = await RunQueries.open(folder);
    const names = ['MatchingEnginePrimary.metric_7', 'MatchingEnginePrimary.metric_0', 'None.metric'];
    const all = await queries.samplesOfAll(runId(), names);
    for (const name of names) expect(all.get(name) ?? []).toEqual(await queries.samplesOf(runId(), name));
    expect(all.get(names[0] ?? '')?.[0]?.values.length).toBe(5);
    expect((await queries.samplesOfAll(runId(), names, 0, 1)).get(names[0] ?? '')?.[0]?.times.length).toBe(0);
    expect(await queries.samplesOfAll(runId(), [])).toEqual(new Map());
    queries.dispose();
  });
});

describe('the list of runs', () => {
  async function finishedRuns(count: number): Promise<void> {
    for (let number = 1; number <= count; number++) {
      const journal = await archive.create(manifestOf(runId(number), { startedAt: 1_000 * number }));
      await recordRun(journal, 1, 1);
      await journal.finish();
    }
  }

  test('has the latest first, is made again when its file is damaged, and shows damaged folders as damaged', async () => {
    await finishedRuns(3);
    const list = await archive.list();
    expect(list.map(({ run }) => run)).toEqual([runId(3), runId(2), runId(1)]);
    await writeFile(path.join(folder, '.catalogue.ndjson'), '{"catalogue":1}\n{"broken');
    const fresh = await openArchive({ folder, clock: realClock });
    expect(await fresh.list()).toEqual(list);
    await removeFolder(path.join(folder, runId(2), 'run.json'));
    const damages = (await fresh.list()).map(({ run, damage }) => [run, damage?.includes('missing') ?? false]);
    expect(damages).toContainEqual([runId(2), true]);
    expect(damages.filter(([, damaged]) => damaged)).toHaveLength(1);
    expect(await fresh.rebuild()).toEqual({ runs: 3, damaged: 1 });
    // What the log knows is shown; without it, nothing is.
    expect((await fresh.show(runId(2))).problems).toMatchObject([{ code: 'run-damaged' }]);
    await removeFolder(path.join(folder, runId(2), 'log.ndjson'));
    await expect(fresh.show(runId(2))).rejects.toMatchObject({ problem: { code: 'run-damaged' } });
    await truncate(path.join(folder, runId(1), 'samples.parquet'), 20);
    expect((await fresh.show(runId(1))).problems).toMatchObject([{ code: 'run-damaged' }]);
    const queries = await RunQueries.open(folder);
    await expect(queries.samplesOf(runId(1), 'MatchingEnginePrimary.metric_0')).rejects.toMatchObject({
      problem: { code: 'samples-unreadable' },
    });
    expect(await queries.samplesOf(runId(3), 'MatchingEnginePrimary.metric_0')).toHaveLength(1);
    queries.dispose();
    await fresh.remove(runId(2));
    expect((await fresh.list()).map(({ run }) => run)).toEqual([runId(3), runId(1)]);
    expect((await readdir(folder)).filter((name) => name.startsWith('.'))).toEqual(['.catalogue.ndjson']);
    await fresh.dispose();
  });

  test('a run that is not there is told in one sentence', async () => {
    for (const work of [() => archive.show(runId(9)), () => archive.remove(runId(9)), () => archive.reopen(runId(9))]) {
      await expect(work()).rejects.toMatchObject({ problem: { code: 'unknown-run' } });
    }
    await expect(archive.show('../elsewhere' as never)).rejects.toMatchObject({ problem: { code: 'unknown-run' } });
  });

  test('leftovers of processes that are gone are removed when an archive is opened', async () => {
    const gone = path.join(folder, `.incoming-999999999-${'a'.repeat(12)}`);
    const mine = path.join(folder, `.incoming-${process.pid}-${'a'.repeat(12)}`);
    for (const place of [gone, mine]) await writeFile(place, '');
    const other = await openArchive({ folder, clock: realClock });
    expect((await readdir(folder)).sort()).toEqual([path.basename(mine)]);
    await other.dispose();
  });
});
