/** Fetching what a log lacks from spools: in order, each once, and whatever cannot be had is said. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { startRouter, type Router } from '#network/router/router.ts';
import type { Link, LinkNews, RecallRequest } from '#main/core/ports.ts';
import type { LinkLimits } from '#main/core/link/limits.ts';
import { daemonName, FakeDaemon, newEpoch, type SpoolStore } from './fake-daemon.ts';
import { hear, linkTo } from './linked.ts';
import { freePort } from '#platform/free-port.ts';

let router: Router;
let url = '';
const open: { stop(): void | Promise<void> }[] = [];
beforeEach(async () => {
  const port = await freePort();
  router = await startRouter({ port });
  url = `nats://127.0.0.1:${port}`;
});
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.stop();
  await router.close();
});

async function start(more: Partial<Parameters<typeof FakeDaemon.start>[0]> = {}): Promise<FakeDaemon> {
  const daemon = await FakeDaemon.start({ url, name: 'MEP', ...more });
  open.push(daemon);
  return daemon;
}

async function linked(expected: readonly string[], limits: Partial<LinkLimits> = {}): Promise<Link> {
  const link = await linkTo(url, expected, limits);
  open.push({ stop: () => link.dispose() });
  await link.ready(expected.map(daemonName), 2_000);
  return link;
}

function wanted(daemon: FakeDaemon, missing: RecallRequest['missing'], onwards: number | null, epoch = daemon.epoch): RecallRequest {
  return { daemon: daemon.name, epoch, missing, onwards, catalogue: daemon.catalogue(), declarations: [] };
}

async function recalled(link: Link, requests: readonly RecallRequest[]): Promise<string[]> {
  const told: LinkNews[] = [];
  // Slow on purpose: whoever takes the records decides how fast they come.
  const take = (news: LinkNews): Promise<void> => new Promise((resolve) => setImmediate(() => resolve(void told.push(news))));
  await link.recall(requests, take);
  return told.map((news) => {
    switch (news.kind) {
      case 'events':
        return `${news.number}`;
      case 'samples':
        return `${news.frame.sequence} ${news.series.map(({ metric }) => metric).join(' ')}`;
      case 'gap':
        return `${news.state} ${news.from}-${news.to}`;
      case 'problem':
        return news.problem.code;
      default:
        return news.kind;
    }
  });
}

test('holes and what came since, however small the answers are; the link goes on where the recall ends', async () => {
  const daemon = await start({ page: 3 });
  const [rss] = daemon.declare('X', 'rss');
  for (let count = 0; count < 10; count++) daemon.pairs([[rss?.id ?? 0, count]]);
  daemon.notice('twelfth');
  daemon.spool.get(daemon.epoch)?.delete(4);
  const link = await linked(['MEP']);
  const heard = hear(link);
  const recalling = recalled(link, [
    wanted(
      daemon,
      [
        [2, 2],
        [4, 5],
      ],
      9,
    ),
  ]);
  daemon.notice('thirteenth');
  expect((await recalling).join(', ')).toEqual(
    ['open 2-2, 2 rss, filled 2-2', 'open 4-5, lost 4-4, 5 rss, filled 5-5', 'open 9-12, 9 rss, 10 rss, 11 rss, 12, filled 9-12'].join(
      ', ',
    ),
  );
  await vi.waitFor(() => expect(heard.numbers('MEP')).toEqual([13]));
});

test('an epoch that is over is followed to its end, also past records that are gone', async () => {
  const spool: SpoolStore = new Map();
  const first = await start({ spool, epoch: newEpoch(), page: 4 });
  for (let count = 0; count < 20; count++) first.notice(`${count}`);
  for (let number = 3; number <= 11; number++) spool.get(first.epoch)?.delete(number);
  await first.stop();
  const second = await start({ spool, page: 4 });
  const link = await linked(['MEP']);
  expect(await recalled(link, [wanted(second, [], 3, first.epoch)])).toEqual([
    ...Array.from({ length: 9 }, (_, index) => `lost ${index + 3}-${index + 3}`),
    ...Array.from({ length: 9 }, (_, index) => `${index + 12}`),
  ]);
  // Of an epoch that nobody knows there is nothing to tell.
  expect(await recalled(link, [wanted(second, [], 1, newEpoch())])).toEqual([]);
});

test('a daemon that is not there: what is surely missing is lost, and that there may be more is said', async () => {
  const daemon = await start();
  const link = await linked([]);
  await daemon.stop();
  open.splice(open.indexOf(daemon), 1);
  expect(await recalled(link, [wanted(daemon, [[5, 6]], 9, newEpoch())])).toEqual(['open 5-6', 'lost 5-6', 'records-unknown']);
});

test('a daemon that says nothing is not waited for longer than allowed, nor by a link that is closed', async () => {
  const daemon = await start();
  const link = await linked([], { recallPatience: 300, spoolSilence: 60_000 });
  daemon.deaf = true;
  const began = performance.now();
  expect(await recalled(link, [wanted(daemon, [[1, 3]], null)])).toEqual(['open 1-3', 'lost 1-3']);
  expect(performance.now() - began).toBeLessThan(5_000);
  const other = await linked([], { spoolSilence: 60_000 });
  const recalling = recalled(other, [wanted(daemon, [[1, 3]], null)]);
  await other.dispose();
  expect(await recalling).toEqual(['open 1-3', 'lost 1-3']);
});

test('samples of series that nobody declared are lost, not guessed', async () => {
  const daemon = await start();
  daemon.pairs([[77, 1]]);
  const link = await linked(['MEP']);
  expect(await recalled(link, [wanted(daemon, [[1, 1]], null)])).toEqual(['open 1-1', 'lost 1-1']);
});
