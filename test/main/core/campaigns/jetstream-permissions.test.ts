/** Operators of a nats-server with JetStream reach the campaigns of their own environments, and nobody else any. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { headers } from '@nats-io/nats-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectToRouter, type NatsConnection } from '#network/bus/connect.ts';
import { routerFileSchema } from '#network/router/configuration-schema.ts';
import { natsServerConfiguration } from '#network/router/nats-server-configuration.ts';
import { systemClock } from '#platform/clock.ts';
import { freePort } from '#platform/free-port.ts';
import { newKey } from '#platform/keys.ts';
import { environmentNameSchema } from '#shared/identifiers.ts';
import { problemOf } from '#shared/problem.ts';
import { subject } from '#shared/protocol/subjects.ts';
import { bucketStream, bucketSubject, ledgerStream, ledgerSubject, seatBucket, seatKey } from '#shared/protocol/campaign-streams.ts';
import { openCore } from '#main/core/core.ts';
import type { OpenEnvironment } from '#main/core/environments/access.ts';
import { openCampaignStore } from '#main/core/campaigns/campaign-store.ts';
import type { CampaignStore } from '#main/core/campaigns/ports.ts';
import { FakeLink } from '../engine/fakes.ts';
import { startNatsServer, withoutNatsServer, type TestRouter } from '../link/nats-server.ts';
import { all, campaignId, records } from './campaign-worlds.ts';
import { ScriptedWorker } from './coordination/scripted-worker.ts';

const left = environmentNameSchema.parse('left');
const right = environmentNameSchema.parse('right');

describe.skipIf(withoutNatsServer)('permissions of campaigns in JetStream', () => {
  let folder: string;
  let server: TestRouter;
  const seeds = new Map<string, string>();
  const connections: NatsConnection[] = [];
  const stores: CampaignStore[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'testops-permissions-'));
    const person = (name: string, role: string, environment: string | string[]) => {
      const { publicKey, seed } = newKey();
      seeds.set(name, seed);
      return { name, key: publicKey, role, environment };
    };
    const users = [
      person('root', 'operator', ['left', 'right']),
      person('alice', 'operator', 'left'),
      person('bob', 'operator', 'right'),
      person('vera', 'viewer', 'right'),
      person('MEP', 'daemon', 'right'),
      person('LEP', 'daemon', 'left'),
    ];
    const file = { listen: await freePort(), jetstream: { folder: path.join(folder, 'server'), administrator: 'root' }, users };
    await writeFile(path.join(folder, 'nats-server.conf'), natsServerConfiguration(routerFileSchema.parse(file)));
    server = await startNatsServer(['-c', path.join(folder, 'nats-server.conf')]);
  });
  afterAll(async () => {
    for (const store of stores) await store.dispose();
    for (const connection of connections) await connection.close();
    await server.kill();
    await rm(folder, { recursive: true, force: true });
  });

  async function connect(user: string): Promise<NatsConnection> {
    const connection = await connectToRouter({ url: server.url, name: user, user, seed: seeds.get(user) });
    connections.push(connection);
    return connection;
  }

  async function open(user: string, environment: typeof left): Promise<CampaignStore> {
    const connection = await connect(user);
    const options = { router: server.url, environment, folder: path.join(folder, user), clock: systemClock };
    const store = await openCampaignStore({ connection, ...options });
    stores.push(store);
    return store;
  }

  /** What comes of a request, or of its refusal. */
  async function ask(connection: NatsConnection, subject: string, body = '', more: Record<string, string> = {}): Promise<string> {
    const lines = headers();
    for (const [name, value] of Object.entries(more)) lines.set(name, value);
    return connection.request(subject, body, { timeout: 1_000, headers: lines }).then(
      (answer) => answer.string(),
      (failure: Error) => failure.message,
    );
  }

  test('who is no administrator is told that there is no stream yet', async () => {
    await expect(open('alice', left)).rejects.toThrow('has no TESTOPS_left_CAMPAIGNS yet, and this user may not make it');
  });

  test('who may make no stream is told what the administrator has to call, and hears workers all the same', async () => {
    const [connection, worker] = [await connect('alice'), await connect('LEP')];
    const description = { name: left, router: server.url, operator: 'alice', expected: [] };
    const environment = {
      description,
      link: new FakeLink(),
      router: { connection },
      dispose: () => undefined,
    } as unknown as OpenEnvironment;
    const environments = {
      describe: () => Promise.reject(new Error('nobody asks')),
      offlineCatalogue: () => Promise.resolve(null),
      open: () => Promise.resolve(environment),
    };
    const core = await openCore({ archiveFolder: path.join(folder, 'archive'), home: path.join(folder, 'home'), environments });
    const scripted = new ScriptedWorker({ name: 'LEP', keep: () => ({ hash: '', bytes: 0 }), tests: () => null });
    const asking = setInterval(
      () => worker.publish(subject(left, 'work', scripted.request().worker), JSON.stringify({ ...scripted.request(), environment: left })),
      200,
    );
    try {
      const environmentFile = path.join(folder, 'environment.yaml');
      const refused = await core.request('campaigns.list', { environmentFile }).catch(problemOf);
      expect(refused).toMatchObject({ code: 'no-stream', tip: expect.stringContaining('testops campaign list -e') as string });
      const told = await core.request('workers.list', { environmentFile });
      expect(told).toMatchObject({ workers: [{ worker: 'LEP', state: 'present' }], coordinator: null });
    } finally {
      clearInterval(asking);
      await core.dispose();
    }
  });

  test('operators keep campaigns once the administrator has opened them', async () => {
    for (const environment of [left, right]) await open('root', environment);
    const store = await open('alice', left);
    const ledger = await store.ledgers.create(campaignId('hers'));
    const told: number[] = [];
    ledger.follow(1, (batch) => told.push(...batch.map(({ sequence }) => sequence)));
    await ledger.append(0, records(1, 3));
    expect(await all(ledger.read(1))).toEqual(records(1, 3));
    expect(await store.ledgers.list()).toEqual([campaignId('hers')]);
    await expect.poll(() => told).toEqual([1, 2, 3]);
    expect(await store.seat.take('alice')).toBe(true);
    await store.seat.giveBack();
    await (await open('bob', right)).ledgers.create(campaignId('his')).then((his) => his.append(0, records(1, 1, 'secret')));
  });

  test.each(['alice', 'vera', 'MEP', 'LEP'])('%s cannot read or write the ledgers and the seat of “right”', async (user) => {
    const connection = await connect(user);
    const subject = ledgerSubject(right, campaignId('his'));
    const requests: readonly (readonly [string, string])[] = [
      [`$JS.API.STREAM.INFO.${ledgerStream(right)}`, ''],
      [`$JS.API.STREAM.MSG.GET.${ledgerStream(right)}`, JSON.stringify({ last_by_subj: subject })],
      [`$JS.API.DIRECT.GET.${ledgerStream(right)}.${subject}`, ''],
      [`$JS.API.STREAM.MSG.GET.${bucketStream(seatBucket(right))}`, JSON.stringify({ seq: 1 })],
      [`$JS.API.STREAM.PURGE.${ledgerStream(right)}`, ''],
      [`$JS.API.STREAM.DELETE.${ledgerStream(right)}`, ''],
      [`$JS.API.STREAM.CREATE.THIEF`, JSON.stringify({ name: 'THIEF', sources: [{ name: ledgerStream(right) }] })],
      [
        `$JS.API.STREAM.UPDATE.${ledgerStream(left)}`,
        JSON.stringify({ name: ledgerStream(left), sources: [{ name: ledgerStream(right) }] }),
      ],
      [
        `$JS.API.CONSUMER.CREATE.${ledgerStream(right)}`,
        JSON.stringify({ stream_name: ledgerStream(right), config: { ack_policy: 'none' } }),
      ],
      [
        `$JS.API.CONSUMER.CREATE.${ledgerStream(left)}`,
        JSON.stringify({ stream_name: ledgerStream(left), config: { deliver_subject: subject } }),
      ],
      [subject, 'forged'],
      [bucketSubject(seatBucket(right), seatKey), 'forged'],
    ];
    for (const [asked, body] of requests) expect(await ask(connection, asked, body)).toMatch(/permissions violation/i);
    const heard: string[] = [];
    const refused = new Promise<void>((resolve) => {
      connection.subscribe(`testops.right.campaign.>`, {
        callback: (failure, message) => {
          if (failure) resolve();
          else heard.push(message.subject);
        },
      });
    });
    await refused;
    expect(heard).toEqual([]);
  });

  test('a request that wants its answer on a ledger gets it nowhere', async () => {
    const alice = await connect('alice');
    const daemon = await connect('LEP');
    const answered = new Promise<string>((resolve) => {
      void (async () => {
        for await (const status of daemon.status()) if (status.type === 'error') resolve(status.error.message);
      })();
    });
    daemon.subscribe('testops.left.describe.LEP', { callback: (_, message) => void message.respond('forged') });
    await daemon.flush();
    alice.publish('testops.left.describe.LEP', '', { reply: ledgerSubject(right, campaignId('his')) });
    expect(await answered).toMatch(/permissions violation/i);
    // An inbox is answered.
    expect((await alice.request('testops.left.describe.LEP', '', { timeout: 5_000 })).string()).toBe('forged');
    const his = await (await open('bob', right)).ledgers.open(campaignId('his'));
    expect(await all(his.read(1))).toEqual(records(1, 1, 'secret'));
  });

  test('messages of the environment that are no records count for nothing', async () => {
    const store = await open('alice', left);
    const ledger = await store.ledgers.open(campaignId('hers'));
    const connection = await connect('alice');
    await ask(connection, ledgerSubject(left, campaignId('hers')), 'scribble');
    await ledger.append(3, records(4, 5));
    await ask(connection, ledgerSubject(left, campaignId('hers')), 'scribble', { 'Testops-Batch': '{}' });
    const again = await (await open('root', left)).ledgers.open(campaignId('hers'));
    expect(await again.last()).toBe(5);
    expect(await all(again.read(1))).toEqual(records(1, 5));
  });
});
