/**
 * The router is killed and started again twenty times while a run records what a daemon tells under load: every record
 * of the daemon stands in the run once, and every line of its log.
 */
import { existsSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { openNetwork, type NetworkOfProcesses } from '../network-of-processes.ts';
import { GrowingLog, System, expectEveryNumberOnce, linesTold, observingDaemon, only, upTo, type GatheredRun } from './system.ts';

const restarts = 20;
const linesPerSecond = 1_000;
const natsServer = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/usr/local/sbin']
  .map((folder) => `${folder}/nats-server`)
  .find((path) => existsSync(path));
const withoutNatsServer = natsServer === undefined && process.env['CI'] !== 'true';
if (withoutNatsServer) console.warn('Skipped: nats-server is not installed (Debian package nats-server).');

const routers = [
  { name: 'the embedded router', skipped: false, options: {} },
  { name: 'nats-server', skipped: withoutNatsServer, options: { natsServer: natsServer ?? 'nats-server' } },
];

/** Every second time as soon as it listens, so that a router dies amid what its predecessor's death made everybody ask for. */
async function killAgainAndAgain(network: NetworkOfProcesses, run: GatheredRun): Promise<void> {
  let router = network.firstRouter;
  for (let count = 0; count < restarts; count++) {
    const told = linesTold(run.records).length;
    if (count % 2 === 0) await expect.poll(() => linesTold(run.records).length, { timeout: 20_000, interval: 20 }).toBeGreaterThan(told);
    else await pause((count * 37) % 300);
    await router.kill('SIGKILL');
    await pause((count % 4) * 40);
    router = await network.startRouter();
  }
}

describe.each(routers)('$name, killed under load', ({ skipped, options }) => {
  test.skipIf(skipped)('loses nothing and doubles nothing', { timeout: 150_000 }, async () => {
    const system = await System.open();
    try {
      const log = await GrowingLog.create(system.folder, linesPerSecond);
      system.owned.own(() => log.stop());
      const network = await openNetwork({ daemon: observingDaemon(log.file), ...options });
      system.owned.own(network);
      await network.startDaemon();
      const run = await system.run('wait event over within 140s', network.environmentFile);
      log.start();
      await killAgainAndAgain(network, run);
      // So much that the deaths fell amid it, however slowly a busy machine writes.
      await expect.poll(() => log.written).toBeGreaterThan(5 * linesPerSecond);
      await log.end();
      await run.ended;

      expect(run.records.at(-1)).toMatchObject({ kind: 'run-finished', outcome: 'passed' });
      await system.finished(run.run);
      const bounds = await expectEveryNumberOnce(run);
      expect(bounds.size).toBe(1);
      expect(linesTold(run.records)).toEqual(upTo(log.written));
      // Had the restarts taken nothing away, this would prove nothing.
      expect(only(run.records, 'gap').filter(({ state }) => state === 'filled').length).toBeGreaterThanOrEqual(restarts / 4);
      expect(only(run.records, 'link').filter(({ state }) => state === 'disconnected').length).toBeGreaterThanOrEqual(restarts / 2);
    } finally {
      await system.dispose();
    }
  });
});
