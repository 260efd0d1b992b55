/** No test outlives its daemon: whatever ends the daemon or its guard. */
import { execFileSync, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { identify, readStatFields, statField } from '#platform/process-identity.ts';
import { Reader, startDaemonProcess, type DaemonProcess } from '../daemon-process.ts';
import { suiteOf } from './fake-coordinator.ts';
import { processesWith, shell, Surroundings, verdictsOf } from './worker-under-test.ts';

let here: Surroundings;
const started: DaemonProcess[] = [];
beforeEach(async () => {
  here = await Surroundings.open();
});
afterEach(async () => {
  for (const each of started.splice(0)) await each.end('SIGTERM');
  await here.close();
});

/** s; so long does nothing else sleep on this machine, whatever other runs of these tests left on it. */
const long = 780_000_000 + process.pid;
const sleeping = `sleep ${long}`;
const endless = `trap '' TERM; setsid sh -c 'trap "" TERM; while true; do ${sleeping}; done' & while true; do ${sleeping}; done`;
const suite = (): ReturnType<typeof suiteOf> => suiteOf({ settings: { tests: [shell('endless', endless), shell('good', 'true')] } });

async function startAndLease(): Promise<{ readonly daemon: DaemonProcess; readonly fence: number }> {
  const daemon = startDaemonProcess(await here.configure());
  started.push(daemon);
  const fence = here.coordinator.give(suite(), ['endless']);
  await expect.poll(() => processesWith(sleeping).length).toBe(2);
  return { daemon, fence };
}

/** Others test workers at the same time: only the guards of this daemon. */
const guardsOf = ({ child }: DaemonProcess): readonly number[] =>
  processesWith('worker/guard.ts').filter((pid) => Number(readStatFields(pid)?.[statField.parent]) === child.pid);
const livingOf = (pids: readonly number[]): readonly number[] => pids.filter((pid) => identify(pid) !== undefined);

test('the daemon is killed: within a second nothing is left running, the guard neither', async () => {
  const { daemon } = await startAndLease();
  const guards = guardsOf(daemon);
  expect(guards).toHaveLength(1);
  await daemon.end('SIGKILL');
  const killed = performance.now();
  await expect.poll(() => processesWith(String(long)), { interval: 10 }).toEqual([]);
  expect(performance.now() - killed).toBeLessThan(1_000);
  await expect.poll(() => livingOf(guards)).toEqual([]);
  // What a daemon left is nothing that the next one still has to end.
  const next = startDaemonProcess(await here.configure());
  started.push(next);
  expect(verdictsOf(await here.end(here.coordinator.give(suite(), ['good'])))).toEqual({ good: 'passed' });
});

test('the guard is killed: another one is started, said, and guards what runs already', async () => {
  const reader = await Reader.open(here.url);
  const { daemon } = await startAndLease();
  const [first = 0] = guardsOf(daemon);
  expect(first).toBeGreaterThan(0);
  process.kill(first, 'SIGKILL');
  await expect.poll(() => reader.events.some((event) => event.kind === 'notice' && event.code === 'guard-lost')).toBe(true);
  await expect.poll(() => guardsOf(daemon).filter((pid) => pid !== first).length).toBe(1);
  expect(verdictsOf(await here.end(here.coordinator.give(suite(), ['good'])))).toEqual({ good: 'passed' });
  expect(processesWith(sleeping)).toHaveLength(2);
  await daemon.end('SIGKILL');
  await expect.poll(() => processesWith(String(long)), { interval: 10 }).toEqual([]);
  await reader.close();
});

test('daemon and guard are killed: the next start ends what they left', async () => {
  const { daemon } = await startAndLease();
  const guards = guardsOf(daemon);
  for (const pid of guards) process.kill(pid, 'SIGSTOP');
  await daemon.end('SIGKILL');
  for (const pid of guards) process.kill(pid, 'SIGKILL');
  expect(processesWith(sleeping)).toHaveLength(2);
  started.push(startDaemonProcess(await here.configure()));
  await expect.poll(() => processesWith(String(long))).toEqual([]);
});

test('the daemon is asked to end: so does everything of it', async () => {
  const { daemon, fence } = await startAndLease();
  const guards = guardsOf(daemon);
  expect(await daemon.end('SIGTERM')).toMatchObject({ status: 0 });
  expect(processesWith(String(long))).toEqual([]);
  expect(livingOf(guards)).toEqual([]);
  expect(here.coordinator.settled.get(fence)).toMatchObject({ end: 'runner-lost' });
});

test('the daemon as it is delivered is its own guard', { timeout: 60_000 }, async () => {
  const out = await mkdtemp(join(tmpdir(), 'worker-build-'));
  try {
    const root = resolve(import.meta.dirname, '../../../..');
    execFileSync(process.execPath, ['tools/build-daemon.mjs', '--out', out], { cwd: root });
    const program = join(out, 'testops-daemon.mjs');
    const child = spawn(process.execPath, [program, await here.configure()], { stdio: 'ignore' });
    const ended = new Promise((done) => child.once('exit', done));
    here.coordinator.give(suite(), ['endless']);
    await expect.poll(() => processesWith(sleeping).length).toBe(2);
    expect(processesWith(`${program} guard-of-a-worker`)).toHaveLength(1);
    child.kill('SIGKILL');
    await ended;
    await expect.poll(() => processesWith(String(long)), { interval: 10 }).toEqual([]);
    await expect.poll(() => processesWith(program)).toEqual([]);
  } finally {
    await rm(out, { recursive: true, force: true });
  }
});
