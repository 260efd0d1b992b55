/**
 * Three nats-servers as one cluster: a stream on several of them is refused where the version may lose what it confirmed, whoever made it; on one
 * of them campaigns are kept.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { jetstreamManager } from '@nats-io/jetstream';
import { connectToRouter, type NatsConnection } from '#network/bus/connect.ts';
import { openCampaignStore } from '#main/core/campaigns/campaign-store.ts';
import { freePort } from '#platform/free-port.ts';
import { systemClock } from '#platform/clock.ts';
import { Ownership } from '#shared/disposable.ts';
import { ledgerStream, ledgerSubject } from '#shared/protocol/campaign-streams.ts';
import { startNatsServer, withoutNatsServer } from '../link/nats-server.ts';
import { all, campaignId, environment, records } from './campaign-worlds.ts';

const servers = ['one', 'two', 'three'];
const campaign = campaignId('cluster');
let owned = new Ownership();
let folder = '';
let connections: NatsConnection[] = [];
let urls: string[] = [];

beforeEach(async () => {
  owned = new Ownership();
  folder = await mkdtemp(path.join(tmpdir(), 'testops-cluster-'));
  owned.own(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }));
  if (withoutNatsServer) return;
  const ports = await Promise.all(servers.map(() => freePort()));
  const routes = ports.map((port) => `nats://127.0.0.1:${port}`).join(',');
  const started = await Promise.all(
    servers.map((name, index) => {
      const cluster = ['--cluster_name', 'test', '--cluster', `nats://127.0.0.1:${ports[index]}`, '--routes', routes];
      return startNatsServer(['-js', '-sd', path.join(folder, name), '-n', name, ...cluster]);
    }),
  );
  for (const server of started) owned.own(() => server.kill());
  urls = started.map(({ url }) => url);
  connections = await Promise.all(urls.map((url) => connectToRouter({ url, name: 'core' })));
  for (const connection of connections) owned.own(() => connection.close());
  const manager = await jetstreamManager(connections[0]!, { checkAPI: false });
  // The cluster has chosen who leads it.
  await vi.waitFor(() => manager.getAccountInfo(), { timeout: 30_000 });
});
afterEach(() => owned.dispose());

const open = (index: number, replicas?: number) =>
  openCampaignStore({
    connection: connections[index]!,
    router: urls[index]!,
    environment,
    folder: path.join(folder, `core-${index}`),
    clock: systemClock,
    ...(replicas !== undefined && { replicas }),
  });

const isOld = (): boolean => {
  const [major = 0, minor = 0, patch = 0] = (connections[0]?.info?.version ?? '').split('.').map(Number);
  return major < 2 || (major === 2 && (minor < 9 || (minor === 9 && patch < 21)));
};

describe.skipIf(withoutNatsServer)('three nats-servers', () => {
  test('keep a campaign on one of them, which cores at any of them write and read', { timeout: 90_000 }, async () => {
    const [first, second] = [await open(0), await open(2)];
    const ledger = await first.ledgers.create(campaign);
    await ledger.append(0, records(1, 5));
    const elsewhere = await second.ledgers.open(campaign);
    expect(await all(elsewhere.read(1))).toEqual(records(1, 5));
    await elsewhere.append(5, records(6, 6));
    await expect(ledger.append(5, records(6, 7, 'late'))).rejects.toMatchObject({ problem: { code: 'deposed' } });
    for (const store of [first, second]) await store.dispose();
  });

  test('of an old version keep none on all of them, asked for or made by somebody else', { timeout: 90_000 }, async () => {
    const manager = await jetstreamManager(connections[1]!, { checkAPI: false });
    const made = { name: ledgerStream(environment), subjects: [ledgerSubject(environment, '*')], num_replicas: 3 };
    await expect
      .poll(
        () =>
          manager.streams.add(made).then(
            ({ config }) => config.num_replicas,
            () => 0,
          ),
        { timeout: 30_000 },
      )
      .toBe(3);
    for (const replicas of [undefined, 3]) {
      const opening = open(0, replicas).then((store) => store.dispose());
      if (isOld()) await expect(opening).rejects.toMatchObject({ problem: { code: 'unsafe-replicas' } });
      else await opening;
    }
  });
});
