/** Processes where there is no /proc: the library itself, which works on Linux too, and what is made of its strange answers. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import type { Systeminformation } from 'systeminformation';
import { afterEach, describe, expect, test } from 'vitest';
import { LinuxProcessReader } from '#network/daemon/components/linux-process-reader.ts';
import { PortableProcessReader, startOf } from '#network/daemon/components/portable-process-reader.ts';

const children: ChildProcess[] = [];
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
});

async function startNode(script: string, ...words: string[]): Promise<number> {
  const child = spawn(process.execPath, ['-e', `${script};process.stdout.write('.')`, '--', ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  await once(child.stdout, 'data');
  return child.pid!;
}

describe('the library', () => {
  /** As long as the library answers with the same list, and a little. */
  const listAge = 600;
  const nextList = (): Promise<void> => pause(listAge + 100);

  test('tells memory, CPU and age of a process, and its whole command line', async () => {
    const before = Date.now();
    const pid = await startNode(
      'setInterval(() => { const until = Date.now() + 50; while (Date.now() < until); }, 1)',
      '--url',
      'http://a:1/b',
    );
    const reader = new PortableProcessReader(undefined, listAge);
    await reader.learn();
    const identity = reader.identify(pid)!;
    expect(identity.startTime).toBeGreaterThan(before - 10_000);
    expect(identity.startTime).toBeLessThan(Date.now() + 10_000);
    expect((await reader.sample(identity))?.rss).toBeGreaterThan(20_000_000);
    // Out of one list, values are told once.
    expect(await reader.sample(identity)).toBeUndefined();
    await nextList();
    const sample = await reader.sample(identity);
    // It wants a whole core; others may want them too.
    expect(sample?.cpuShare).toBeGreaterThan(3);
    expect(sample?.cpuShare).toBeLessThan(200);
    expect(sample?.uptime).toBeGreaterThan(listAge);
    expect(sample?.uptime).toBeLessThan(60_000);
    if (process.platform === 'linux') {
      const linux = new LinuxProcessReader();
      const truth = await linux.sample(linux.identify(pid)!);
      expect(Math.abs(sample!.rss - truth!.rss) / truth!.rss).toBeLessThan(0.3);
      expect(Math.abs(sample!.uptime - truth!.uptime)).toBeLessThan(3_000);
    }
    const listed = (await reader.list()).find((each) => each.pid === pid);
    expect(listed?.commandLine).toMatch(/--url http:\/\/a:1\/b/);
  });

  test('knows no process that is gone', async () => {
    const pid = await startNode('setInterval(() => {}, 1000)');
    const reader = new PortableProcessReader(undefined, listAge);
    await reader.learn();
    const identity = reader.identify(pid)!;
    children[0]!.kill('SIGKILL');
    await once(children[0]!, 'exit');
    expect(reader.identify(pid)).toBeUndefined();
    await nextList();
    expect(await reader.sample(identity)).toBeUndefined();
  });
});

describe('its answers', () => {
  const own = process.pid;
  const pad = (number: number): string => String(number).padStart(2, '0');
  /** As the library writes it. */
  const written = (time: number): string => {
    const local = new Date(time);
    const date = `${local.getFullYear()}-${pad(local.getMonth() + 1)}-${pad(local.getDate())}`;
    return `${date} ${pad(local.getHours())}:${pad(local.getMinutes())}:${pad(local.getSeconds())}`;
  };
  const listOf = (entry: Partial<Systeminformation.ProcessesProcessData>): Systeminformation.ProcessesData => ({
    all: 1,
    running: 1,
    blocked: 0,
    sleeping: 0,
    unknown: 0,
    list: [{ pid: own, started: written(Date.now() - 60_000), state: 'sleeping', memRss: 1, cpu: 0, command: 'x', ...entry }] as never,
  });
  /** Reads whenever it is asked. */
  const readerOf = (...answers: (() => Systeminformation.ProcessesData)[]) =>
    new PortableProcessReader(() => Promise.resolve({ processes: () => Promise.resolve((answers.shift() ?? answers[0])!()) }), 0);

  test('differ by a second for one process, and by more for another one of the same number', async () => {
    const reader = readerOf(
      () => listOf({}),
      () => listOf({ started: written(Date.now() - 62_000) }),
      () => listOf({ started: written(Date.now()) }),
    );
    await reader.learn();
    const first = reader.identify(own)!;
    await reader.learn();
    expect(reader.identify(own)).toEqual(first);
    await reader.learn();
    const other = reader.identify(own)!;
    expect(reader.isSame(first, other)).toBe(false);
    expect(await reader.sample(first)).toBeUndefined();
    expect((await reader.sample(other))?.rss).toBe(1_024);
  });

  test('make a zombie dead, and say nothing of starts before they came', async () => {
    const reader = readerOf(() => listOf({ state: 'zombie' }));
    const unknown = reader.identify(own)!;
    expect(unknown.startTime).toBeNaN();
    expect(reader.isSame(unknown, { pid: own, startTime: 5 })).toBe(true);
    await reader.learn();
    expect(reader.identify(own)).toBeUndefined();
  });

  test('may be none: what was known stays', async () => {
    const reader = readerOf(
      () => listOf({}),
      () => {
        throw new Error('no such program');
      },
    );
    await reader.learn();
    const known = reader.identify(own);
    await reader.learn();
    expect(reader.identify(own)).toEqual(known);
  });

  test('tell starts with the offset of now where ages are told', () => {
    expect(startOf('2026-07-01 12:00:00', -120, true)).toBe(Date.UTC(2026, 6, 1, 10));
    expect(startOf('2026-01-01 12:00:00', -120, true)).toBe(Date.UTC(2026, 0, 1, 10));
    expect(startOf('2026-01-01 12:00:00', 0, false)).toBe(new Date(2026, 0, 1, 12).getTime());
  });
});
