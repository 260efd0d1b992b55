/**
 * One archive, two consoles: while one imports, accepts, exports and deletes runs, the other lists, reads, draws, compares and exports
 * them. Whatever it asks is answered with a whole run or with one sentence; what stays in the end is whole.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openArchive } from '#main/core/archive/archive.ts';
import { openCore, type OpenCore } from '#main/core/core.ts';
import type { RunId } from '#shared/identifiers.ts';
import { problemOf } from '#shared/problem.ts';
import { manifestOf, realClock, recordRun, removeFolder, runId, temporaryFolder } from '../main/core/archive/fixtures.ts';

const seed = 20_261_121;
/** ms in which both are busy. */
const busy = 6_000;
const shared = Array.from({ length: 8 }, (_, index) => runId(index + 1));
/** Runs that nobody deletes. */
const steady = [runId(101), runId(102)];
const records = 6;

let base: string;
let folder: string;
let bundles: string;
let core: OpenCore;

beforeAll(async () => {
  base = await temporaryFolder();
  [folder, bundles] = [path.join(base, 'archive'), path.join(base, 'bundles')];
  const archive = await openArchive({ folder, clock: realClock });
  await mkdir(bundles);
  for (const run of [...shared, ...steady]) {
    const journal = await archive.create(manifestOf(run));
    await recordRun(journal, 50, 20);
    await journal.finish();
    await archive.exportRun(run, path.join(bundles, `${run}.testops-run`));
  }
  await archive.dispose();
  core = await openCore({ archiveFolder: folder, home: path.join(base, 'home') });
}, 60_000);
afterAll(async () => {
  await core.dispose();
  await removeFolder(base);
});

/** Problems that a run which somebody else deletes may give; each is a sentence. */
const expected =
  /^(unknown-run|run-exists|run-open|export-failed|samples-unreadable|run-damaged|log-damaged|no-bundle|not-available|not-comparable)$/;
/** What was seen of each. */
const seen = new Map<string, number>();

async function ask<T>(what: () => Promise<T>): Promise<T | null> {
  try {
    return await what();
  } catch (failure) {
    const { code, message } = problemOf(failure);
    if (!expected.test(code) || /\n|\bat .*:\d+:\d+|ENOENT|undefined/.test(message))
      throw new Error(`Not a sentence (${code}): ${message}`, { cause: failure });
    seen.set(code, (seen.get(code) ?? 0) + 1);
    return null;
  }
}

async function readAll(run: RunId): Promise<number> {
  let got = 0;
  await core.listen('run.records', { run, from: 1 }, async (batch) => {
    got += batch.length;
    await new Promise(setImmediate);
  }).ended;
  return got;
}

const points = (run: RunId) =>
  core.request('runs.points', { run, series: ['MatchingEnginePrimary.metric_0', 'MatchingEnginePrimary.metric_7'], columns: 50 });

