/** A process that did not get to run for a while must not take its own absence for that of others. */
import { afterEach, expect, test, vi } from 'vitest';
import { afterAwake } from '#platform/awake-time.ts';
import { systemClock } from '#platform/clock.ts';
import { startRouter } from '#network/router/router.ts';
import { Ownership } from '#shared/disposable.ts';
import { daemonName, FakeDaemon } from './fake-daemon.ts';
import { hear, linkTo } from './linked.ts';
import { ManualClock } from './manual-clock.ts';

let owned = new Ownership();
afterEach(async () => {
  await owned.dispose();
  owned = new Ownership();
});

/** Nothing of this process runs for that many ms. */
function starve(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

async function linked() {
  const router = await startRouter({ port: 0 });
  owned.own(() => router.close());
  const daemon = await FakeDaemon.start({ url: router.url, name: 'MEP' });
  owned.own(() => daemon.stop());
  const link = await linkTo(router.url, ['MEP']);
  owned.own(link);
  expect(await link.ready([daemonName('MEP')], 5_000)).toEqual({ missing: [] });
  await vi.waitFor(() => expect(link.daemons()[0]).toMatchObject({ state: 'present', lastPresence: expect.anything() }));
  return { daemon, link, heard: hear(link) };
}

test('a daemon is not lost because this process was starved, but is when it is silent afterwards', { timeout: 20_000 }, async () => {
  const { daemon, link, heard } = await linked();
  // Longer than three of any daemon's intervals.
  starve(3_500);
  await new Promise((resolve) => {
    setTimeout(resolve, 100);
  });
  expect(heard.of('presence').filter(({ state }) => state === 'lost')).toEqual([]);
  daemon.deaf = true;
  await vi.waitFor(() => expect(link.daemons()[0]?.state).toBe('lost'), { timeout: 10_000 });
});

test('a catalogue that was not told in time is asked for again while it is waited for', { timeout: 20_000 }, async () => {
  const router = await startRouter({ port: 0 });
  owned.own(() => router.close());
  const link = await linkTo(router.url, ['MEP']);
  owned.own(link);
  const ready = link.ready([daemonName('MEP')], 1_500);
  const daemon = await FakeDaemon.start({ url: router.url, name: 'MEP' });
  owned.own(() => daemon.stop());
  // Its own waiting time and the request's pass while nothing can be read.
  starve(2_000);
  expect(await ready).toEqual({ missing: [] });
});

test('time in which this process did not run is not waited', async () => {
  let ended = false;
  const stop = afterAwake(systemClock, 250, () => (ended = true));
  owned.own(stop);
  starve(1_000);
  await new Promise((resolve) => {
    setTimeout(resolve, 20);
  });
  expect(ended).toBe(false);
  await vi.waitFor(() => expect(ended).toBe(true));
});

test('otherwise it takes exactly as long as a timer, and can be cancelled', () => {
  const clock = new ManualClock();
  const ended: string[] = [];
  afterAwake(clock, 1_050, () => ended.push('first'));
  const cancel = afterAwake(clock, 1_050, () => ended.push('second'));
  clock.pass(1_049);
  expect(ended).toEqual([]);
  cancel();
  clock.pass(1);
  expect(ended).toEqual(['first']);
});
