/** A worker over a real router with real processes: what it is given it executes, and what it executed it tells until it is heard. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { backgroundClock } from '#platform/clock.ts';
import { campaign, suiteOf } from './fake-coordinator.ts';
import { processesWith, shell, Surroundings, verdictsOf } from './worker-under-test.ts';

let here: Surroundings;
beforeEach(async () => {
  here = await Surroundings.open();
});
afterEach(async () => here.close());

const programs = (...tests: readonly ReturnType<typeof shell>[]) => suiteOf({ settings: { tests } });

describe('work', () => {
  test('is asked for every second, with what this worker is', async () => {
    await here.startDaemon();
    await expect.poll(() => here.coordinator.requests.length).toBeGreaterThanOrEqual(3);
    const { requests, times } = here.coordinator;
    expect(requests[0]).toMatchObject({
      worker: 'MEP',
      slots: 2,
      free: 2,
      labels: ['linux'],
      adapters: ['executable', 'junit'],
      leaving: false,
    });
    const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThan(800);
    expect(new Set(requests.map(({ nonce }) => nonce)).size).toBe(requests.length);
  });

  test('is executed, and each verdict comes from what the program itself said', async () => {
    await here.startDaemon();
    const suite = programs(
      shell('good', 'echo well'),
      shell('bad', 'echo first; echo it broke >&2; exit 3'),
      shell('not', 'echo no database; exit 77'),
      { id: 'none', command: ['/no/such/program'] },
    );
    const ended = await here.end(here.coordinator.give(suite, ['good', 'bad', 'not', 'none', 'unknown']));
    expect(ended).toMatchObject({ campaign, end: 'done' });
    expect(verdictsOf(ended)).toEqual({ good: 'passed', bad: 'failed', not: 'skipped', none: 'broken', unknown: 'missing' });
    const bad = ended.verdicts.find(({ test }) => test === 'bad');
    expect(bad?.message).toMatch(/^It ended with exit status 3: /);
    expect(here.coordinator.content(bad, 'output.txt')).toContain('first\n');
    expect(ended.takenUpBefore).toBeGreaterThanOrEqual(bad?.offset ?? Number.NaN);
  });

  test('is told until it is settled, and once settled never again', async () => {
    here.coordinator.settles = false;
    await here.startDaemon();
    const fence = here.coordinator.give(programs(shell('good', 'true')), ['good']);
    await expect.poll(() => here.coordinator.told.get(fence)).toBeGreaterThanOrEqual(3);
    here.coordinator.settles = true;
    await here.end(fence);
    const told = here.coordinator.told.get(fence);
    const { length } = here.coordinator.requests;
    await expect.poll(() => here.coordinator.requests.length).toBeGreaterThan(length + 1);
    expect(here.coordinator.told.get(fence)).toBe(told);
    expect(here.coordinator.requests.at(-1)).toMatchObject({ running: [], ended: [], free: 2 });
  });

  test('of a suite that it knows is executed without being told the suite once more', async () => {
    await here.startDaemon();
    const suite = programs(shell('one', 'true'), shell('two', 'true'));
    await here.end(here.coordinator.give(suite, ['one']));
    expect(verdictsOf(await here.end(here.coordinator.give(suite, ['two'])))).toEqual({ two: 'passed' });
    expect(here.coordinator.suitesTold.length).toBe(1);
  });

  test('goes on through a router that is started anew', async () => {
    await here.startDaemon();
    await here.end(here.coordinator.give(programs(shell('before', 'true')), ['before']));
    await here.restartRouter();
    expect(verdictsOf(await here.end(here.coordinator.give(programs(shell('after', 'true')), ['after'])))).toEqual({ after: 'passed' });
  });

  test('shows each verdict at once, while its unit goes on', async () => {
    await here.startDaemon();
    const fence = here.coordinator.give(programs(shell('quick', 'exit 1'), shell('slow', 'sleep 1')), ['quick', 'slow']);
    await expect.poll(() => here.coordinator.early.length, { interval: 5 }).toBe(1);
    expect(here.coordinator.settled.has(fence)).toBe(false);
    expect(here.coordinator.early[0]).toMatchObject({ fence, verdict: { test: 'quick', verdict: 'failed' } });
    await here.end(fence);
  });

  test('of two runners that begin at the same time is ended for one of them alone', async () => {
    const suite = programs(shell('ended', 'sleep 60'), shell('stays', 'sleep 1.5'));
    const fences = ['ended', 'stays'].map((each) => here.coordinator.give(suite, [each]));
    await here.startDaemon();
    await expect.poll(() => processesWith('sleep 1.5').length, { interval: 10 }).toBeGreaterThan(0);
    here.coordinator.cancel(fences[0] ?? 0);
    expect(await here.end(fences[0] ?? 0)).toMatchObject({ end: 'stopped' });
    expect(await here.end(fences[1] ?? 0)).toMatchObject({ end: 'done', verdicts: [{ test: 'stays', verdict: 'passed' }] });
  });

  test('takes the slots that a unit takes', async () => {
    await here.startDaemon({ worker: { slots: 3 } });
    const suite = suiteOf({ slots: 2, settings: { tests: [shell('a', 'sleep 0.3'), shell('b', 'sleep 0.3')] } });
    const fences = [here.coordinator.give(suite, ['a']), here.coordinator.give(suite, ['b'])];
    for (const fence of fences) await here.end(fence);
    const busy = here.coordinator.requests.filter(({ running }) => running.length > 0);
    expect(busy.length).toBeGreaterThan(0);
    expect(Math.max(...busy.map(({ free }) => free))).toBeLessThanOrEqual(1);
  });

  test('is executed the same by a worker whose clock is an hour off', async () => {
    await here.startDaemon({ clock: { ...backgroundClock, now: () => backgroundClock.now() - 3_600_000 } });
    const ended = await here.end(here.coordinator.give(programs(shell('good', 'true')), ['good']));
    expect(verdictsOf(ended)).toEqual({ good: 'passed' });
    expect(ended.takenUpBefore).toBeLessThan(10_000);
  });

  test('tells programs which attempt and server they are of, and keeps libraries to one thread', async () => {
    await here.startDaemon();
    const script = 'echo $TESTOPS_UNIQUE $TESTOPS_ATTEMPT $TESTOPS_SERVER $SERVER_URL $OF_SUITE $OMP_NUM_THREADS';
    const suite = suiteOf({ variables: { OF_SUITE: 'yes' }, settings: { tests: [shell('t', script)] } });
    const fence = here.coordinator.give(suite, ['t'], { server: 'one' as never, attempt: 2 });
    const [verdict] = (await here.end(fence)).verdicts;
    expect(here.coordinator.content(verdict, 'output.txt')).toBe(`u${fence}abc 2 one http://one yes 1\n`);
  });

  test('is listed as a blob of tests', async () => {
    await here.startDaemon();
    for (const name of ['checks/a.sh', 'checks/b.sh', 'other.sh']) await here.program(name, '#!/bin/sh\n');
    const ended = await here.end(here.coordinator.give(suiteOf({ settings: { files: ['checks/*.sh'] } })));
    expect(ended).toMatchObject({ end: 'done', verdicts: [{ test: 'list', verdict: 'passed' }] });
    const lines = here.coordinator.content(ended.verdicts[0], 'tests.ndjson')?.trimEnd().split('\n') ?? [];
    const listed = (file: string) => ({ test: file, unit: file, group: 'checks', serial: false, tags: [] });
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([listed('checks/a.sh'), listed('checks/b.sh')]);
  });

  test('that cannot be listed is a broken verdict, not trouble of the worker', async () => {
    await here.startDaemon();
    const ended = await here.end(here.coordinator.give(programs(shell('same', 'true'), shell('same', 'false'))));
    expect(ended).toMatchObject({
      end: 'done',
      verdicts: [{ test: 'list', verdict: 'broken', message: 'Two of the tests have the same id.' }],
    });
  });

  test('that is not allowed here is refused with the reason', async () => {
    await here.startDaemon({ worker: { adapters: ['executable'], packages: ['other'] }, allow: ['work:executable'] });
    const end = async (given: Readonly<Record<string, unknown>>) => {
      const { end, reason } = await here.end(here.coordinator.give(suiteOf({ settings: {}, ...given }), ['t']));
      return `${end}: ${reason}`;
    };
    expect(await end({ adapter: 'junit' })).toMatch(/^refused: .*"junit".*worker\.adapters/);
    expect(await end({ package: null })).toMatch(/^refused: .*"default".*worker\.folders/);
    expect(await end({ package: here.coordinator.pack({ a: 'a' }) })).toMatch(/^refused: .*"tests".*worker\.packages/);
    expect(await end({ settings: { files: 3 } })).toMatch(/^set-up-failed: The settings of programs/);
  });
});

describe('the end of a lease', () => {
  test('comes when it is cancelled: everything that came of it is gone', async () => {
    await here.startDaemon();
    const suite = programs(shell('done', 'true'), shell('long', 'setsid sleep 71717 & sleep 71717; true'));
    const fence = here.coordinator.give(suite, ['done', 'long']);
    await expect.poll(() => processesWith('sleep 71717').length).toBe(2);
    here.coordinator.cancel(fence);
    const ended = await here.end(fence);
    expect(ended).toMatchObject({ end: 'stopped', reason: 'Somebody stopped the campaign.' });
    expect(verdictsOf(ended)).toEqual({ done: 'passed' });
    expect(processesWith('sleep 71717')).toEqual([]);
  });

  test('comes 4 s after the coordinator went silent', async () => {
    await here.startDaemon();
    const fence = here.coordinator.give(programs(shell('long', 'exec sleep 72727')), ['long']);
    await expect.poll(() => processesWith('sleep 72727').length).toBe(1);
    here.coordinator.silent = true;
    const silentFrom = performance.now();
    await expect.poll(() => processesWith('sleep 72727').length, { interval: 20 }).toBe(0);
    const took = performance.now() - silentFrom;
    expect(took).toBeGreaterThan(2_500);
    expect(took).toBeLessThan(5_000);
    here.coordinator.silent = false;
    expect(await here.end(fence)).toMatchObject({ end: 'runner-lost', reason: 'The coordinator was silent for 4 s.', verdicts: [] });
  });

  test('comes when the daemon is asked to end, and is told before it goes', async () => {
    const daemon = await here.startDaemon();
    const fence = here.coordinator.give(programs(shell('long', 'exec sleep 73737')), ['long']);
    await expect.poll(() => processesWith('sleep 73737').length).toBe(1);
    await daemon.dispose();
    expect(processesWith('sleep 73737')).toEqual([]);
    expect(here.coordinator.settled.get(fence)).toMatchObject({ end: 'runner-lost', reason: 'The worker goes away.' });
    expect(here.coordinator.requests.at(-1)).toMatchObject({ leaving: true, free: 0 });
  });
});
