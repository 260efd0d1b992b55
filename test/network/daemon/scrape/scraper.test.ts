/** A real exporter over HTTP: answering, failing, slow, endless, redirecting, changing. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { backgroundClock } from '#platform/clock.ts';
import { Scraper, type ScrapeConfiguration, unitOf } from '#network/daemon/scrape/scraper.ts';
import type { ComponentName } from '#shared/identifiers.ts';
import { RecordedReports, until } from '../recorded-reports.ts';

let server: Server;
let answer: (request: IncomingMessage, response: ServerResponse) => void;
let scrapers: Scraper[];
let reports: RecordedReports;

beforeEach(async () => {
  scrapers = [];
  reports = new RecordedReports();
  server = createServer((request, response) => answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  for (const scraper of scrapers) await scraper.dispose();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

function scrape(changes: Partial<ScrapeConfiguration> = {}): Scraper {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`;
  const target = {
    component: 'Redis' as ComponentName,
    url,
    interval: 100,
    timeout: 1_000,
    metrics: ['*'],
    maximumSeries: 100,
    ...changes,
  };
  const scraper = new Scraper({ target, reporter: reports, clock: backgroundClock });
  scrapers.push(scraper);
  scraper.start();
  return scraper;
}

describe('an exporter', () => {
  test('is read, also when it packs its answer; what vanishes has no value any more', async () => {
    let text = '# TYPE redis_commands_total counter\nredis_commands_total 5\nredis_memory_bytes 100\nother 1\n';
    answer = (_, response) => response.setHeader('content-encoding', 'gzip').end(gzipSync(text));
    scrape({ metrics: ['redis_*'] });
    await until('two answers', () => reports.values('Redis', 'redis_commands_total').length >= 2);
    expect(reports.declarations.map(({ metric, kind, unit }) => [metric, kind, unit])).toEqual([
      ['redis_commands_total', 'counter', 'count'],
      ['redis_memory_bytes', 'gauge', 'bytes'],
      ['up', 'gauge', 'none'],
    ]);
    text = 'redis_commands_total 6\n';
    await until('the next value', () => reports.values('Redis', 'redis_commands_total').at(-1) === 6);
    await until('two more answers', () => reports.values('Redis', 'redis_commands_total').filter((value) => value === 6).length > 2);
    expect(reports.values('Redis', 'redis_memory_bytes').filter(Number.isNaN)).toHaveLength(1);
    expect(new Set(reports.values('Redis', 'up'))).toEqual(new Set([1]));
  });

  test('that fails is told once, is down, its series without value; and told when it is back', async () => {
    let healthy = true;
    answer = (_, response) => (healthy ? response.end('a 1\n') : response.writeHead(503).end('sorry'));
    scrape();
    await until('a value', () => reports.values('Redis', 'a').length > 0);
    healthy = false;
    await until('three failures', () => reports.values('Redis', 'up').filter((value) => value === 0).length >= 3);
    expect(reports.values('Redis', 'a').filter(Number.isNaN)).toHaveLength(1);
    expect(reports.notices('scrape-failed')).toHaveLength(1);
    expect(reports.notices('scrape-failed')[0]).toContain('answered 503');
    healthy = true;
    await until('the recovery', () => reports.notices('scrape-recovered').length === 1);
    expect(reports.values('Redis', 'up').at(-1)).toBe(1);
  });

  test('that is not there is down', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    await new Promise((resolve) => other.close(resolve));
    scrape({ url: `http://127.0.0.1:${port}/metrics` });
    await until('the failure', () => reports.notices('scrape-failed').length > 0);
    expect(reports.notices('scrape-failed')[0]).toContain('nothing listens there');
    expect(reports.values('Redis', 'up')[0]).toBe(0);
  });

  test('that does not answer in time is down', async () => {
    answer = () => undefined;
    scrape({ timeout: 100 });
    await until('the failure', () => reports.notices('scrape-failed').length > 0);
    expect(reports.notices('scrape-failed')[0]).toContain('within 100 ms');
    expect(reports.values('Redis', 'up')[0]).toBe(0);
  });

  test('cannot fill the memory', async () => {
    answer = (_, response) => {
      const chunk = 'x'.repeat(65_536);
      const more = (): void => {
        while (!response.destroyed && response.write(chunk));
        if (!response.destroyed) response.once('drain', more);
      };
      more();
    };
    scrape({ timeout: 10_000 });
    await until('the failure', () => reports.notices('scrape-failed').length > 0);
    expect(reports.notices('scrape-failed')[0]).toContain('longer than 8000000 bytes');
  });

  test('cannot do so with a packed answer either', async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000, 'a'));
    answer = (_, response) => response.setHeader('content-encoding', 'gzip').end(bomb);
    scrape({ timeout: 10_000 });
    await until('the failure', () => reports.notices('scrape-failed').length > 0);
    expect(reports.notices('scrape-failed')[0]).toContain('longer than 8000000 bytes');
  });

  test.each([
    [
      'damages its packed answer',
      (response: ServerResponse) => response.setHeader('content-encoding', 'gzip').end('not packed'),
      'damaged',
    ],
    ['packs it otherwise', (response: ServerResponse) => response.setHeader('content-encoding', 'br').end('x'), 'encoding br'],
    ['breaks off', (response: ServerResponse) => response.write('a 1\n', () => response.destroy()), 'broke the connection'],
    [
      'breaks off while packing',
      (response: ServerResponse) =>
        response.setHeader('content-encoding', 'gzip').write(gzipSync('a 1\n').subarray(0, 12), () => response.destroy()),
      'broke the connection',
    ],
    ['does not speak HTTP', (response: ServerResponse) => response.socket?.end('hello there\r\n\r\n'), 'does not speak HTTP'],
  ])('that %s is down', async (_, misbehave, reason) => {
    answer = (_, response) => void misbehave(response);
    scrape();
    await until('the failure', () => reports.notices('scrape-failed').length > 0);
    expect(reports.notices('scrape-failed')[0]).toContain(reason);
  });

  test('cannot send the daemon elsewhere', async () => {
    let elsewhere = 0;
    answer = (request, response) => {
      if (request.url === '/elsewhere') elsewhere++;
      response.writeHead(302, { location: '/elsewhere' }).end();
    };
    scrape();
    await until('the failure', () => reports.notices('scrape-failed').length > 0);
    expect(reports.notices('scrape-failed')[0]).toContain('redirects');
    expect(elsewhere).toBe(0);
  });

  test('with too many series or with garbage is told once', async () => {
    answer = (_, response) =>
      response.end(`garbage here !\n${Array.from({ length: 150 }, (_, index) => `m{i="${index}"} 1`).join('\n')}\n`);
    scrape();
    await until('three answers', () => reports.values('Redis', 'up').length >= 3);
    expect(reports.notices('scrape-too-many-series')).toHaveLength(1);
    expect(reports.notices('scrape-unreadable')).toHaveLength(1);
    expect(reports.declarations).toHaveLength(101);
  });

  test('keeps its secrets out of what is told', async () => {
    answer = (_, response) => response.writeHead(401).end();
    scrape({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics?token=secret` });
    await until('the failure', () => reports.notices('scrape-failed').length > 0);
    expect(JSON.stringify(reports.events)).not.toContain('secret');
  });
});

describe('units', () => {
  test.each([
    ['redis_memory_used_bytes', 'bytes'],
    ['http_requests_total', 'count'],
    ['network_receive_bytes_total', 'bytes'],
    ['cpu_seconds_total', 'none'],
    ['latency_ms', 'ms'],
    ['usage_percent', '%'],
    ['ratio', 'none'],
  ])('of %s is %s', (metric, unit) => {
    expect(unitOf(metric, undefined)).toBe(unit);
  });
});
