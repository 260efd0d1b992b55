/** The key that signs orders also proves who somebody is at the router. What a router gets signed must never be an order. */
import type { NatsConnection } from '@nats-io/nats-core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { connectToRouter } from '#network/bus/connect.ts';
import { newKey, verifier } from '#platform/keys.ts';
import { problemOf } from '#shared/problem.ts';
import type { Problem } from '#shared/problem.ts';
import { until } from '../router/targets.ts';
import { HostileRouter } from './hostile-router.ts';

const alice = newKey();
/** What a daemon would execute, had alice signed it. */
const orderText = JSON.stringify({
  version: 1,
  id: 'command-of-mallory',
  operator: 'alice',
  environment: 'demo',
  daemon: 'MEP',
  bootNonce: 'q83vEjRWeJCrze8SNFZ4kA',
  session: 'session-of-mallory',
  sequence: 1,
  issuedAt: 1_795_214_400_000,
  timeToLive: 300_000,
  order: { kind: 'execute', action: 'kill', arguments: ['-9', 'Engine'] },
});
const schemes = ['nats', 'ws'] as const;

let router: HostileRouter;
const connections: NatsConnection[] = [];
beforeEach(async () => {
  router = await HostileRouter.open();
});
afterEach(async () => {
  for (const connection of connections.splice(0)) await connection.close();
  await router.close();
});

const connect = async (scheme: string): Promise<NatsConnection> => {
  const connection = await connectToRouter({
    url: router.url(scheme),
    name: 'console',
    seed: alice.seed,
    timeout: 2_000,
    reconnectWait: 20,
  });
  connections.push(connection);
  return connection;
};
const problemOfConnecting = (scheme: string): Promise<Problem | undefined> =>
  connect(scheme).then(
    () => undefined,
    (failure: unknown) => problemOf(failure),
  );

describe.each(schemes)('a router that was taken over (%s)', (scheme) => {
  test.each([
    ['an order', orderText],
    ['an order with what orders are signed with', `testops order 2\n${orderText}`],
    ['an order in a list, which would become a text', [orderText]],
    ['an order after something harmless', `Fxx3UiuxCnJbvYo\n${orderText}`],
    ['too short a text', 'Fxx3UiuxCnJbvY'],
    ['too long a text', 'x'.repeat(65)],
    ['a line break at the end', 'Fxx3UiuxCnJbvYo\n'],
    ['letters of other alphabets', 'éééééééééééééééé'],
    ['nothing at all', ''],
    ['null', null],
    ['a number', 123_456_789_012_345],
    ['an object', { toString: 'x'.repeat(20) }],
  ])('gets nothing signed when its nonce is %s', async (_what, nonce) => {
    router.nonce = nonce;
    const problem = await problemOfConnecting(scheme);
    expect(router.callers.map(({ received }) => received).join('')).not.toContain('CONNECT');
    expect(router.signatures).toEqual([]);
    expect(problem).toMatchObject({ code: 'router-nonce', message: expect.stringContaining(router.url(scheme)) });
    expect(problem?.message).toMatch(/^The router at .* wants a signature under something that is no nonce; nothing was signed\.$/);
  });

  test.each(['Fxx3UiuxCnJbvYo', '_oaETHIVMcCWT58', 'q83vEjRWeJCrze8SNFZ4kA', 'x'.repeat(64)])('gets a nonce signed: %s', async (nonce) => {
    router.nonce = nonce;
    await connect(scheme);
    expect(router.signatures).toHaveLength(1);
    const signature = Buffer.from(router.signatures[0] ?? '', 'base64url');
    expect(verifier(alice.publicKey, Buffer.from(nonce), signature)).toBe(true);
  });

  test('gets nothing signed when a connection comes back, and it is said; a sound router is taken again', async () => {
    router.nonce = 'Fxx3UiuxCnJbvYo';
    const connection = await connect(scheme);
    const said: Problem[] = [];
    void (async () => {
      for await (const status of connection.status()) if (status.type === 'error') said.push(problemOf(status.error));
    })();
    router.nonce = orderText;
    router.callers[0]?.cut();
    await until(() => said.length > 0 && router.callers.length > 3);
    expect(router.signatures).toHaveLength(1);
    expect(new Set(said.map(({ code }) => code))).toEqual(new Set(['router-nonce']));
    // Said once, not with each attempt.
    expect(said).toHaveLength(1);
    router.nonce = '_oaETHIVMcCWT58';
    await until(() => router.signatures.length > 1);
    await connection.flush();
    expect(connection.isClosed()).toBe(false);
  });

  test('gets nothing signed by an INFO that comes later in a connection', async () => {
    router.nonce = 'Fxx3UiuxCnJbvYo';
    const connection = await connect(scheme);
    for (const nonce of [orderText, '_oaETHIVMcCWT58', '']) router.callers[0]?.send(router.information(nonce));
    await connection.flush();
    await connection.flush();
    expect(router.signatures).toHaveLength(1);
  });
});
