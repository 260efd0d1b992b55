/** The journal on a disk that is full, broken, or writes less than it was given. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openArchive, type Archive } from '#main/core/archive/archive.ts';
import { RunQueries } from '#main/core/archive/queries.ts';
import { maximumPendingSamples } from '#main/core/archive/sample-store.ts';
import { maximumWaitingCharacters } from '#main/core/archive/log-writer.ts';
import type { Clock } from '#platform/clock.ts';
import {
  batchOf,
  declarations,
  echo,
  manifestOf,
  readAll,
  realClock,
  recordRun,
  removeFolder,
  runId,
  temporaryFolder,
} from '../main/core/archive/fixtures.ts';
import { faultyFiles, type Fault, type Operation } from './faulty-files.ts';

/** Waiting for a disk takes no time in these tests. */
const hastyClock: Clock = { ...realClock, after: (milliseconds, callback) => realClock.after(Math.min(milliseconds, 5), callback) };

let folder: string;
let archive: Archive;
let faultOf: (operation: Operation, file: string) => Fault;

beforeEach(async () => {
  folder = await temporaryFolder();
  faultOf = () => null;
  archive = await openArchive({ folder, clock: hastyClock, files: faultyFiles((operation, file) => faultOf(operation, file)) });
});

afterEach(async () => {
  faultOf = () => null;
  await archive.dispose();
  await removeFolder(folder);
});

function failLog(fault: Fault, ...operations: Operation[]): void {
  faultOf = (operation, file) => (file.endsWith('log.ndjson') && operations.includes(operation) ? fault : null);
}

async function sequencesOnDisk(run = runId()): Promise<number[]> {
  const text = await readFile(path.join(folder, run, 'log.ndjson'), 'utf8');
  expect(text === '' || text.endsWith('\n')).toBe(true);
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => (JSON.parse(line) as { sequence: number }).sequence);
}

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}

describe('a full disk', () => {
  test('records wait, listeners are told, and writing goes on when there is room', async () => {
    const journal = await archive.create(manifestOf(runId()));
    const told: (boolean | string)[] = [];
    journal.onFull((full, problem) => told.push(full, problem.code));
    await journal.append(echo('before'));
    failLog('ENOSPC', 'write');
    let acknowledged = 0;
    const waiting = upTo(50).map((number) => journal.append(echo(`${number}`)).then(() => acknowledged++));
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(acknowledged).toBe(0);
    expect(told).toEqual([true, 'disk-full']);
    expect(await sequencesOnDisk()).toEqual([1]);
    faultOf = () => null;
    await Promise.all(waiting);
    expect(told).toEqual([true, 'disk-full', false, 'writing-goes-on']);
    expect(await sequencesOnDisk()).toEqual(upTo(51));
  });

  test('more records than may wait in memory: their callers wait, and all are written in order', async () => {
    const journal = await archive.create(manifestOf(runId()));
    failLog('ENOSPC', 'datasync');
    const text = 'x'.repeat(60_000);
    const count = Math.ceil(maximumWaitingCharacters / text.length) + 100;
    const waiting = upTo(count).map(() => journal.append(echo(text)));
    await new Promise((resolve) => setTimeout(resolve, 20));
    faultOf = () => null;
    const records = await Promise.all(waiting);
    expect(records.map(({ sequence }) => sequence)).toEqual(upTo(count));
    expect(await sequencesOnDisk()).toEqual(upTo(count));
  });

  test('a core that goes down meanwhile claims nothing that was not written', async () => {
    const journal = await archive.create(manifestOf(runId()));
    await journal.append(echo('written'));
    failLog('ENOSPC', 'write', 'datasync');
    const lost = journal.append(echo('not written'));
    const [outcome] = await Promise.allSettled([lost, journal.suspend()]);
    expect(outcome).toMatchObject({ status: 'rejected', reason: { problem: { code: 'disk-full' } } });
    expect(await sequencesOnDisk()).toEqual([1]);
    faultOf = () => null;
    const again = await archive.reopen(runId());
    expect((await again.append(echo('next'))).sequence).toBe(2);
  });

  test('the manifest stays whole and is written when there is room', async () => {
    const journal = await archive.create(manifestOf(runId()));
    faultOf = (operation) => (operation === 'writeDurably' ? 'ENOSPC' : null);
    const told: boolean[] = [];
    journal.onFull((full) => told.push(full));
    const change = journal.updateManifest({ release: 'rc2' });
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect((await archive.show(runId())).manifest.release).toBe('rc1');
    faultOf = () => null;
    await change;
    expect((await archive.show(runId())).manifest.release).toBe('rc2');
    expect(told).toEqual([true, false]);
  });

  test('samples wait and are stored once', async () => {
    const journal = await archive.create(manifestOf(runId()));
    const series = declarations(10);
    faultOf = (operation, file) => (operation === 'syncFile' && file.includes('samples') ? 'ENOSPC' : null);
    const told: boolean[] = [];
    journal.onFull((full) => told.push(full));
    for (let frame = 1; frame <= 20; frame++) journal.appendSamples(batchOf(series, frame, 1_000 * frame));
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(journal.lastNumbers()).toEqual([]);
    faultOf = () => null;
    await recordRun(journal, 0);
    await journal.finish();
    expect(told).toEqual([true, false]);
    const queries = await RunQueries.open(folder);
    const [found] = await queries.samplesOf(runId(), 'MatchingEnginePrimary.metric_3');
    queries.dispose();
    expect([...(found?.times ?? [])]).toEqual(upTo(20).map((frame) => frame * 1_000));
  });

  test('samples beyond what may wait are lost, and the log says which', async () => {
    const journal = await archive.create(manifestOf(runId()));
    const width = 500_000;
    const series = declarations(2);
    const wide = Array.from({ length: width }, (_, index) => series[index % 2]!);
    faultOf = (operation, file) => (operation === 'syncFile' && file.includes('samples') ? 'ENOSPC' : null);
    const fitting = maximumPendingSamples / width;
    const values = new Float64Array(width);
    for (let frame = 1; frame <= fitting + 2; frame++) journal.appendSamples({ ...batchOf(wide, frame, frame, []), values });
    await journal.append(echo('after'));
    faultOf = () => null;
    const gaps = (await readAll(archive.read(runId(), 1))).filter((record) => record.kind === 'gap');
    expect(gaps.map(({ from, to, state }) => [from, to, state])).toEqual([
      [fitting + 1, fitting + 1, 'lost'],
      [fitting + 2, fitting + 2, 'lost'],
    ]);
  });
});

