/**
 * The router is killed and started again twenty times while two daemons send all they can: the link tells every record of
 * theirs once and in order, whatever the router took with it.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import { startRouter, type Router } from '#network/router/router.ts';
import { FakeDaemon } from '../main/core/link/fake-daemon.ts';
import { hear, linkTo } from '../main/core/link/linked.ts';
import { startNatsServer, withoutNatsServer, type TestRouter } from '../main/core/link/nats-server.ts';
import { freePort } from '#platform/free-port.ts';

const restarts = 20;
/** ms between the records of a daemon. */
const beat = 2;
const columns = 200;

async function startEmbeddedRouter(): Promise<TestRouter> {
  const port = await freePort();
  let router: Router | undefined;
  const start = async (): Promise<void> => {
    router = await startRouter({ port });
  };
  await start();
  return { url: `nats://127.0.0.1:${port}`, start, kill: async () => router?.close() };
}

/** Sends records until told to stop: mostly frames, now and then events and a new series. */
function load(daemon: FakeDaemon): () => void {
  const series = daemon.declare('Engine', ...Array.from({ length: columns }, (_, index) => `metric_${index}`));
  daemon.declareColumns(1, series);
  let beats = 0;
  const timer = setInterval(() => {
    beats++;
    daemon.dense(1, new Float64Array(columns).fill(beats));
    if (beats % 5 === 0) daemon.notice(`beat ${beats}`);
    if (beats % 100 === 0) daemon.pairs([[daemon.declare('Engine', `late_${beats}`)[0]?.id ?? 0, beats]]);
  }, beat);
  return () => clearInterval(timer);
}

const routers = [
  { name: 'nats-server', start: startNatsServer, skipped: withoutNatsServer },
  { name: 'the embedded router', start: startEmbeddedRouter, skipped: false },
];

describe.each(routers)('$name, restarted under load', ({ start, skipped }) => {
  test.skipIf(skipped)('no record is missing and none is told twice', { timeout: 60_000 }, async () => {
    const router = await start();
    const daemons = await Promise.all(['MEP', 'MON'].map((name) => FakeDaemon.start({ url: router.url, name, page: 200 })));
    const link = await linkTo(router.url, ['MEP', 'MON'], { tailDelay: 200, spoolAttempts: 20 });
    const heard = hear(link);
    try {
      await link.ready(
        daemons.map((each) => each.name),
        5_000,
      );
      const ends = daemons.map(load);
      for (let count = 0; count < restarts; count++) {
        await pause(150 + (count % 5) * 60);
        await router.kill();
        await pause((count % 4) * 40);
        await router.start();
      }
      await pause(300);
      for (const end of ends) end();
      for (const daemon of daemons) {
        const everything = Array.from({ length: daemon.sequence }, (_, index) => index + 1);
        await vi.waitFor(() => expect(heard.numbers(daemon.name).length).toBeGreaterThanOrEqual(daemon.sequence), {
          timeout: 15_000,
          interval: 50,
        });
        expect(heard.numbers(daemon.name)).toEqual(everything);
        expect(daemon.sequence).toBeGreaterThan(1_000);
      }
      const gaps = heard.of('gap');
      expect(gaps.filter((gap) => gap.state === 'lost')).toEqual([]);
      expect(gaps.filter((gap) => gap.state === 'filled').length).toBe(gaps.filter((gap) => gap.state === 'open').length);
      // The restarts did take something away each time, or this test would prove nothing.
      expect(gaps.filter((gap) => gap.state === 'filled').length).toBeGreaterThanOrEqual(restarts / 2);
      expect(heard.of('connection').filter((each) => !each.connected).length).toBeGreaterThanOrEqual(restarts / 2);
      for (const news of heard.of('samples')) expect(news.series.length).toBe(news.frame.values.length);
    } finally {
      await link.dispose();
      for (const daemon of daemons) await daemon.stop();
      await router.kill();
    }
  });
});
