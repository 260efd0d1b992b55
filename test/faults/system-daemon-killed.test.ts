/**
 * A daemon is killed twice while a run records what it tells: its epochs are told apart, what is missing is stated, no
 * line of the log is lost, and the command that it was executing fails with a sentence.
 */
import { expect, test } from 'vitest';
import { openNetwork } from '../network-of-processes.ts';
import { GrowingLog, System, epochsOf, expectEveryNumberOnce, linesTold, observingDaemon, only, upTo } from './system.ts';

const linesPerSecond = 500;
/** Lines that the documents let a killed daemon report again are those of the last second; the rest is patience with this machine. */
const repeatable = linesPerSecond * 3;

test('a daemon killed twice: epochs apart, gaps stated, no line lost, the command fails clearly', { timeout: 90_000 }, async () => {
  const system = await System.open();
  try {
    const log = await GrowingLog.create(system.folder, linesPerSecond);
    system.owned.own(() => log.stop());
    const actions = {
      long_work: { command: [process.execPath, '-e', 'setTimeout(() => {}, 60_000)'], timeout: '60s' },
      short_work: { command: [process.execPath, '-e', 'console.log("done")'] },
    };
    const network = await openNetwork({ daemon: observingDaemon(log.file, { actions }) });
    system.owned.own(network);
    const first = await network.startDaemon();
    const scenario = 'long_work\nwait event over within 80s\nset again short_work\nif #{again} == done then echo PASS';
    const run = await system.run(scenario, network.environmentFile, { policy: 'continue' });
    log.start();
    const told = async (count: number): Promise<void> => {
      await expect.poll(() => linesTold(run.records).length, { timeout: 20_000 }).toBeGreaterThan(count);
    };
    const accepted = () => only(run.records, 'observation').some(({ events }) => events.some(({ kind }) => kind === 'command-accepted'));

    await expect.poll(accepted, { timeout: 10_000 }).toBe(true);
    await told(2 * linesPerSecond);
    await first.kill('SIGKILL');
    const second = await network.startDaemon();
    await expect.poll(() => only(run.records, 'command-failed').length, { timeout: 20_000 }).toBe(1);
    await expect.poll(() => epochsOf(run.records).length, { timeout: 20_000 }).toBe(2);
    await told(log.written + linesPerSecond);
    await second.kill('SIGKILL');
    await network.startDaemon();
    await expect.poll(() => epochsOf(run.records).length, { timeout: 20_000 }).toBe(3);
    await told(log.written + linesPerSecond);
    await log.end();
    await run.ended;
    await system.finished(run.run);

    const [failed] = only(run.records, 'command-failed');
    expect(failed?.message).toMatch(/^MEP was restarted while long_work was running; whether it was carried out is not known\./);
    expect(only(run.records, 'echo').map(({ text }) => text)).toEqual(['PASS']);
    const bounds = await expectEveryNumberOnce(run, { lostMayBe: true });
    expect([...bounds.keys()].toSorted()).toEqual(epochsOf(run.records).toSorted());
    const [, ...later] = epochsOf(run.records);
    for (const epoch of later) expect(bounds.get(epoch)?.[0]).toBe(1);
    for (const { reason } of only(run.records, 'gap').filter(({ state }) => state === 'lost')) expect(reason).not.toBe('');

    expect([...new Set(linesTold(run.records))].toSorted((one, other) => one - other)).toEqual(upTo(log.written));
    expectRepetitionsOnlyAtTheEnds(epochsOf(run.records).map((epoch) => linesTold(run.records, epoch)));
  } finally {
    await system.dispose();
  }
});

/** Within an epoch lines come once and in order; the next one may begin with lines that the one before it told last. */
function expectRepetitionsOnlyAtTheEnds(byEpoch: readonly (readonly number[])[]): void {
  let last = 0;
  for (const lines of byEpoch) {
    const first = lines[0] ?? 0;
    expect(lines).toEqual(Array.from({ length: lines.length }, (_, index) => first + index));
    expect(first).toBeLessThanOrEqual(last + 1);
    expect(last + 1 - first).toBeLessThanOrEqual(repeatable);
    last = lines.at(-1) ?? last;
  }
}
