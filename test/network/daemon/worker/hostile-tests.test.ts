/** Tests that do what tests should not: the worker goes on, every test has one verdict, and nothing is left running. */
import { execFileSync } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import type { Adapters } from '#network/daemon/worker/adapters/adapters.ts';
import type { TestAdapter } from '#network/daemon/worker/adapters/adapter.ts';
import { builtAdapters } from '#network/daemon/worker/adapters/adapters.ts';
import { mountSmallDisk } from '../../../faults/small-disk.ts';
import { suiteOf } from './fake-coordinator.ts';
import { processesWith, shell, Surroundings, verdictsOf } from './worker-under-test.ts';

const { disk, refusal } = mountSmallDisk('4m');
let here: Surroundings;
beforeEach(async () => {
  here = await Surroundings.open();
});
afterEach(async () => here.close());

const programs = (timeout: number, ...tests: readonly ReturnType<typeof shell>[]) => suiteOf({ timeout, settings: { tests } });
const execute = async (suite: ReturnType<typeof suiteOf>, tests: readonly string[]) => here.end(here.coordinator.give(suite, tests));

test('one that never ends, ignores TERM and left its session is ended at its limit; the rest goes on', async () => {
  await here.startDaemon();
  const script = "trap '' TERM; setsid sh -c 'trap \"\" TERM; sleep 74747 & sleep 74747; sleep 74747' & while true; do sleep 74747; done";
  const ended = await execute(programs(700, shell('endless', script), shell('next', 'true')), ['endless', 'next']);
  expect(ended.end).toBe('done');
  expect(verdictsOf(ended)).toEqual({ endless: 'broken', next: 'passed' });
  expect(ended.verdicts[0]?.message).toBe('It took longer than 700 ms and was ended with everything that it had started.');
  expect(processesWith('sleep 74747')).toEqual([]);
});

test('what one leaves in the background is gone with its runner', async () => {
  const daemon = await here.startDaemon({ worker: { recycle: { idle: '0s' } } });
  const ended = await execute(programs(10_000, shell('forks', 'setsid sh -c "sleep 75757" >/dev/null 2>&1 & true')), ['forks']);
  expect(verdictsOf(ended)).toEqual({ forks: 'passed' });
  await expect.poll(() => processesWith('sleep 75757')).toEqual([]);
  expect(daemon.connected).toBe(true);
});

test('one that writes 1 GB keeps the first and the last of its output, and the daemon its memory', { timeout: 120_000 }, async () => {
  await here.startDaemon({ worker: { output: '64kB' } });
  const before = process.memoryUsage().rss;
  const script = 'echo the first line; head -c 1000000000 /dev/zero | tr "\\0" "x"; echo; echo the last line; exit 1';
  const ended = await here.end(here.coordinator.give(programs(110_000, shell('floods', script)), ['floods']), 110_000);
  const [verdict] = ended.verdicts;
  const output = here.coordinator.content(verdict, 'output.txt') ?? '';
  expect(verdict).toMatchObject({ verdict: 'failed', message: 'It ended with exit status 1: the last line' });
  expect(output.startsWith('the first line\n')).toBe(true);
  expect(output.endsWith('the last line\n')).toBe(true);
  expect(output).toMatch(/… \[1 GB of output are left out here\] …/);
  expect(output.length).toBeLessThan(70_000);
  expect(verdict?.evidence?.[0]?.whole).toBeGreaterThan(1_000_000_000);
  expect(process.memoryUsage().rss - before).toBeLessThan(200_000_000);
});

test('one that ends itself by a fault is broken, one that somebody killed is not judged', async () => {
  await here.startDaemon();
  const suite = programs(
    10_000,
    shell('crashes', 'kill -SEGV $$; sleep 9'),
    shell('next', 'true'),
    shell('killed', 'kill -KILL $$; sleep 9'),
    shell('after', 'true'),
  );
  expect(verdictsOf(await execute(suite, ['crashes', 'next']))).toEqual({ crashes: 'broken', next: 'passed' });
  const lost = await execute(suite, ['next', 'killed', 'after']);
  expect(lost).toMatchObject({ end: 'runner-lost', reason: 'The runner was ended by KILL.' });
  expect(verdictsOf(lost)).toEqual({ next: 'passed' });
});

