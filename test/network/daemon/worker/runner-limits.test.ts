/** Bounds of runners: by a control group where there is one, by `prlimit` where not, and said where they do not hold. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openLimiter } from '#network/daemon/worker/runner-limits.ts';

let group = '';
const notices: string[] = [];
const notice = (code: string, text: string): void => void notices.push(`${code}: ${text}`);
beforeEach(() => {
  notices.length = 0;
  group = mkdtempSync(join(tmpdir(), 'group-'));
});
afterEach(() => rmSync(group, { recursive: true }));

const limits = { memory: 500_000_000, cpu: 1.5, threads: 1 };

test('without limits nothing is done and nothing said', () => {
  const limiter = openLimiter({ memory: null, cpu: null, threads: 1 }, notice, { group: null, prlimit: null });
  expect(limiter.wrap(['a', 'b'])).toEqual(['a', 'b']);
  expect(notices).toEqual([]);
});

test('each runner has a control group of its own', () => {
  writeFileSync(join(group, 'cgroup.controllers'), 'cpuset cpu io memory pids\n');
  const limiter = openLimiter(limits, notice, { group, prlimit: '/usr/bin/prlimit' });
  expect(limiter.wrap(['a'])).toEqual(['a']);
  limiter.admit('runner-7', 4_711);
  const folder = join(group, readdirSync(group).find((name) => name.endsWith('-runner-7')) ?? '');
  const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
  expect([read('memory.max'), read('cpu.max'), read('cgroup.procs')]).toEqual(['500000000', '150000 100000', '4711']);
  expect(readFileSync(join(group, 'cgroup.subtree_control'), 'utf8')).toBe('+memory +cpu');
  expect(limiter.ranOutOfMemory('runner-7')).toBe(false);
  writeFileSync(join(folder, 'memory.events'), 'low 0\nhigh 0\nmax 12\noom 1\noom_kill 2\n');
  expect(limiter.ranOutOfMemory('runner-7')).toBe(true);
  expect(notices).toEqual([]);
});

test('a group that has not the controllers is not used: memory is limited for each process, which is said', () => {
  mkdirSync(group, { recursive: true });
  writeFileSync(join(group, 'cgroup.controllers'), 'pids\n');
  const limiter = openLimiter(limits, notice, { group, prlimit: '/usr/bin/prlimit' });
  expect(limiter.wrap(['a', 'b'])).toEqual(['/usr/bin/prlimit', '--data=500000000', '--', 'a', 'b']);
  expect(notices).toEqual([
    'limits-in-part: There is no cgroup v2 that the daemon may use: 500 MB of memory are the limit of each process, not of a runner as a whole. Processors are not limited.',
  ]);
});

test('limits that hold in no way are said', () => {
  expect(openLimiter(limits, notice, { group: null, prlimit: null }).wrap(['a'])).toEqual(['a']);
  expect(openLimiter({ ...limits, memory: null }, notice, { group: null, prlimit: '/usr/bin/prlimit' }).wrap(['a'])).toEqual(['a']);
  expect(notices.map((each) => each.split(':')[0])).toEqual(['limits-missing', 'limits-missing']);
});
