/**
 * A daemon is killed, and one is stopped, while a run looks at a component of it: the process that it watches goes on, but
 * nobody knows. The log says since when, a condition is not met by what was told before, and what is known comes back.
 */
import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fold, valueOf, type RunState } from '#shared/run/run-state.ts';
import { openNetwork } from '../network-of-processes.ts';
import { System, only, type GatheredRun } from './system.ts';

const patience = { timeout: 20_000, interval: 50 };

/** A network whose daemon watches a process that somebody else started. */
async function openWatched(system: System) {
  const pidFile = join(system.folder, 'engine.pid');
  const engine = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1_000)'], { stdio: 'ignore' });
  system.owned.own(() => void engine.kill('SIGKILL'));
  await writeFile(pidFile, String(engine.pid));
  const network = await openNetwork({ daemon: { components: { Engine: { find: { pidFile } } } } });
  system.owned.own(network);
  return { network, engine };
}

const engineOf = (state: RunState) => valueOf(state.components, 'Engine');
const lossesOf = (run: GatheredRun) => only(run.records, 'presence').filter(({ state }) => state === 'lost');

test('a killed daemon: its component is unknown from its last sign of life on, and meets no condition', { timeout: 90_000 }, async () => {
  const system = await System.open();
  try {
    const { network, engine } = await openWatched(system);
    const first = await network.startDaemon();
    const scenario =
      'expect Engine.STATE == RUNNING within 5s\nexpect Engine.STATE == RUNNING for 8s\nwait Engine.STATE == RUNNING within 60s';
    const run = await system.run(scenario, network.environmentFile, { policy: 'continue' });
    const stepsBegun = () => only(run.records, 'step-started').length;
    await expect.poll(stepsBegun, patience).toBe(2);
    const killedAt = Date.now();
    await first.kill('SIGKILL');

    await expect.poll(() => lossesOf(run).length, patience).toBe(1);
    const [lost] = lossesOf(run);
    expect(lost).toMatchObject({ daemon: 'MEP', components: ['Engine'] });
    expect(lost?.lastSign).toBeLessThanOrEqual(Date.now());
    expect(Math.abs((lost?.lastSign ?? 0) - killedAt)).toBeLessThan(2_000);
    expect((lost?.time ?? 0) - (lost?.lastSign ?? 0)).toBeGreaterThan(2_000);
    expect(engineOf(fold(run.records))).toMatchObject({ state: 'UNKNOWN', pid: null, unknown: { from: lost?.lastSign } });

    await expect.poll(stepsBegun, patience).toBe(3);
    const [, held] = only(run.records, 'step-finished');
    expect(held).toMatchObject({ state: 'error' });
    const conditions = only(run.records, 'condition').filter(({ form }) => form === 'expect');
    expect(conditions.filter(({ state }) => state === 'not met')).toEqual([]);
    expect(conditions.at(-1)).toMatchObject({ values: { 'Engine.STATE': null }, lost: expect.stringContaining('MEP is lost') as string });

    await network.startDaemon();
    await run.ended;
    await system.finished(run.run);
    const back = only(run.records, 'presence').findLast(({ state }) => state === 'present');
    expect(back).toMatchObject({ lastSign: lost?.lastSign, states: [{ component: 'Engine', state: 'RUNNING', pid: engine.pid }] });
    expect(back?.epoch).not.toBe(lost?.epoch);
    expect(engineOf(fold(run.records))).toMatchObject({ state: 'RUNNING', pid: engine.pid });
    expect(only(run.records, 'step-finished').map(({ state }) => state)).toEqual(['passed', 'error', 'passed']);
  } finally {
    await system.dispose();
  }
});

test('a stopped daemon: alive and silent, it is lost too, and back with what it knew', { timeout: 90_000 }, async () => {
  const system = await System.open();
  try {
    const { network, engine } = await openWatched(system);
    const daemon = await network.startDaemon();
    const run = await system.run('wait 60s', network.environmentFile);
    await expect.poll(() => only(run.records, 'step-started').length, patience).toBe(1);
    daemon.child.kill('SIGSTOP');
    await expect.poll(() => lossesOf(run).length, patience).toBe(1);
    const status = async () =>
      (await system.console.request('environment.status', { environmentFile: network.environmentFile })).daemons[0];
    expect(await status()).toMatchObject({
      presence: 'lost',
      lastSign: lossesOf(run)[0]?.lastSign,
      components: [{ state: 'unknown', pid: null }],
    });

    // A run that begins while it is lost says so from its first moment on.
    const second = await system.run('wait 60s', network.environmentFile);
    await expect.poll(() => lossesOf(second).length, patience).toBe(1);
    expect(lossesOf(second)[0]).toMatchObject({ lastSign: lossesOf(run)[0]?.lastSign, components: ['Engine'] });
    expect(engineOf(fold(second.records))?.state).toBe('UNKNOWN');

    daemon.child.kill('SIGCONT');
    const back = () => only(run.records, 'presence').findLast(({ state, lastSign }) => state === 'present' && lastSign !== undefined);
    await expect.poll(back, patience).toMatchObject({ epoch: lossesOf(run)[0]?.epoch });
    expect(back()).not.toHaveProperty('states');
    expect((await status())?.components[0]).toMatchObject({ state: 'RUNNING', pid: engine.pid });
    expect(engineOf(fold(run.records))?.state ?? 'as at the start').toBe('as at the start');
  } finally {
    await system.dispose();
  }
});