test('a runner that is killed 20 times in a row: each lease ends, and the worker works on', { timeout: 60_000 }, async () => {
  await here.startDaemon();
  const suite = programs(20_000, shell('long', 'exec sleep 76767'), shell('good', 'true'));
  for (let round = 0; round < 20; round++) {
    const fence = here.coordinator.give(suite, ['good', 'long']);
    await expect.poll(() => processesWith('sleep 76767').length, { interval: 10 }).toBe(1);
    for (const pid of processesWith('sleep 76767')) process.kill(pid, 'SIGKILL');
    const ended = await here.end(fence);
    expect(ended.end).toBe('runner-lost');
    expect(verdictsOf(ended)).toEqual({ good: 'passed' });
  }
  expect(verdictsOf(await execute(suite, ['good']))).toEqual({ good: 'passed' });
  expect(await readdir(join(here.folder, 'state', 'work', 'scratch'))).toHaveLength(1);
});

/** An adapter whose tests leave whatever files they are told to, and say whatever they want. */
function adapterOf(run: Awaited<ReturnType<TestAdapter['open']>>['run'], folders: string[] = []): Adapters {
  const adapter: TestAdapter = {
    name: 'executable',
    settings: z.json(),
    list: () => Promise.resolve([]),
    open: (context) => {
      folders.push(context.scratch);
      return Promise.resolve({ warm: true, run, close: () => Promise.resolve() });
    },
  };
  return { ...builtAdapters, executable: adapter };
}

test('an adapter may say what it wants: every test has one verdict', async () => {
  const finished = (test: string, verdict: 'passed' | 'failed') => ({ test: test as never, verdict, duration: 1 });
  await here.startDaemon({
    adapters: adapterOf((tests, _, listener) => {
      listener.finished(finished('never asked for', 'passed'));
      listener.started(tests[0] as never);
      listener.started(tests[0] as never);
      listener.finished(finished('a', 'failed'));
      listener.finished(finished('a', 'passed'));
      listener.finished(finished('c', 'passed'));
      setTimeout(() => listener.finished(finished('b', 'passed')), 1);
      return Promise.resolve();
    }),
  });
  const ended = await execute(suiteOf({ settings: {} }), ['a', 'b', 'c', 'a']);
  expect(ended.end).toBe('done');
  expect(ended.verdicts.map(({ test, verdict }) => `${test} ${verdict}`)).toEqual(['a failed', 'c passed', 'b missing']);
});

test('10,000 files: as many are kept as may be, and that is said', async () => {
  await here.startDaemon({
    worker: { evidence: { files: 20, size: '2MB' } },
    adapters: adapterOf((tests, _, listener) => {
      const files = Array.from({ length: 10_000 }, (_, index) => ({
        name: `${index}.txt`,
        type: 'text/plain',
        from: { text: `file ${index}` },
      }));
      listener.finished({ test: tests[0] as never, verdict: 'failed', duration: 1, files });
      return Promise.resolve();
    }),
  });
  const [verdict] = (await execute(suiteOf({ settings: {} }), ['t'])).verdicts;
  expect(verdict?.evidence).toHaveLength(20);
  expect(here.coordinator.content(verdict, '7.txt')).toBe('file 7');
  expect(verdict?.details).toBe('9,980 more files were not kept: an attempt may leave 20.');
});