describe('finishing a run', () => {
  const parquet = ['series.parquet', 'samples.parquet', 'summary.parquet'];

  test.each(parquet)('waits for room for %s', async (name) => {
    const journal = await archive.create(manifestOf(runId()));
    await recordRun(journal);
    let failures = 2;
    faultOf = (operation, file) => (operation === 'syncFile' && file.includes(name) && failures-- > 0 ? 'ENOSPC' : null);
    const told: boolean[] = [];
    journal.onFull((full) => told.push(full));
    await journal.finish();
    expect(told).toEqual([true, false]);
    expect(await archive.show(runId())).toMatchObject({ problems: [], manifest: { totals: { samples: 50 } } });
  });

  test.each([...parquet, 'run.json'])('fails whole at %s and can be tried again, also by the next core', async (name) => {
    const journal = await archive.create(manifestOf(runId()));
    await recordRun(journal);
    faultOf = (operation, file) => (['syncFile', 'writeDurably'].includes(operation) && file.includes(name) ? 'EIO' : null);
    await expect(journal.finish()).rejects.toMatchObject({ problem: { code: 'write-failed' } });
    expect(await archive.list()).toMatchObject([{ outcome: 'passed', totals: null, damage: null }]);
    await journal.suspend();
    faultOf = () => null;
    const again = await archive.reopen(runId());
    await again.finish();
    expect(await archive.show(runId())).toMatchObject({
      problems: [],
      manifest: { outcome: 'passed', totals: { samples: 50, series: 10 } },
    });
  });
});

describe('a failing disk', () => {
  test.each(['EIO', 'torn', 'short'] as const)('after %s every record stands in the log once', async (fault) => {
    const journal = await archive.create(manifestOf(runId()));
    let failures = 3;
    faultOf = (operation, file) =>
      file.endsWith('log.ndjson') && (operation === 'write' || (operation === 'datasync' && fault === 'EIO')) && failures-- > 0
        ? fault
        : null;
    await Promise.all(upTo(100).map((number) => journal.append(echo(`record ${number}`))));
    expect(failures).toBeLessThan(0);
    expect(await sequencesOnDisk()).toEqual(upTo(100));
  });

  test('whatever fails in whatever order, acknowledged records are on disk, none torn or doubled', async () => {
    const faults = fc.array(fc.constantFrom<Fault>('ENOSPC', 'EIO', 'short', 'torn', null, null), { maxLength: 40 });
    const pieces = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 12 });
    let number = 100;
    await fc.assert(
      fc.asyncProperty(faults, pieces, async (plan, sizes) => {
        const run = runId(number++);
        const journal = await archive.create(manifestOf(run));
        const left = [...plan];
        faultOf = (operation, file) =>
          file.endsWith('log.ndjson') && ['write', 'datasync', 'truncate'].includes(operation) ? (left.shift() ?? null) : null;
        const heard: number[] = [];
        journal.subscribe(1, (records) => heard.push(...records.map(({ sequence }) => sequence)));
        const waiting: Promise<unknown>[] = [];
        for (const size of sizes) {
          for (let count = 0; count < size; count++) {
            waiting.push(
              journal.append(echo('é'.repeat(count))).then(async ({ sequence }) => {
                expect(heard).toContain(sequence);
              }),
            );
          }
          await waiting.at(-1 - (size % 2));
        }
        await Promise.all(waiting);
        const total = sizes.reduce((sum, size) => sum + size, 0);
        expect(await sequencesOnDisk(run)).toEqual(upTo(total));
        expect(heard).toEqual(upTo(total));
        faultOf = () => null;
        await journal.suspend();
      }),
      { numRuns: 60, seed: 20_261_120 },
    );
  });
});
