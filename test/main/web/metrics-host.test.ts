/** Who gets the metrics: on this machine who names this machine, elsewhere who has a token. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { metricsAddress } from '#main/cli/metrics-switch.ts';
import { doorInProcess, type CoreDoor } from '#main/core-process/core-door.ts';
import { startMetricsHost, type MetricsHost, type MetricsHostOptions } from '#main/web/metrics-host.ts';
import { readTokenFile } from '#main/web/token-file.ts';
import { Ownership } from '#shared/disposable.ts';
import { get, smallCore } from './sample-host.ts';

let owned: Ownership;
beforeEach(() => {
  owned = new Ownership();
});
afterEach(() => owned.dispose());

const asked: unknown[] = [];
const telling = smallCore({
  request: (async (method: string, request: unknown) => {
    asked.push([method, request]);
    return Promise.resolve({ text: '# EOF\n' });
  }) as never,
});

async function open(more: Partial<MetricsHostOptions> = {}): Promise<MetricsHost> {
  return owned.own(await startMetricsHost({ core: doorInProcess(telling), host: '127.0.0.1', port: 0, ...more }));
}

test('GET /metrics answers in OpenMetrics, and asks for the environments that were named', async () => {
  const { port, url } = await open({ environmentFiles: ['/there/environment.yaml'] });
  expect(url).toBe(`http://127.0.0.1:${port}/metrics`);
  const answer = await get(port, '/metrics', { Host: `127.0.0.1:${port}` });
  expect(answer.status).toBe(200);
  expect(answer.headers['content-type']).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8');
  expect(answer.headers['access-control-allow-origin']).toBeUndefined();
  expect(answer.body.toString()).toBe('# EOF\n');
  expect(asked.at(-1)).toEqual(['core.metrics', { environmentFiles: ['/there/environment.yaml'] }]);
  expect((await get(port, '/metrics', { Host: `localhost:${port}` })).status).toBe(200);
});

describe('refused', () => {
  test('whoever names another host: a page whose name was bound to this address', async () => {
    const { port } = await open();
    for (const host of ['evil.example', `evil.example:${port}`, '127.0.0.1', `127.0.0.1.evil.example:${port}`]) {
      expect((await get(port, '/metrics', { Host: host })).status).toBe(421);
    }
  });

  test('other paths and other methods', async () => {
    const { port } = await open();
    const headers = { Host: `127.0.0.1:${port}` };
    for (const path of ['/', '/metrics/', '/contract', '//metrics', '/start.json'])
      expect((await get(port, path, headers)).status).toBe(404);
    expect((await get(port, '/metrics', headers, 'POST')).status).toBe(405);
  });

  test('whoever has no token, where tokens are wanted', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'testops-metrics-'));
    owned.own(() => rm(folder, { recursive: true, force: true }));
    const file = join(folder, 'token');
    const token = 'a'.repeat(40);
    await writeFile(file, `prometheus ${token}\n`, { mode: 0o600 });
    const tokens = await readTokenFile(file);
    const { port } = await open({ tokens, host: '0.0.0.0' });
    const headers = (authorization?: string) => ({
      Host: `metrics.example:${port}`,
      ...(authorization !== undefined && { Authorization: authorization }),
    });
    expect((await get(port, '/metrics', headers())).status).toBe(401);
    expect((await get(port, '/metrics', headers(`Bearer ${'b'.repeat(40)}`))).status).toBe(401);
    expect((await get(port, '/metrics', headers(`Basic ${token}`))).status).toBe(401);
    expect((await get(port, '/metrics', headers(`Bearer ${token}`))).status).toBe(200);
  });

  test('an address that others reach, without a token', async () => {
    await expect(open({ host: '0.0.0.0' })).rejects.toThrow('Whoever reaches 0.0.0.0 could read the metrics.');
  });
});

test('a core that is gone is told as such, and found again', async () => {
  let gone = true;
  const living = doorInProcess(telling);
  const door: CoreDoor = {
    open: (visitor) => {
      const channel = living.open(visitor);
      // As when the core dies with the question on its way.
      if (gone) setImmediate(() => channel.close());
      return channel;
    },
  };
  const { port } = await open({ core: door });
  const headers = { Host: `127.0.0.1:${port}` };
  expect((await get(port, '/metrics', headers)).status).toBe(503);
  gone = false;
  expect((await get(port, '/metrics', headers)).status).toBe(200);
});

test('addresses as they are written', () => {
  expect(metricsAddress('9464')).toEqual({ host: '127.0.0.1', port: 9464 });
  expect(metricsAddress('0.0.0.0:9464')).toEqual({ host: '0.0.0.0', port: 9464 });
  expect(metricsAddress('[::1]:0')).toEqual({ host: '::1', port: 0 });
  for (const wrong of ['', 'x', '70000', 'http://localhost:1', '127.0.0.1:', '::1:9464']) {
    expect(() => metricsAddress(wrong)).toThrow('is not an address for the metrics');
  }
});
