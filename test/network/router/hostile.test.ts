/** The embedded router against what a hostile or broken client can do: it stays up, bounded, and fair to the others. */
import { connect as connectTcp } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { connectToRouter } from '#network/bus/connect.ts';
import type { NatsConnection } from '#network/bus/connect.ts';
import type { RouterOptions } from '#network/router/router-options.ts';
import { startRouter } from '#network/router/router.ts';
import type { Router } from '#network/router/router.ts';
import { problemOf } from '#shared/problem.ts';
import { makeCertificates, withoutOpenssl } from './certificates.ts';
import { RawClient } from './raw-client.ts';
import { people, until } from './targets.ts';
import { permissionsFor } from '#network/router/permissions.ts';
import { environmentNameSchema } from '#shared/identifiers.ts';
import { randomBelow } from '../../repeatable-random.ts';

let router: Router | undefined;
const connections: NatsConnection[] = [];

async function start(options: Partial<RouterOptions> = {}): Promise<Router> {
  router = await startRouter({ port: 0, ...options });
  return router;
}

async function healthyClient(of: Router): Promise<NatsConnection> {
  const connection = await connectToRouter({ url: of.url, name: 'healthy' });
  connections.push(connection);
  connection.subscribe('health.check', { callback: (_error, message) => void message.respond(message.data) });
  await connection.flush();
  return connection;
}

afterEach(async () => {
  await Promise.all(connections.splice(0).map((connection) => connection.close()));
  await router?.close();
  router = undefined;
});

const sound = [
  'CONNECT {"verbose":false,"headers":true,"no_responders":true}\r\n',
  'PING\r\n',
  'PONG\r\n',
  'SUB foo.* 1\r\n',
  'SUB foo.> group 2\r\n',
  'UNSUB 1 5\r\n',
  'PUB foo.bar 5\r\nhello\r\n',
  'PUB foo.bar re.ply 3\r\nabc\r\n',
  'HPUB foo.bar 18 23\r\nNATS/1.0\r\nA: b\r\n\r\nhello\r\n',
  '+OK\r\n',
  "-ERR 'x'\r\n",
];

/** One sound message, with a few bytes flipped, cut out, doubled or put in. */
function mutated(random: (bound: number) => number): Buffer {
  let bytes = Buffer.from(sound[random(sound.length)] ?? '', 'latin1');
  for (let change = random(4); change > 0; change--) {
    const at = random(bytes.length + 1);
    const kind = random(5);
    if (kind === 0 && at < bytes.length) bytes[at] = random(256);
    else if (kind === 1) bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + random(6))]);
    else if (kind === 2) bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(Math.max(0, at - random(12)))]);
    else if (kind === 3) bytes = Buffer.concat([bytes.subarray(0, at), Buffer.from([random(256)]), bytes.subarray(at)]);
    else bytes = Buffer.concat([bytes.subarray(0, at), Buffer.from(String(random(2_000_000_000))), bytes.subarray(at)]);
  }
  return bytes;
}

describe('100,000 mutated messages', () => {
  const seed = 20_261_120;

  test(`over TCP do no harm (seed ${seed})`, { timeout: 600_000 }, async () => {
    const running = await start({ authenticationTimeout: 500 });
    const healthy = await healthyClient(running);
    const random = randomBelow(seed);
    const before = process.memoryUsage().rss;
    let sent = 0;
    const attack = async (): Promise<void> => {
      while (sent < 80_000) {
        const socket = connectTcp({ port: running.port, host: '127.0.0.1' });
        socket.on('error', () => undefined);
        socket.resume();
        const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
        // A sound start keeps most connections alive for longer than one message.
        socket.write(sound[0] ?? '');
        for (let index = 0; index < 10 && !socket.destroyed; index++, sent++) {
          const bytes = mutated(random);
          const cut = random(bytes.length + 1);
          socket.write(bytes.subarray(0, cut));
          socket.write(bytes.subarray(cut));
        }
        socket.end();
        await closed;
      }
    };
    await Promise.all(Array.from({ length: 8 }, attack));
    expect((await healthy.request('health.check', 'fine?', { timeout: 5_000 })).string()).toBe('fine?');
    await until(() => running.statistics().connections === 1);
    const after = running.statistics();
    expect(after.subscriptions).toBeLessThanOrEqual(2);
    expect(after.waitingBytes).toBe(0);
    expect(after.protocolErrors).toBeGreaterThan(500);
    expect(after.messagesIn).toBeGreaterThan(500);
    expect(process.memoryUsage().rss - before).toBeLessThan(300 * 1_048_576);
  });

  test(`over WebSockets do no harm, broken frames neither (seed ${seed + 1})`, { timeout: 600_000 }, async () => {
    const running = await start({ webSocket: { port: 0 }, authenticationTimeout: 500 });
    const healthy = await healthyClient(running);
    const random = randomBelow(seed + 1);
    let sent = 0;
    const attack = async (): Promise<void> => {
      while (sent < 20_000) {
        const socket = new WebSocket(running.webSocketUrl ?? '');
        let below: Socket | undefined;
        socket.on('upgrade', (response) => (below = response.socket));
        socket.on('error', () => undefined);
        const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
        await new Promise<void>((resolve) => socket.once('open', () => resolve()));
        socket.send(sound[0] ?? '');
        for (let index = 0; index < 40; index++, sent++) socket.send(mutated(random), { binary: random(2) === 0 });
        // Sometimes bytes that are no frame at all.
        if (random(3) === 0) below?.write(mutated(random));
        socket.close();
        await closed;
      }
    };
    await Promise.all(Array.from({ length: 8 }, attack));
    expect((await healthy.request('health.check', 'fine?', { timeout: 5_000 })).string()).toBe('fine?');
    await until(() => running.statistics().connections === 1);
    expect(running.statistics().protocolErrors).toBeGreaterThan(100);
  });
});

