/** A daemon's key is connected once: who is there and answers stays, what is dead makes room, and nobody overlooks it. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { connectToRouter } from '#network/bus/connect.ts';
import type { NatsConnection } from '#network/bus/connect.ts';
import { newKey, signerFromSeed } from '#platform/keys.ts';
import { routerFileSchema } from '#network/router/configuration-schema.ts';
import { routerOptions } from '#network/router/configuration.ts';
import { startRouter } from '#network/router/router.ts';
import type { Router } from '#network/router/router.ts';
import { problemOf } from '#shared/problem.ts';
import type { Problem } from '#shared/problem.ts';
import { RawClient } from './raw-client.ts';
import { people, until } from './targets.ts';
import { freePort } from '#platform/free-port.ts';

const { mep, alice, users } = people();
let router: Router;
let warnings: string[] = [];
const open: (() => unknown)[] = [];

beforeEach(async () => {
  warnings = [];
  const listen = `127.0.0.1:${await freePort()}`;
  const options = await routerOptions(routerFileSchema.parse({ listen, users, websocket: { listen: await freePort() } }));
  router = await startRouter({ ...options, logger: { information: () => undefined, warning: (text) => void warnings.push(text) } });
});
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
  await router.close();
});

async function connect(name: string, login: { readonly seed: string } = mep.login, url = router.url): Promise<NatsConnection> {
  const connection = await connectToRouter({ url, name, seed: login.seed, reconnectWait: 50, timeout: 5_000 });
  open.push(() => connection.close());
  return connection;
}
const problemOfConnecting = (name: string, url?: string): Promise<Problem | undefined> =>
  connect(name, mep.login, url).then(
    () => undefined,
    (failure: unknown) => problemOf(failure),
  );

describe('the key of a daemon', () => {
  test('is refused to a second connection while the first answers; said to both sides, and counted', async () => {
    const first = await connect('daemon MEP on host-a');
    for (const url of [router.url, router.webSocketUrl]) {
      const problem = await problemOfConnecting('daemon MEP on host-b', url);
      expect(problem).toMatchObject({ code: 'router-key-in-use', message: expect.stringContaining(`The router at ${url} has another`) });
      expect(problem?.message).toMatch(/of 127\.0\.0\.1:\d+ MEP \(daemon MEP on host-a\), and refused this one\.$/);
    }
    expect(router.statistics().doubledKeys).toBe(2);
    // The second bearer keeps trying; it is said now and then only.
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(
      /MEP \(daemon MEP on host-b\) was refused: .* MEP \(daemon MEP on host-a\) is connected with the same key\./,
    );
    expect(await first.rtt()).toBeGreaterThanOrEqual(0);
    await first.close();
    await until(() => router.statistics().connections === 0);
    expect(await problemOfConnecting('daemon MEP on host-b')).toBeUndefined();
  });

  test('is given to the next one when the connection that has it is dead', async () => {
    // Answers no ping, as a machine that lost its power.
    const dead = await RawClient.open(router.port);
    open.push(() => dead.close());
    const nonce = /"nonce":"([^"]+)"/.exec(dead.received)?.[1] ?? '';
    const sig = Buffer.from(signerFromSeed(mep.login.seed).sign(Buffer.from(nonce))).toString('base64url');
    dead.connect({ nkey: mep.entry.key, sig });
    await dead.settle();
    await until(async () => (await problemOfConnecting('daemon MEP')) === undefined, 15_000);
    expect(dead.received).toContain("-ERR 'Stale Connection'");
    expect(router.statistics().staleConnections).toBe(1);
    await until(() => router.statistics().connections === 1);
  });

  test('is not given away by who cannot prove it', async () => {
    const stranger = newKey();
    await connect('daemon MEP');
    const forger = await RawClient.open(router.port);
    open.push(() => forger.close());
    const nonce = /"nonce":"([^"]+)"/.exec(forger.received)?.[1] ?? '';
    const sig = Buffer.from(signerFromSeed(stranger.seed).sign(Buffer.from(nonce))).toString('base64url');
    forger.connect({ nkey: mep.entry.key, sig });
    await forger.expect(/-ERR 'Authorization Violation'/);
    expect(router.statistics()).toMatchObject({ doubledKeys: 0, authenticationFailures: 1 });
  });
});

test('an operator may have as many consoles as there are', async () => {
  for (const name of ['one', 'two', 'three']) await connect(name, alice.login);
  expect(router.statistics()).toMatchObject({ doubledKeys: 0, connections: 3 });
});
