/** Who may connect, and what each role may publish and hear; the same for the embedded router and for nats-server. */
import type { NatsConnection } from '@nats-io/nats-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { connectToRouter } from '#network/bus/connect.ts';
import { newKey } from '#platform/keys.ts';
import { nonceForm } from '#network/bus/login.ts';
import { problemOf } from '#shared/problem.ts';
import { makeCertificates, withoutOpenssl } from './certificates.ts';
import type { Certificates } from './certificates.ts';
import { people, targets, until } from './targets.ts';
import type { Target, TargetFile } from './targets.ts';

const problemOfConnecting = (connecting: Promise<NatsConnection>): Promise<string> =>
  connecting.then(
    () => 'connected',
    (failure: unknown) => problemOf(failure).code,
  );

/** Collects what the router objects to. */
function objections(connection: NatsConnection): string[] {
  const texts: string[] = [];
  void (async () => {
    for await (const status of connection.status()) if (status.type === 'error') texts.push(status.error.message);
  })();
  return texts;
}

describe.each(targets)('keys and roles at the $name', (kind) => {
  const { mep, mon, alice, bob, vera, stage, users } = people();
  let target: Target;
  beforeAll(async () => {
    target = await kind.start({ users });
  });
  afterAll(() => target.close());

  test('lets in who holds the key of a user, over TCP and WebSocket', async () => {
    for (const url of [target.url, target.webSocketUrl]) {
      const connection = await target.connect({ ...alice.login, url });
      expect(await connection.rtt()).toBeGreaterThanOrEqual(0);
    }
  });

  test('refuses a key that no user has, and no key at all', async () => {
    expect(await problemOfConnecting(target.connect({ seed: newKey().seed }))).toBe('router-refused-key');
    expect(await problemOfConnecting(target.connect())).toBe('router-refused-key');
    expect(await problemOfConnecting(target.connect({ url: target.webSocketUrl, seed: newKey().seed }))).toBe('router-refused-key');
    // A wrong key is no reason to wait for a better time.
    expect(await problemOfConnecting(target.connect({ seed: newKey().seed, waitOnFirstConnect: true }))).toBe('router-refused-key');
  });

  test('refuses a signature of something else, and operations before CONNECT', async () => {
    const forger = await target.raw();
    forger.connect({ nkey: alice.entry.key, sig: Buffer.alloc(64, 7).toString('base64url') });
    await forger.expect(/-ERR 'Authorization Violation'/);
    await forger.closed();
    for (const bytes of ['PING\r\n', 'SUB testops.> 1\r\n', 'PUB x 1\r\n1\r\n']) {
      const early = await target.raw();
      early.send(bytes);
      await early.closed();
      expect(early.received).toContain("-ERR 'Authorization Violation'");
    }
  });

  test('asks for a signature under a nonce of the form that clients sign, new for each connection', async () => {
    const nonces = new Set<string>();
    for (let count = 0; count < 20; count++) nonces.add(/"nonce":"([^"]+)"/.exec((await target.raw()).received)?.[1] ?? '');
    expect(nonces.size).toBe(20);
    for (const nonce of nonces) expect(nonce).toMatch(nonceForm);
  });

  test('does not accept a signature that was made for another connection', async () => {
    const { signerFromSeed } = await import('#platform/keys.ts');
    const [first, second] = [await target.raw(), await target.raw()];
    const nonce = /"nonce":"([^"]+)"/.exec(first.received)?.[1] ?? '';
    const signature = Buffer.from(signerFromSeed(alice.login.seed).sign(Buffer.from(nonce))).toString('base64url');
    second.connect({ nkey: alice.entry.key, sig: signature });
    await second.expect(/-ERR 'Authorization Violation'/);
    first.connect({ nkey: alice.entry.key, sig: signature });
    await first.settle();
    expect(first.received).not.toContain('-ERR');
  });

  test('cuts off who does not say who it is', async () => {
    const silent = await target.raw();
    await silent.expect(/-ERR 'Authentication Timeout'/, 6_000);
    await silent.closed();
    expect(silent.received).not.toContain('PONG');
  });

  test('lets a daemon publish as itself only', async () => {
    const [daemon, listener] = [await target.connect(mep.login), await target.connect(alice.login)];
    const heard: string[] = [];
    const kinds = ['catalogue', 'presence', 'samples', 'events', 'work', 'fetch', 'store'];
    for (const what of kinds) {
      listener.subscribe(`testops.demo.${what}.*`, { callback: (_error, message) => void heard.push(message.subject) });
    }
    await listener.flush();
    const told = objections(daemon);
    const allowed = kinds.map((what) => `testops.demo.${what}.MEP`);
    const denied = [
      'testops.demo.work.MON',
      'testops.demo.events.MON',
      'testops.demo.command.MEP',
      'testops.stage.events.MEP',
      'anything',
      '_INBOX_alice.x',
      'testops.demo.events.*',
    ];
    for (const subject of [...denied, ...allowed]) daemon.publish(subject, 'x');
    await daemon.flush();
    await until(() => heard.length >= allowed.length && told.length >= denied.length);
    expect(heard).toEqual(allowed);
    expect(told.map((text) => /Permissions Violation for Publish to "(.*)"/.exec(text)?.[1])).toEqual(denied);
    // A violation does not cost the connection.
    expect(await daemon.rtt()).toBeGreaterThanOrEqual(0);
    // A daemon's key is connected once.
    await Promise.all([listener.close(), daemon.close()]);
  });

  test('lets a daemon hear only what is asked of it', async () => {
    const daemon = await target.raw();
    const nonce = /"nonce":"([^"]+)"/.exec(daemon.received)?.[1] ?? '';
    const { signerFromSeed } = await import('#platform/keys.ts');
    daemon.connect({
      nkey: mep.entry.key,
      sig: Buffer.from(signerFromSeed(mep.login.seed).sign(Buffer.from(nonce))).toString('base64url'),
    });
    for (const kindOfRequest of ['describe', 'spool', 'command']) daemon.send(`SUB testops.demo.${kindOfRequest}.MEP ${kindOfRequest}\r\n`);
    daemon.send('SUB _INBOX_MEP.> inbox\r\n');
    await daemon.settle();
    expect(daemon.received).not.toContain('-ERR');
    const denied = [
      'testops.demo.command.MON',
      'testops.demo.command.*',
      'testops.>',
      '>',
      '_INBOX_alice.>',
      'testops.demo.samples.MON',
      'testops.demo.work.MEP',
    ];
    for (const pattern of denied) daemon.send(`SUB ${pattern} 9\r\n`);
    daemon.send('SUB testops.demo.command.MON workers 10\r\n');
    await daemon.settle();
    for (const pattern of denied) expect(daemon.received).toContain(`-ERR 'Permissions Violation for Subscription to "${pattern}"`);
    expect(daemon.received).toContain(`-ERR 'Permissions Violation for Subscription to "testops.demo.command.MON" using queue "workers"`);
    daemon.close();
  });

  test('lets a daemon answer what it was asked, any number of times, and nothing else', async () => {
    const [daemon, operator] = [await target.connect(mon.login), await target.connect(alice.login)];
    const told = objections(daemon);
    daemon.subscribe('testops.demo.command.MON', {
      callback: (_error, message) => {
        for (const part of ['accepted', 'running', 'finished']) message.respond(part);
      },
    });
    await daemon.flush();
    const answers: string[] = [];
    operator.subscribe('_INBOX_alice.mine', { callback: (_error, message) => void answers.push(message.string()) });
    operator.publish('testops.demo.command.MON', 'order', { reply: '_INBOX_alice.mine' });
    await until(() => answers.length === 3);
    expect(answers).toEqual(['accepted', 'running', 'finished']);
    daemon.publish('_INBOX_alice.other', 'never asked');
    await daemon.flush();
    await until(() => told.length === 1);
    expect((await operator.request('testops.demo.command.MON', '', { timeout: 5_000 })).string()).toBe('accepted');
    await daemon.close();
  });

  test('lets an operator answer what a worker asks, once, and nothing that others ask of daemons', async () => {
    const [worker, operator, other] = [
      await target.connect({ ...mon.login, waitOnFirstConnect: true }),
      await target.connect(alice.login),
      await target.connect(bob.login),
    ];
    const told = objections(operator);
    const toldOther = objections(other);
    operator.subscribe('testops.demo.work.*', {
      callback: (_error, message) => {
        message.respond('leases');
        message.respond('more leases');
      },
    });
    await operator.flush();
    expect((await worker.request('testops.demo.work.MON', 'free', { timeout: 5_000 })).string()).toBe('leases');
    await operator.flush();
    await until(() => told.length === 1);
    expect(told[0]).toContain('Publish to "_INBOX_MON.');
    // Who could hear a command could answer it in the daemon's name.
    for (const kindOfRequest of ['command', 'describe', 'spool'])
      other.subscribe(`testops.demo.${kindOfRequest}.MON`, { callback: () => undefined });
    other.subscribe('testops.demo.>', { callback: () => undefined });
    await other.flush();
    await until(() => toldOther.length === 4);
    await worker.close();
  });

  test("keeps operators to their environment and their own inbox, and off the daemons' subjects", async () => {
    const [operator, other] = [await target.connect(alice.login), await target.connect(stage.login)];
    const told = objections(operator);
    const toldOther = objections(other);
    operator.subscribe('_INBOX_bob.>', { callback: () => undefined });
    operator.subscribe('testops.stage.>', { callback: () => undefined });
    operator.publish('testops.demo.events.MEP', 'forged');
    operator.publish('_INBOX_bob.x', 'forged');
    other.publish('testops.demo.command.MEP', 'from elsewhere');
    await operator.flush();
    await other.flush();
    await until(() => told.length === 4 && toldOther.length === 1);
    expect(toldOther[0]).toContain('Publish to "testops.demo.command.MEP"');
    const colleague = await target.connect(bob.login);
    expect(objections(colleague)).toEqual([]);
    // No daemon is there: the order is allowed, and nobody answers it.
    await expect(colleague.request('testops.demo.command.NONE', '', { timeout: 5_000 })).rejects.toThrow(/no responders/);
  });

  test('lets a viewer look and ask, but not command', async () => {
    const [viewer, daemon] = [await target.connect(vera.login), await target.connect(mep.login)];
    const told = objections(viewer);
    const commands: string[] = [];
    daemon.subscribe('testops.demo.describe.MEP', { callback: (_error, message) => void message.respond('catalogue') });
    daemon.subscribe('testops.demo.command.MEP', { callback: (_error, message) => void commands.push(message.string()) });
    await daemon.flush();
    const samples: string[] = [];
    viewer.subscribe('testops.demo.samples.*', { callback: (_error, message) => void samples.push(message.subject) });
    await viewer.flush();
    daemon.publish('testops.demo.samples.MEP', 'frame');
    expect((await viewer.request('testops.demo.describe.MEP', '', { timeout: 5_000 })).string()).toBe('catalogue');
    viewer.publish('testops.demo.command.MEP', 'kill');
    viewer.subscribe('testops.demo.command.*', { callback: () => undefined });
    await viewer.flush();
    await until(() => told.length === 2 && samples.length === 1);
    expect(told.join(' ')).toMatch(/Publish to "testops.demo.command.MEP".*Subscription to "testops.demo.command.\*"/);
    expect(commands).toEqual([]);
  });
});

