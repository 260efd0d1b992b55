/** What a user is told when a connection to the router cannot be made. Sound connections are tested with the routers. */
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { connectToRouter } from '#network/bus/connect.ts';
import { parseRouterUrl } from '#network/bus/router-url.ts';
import { startRouter } from '#network/router/router.ts';
import { problemOf } from '#shared/problem.ts';
import type { Problem } from '#shared/problem.ts';
import { until } from '../router/targets.ts';
import { freePort } from '#platform/free-port.ts';

let server: Server | undefined;
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)));
  server = undefined;
});

/** Something that is no router: says this, or (undefined) nothing. */
async function listening(answer: string | undefined): Promise<number> {
  server = createServer((socket) => {
    sockets.push(socket.on('error', () => undefined).resume());
    if (answer !== undefined) socket.end(answer);
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
}

async function problemOfConnecting(url: string, timeout = 2_000): Promise<Problem> {
  const connection = await connectToRouter({ url, name: 'test', timeout }).catch((failure: unknown) => problemOf(failure));
  if ('message' in connection) return connection;
  await connection.close();
  throw new Error('connected');
}

describe('a connection that cannot be made', () => {
  test.each(['nats', 'tls', 'ws', 'wss'])('tells that nothing listens (%s)', async (scheme) => {
    const url = `${scheme}://127.0.0.1:${await freePort()}`;
    expect(await problemOfConnecting(url)).toMatchObject({ code: 'router-unreachable', message: `No router answers at ${url}.` });
  });

  test.each(['nats', 'ws'])('tells that a name is unknown (%s)', async (scheme) => {
    const problem = await problemOfConnecting(`${scheme}://no-such-host.invalid:4222`);
    expect(problem).toMatchObject({ code: 'router-name-unknown', message: expect.stringContaining('"no-such-host.invalid"') });
  });

  test.each([
    ['nats', 'HTTP/1.1 400 Bad Request\r\n\r\n'],
    ['ws', 'HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n'],
    ['ws', 'INFO {}\r\n'],
    ['wss', 'INFO {}\r\n'],
    ['nats', 'INFO {broken\r\n'],
  ])('tells that something else listens (%s, %j)', async (scheme, answer) => {
    expect((await problemOfConnecting(`${scheme}://127.0.0.1:${await listening(answer)}`)).code).toBe('not-a-router');
  });

  test('tells that nothing is said', async () => {
    const port = await listening(undefined);
    expect((await problemOfConnecting(`nats://127.0.0.1:${port}`, 300)).code).toBe('router-silent');
    // The attempt's socket does not stay behind.
    await until(() => sockets.length === 1 && sockets.every((socket) => socket.readableEnded || socket.destroyed));
  });

  test('stops waiting when it is told to', async () => {
    const stop = new AbortController();
    const connecting = connectToRouter({
      url: `nats://127.0.0.1:${await freePort()}`,
      name: 'x',
      waitOnFirstConnect: true,
      signal: stop.signal,
      onWaiting: () => stop.abort(),
    });
    await expect(connecting).rejects.toThrow(/was ended/);
  });

  test('does not hinder connections of the other kind in the same process', async () => {
    const router = await startRouter({ port: 0, webSocket: { port: 0 } });
    const overTcp = await connectToRouter({ url: router.url, name: 'tcp', reconnectWait: 20 });
    const overWebSocket = await connectToRouter({ url: router.webSocketUrl ?? '', name: 'ws', reconnectWait: 20 });
    overTcp.subscribe('kind', { callback: (_error, message) => void message.respond('tcp') });
    // The library's factory of transports is one for the process: a reconnect must still find its own.
    await overTcp.reconnect();
    await until(() =>
      overTcp.flush().then(
        () => true,
        () => false,
      ),
    );
    expect((await overWebSocket.request('kind', '', { timeout: 2_000 })).string()).toBe('tcp');
    await Promise.all([overTcp.close(), overWebSocket.close()]);
    await router.close();
  });
});

describe('the URL of a router', () => {
  test.each([
    ['nats://host', { host: 'host', port: 4222, webSocket: false, encrypted: false }],
    ['tls://host:80', { host: 'host', port: 80, webSocket: false, encrypted: true }],
    ['ws://[::1]:8080/path?x=1', { host: '::1', bracketedHost: '[::1]', port: 8080, webSocket: true, path: '/path?x=1' }],
    ['wss://host', { port: 443, encrypted: true }],
    ['NATS://127.0.0.1:4222', { host: '127.0.0.1', port: 4222 }],
  ])('is read: %s', (text, expected) => {
    expect(parseRouterUrl(text)).toMatchObject(expected);
  });

  test.each(['', 'host', 'http://host', 'nats://', 'nats://ho st', 'nats://host:99999', 'nats://user:secret@host'])(
    'is refused: %j',
    (text) => {
      expect(() => parseRouterUrl(text)).toThrow(/URL of a router/);
    },
  );
});