describe('limits of the embedded router', () => {
  test('holds no more connections than allowed, and has room again when one leaves', async () => {
    const running = await start({ maximumConnections: 2, webSocket: { port: 0 } });
    const first = await RawClient.open(running.port);
    const second = await RawClient.open(running.port);
    await expect(RawClient.open(running.port)).rejects.toThrow('maximum connections exceeded');
    const code = await connectToRouter({ url: running.webSocketUrl ?? '', name: 'x' }).catch((failure: unknown) => problemOf(failure).code);
    expect(code).toBe('not-a-router');
    first.close();
    await until(() => running.statistics().connections === 1);
    const third = await RawClient.open(running.port);
    expect(running.statistics().connectionsRefused).toBe(2);
    second.close();
    third.close();
  });

  test('holds no more subscriptions per client than allowed, and forgets those of clients that left', async () => {
    const running = await start({ maximumSubscriptions: 10 });
    const client = await RawClient.open(running.port);
    client.connect();
    for (let index = 0; index < 15; index++) client.send(`SUB s.${index} ${index}\r\n`);
    client.send(`SUB ${Array.from({ length: 40 }, () => 'x').join('.')} 99\r\n`);
    await client.settle();
    expect(client.received.split("-ERR 'maximum subscriptions exceeded'").length - 1).toBe(5);
    expect(client.received).toContain('number of tokens');
    expect(running.statistics().subscriptions).toBe(10);
    client.close();
    await until(() => running.statistics().subscriptions === 0);
  });

  test('keeps memory bounded while a client with a full outbox goes on asking', async () => {
    const running = await start({ maximumPending: 1_048_576 });
    const greedy = await RawClient.open(running.port);
    greedy.connect();
    greedy.send('SUB mine 1\r\n');
    greedy.socket.pause();
    const body = Buffer.alloc(60_000, 'x');
    let most = 0;
    for (let index = 0; index < 400 && running.statistics().slowConsumers === 0; index++) {
      greedy.send(Buffer.concat([Buffer.from('PUB mine 60000\r\n'), body, Buffer.from('\r\n')]));
      await wait(2);
      most = Math.max(most, running.statistics().waitingBytes);
    }
    await until(() => running.statistics().slowConsumers === 1);
    expect(most).toBeLessThanOrEqual(1_048_576 + 70_000);
    await until(() => running.statistics().connections === 0);
    expect(running.statistics().waitingBytes).toBe(0);
  });

  test('tells a slow client why, if it wakes up in time', async () => {
    const running = await start({ maximumPending: 1_048_576 });
    const slow = await RawClient.open(running.port);
    slow.connect();
    slow.send('SUB flood 1\r\n');
    await slow.settle();
    slow.socket.pause();
    const sender = await healthyClient(running);
    while (running.statistics().slowConsumers === 0) {
      sender.publish('flood', new Uint8Array(100_000));
      await sender.flush();
    }
    slow.socket.resume();
    await slow.closed();
    expect(slow.received.endsWith("-ERR 'Slow Consumer'\r\n")).toBe(true);
    // Only whole messages came before it.
    const before = slow.received.slice(slow.received.indexOf('MSG flood'), -"-ERR 'Slow Consumer'\r\n".length);
    expect(before.length % ('MSG flood 1 100000\r\n'.length + 100_002)).toBe(0);
  });

  test('does not make many copies of one message for a client with many subscriptions', async () => {
    const running = await start({ maximumPending: 1_048_576 });
    const client = await RawClient.open(running.port);
    client.connect();
    client.send(Array.from({ length: 2_000 }, (_, index) => `SUB copy.> ${index}\r\n`).join(''));
    await client.settle();
    client.socket.pause();
    client.send(`PUB copy.x 2000\r\n${'y'.repeat(2_000)}\r\n`.repeat(20));
    await until(() => running.statistics().slowConsumers === 1);
    expect(running.statistics().messagesOut).toBeLessThan(20_000);
  });

  test('notices a half-open connection', async () => {
    const running = await start({ pingInterval: 60 });
    const silent = await RawClient.open(running.port);
    silent.connect();
    await silent.closed();
    expect(silent.received).toContain('PING\r\n');
    expect(silent.received).toContain("-ERR 'Stale Connection'");
    expect(running.statistics().staleConnections).toBe(1);
    // Who answers stays.
    const healthy = await healthyClient(running);
    await wait(400);
    expect((await healthy.request('health.check', 'still', { timeout: 5_000 })).string()).toBe('still');
    expect(running.statistics().staleConnections).toBe(1);
  });
});