describe.skipIf(withoutOpenssl).each(targets)('TLS at the $name', (kind) => {
  let certificates: Certificates;
  let target: Target | undefined;
  beforeAll(async () => {
    certificates = await makeCertificates();
  });
  afterAll(() => certificates.remove());
  let extra: NatsConnection[] = [];
  beforeEach(() => {
    extra = [];
  });
  afterEach(async () => {
    await Promise.all(extra.map((each) => each.close()));
    await target?.close();
    target = undefined;
  });

  const start = async (more: Partial<TargetFile> = {}, mutual = false) => {
    const tls = { certificate: certificates.certificate, key: certificates.key, ca: certificates.authority, mutual };
    target = await kind.start({ tls, webSocket: { tls }, ...more });
    return target;
  };

  test('encrypts TCP and WebSocket, for clients that know the authority', async () => {
    const { alice, mep, users } = people();
    const router = await start({ users });
    const tls = { ca: certificates.authorityText };
    const [operator, daemon] = [
      await router.connect({ ...alice.login, tls }),
      await router.connect({ ...mep.login, tls, url: router.webSocketUrl }),
    ];
    daemon.subscribe('testops.demo.describe.MEP', { callback: (_error, message) => void message.respond(new Uint8Array(300_000)) });
    await daemon.flush();
    const answer = await operator.request('testops.demo.describe.MEP', '', { timeout: 5_000 });
    expect(answer.data.length).toBe(300_000);
  });

  test('is not trusted by clients that do not know the authority', async () => {
    const router = await start();
    expect(await problemOfConnecting(router.connect())).toBe('router-untrusted');
    expect(await problemOfConnecting(router.connect({ url: router.webSocketUrl }))).toBe('router-untrusted');
  });

  test('is not for another host name', async () => {
    const router = await start();
    const connecting = connectToRouter({
      url: router.url.replace('127.0.0.1', '127.0.0.2'),
      name: 'x',
      tls: { ca: certificates.authorityText },
    });
    expect(['router-untrusted', 'router-unreachable']).toContain(await problemOfConnecting(connecting));
  });

  test('does not go on in clear', async () => {
    const router = await start();
    const client = await router.raw();
    expect(client.received).toMatch(/"tls_required":true/);
    client.connect();
    client.send('PING\r\n');
    await client.closed();
    expect(client.received).not.toContain('PONG');
  });

  test('wants certificates that its authority signed, where TLS is mutual', async () => {
    const router = await start({}, true);
    const ca = certificates.authorityText;
    for (const url of [router.url, router.webSocketUrl]) {
      const known = await router.connect({ url, tls: { ca, ...certificates.client } });
      expect(await known.rtt()).toBeGreaterThanOrEqual(0);
      expect(await problemOfConnecting(router.connect({ url, tls: { ca } }))).toMatch(/router-(wants-certificate|closed)/);
      expect(await problemOfConnecting(router.connect({ url, tls: { ca, ...certificates.stranger } }))).toMatch(
        /router-(wants-certificate|closed)/,
      );
    }
  });

  test('is asked for in vain where the router offers none', async () => {
    target = await kind.start();
    expect(await problemOfConnecting(target.connect({ url: target.url.replace('nats:', 'tls:') }))).toBe('router-without-tls');
  });
});
