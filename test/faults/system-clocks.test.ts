/** Clocks that are set back by an hour amid a run, the console's and a daemon's: order, readings, durations and commands do not suffer. */
import { expect, test } from 'vitest';
import { openNetwork } from '../network-of-processes.ts';
import { GrowingLog, System, expectEveryNumberOnce, linesTold, observingDaemon, only, upTo, type GatheredRun } from './system.ts';
import type { Clock } from '#platform/clock.ts';
import { systemClock } from '#platform/clock.ts';

const hour = 3_600_000;
const daemonProgram = 'test/faults/daemon-under-test.ts';
const actions = { short_work: { command: [process.execPath, '-e', 'console.log("done")'], concurrency: 4 } };
/** Goes wrong when a reading is missing for a moment of its eight seconds. */
const scenario =
  'expect System.memory_total > 0 for 8s\nwait event over within 40s\nset after short_work\nif #{after} == done then echo PASS';

/** Runs the scenario, has a clock set back while it expects the reading to be there, and looks at what came of it. */
async function runThrough(jump: 'console' | 'daemon'): Promise<{ readonly run: GatheredRun; readonly elapsed: number }> {
  let offset = 0;
  const clock: Clock = { ...systemClock, now: () => systemClock.now() + offset };
  const system = await System.open({ clock });
  try {
    const log = await GrowingLog.create(system.folder, 200);
    system.owned.own(() => log.stop());
    const network = await openNetwork({ daemon: observingDaemon(log.file, { actions }) });
    system.owned.own(network);
    const daemon = await network.start(daemonProgram, [network.daemonFile], 'connected');
    const began = performance.now();
    const run = await system.run(`wait System.memory_total > 0 within 10s\n${scenario}`, network.environmentFile);
    log.start();
    await expect.poll(() => linesTold(run.records).length, { timeout: 20_000 }).toBeGreaterThan(200);
    const reached = async (text: string): Promise<void> => {
      const begun = (): boolean => only(run.records, 'step-started').some(({ step }) => step.text.startsWith(text));
      await expect.poll(begun, { timeout: 20_000 }).toBe(true);
    };
    await reached('expect');
    if (jump === 'console') offset = -hour;
    else daemon.child.kill('SIGUSR2');
    // Orders carry the time at which they were given; the clock's jump must not make the daemon refuse them for good.
    for (let count = 0; count < 4; count++) {
      const { outcome } = await system.console.request('command.execute', {
        environmentFile: network.environmentFile,
        words: ['short_work'],
      });
      expect(outcome.result).toBe('done');
    }
    // The difference between the clocks is known anew as soon as the daemon has told its presence with it.
    const moved = () => only(run.records, 'presence').some(({ clockOffset }) => Math.abs(clockOffset ?? 0) > hour / 2);
    await expect.poll(moved, { timeout: 10_000 }).toBe(true);
    const told = linesTold(run.records).length;
    await expect.poll(() => linesTold(run.records).length, { timeout: 10_000 }).toBeGreaterThan(told + 200);
    await reached('wait event');
    await log.end();
    await run.ended;
    const elapsed = performance.now() - began;
    const manifest = await system.finished(run.run);

    expect(run.records.at(-1)).toMatchObject({ kind: 'run-finished', outcome: 'passed' });
    expect(run.records.map(({ sequence }) => sequence)).toEqual(run.records.map((_, index) => index + 1));
    expect(manifest.duration).toBeGreaterThan(8_000);
    expect(manifest.duration).toBeLessThanOrEqual(elapsed);
    for (const { duration } of only(run.records, 'step-finished')) expect(duration).toBeLessThanOrEqual(elapsed);
    expect(only(run.records, 'presence').filter(({ state }) => state === 'lost')).toEqual([]);
    expect(only(run.records, 'echo').map(({ text }) => text)).toEqual(['PASS']);
    expect(linesTold(run.records)).toEqual(upTo(log.written));
    await expectEveryNumberOnce(run);
    return { run, elapsed };
  } finally {
    await system.dispose();
  }
}

const stepsBack = (times: readonly number[]): number => times.filter((time, index) => time < (times[index - 1] ?? 0) - hour / 2).length;

test("the console's clock is set back by an hour", { timeout: 60_000 }, async () => {
  const { run } = await runThrough('console');
  expect(stepsBack(run.records.map(({ time }) => time))).toBe(1);
});

test("a daemon's clock is set back by an hour", { timeout: 60_000 }, async () => {
  const { run } = await runThrough('daemon');
  expect(stepsBack(run.records.map(({ time }) => time))).toBe(0);
  const told = only(run.records, 'observation').flatMap(({ events }) =>
    events.flatMap((event) => (event.kind === 'log' ? [event.time] : [])),
  );
  expect(stepsBack(told)).toBe(1);
});