describe('two consoles on one archive', () => {
  test(`nothing is half-read while runs come and go (seed ${seed})`, { timeout: 60_000 }, async () => {
    const program = path.join(import.meta.dirname, 'shared-archive-worker.ts');
    const worker = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program, folder, bundles, String(seed), ...shared], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    let output = '';
    worker.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const exit = once(worker, 'exit');
    await expect.poll(() => output, { timeout: 20_000 }).toContain('ready');
    const until = performance.now() + busy;
    const again = async (work: (index: number) => Promise<void>): Promise<number> => {
      let index = 0;
      for (; performance.now() < until; index++) await work(index);
      return index;
    };
    const runAt = (index: number): RunId => shared[index % shared.length] ?? runId(1);
    try {
      const counts = await Promise.all([
        again(async () => {
          const { runs } = await core.request('runs.list', {});
          // A run that is being deleted is there or not; it is never told as damaged.
          expect(runs.filter(({ damage }) => damage !== null)).toEqual([]);
          expect(runs.map(({ run }) => run)).toEqual(expect.arrayContaining(steady));
        }),
        again(async (index) => {
          const got = await ask(() => readAll(runAt(index)));
          if (got !== null) expect(got).toBe(records);
        }),
        again(async (index) => {
          const got = await ask(() => points(runAt(index)));
          if (got !== null) expect(got.points).toHaveLength(2);
        }),
        again(async (index) => {
          const shown = await ask(() => core.request('runs.show', { run: runAt(index) }));
          if (shown !== null) expect(shown.manifest.outcome).toBe('passed');
          await ask(() =>
            core.request('runs.compare', { candidate: runId(101), baseline: { kind: 'runs', runs: [runAt(index), runId(102)] } }),
          );
          await ask(() => core.request('runs.export', { run: runAt(index), file: path.join(base, 'mine.testops-run') }));
          await core.request('retention.preview', { rules: { keepLast: 0, maximumAge: null } });
        }),
      ]);
      expect(Math.min(...counts)).toBeGreaterThan(5);
    } finally {
      worker.stdin.end();
    }
    const [status] = (await exit) as [number | null];
    expect(status).toBe(0);
    const done = JSON.parse(output.trim().split('\n').at(-1) ?? '{}') as Record<string, number>;
    // It was worth it: much happened, and this console met runs that were gone.
    expect(done['deleted']).toBeGreaterThan(3);
    expect(done['imported']).toBeGreaterThan(3);
    expect(done['accepted']).toBeGreaterThan(0);
    expect(seen.get('unknown-run')).toBeGreaterThan(0);

    // What is there in the end is whole, and both see the same.
    const { runs } = await core.request('runs.list', {});
    const folders = (await readdir(folder)).filter((name) => !name.startsWith('.'));
    expect(runs.map(({ run }) => run).sort()).toEqual(folders.sort());
    for (const { run } of runs) {
      expect((await core.request('runs.show', { run })).problems).toEqual([]);
      expect(await readAll(run)).toBe(records);
      const { remarks } = await core.request('runs.remarks', { run });
      expect(remarks.map(({ number }) => number)).toEqual(remarks.map((_, index) => index + 1));
    }
    expect((await readdir(folder)).filter((name) => /^\.(creating|incoming|trash)-/.test(name))).toEqual([]);
  });

  test('a run is deleted and exported while its records and points are read', { timeout: 60_000 }, async () => {
    const run = runId(101);
    for (let round = 0; round < 10; round++) {
      let first = (): void => undefined;
      const began = new Promise<void>((resolve) => (first = resolve));
      let got = 0;
      const stream = core.listen('run.records', { run, from: 1 }, async (batch) => {
        got += batch.length;
        first();
        await new Promise((resolve) => setTimeout(resolve, 5));
      });
      const read = ask(() => stream.ended);
      await began;
      const drawing = ask(() => points(run));
      const exporting = ask(() => core.request('runs.export', { run, file: path.join(base, 'while.testops-run') }));
      // Refused while it is being exported; what is read to its end meanwhile is whole.
      const refused = await core.request('runs.delete', { run }).then(() => null, problemOf);
      expect(refused).toMatchObject({ code: 'run-exported', message: `The run ${run} is being exported.` });
      const [, drawn, exported] = await Promise.all([read, drawing, exporting]);
      expect(exported?.bytes).toBeGreaterThan(1_000);
      expect(drawn?.points).toHaveLength(2);
      expect(got).toBe(records);
      const late = Promise.all([ask(() => readAll(run)), ask(() => points(run))]);
      await core.request('runs.delete', { run });
      const [lateRecords, latePoints] = await late;
      if (lateRecords !== null) expect(lateRecords).toBe(records);
      if (latePoints !== null) expect(latePoints.points).toHaveLength(2);
      expect(await core.request('runs.import', { file: path.join(base, 'while.testops-run') })).toMatchObject({ run });
      await rm(path.join(base, 'while.testops-run'));
    }
    expect((await core.request('runs.show', { run })).problems).toEqual([]);
  });
});