test('a file that is too large is cut, one that is a link out of the folders or no file is not read', async () => {
  const folders: string[] = [];
  const secret = await here.program('../secret.txt', 'secret');
  await here.startDaemon({
    worker: { evidence: { size: '1MB' } },
    adapters: adapterOf((tests, _, listener) => {
      const [scratch = ''] = folders;
      const script = `head -c 3000000 /dev/urandom > big; ln -s ${secret} link; mkfifo pipe; mkdir sub; ln -s ${here.folder} sub/way; echo small > small`;
      execFileSync('sh', ['-c', script], { cwd: scratch });
      const from = (name: string) => ({ name, type: 'application/octet-stream', from: { path: join(scratch, name) } });
      const files = ['small', 'link', 'pipe', 'sub/way/secret.txt', 'gone', 'big'].map(from);
      listener.finished({ test: tests[0] as never, verdict: 'failed', duration: 1, files });
      return Promise.resolve();
    }, folders),
  });
  const [verdict] = (await execute(suiteOf({ settings: {} }), ['t'])).verdicts;
  expect(verdict?.evidence?.map(({ name }) => name)).toEqual(['small', 'big']);
  expect(verdict?.evidence?.[1]).toMatchObject({ bytes: 1_000_000 - 6, whole: 3_000_000 });
  expect(here.coordinator.blobs.get(verdict?.evidence?.[1]?.hash ?? '')).toHaveLength(1_000_000 - 6);
  for (const name of ['link', 'pipe', 'sub/way/secret.txt', 'gone']) expect(verdict?.details).toContain(`${name} was not kept: `);
  expect([...here.coordinator.blobs.values()].map(String)).not.toContain('secret');
  expect(await readdir(join(here.folder, 'state', 'work', 'evidence'))).toEqual([]);
});

test('evidence that the core refuses is left out and said; the verdict stands', async () => {
  await here.startDaemon();
  here.coordinator.refusesToStore = 'The disk of the core is full.';
  const [verdict] = (await execute(programs(10_000, shell('bad', 'echo out; exit 1')), ['bad'])).verdicts;
  expect(verdict?.verdict).toBe('failed');
  expect(verdict?.evidence).toBeUndefined();
  expect(verdict?.details).toContain('output.txt was not kept: The disk of the core is full.');
});

test.skipIf(refusal !== null)('a disk that is full of evidence costs the evidence, not the verdict', async () => {
  const path = await here.program('big', '');
  execFileSync('truncate', ['-s', '8000000', path]);
  await here.startDaemon({
    worker: { folder: disk, evidence: { size: '50MB' } },
    adapters: adapterOf((tests, _, listener) => {
      const files = [{ name: 'big', type: 'application/octet-stream', from: { path } }];
      for (const test of tests) listener.finished({ test, verdict: 'failed', duration: 1, files });
      return Promise.resolve();
    }),
  });
  const ended = await execute(suiteOf({ settings: {} }), ['a', 'b']);
  expect(verdictsOf(ended)).toEqual({ a: 'failed', b: 'failed' });
  expect(ended.verdicts[0]?.details).toMatch(/^big was not kept: .*ENOSPC/);
  expect(await readdir(join(disk, 'evidence'))).toEqual([]);
});

test('a unit of very many tests is told in one message, shortened where it must be', async () => {
  const tests = Array.from({ length: 3_000 }, (_, index) => `test ${index}`);
  await here.startDaemon({
    adapters: adapterOf((asked, _, listener) => {
      for (const test of asked)
        listener.finished({ test, verdict: 'failed', duration: 1, message: 'm'.repeat(100), details: 'd'.repeat(2_000) });
      return Promise.resolve();
    }),
  });
  const ended = await execute(suiteOf({ settings: {} }), tests);
  expect(ended.verdicts.map(({ test }) => test)).toEqual(tests);
  expect(
    ended.verdicts.every(({ verdict, message, details }) => verdict === 'failed' && message !== undefined && details === undefined),
  ).toBe(true);
});

test('memory is bounded', async () => {
  await here.startDaemon({ worker: { limits: { memory: '100MB' } } });
  const script = 'process.stdout.write(String(Buffer.alloc(400e6, 1).length))';
  const suite = suiteOf({ settings: { tests: [{ id: 'hungry', command: [process.execPath, '-e', script] }, shell('modest', 'true')] } });
  const ended = await execute(suite, ['hungry', 'modest']);
  expect(verdictsOf(ended)).toMatchObject({ modest: 'passed' });
  expect(verdictsOf(ended)['hungry']).not.toBe('passed');
});
