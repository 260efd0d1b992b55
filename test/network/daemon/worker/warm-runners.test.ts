/** Warm runners: a process that stays for many leases, spoken with over its channel, until it is worn, idle for too long, or dead. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import type { GuardedProcess, TestAdapter } from '#network/daemon/worker/adapters/adapter.ts';
import { suiteOf } from './fake-coordinator.ts';
import { processesWith, Surroundings, verdictsOf } from './worker-under-test.ts';

let here: Surroundings;
beforeEach(async () => {
  here = await Surroundings.open();
});
afterEach(async () => here.close());

/** Executes one line at a time: prints it, says over its channel how it ended, and stays. */
const program = `
const { createInterface } = require('node:readline');
const { createReadStream, writeSync } = require('node:fs');
createInterface({ input: createReadStream(null, { fd: 4 }) }).on('line', (test) => {
  writeSync(3, JSON.stringify({ started: test }) + '\\n');
  if (test === 'exit') process.exit(0);
  if (test === 'crash') process.kill(process.pid, 'SIGSEGV');
  if (test === 'hang') return setInterval(() => {}, 1000);
  writeSync(1, process.pid + ' ' + test + ' ' + process.env.OF_SUITE + '\\n');
  setTimeout(() => writeSync(3, JSON.stringify({ finished: test, verdict: 'passed' }) + '\\n'), 20);
});`;
const told = z.union([z.object({ started: z.string() }), z.object({ finished: z.string(), verdict: z.enum(['passed', 'failed']) })]);

const warm: TestAdapter = {
  name: 'executable',
  settings: z.json(),
  list: () => Promise.resolve([]),
  async open(context) {
    const running: GuardedProcess = await context.start({ command: [process.execPath, '-e', program, 'warm-runner-4711'], channel: true });
    return {
      warm: true,
      async run(tests, _, listener) {
        for (const test of tests) {
          const finished = Promise.withResolvers<void>();
          const stop = running.onLine('channel', (line) => {
            const said = told.parse(JSON.parse(line));
            if ('started' in said) return listener.started(said.started as typeof test);
            listener.finished({ test, verdict: said.verdict, duration: 20 });
            finished.resolve();
          });
          running.write(`${test}\n`);
          await Promise.race([finished.promise, running.ended.then(() => Promise.reject(new Error('the process ended')))]);
          stop();
        }
      },
      close: () => running.kill(),
    };
  },
};

const suite = suiteOf({ timeout: 1_000, variables: { OF_SUITE: 'yes' }, settings: {} });
const run = async (...tests: readonly string[]) => here.end(here.coordinator.give(suite, tests));
const start = (worker: Readonly<Record<string, unknown>> = {}) =>
  here.startDaemon({ worker: { slots: 1, ...worker }, adapters: { executable: warm } });
const pidOf = ({ verdicts }: Awaited<ReturnType<typeof run>>, index = 0): string =>
  (here.coordinator.content(verdicts[index], 'output.txt') ?? '').split(' ')[0] ?? '';

test('one process executes lease after lease, and each test has its own output', async () => {
  await start();
  const first = await run('a', 'b');
  const second = await run('c');
  expect(first.verdicts.map((verdict) => here.coordinator.content(verdict, 'output.txt'))).toEqual(
    ['a', 'b'].map((test) => `${pidOf(first)} ${test} yes\n`),
  );
  expect(pidOf(second)).toBe(pidOf(first));
  await expect.poll(() => here.coordinator.requests.at(-1)?.warm).toEqual(['programs']);
});

test('it is replaced after as many tests as are allowed, and when it was idle for too long', async () => {
  await start({ recycle: { tests: 2, idle: '300ms' } });
  const pids = [pidOf(await run('a')), pidOf(await run('b'))];
  await expect.poll(() => processesWith('warm-runner-4711').length).toBe(0);
  pids.push(pidOf(await run('c')));
  await expect.poll(() => processesWith('warm-runner-4711').length).toBe(0);
  expect(new Set(pids).size).toBe(3);
  expect(here.coordinator.requests.at(-1)?.running).toEqual([]);
});

test('it is replaced when it takes too much memory', async () => {
  await start({ recycle: { memory: '5MB' } });
  expect(pidOf(await run('a'))).not.toBe(pidOf(await run('b')));
});

test('a test that hangs, crashes or ends the runner costs itself alone: the rest has a new runner', async () => {
  await start();
  const ended = await run('a', 'hang', 'b', 'crash', 'c', 'exit', 'd');
  expect(ended.end).toBe('done');
  expect(verdictsOf(ended)).toEqual({
    a: 'passed',
    hang: 'broken',
    b: 'passed',
    crash: 'broken',
    c: 'passed',
    exit: 'missing',
    d: 'passed',
  });
  expect(ended.verdicts.map(({ message }) => message).filter(Boolean)).toEqual([
    'It took longer than 1 s and was ended with everything that it had started.',
    'Its process was ended by SEGV.',
    'The runner came to its end without a word about it: the process ended',
  ]);
});

test('one that died while it waited is not given tests', async () => {
  await start();
  const first = await run('a');
  process.kill(Number(pidOf(first)), 'SIGKILL');
  await expect.poll(() => processesWith('warm-runner-4711').length).toBe(0);
  expect(verdictsOf(await run('b'))).toEqual({ b: 'passed' });
});
