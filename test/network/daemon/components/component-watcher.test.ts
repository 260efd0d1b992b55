/** Real processes under watch: found, measured, killed, stopped, replaced. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { backgroundClock } from '#platform/clock.ts';
import { FileComponentMemory } from '#network/daemon/components/component-memory.ts';
import { ComponentWatcher } from '#network/daemon/components/component-watcher.ts';
import type { Ending } from '#network/daemon/components/watched-component.ts';
import { LinuxProcessReader } from '#network/daemon/components/linux-process-reader.ts';
import { PortableProcessReader } from '#network/daemon/components/portable-process-reader.ts';
import type { ProcessReader } from '#network/daemon/components/process-reader.ts';
import type { ComponentConfiguration, FindConfiguration } from '#network/daemon/configuration/types.ts';
import type { ComponentName } from '#shared/identifiers.ts';
import { RecordedReports, until } from '../recorded-reports.ts';

const engine = 'Engine' as ComponentName;
const linux = process.platform === 'linux';
let folder: string;
let children: ChildProcess[];
let watchers: ComponentWatcher[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'testops-components-'));
  children = [];
  watchers = [];
});
afterEach(async () => {
  for (const watcher of watchers) await watcher.dispose();
  for (const child of children) child.kill('SIGKILL');
  await rm(folder, { recursive: true });
});

function component(find: FindConfiguration): ComponentConfiguration {
  const rest = {
    start: null,
    stop: { signal: 'TERM', timeout: 1_000 },
    signals: [],
    commands: [],
    interval: 100,
    states: [],
    logs: [],
  } as const;
  return { name: engine, find, ...rest };
}

async function watch(
  find: FindConfiguration,
  reports = new RecordedReports(),
  logOnly: ComponentName[] = [],
): Promise<{ watcher: ComponentWatcher; reports: RecordedReports }> {
  const reader = linux ? new LinuxProcessReader() : new PortableProcessReader();
  const memory = new FileComponentMemory(folder);
  const watcher = new ComponentWatcher({
    components: [component(find)],
    logOnly,
    reader,
    reporter: reports,
    clock: backgroundClock,
    memory,
  });
  watchers.push(watcher);
  await watcher.start();
  return { watcher, reports };
}

/** A process that waits to be ended; `marker` stands in its command line. */
async function sleeper(
  marker = 'sleeper',
  code = 'setInterval(() => {}, 1000); console.log("up")',
): Promise<ChildProcess & { pid: number }> {
  const child = spawn(process.execPath, ['-e', code, '--', marker], { stdio: ['ignore', 'pipe', 'ignore'] });
  children.push(child);
  await new Promise((resolve) => child.stdout.once('data', resolve));
  return Object.assign(child, { pid: child.pid! });
}

const pidFile = (): FindConfiguration => ({ kind: 'pid file', path: join(folder, 'engine.pid') });
const writePid = (pid: number): Promise<void> => writeFile(join(folder, 'engine.pid'), `${pid}\n`);

describe('a component found by its pid file', () => {
  test('is running, measured, and crashes within 500 ms of a kill, its series given up once', async () => {
    const child = await sleeper();
    await writePid(child.pid);
    const { watcher, reports } = await watch(pidFile());
    expect(watcher.view(engine)).toMatchObject({ state: 'RUNNING', pid: child.pid });
    expect(reports.of('component-started')).toEqual([]);
    await until('two CPU values', () => reports.values('Engine', 'cpu').length >= 2);
    for (const metric of ['rss', 'threads', 'open_files', 'uptime']) expect(reports.values('Engine', metric)[0]).toBeGreaterThan(0);
    const killed = Date.now();
    child.kill('SIGKILL');
    await until('the crash', () => reports.of('component-crashed').length > 0);
    expect(reports.of('component-crashed')[0]!.time - killed).toBeLessThan(500);
    expect(reports.of('component-crashed')[0]).toMatchObject({ component: 'Engine', pid: child.pid, exitStatus: null, signal: null });
    expect(reports.states('Engine')).toEqual(['RUNNING', 'CRASHED']);
    await new Promise((resolve) => setTimeout(resolve, 300));
    for (const metric of ['rss', 'cpu', 'threads', 'open_files', 'uptime']) {
      const values = reports.values('Engine', metric);
      expect(values.filter(Number.isNaN)).toHaveLength(1);
      expect(values.at(-1)).toBeNaN();
    }
  });

  test('is told as started when it comes, and again when another takes its place', async () => {
    const { watcher, reports } = await watch(pidFile());
    expect(watcher.view(engine)).toMatchObject({ state: 'STOPPED', pid: null });
    const first = await sleeper();
    await writePid(first.pid);
    await until('the start', () => watcher.view(engine)?.pid === first.pid);
    first.kill('SIGKILL');
    const second = await sleeper();
    await writePid(second.pid);
    await until('the restart', () => watcher.view(engine)?.pid === second.pid);
    expect(reports.of('component-started').map(({ pid }) => pid)).toEqual([first.pid, second.pid]);
    expect(reports.states('Engine')).toEqual(['STOPPED', 'RUNNING', 'CRASHED', 'RUNNING']);
    await until('values of the second process', () => Number.isFinite(reports.values('Engine', 'rss').at(-1)));
  });

  test.runIf(linux)('is not taken for a younger process that got the same number', async () => {
    const child = await sleeper();
    await writePid(child.pid);
    const anHourAgo = Date.now() / 1_000 - 3_600;
    await utimes(join(folder, 'engine.pid'), anHourAgo, anHourAgo);
    const { watcher } = await watch(pidFile());
    expect(watcher.view(engine)).toMatchObject({ state: 'STOPPED', pid: null });
  });

  test('reads nothing but a number from the file', async () => {
    for (const content of ['', 'x', '-1', '0', `${process.pid} and more`, '99999999999']) {
      await writeFile(join(folder, 'engine.pid'), content);
      const { watcher } = await watch(pidFile());
      expect(watcher.view(engine)?.pid ?? null).toBeNull();
    }
  });
});

