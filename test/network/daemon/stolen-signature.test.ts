/** A router that was taken over has an order signed as its nonce, by a client that signs any, and gives it to a real daemon. */
import { access, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nkeyAuthenticator } from '@nats-io/nats-core';
import { connect } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newKey, signerFromSeed } from '#platform/keys.ts';
import { loadDaemonConfiguration } from '#network/daemon/configuration/load.ts';
import { startDaemon } from '#network/daemon/daemon.ts';
import { startRouter } from '#network/router/router.ts';
import { commandReplySchema, orderVersion, signCommand } from '#shared/protocol/commands.ts';
import type { CommandOrder, CommandReply } from '#shared/protocol/commands.ts';
import { subject } from '#shared/protocol/subjects.ts';
import { HostileRouter } from '../bus/hostile-router.ts';
import { daemonName, environment, Reader, until } from './daemon-process.ts';

const alice = newKey();
let folder = '';
let console: Reader;
let hostile: HostileRouter;
const cleanups: (() => unknown)[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stolen-'));
  cleanups.push(() => rm(folder, { recursive: true, force: true }));
  const router = await startRouter({ port: 0 });
  cleanups.push(() => router.close());
  const file = join(folder, 'daemon.yaml');
  await writeFile(
    file,
    `daemon: MEP
environment: test
router: ${router.url}
state: state
trust:
  - { operator: alice, key: ${alice.publicKey}, allow: ['*'] }
actions:
  fell: { command: [touch, ${join(folder, 'fallen')}] }
`,
  );
  const { configuration, hash } = await loadDaemonConfiguration(file);
  const daemon = await startDaemon({ configuration: configuration!, configurationHash: hash });
  cleanups.push(() => daemon.dispose());
  console = await Reader.open(router.url);
  cleanups.push(() => console.close());
  await until(() => console.presences.length > 0, 'the daemon');
  hostile = await HostileRouter.open();
  cleanups.push(() => hostile.close());
});
afterAll(async () => {
  for (const cleanup of cleanups.reverse()) await cleanup();
});

async function orderTo(sequence: number, version: number): Promise<CommandOrder> {
  const { epoch, bootNonce } = await console.describe();
  return {
    version,
    id: `command-of-mallory-${sequence}`,
    operator: 'alice',
    environment,
    daemon: daemonName,
    epoch,
    bootNonce,
    session: 'session-of-mallory',
    sequence,
    issuedAt: Date.now(),
    timeToLive: 60_000,
    order: { kind: 'execute', action: 'fell', arguments: [] },
  } as unknown as CommandOrder;
}

/** What a client that signs whatever a router asks gives away. */
async function signedAsNonce(nonce: string): Promise<string> {
  const before = hostile.signatures.length;
  hostile.nonce = nonce;
  const client = await connect({
    servers: hostile.url('nats').slice('nats://'.length),
    authenticator: nkeyAuthenticator(new TextEncoder().encode(alice.seed)),
  });
  await client.close();
  expect(hostile.signatures).toHaveLength(before + 1);
  return Buffer.from(hostile.signatures.at(-1) ?? '', 'base64').toString('base64url');
}

async function give(message: unknown): Promise<CommandReply> {
  const answer = await console.connection.request(subject(environment, 'command', daemonName), JSON.stringify(message), { timeout: 5_000 });
  return commandReplySchema.parse(answer.json());
}

const fallen = (): Promise<boolean> =>
  access(join(folder, 'fallen')).then(
    () => true,
    () => false,
  );

describe('an order that was signed as a nonce', () => {
  test.each([
    ['of version 1, as it was signed then', 1, (text: string) => text],
    ['of the present version, as its bare text', orderVersion, (text: string) => text],
    ['of the present version, with its domain as text', orderVersion, (text: string) => `ÿtestops order ${orderVersion}\n${text}`],
    ['of the present version, with a damaged domain', orderVersion, (text: string) => `\ufffdtestops order ${orderVersion}\n${text}`],
    ['of the present version, with half a character', orderVersion, (text: string) => `\udcfftestops order ${orderVersion}\n${text}`],
  ])('is refused: %s', async (_what, version, asked) => {
    const text = JSON.stringify(await orderTo(1, version));
    const signature = await signedAsNonce(asked(text));
    for (const order of [text, asked(text)]) {
      const reply = await give({ order, key: alice.publicKey, signature });
      expect(reply).toMatchObject({ kind: 'refused', code: version === 1 ? 'malformed' : 'bad-signature' });
    }
    expect(await fallen()).toBe(false);
  });

  test('is carried out when its operator signed it as an order', async () => {
    const reply = await give(signCommand(await orderTo(2, orderVersion), signerFromSeed(alice.seed)));
    expect(reply).toMatchObject({ kind: 'accepted' });
    await until(fallen, 'what was ordered');
  });
});