describe('clients that dawdle', () => {
  const { alice } = people();
  const permissions = permissionsFor('operator', environmentNameSchema.parse('demo'), 'alice');
  const users = [{ name: 'alice', key: alice.entry.key, permissions }];

  test('are cut off while they drip their CONNECT byte by byte', async () => {
    const running = await start({ users, authenticationTimeout: 200 });
    const dripping = await RawClient.open(running.port);
    const drip = setInterval(() => dripping.send('C'), 10);
    await dripping.closed(2_000).finally(() => clearInterval(drip));
    expect(dripping.received).toContain("-ERR 'Authentication Timeout'");
    expect(running.statistics().connections).toBe(0);
  });

  test('are cut off while they drip the upgrade to a WebSocket', async () => {
    const running = await start({ webSocket: { port: 0 }, authenticationTimeout: 200 });
    const socket = connectTcp({ port: running.webSocketPort ?? 0, host: '127.0.0.1' });
    socket.on('error', () => undefined);
    const closed = new Promise<string>((resolve) => socket.once('close', () => resolve('closed')));
    socket.resume();
    socket.write('GET / HTTP/1.1\r\n');
    const drip = setInterval(() => socket.write('X'), 20);
    expect(await Promise.race([closed, wait(3_000, 'still open')])).toBe('closed');
    clearInterval(drip);
  });

  test.skipIf(withoutOpenssl)('are cut off while they do not finish the TLS handshake', async () => {
    const certificates = await makeCertificates();
    try {
      const { readTlsFiles } = await import('#platform/tls-files.ts');
      const running = await start({ tls: await readTlsFiles(certificates), authenticationTimeout: 1_000 });
      const silent = await RawClient.open(running.port);
      await silent.closed(4_000);
      // One that speaks TLS from the first byte is told INFO in clear, and fails on it without harm.
      const early = connectTls({ port: running.port, host: '127.0.0.1', rejectUnauthorized: false });
      await new Promise<void>((resolve) => early.once('error', () => resolve()));
      await running.close();
      // With the time for a handshake that a router usually gives.
      const patient = await start({ tls: await readTlsFiles(certificates) });
      const join = async (): Promise<void> => {
        connections.push(await connectToRouter({ url: patient.url, name: 'sound', tls: { ca: certificates.authorityText } }));
      };
      // More than may be in their handshakes at one time: who is through it no longer counts there.
      for (let batch = 0; batch < 27; batch++) await Promise.all(Array.from({ length: 10 }, join));
      expect(patient.statistics().connections).toBe(270);
    } finally {
      await certificates.remove();
    }
  });
});

describe('doors of the embedded router', () => {
  test('lets web pages in only if their origin is named', async () => {
    const running = await start({ webSocket: { port: 0, origins: ['https://console.example'] } });
    const attempt = (origin: string): Promise<string> =>
      new Promise((resolve) => {
        const socket = new WebSocket(running.webSocketUrl ?? '', { origin });
        socket.once('error', (failure) => resolve(failure.message));
        socket.once('message', () => {
          resolve('let in');
          socket.close();
        });
      });
    expect(await attempt('https://evil.example')).toContain('401');
    expect(await attempt('null')).toContain('401');
    expect(await attempt('https://console.example')).toBe('let in');
  });

  test.each(['0.0.0.0', '::', '192.0.2.1', 'example.org'])('are not opened to everyone on %s without users', async (host) => {
    const code = await startRouter({ host, port: 0 }).catch((failure: unknown) => problemOf(failure).code);
    expect(code).toBe('router-open-to-all');
    const other = await startRouter({ port: 0, webSocket: { host, port: 0 } }).catch((failure: unknown) => problemOf(failure).code);
    expect(other).toBe('router-open-to-all');
  });

  test('tells when a port is taken, and leaves none of its own open', async () => {
    const running = await start();
    const webSocket = { port: running.port };
    const failure = await startRouter({ port: 0, webSocket }).catch((thrown: unknown) => problemOf(thrown));
    expect(failure).toMatchObject({ code: 'router-cannot-listen', message: expect.stringContaining('the port is in use') });
  });

  test('close with every connection, at once', async () => {
    const running = await start({ webSocket: { port: 0 } });
    const idle = await RawClient.open(running.port);
    const half = connectTcp({ port: running.webSocketPort ?? 0, host: '127.0.0.1' });
    half.on('error', () => undefined);
    await new Promise<void>((resolve) => half.once('connect', () => resolve()));
    const started = Date.now();
    await running.close();
    expect(Date.now() - started).toBeLessThan(5_000);
    await idle.closed();
    half.destroy();
    const again = await startRouter({ port: running.port });
    await again.close();
    expect(again.port).toBe(running.port);
  });
});