describe('an end', () => {
  test('that was expected is a stop', async () => {
    const child = await sleeper();
    await writePid(child.pid);
    const { watcher, reports } = await watch(pidFile());
    watcher.expectStop(engine);
    child.kill('SIGTERM');
    await until('the stop', () => reports.of('component-stopped').length > 0);
    expect(reports.of('component-crashed')).toEqual([]);
    expect(reports.states('Engine')).toEqual(['RUNNING', 'STOPPED']);
    const next = await sleeper();
    await writePid(next.pid);
    await until('the next process', () => watcher.view(engine)?.pid === next.pid);
    next.kill('SIGKILL');
    await until('its crash', () => reports.of('component-crashed').length > 0);
  });

  test('of an adopted process tells its exit status or signal', async () => {
    const { watcher, reports } = await watch({ kind: 'started by the daemon' });
    const endingOf = (child: ChildProcess): Promise<Ending> =>
      new Promise((resolve) => child.once('exit', (exitStatus, signal) => resolve({ exitStatus, signal })));
    const first = await sleeper('first', 'console.log("up"); setTimeout(() => process.exit(3), 300)');
    watcher.adopt(engine, first.pid, endingOf(first));
    expect(watcher.view(engine)).toMatchObject({ state: 'RUNNING', pid: first.pid });
    await until('the exit', () => reports.of('component-crashed').length === 1);
    const second = await sleeper('second');
    watcher.adopt(engine, second.pid, endingOf(second));
    second.kill('SIGKILL');
    await until('the kill', () => reports.of('component-crashed').length === 2);
    expect(reports.of('component-crashed').map(({ exitStatus, signal }) => [exitStatus, signal])).toEqual([
      [3, null],
      [null, 'KILL'],
    ]);
  });

  test.runIf(linux)('is seen in a zombie, whose parent has not asked for it', async () => {
    const code = `const child = require('node:child_process').spawn('/bin/sh', ['-c', 'sleep 30 & echo $!; exec sleep 31'], { stdio: ['ignore', 'inherit', 'ignore'] });`;
    // `exec sleep 31` never waits for its child, so killing `sleep 30` leaves a zombie.
    const parent = spawn(process.execPath, ['-e', `${code} process.on('SIGTERM', () => { child.kill('SIGKILL'); process.exit(); })`], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    try {
      const pid = Number(await new Promise<Buffer>((resolve) => parent.stdout.once('data', resolve)));
      await writePid(pid);
      const { watcher, reports } = await watch(pidFile());
      expect(watcher.view(engine)?.pid).toBe(pid);
      process.kill(pid, 'SIGKILL');
      await until('the crash', () => reports.of('component-crashed').length > 0);
      expect(() => process.kill(pid, 0)).not.toThrow();
    } finally {
      parent.kill('SIGTERM');
      await new Promise((resolve) => parent.once('exit', resolve));
    }
  });

  test('of a launcher that put the real process into the background is no crash', async () => {
    const { watcher, reports } = await watch(pidFile());
    const real = await sleeper();
    const launcher = await sleeper('launcher');
    let finish: (ending: Ending) => void = () => undefined;
    watcher.adopt(engine, launcher.pid, new Promise((resolve) => (finish = resolve)));
    await writePid(real.pid);
    launcher.kill('SIGKILL');
    finish({ exitStatus: 0, signal: null });
    await until('the hand-over', () => watcher.view(engine)?.pid === real.pid);
    expect(reports.of('component-crashed')).toEqual([]);
    expect(watcher.view(engine)?.state).toBe('RUNNING');
  });
});

describe('a component found by its command line', () => {
  test('is the oldest that fits, and the ambiguity is told once', async () => {
    const marker = `marker-${randomUUID()}`;
    const find: FindConfiguration = { kind: 'command line', pattern: `${marker}$` };
    const first = await sleeper(marker);
    await new Promise((resolve) => setTimeout(resolve, 30));
    await sleeper(marker);
    const { watcher, reports } = await watch(find);
    expect(watcher.view(engine)?.pid).toBe(first.pid);
    expect(reports.notices('ambiguous-process')).toHaveLength(1);
    expect(await watcher.lookNow(engine)).toMatchObject({ pid: first.pid });
    first.kill('SIGKILL');
    await until('the other process', () => watcher.view(engine)?.pid !== null && watcher.view(engine)?.pid !== first.pid);
    expect(reports.of('component-crashed')).toHaveLength(1);
  });

  test('is found at once when asked to look now', async () => {
    const marker = `marker-${randomUUID()}`;
    const { watcher } = await watch({ kind: 'command line', pattern: marker });
    const child = await sleeper(marker);
    expect(await watcher.lookNow(engine)).toMatchObject({ state: 'RUNNING', pid: child.pid });
  });
});

describe('states of logs', () => {
  test('hold while the process lives and end with it', async () => {
    const child = await sleeper();
    await writePid(child.pid);
    const { watcher, reports } = await watch(pidFile());
    watcher.stateFromLog(engine, 'READY');
    expect(watcher.view(engine)?.state).toBe('READY');
    child.kill('SIGKILL');
    await until('the crash', () => watcher.view(engine)?.state === 'CRASHED');
    watcher.stateFromLog(engine, 'READY');
    expect(watcher.view(engine)?.state).toBe('CRASHED');
    await new Promise((resolve) => setTimeout(resolve, 50));
    const next = await sleeper();
    await writePid(next.pid);
    await until('the next process', () => watcher.view(engine)?.pid === next.pid);
    expect(reports.states('Engine')).toEqual(['RUNNING', 'READY', 'CRASHED', 'RUNNING']);
  });

  test('are remembered for the same process when the daemon comes back', async () => {
    const child = await sleeper();
    await writePid(child.pid);
    const before = await watch(pidFile());
    before.watcher.stateFromLog(engine, 'READY');
    await before.watcher.dispose();
    const after = await watch(pidFile());
    expect(after.watcher.view(engine)).toMatchObject({ state: 'READY', pid: child.pid });
    expect(after.reports.of('component-started')).toEqual([]);
    await after.watcher.dispose();
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('exit', resolve));
    const gone = await watch(pidFile());
    expect(gone.watcher.view(engine)?.state).toBe('STOPPED');
    expect(gone.reports.notices('ended-unobserved')).toHaveLength(1);
  });

  test('are all there is of a component without a process', async () => {
    const market = 'Market' as ComponentName;
    const { watcher, reports } = await watch(pidFile(), new RecordedReports(), [market]);
    watcher.stateFromLog(market, 'OPEN');
    expect(reports.states('Market')).toEqual(['UNKNOWN', 'OPEN']);
    expect(watcher.views()).toHaveLength(2);
  });
});

describe('a process number that is used again', () => {
  test('between two looks is a crash and a start, though the number is the same', async () => {
    let startTime = 1;
    const sample = { cpuTime: 0, rss: 1, threads: 1, openFiles: 1, uptime: 1 };
    const reader: ProcessReader = {
      identify: (pid) => ({ pid, startTime }),
      sample: () => Promise.resolve(sample),
      isSame: (one, other) => one.pid === other.pid && one.startTime === other.startTime,
      learn: () => Promise.resolve(),
      list: () => Promise.resolve([]),
      startedAt: () => 0,
    };
    await writePid(4_711);
    const reports = new RecordedReports();
    const memory = new FileComponentMemory(folder);
    const watcher = new ComponentWatcher({
      components: [component(pidFile())],
      logOnly: [],
      reader,
      reporter: reports,
      clock: backgroundClock,
      memory,
    });
    watchers.push(watcher);
    await watcher.start();
    startTime = 2;
    await until('the start', () => reports.of('component-started').length > 0);
    expect(reports.events.map(({ kind }) => kind)).toEqual(['state', 'component-crashed', 'state', 'component-started', 'state']);
  });
});
