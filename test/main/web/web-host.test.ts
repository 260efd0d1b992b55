/** Who is let in to the web host and what it serves: each refusal by itself. */
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { maximumMessage } from '#main/core-process/text-channel.ts';
import { emptyStart } from '#main/web/console-start.ts';
import { startWebHost } from '#main/web/web-host.ts';
import { Ownership } from '#shared/disposable.ts';
import { closing, enter, get, nextMessage, openHost, openSocket, rendererSample, smallCore } from './sample-host.ts';

let owned = new Ownership();
afterEach(async () => {
  await owned.dispose();
  owned = new Ownership();
});

describe('the one-time link', () => {
  test('is exchanged for a cookie that scripts and other sites cannot use, and leads to the page', async () => {
    const host = await openHost(owned);
    const { status, headers } = await get(host.port, `/${new URL(host.url).search}`);
    expect(status).toBe(303);
    expect(headers.location).toBe('/');
    expect(headers['set-cookie']?.[0]).toMatch(/^testops-console-\d+=[\w-]{43}; HttpOnly; SameSite=Strict; Path=\/$/);
    expect(headers['cache-control']).toBe('no-store');
  });

  test('is refused the second time, with a sentence how to get a new one', async () => {
    const host = await openHost(owned);
    await enter(host);
    const { status, headers, body } = await get(host.port, `/${new URL(host.url).search}`);
    expect(status).toBe(403);
    expect(headers['set-cookie']).toBeUndefined();
    expect(body.toString()).toContain('used already, or is not valid. Press Enter in the terminal');
  });

  test('used again by the browser that has the cookie leads to the page', async () => {
    const host = await openHost(owned);
    const cookie = await enter(host);
    const { status, headers } = await get(host.port, `/${new URL(host.url).search}`, { cookie });
    expect(status).toBe(303);
    expect(headers['set-cookie']).toBeUndefined();
  });

  test('a wrong token is refused', async () => {
    const host = await openHost(owned);
    expect((await get(host.port, '/?token=' + 'A'.repeat(43))).status).toBe(403);
    expect((await get(host.port, '/?token=')).status).toBe(403);
    // The right one is still good.
    expect(await enter(host)).not.toBe('');
  });

  test('a further link lets another browser in; of many unused ones the oldest expire', async () => {
    const host = await openHost(owned);
    const links = Array.from({ length: 20 }, () => host.newLink());
    expect(await enter(host, links[0])).toBe('');
    expect(await enter(host, links[19])).not.toBe('');
  });
});

describe('refused is', () => {
  test.each(['/', '/start.json', '/assets/index-a1b2c3d4.js', '/nothing'])('%s without the cookie', async (path) => {
    const host = await openHost(owned);
    expect((await get(host.port, path)).status).toBe(403);
    expect((await get(host.port, path, { cookie: `testops-console-${host.port}=${'A'.repeat(43)}` })).status).toBe(403);
  });

  test.each(['evil.example', 'evil.example:80', '127.0.0.1', '127.0.0.1:1', '[::1]'])('a request that names the host %s', async (name) => {
    const host = await openHost(owned);
    const cookie = await enter(host);
    expect((await get(host.port, '/', { host: name, cookie })).status).toBe(421);
    expect((await get(host.port, `/${new URL(host.newLink()).search}`, { host: name })).headers['set-cookie']).toBeUndefined();
  });

  test('localhost with the port is this host too', async () => {
    const host = await openHost(owned);
    const cookie = await enter(host);
    expect((await get(host.port, '/', { host: `localhost:${host.port}`, cookie })).status).toBe(200);
  });

  test.each([
    '/../secret.json',
    '/assets/../../secret.json',
    '/%2e%2e/secret.json',
    '/..%2fsecret.json',
    '/assets/..%5c..%5csecret.json',
    '//etc/passwd',
    '/index.html%00.js',
    '/notes.txt',
    '/assets',
    '/assets/',
  ])('the path %s', async (path) => {
    const host = await openHost(owned);
    const cookie = await enter(host);
    const { status, body } = await get(host.port, path, { cookie });
    expect([400, 404]).toContain(status);
    expect(body.toString()).not.toMatch(/secret|not part/);
  });

  test.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])('the method %s', async (method) => {
    const host = await openHost(owned);
    const cookie = await enter(host);
    expect((await get(host.port, '/', { cookie }, method)).status).toBe(405);
  });
});

describe('served are', () => {
  test('the page, with headers that leave it nothing but itself', async () => {
    const host = await openHost(owned);
    const { status, headers, body } = await get(host.port, '/', { cookie: await enter(host) });
    expect(status).toBe(200);
    expect(body.toString()).toContain('<title>page</title>');
    expect(headers['content-security-policy']).toBe(
      `default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self' ws://127.0.0.1:${host.port}; ` +
        "img-src 'self' data:; font-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    );
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
    });
    expect(headers['access-control-allow-origin']).toBeUndefined();
  });

  test('refusals carry the same headers', async () => {
    const host = await openHost(owned);
    const { headers } = await get(host.port, '/');
    expect(headers['content-security-policy']).toContain("default-src 'none'");
    expect(headers['x-content-type-options']).toBe('nosniff');
  });

  test('files, compressed as the browser likes it, kept for ever when their name tells their content', async () => {
    const host = await openHost(owned);
    const cookie = await enter(host);
    const path = '/assets/index-a1b2c3d4.js';
    const plain = await get(host.port, path, { cookie });
    expect(plain.headers).toMatchObject({ 'content-type': 'text/javascript; charset=utf-8' });
    expect(plain.headers['cache-control']).toContain('immutable');
    const brotli = await get(host.port, path, { cookie, 'accept-encoding': 'gzip, deflate, br' });
    expect(brotli.headers['content-encoding']).toBe('br');
    expect(brotliDecompressSync(brotli.body)).toEqual(plain.body);
    expect(brotli.body.length).toBeLessThan(plain.body.length / 10);
    const gzip = await get(host.port, path, { cookie, 'accept-encoding': 'gzip, br;q=0' });
    expect(gunzipSync(gzip.body)).toEqual(plain.body);
    const again = await get(host.port, path, { cookie, 'if-none-match': plain.headers.etag ?? '' });
    expect(again.status).toBe(304);
    expect(again.body).toHaveLength(0);
  });

  test('what the console opens with', async () => {
    const start = { ...emptyStart, workspace: '/w', environmentFile: '/w/environment.yaml', demo: true };
    const host = await openHost(owned, { start });
    const { headers, body } = await get(host.port, '/start.json', { cookie: await enter(host) });
    expect(JSON.parse(body.toString())).toEqual(start);
    expect(headers['cache-control']).toBe('no-store');
  });

  test('the files of a newer build after the page was loaded anew', async () => {
    const renderer = await rendererSample(owned);
    const host = await openHost(owned, { renderer });
    const cookie = await enter(host);
    await writeFile(join(renderer, 'assets', 'index-ffffffff.js'), 'new');
    expect((await get(host.port, '/assets/index-ffffffff.js', { cookie })).status).toBe(404);
    await new Promise((resolve) => setTimeout(resolve, 10));
    await writeFile(join(renderer, 'index.html'), `${await readFile(join(renderer, 'index.html'), 'utf8')}<p>new</p>`);
    expect((await get(host.port, '/', { cookie })).body.toString()).toContain('new');
    expect((await get(host.port, '/assets/index-ffffffff.js', { cookie })).body.toString()).toBe('new');
  });

  test('nothing from a folder without a page: one sentence says how to build it', async () => {
    const refused = startWebHost({
      core: { open: () => Promise.reject(new Error('unused')) as never },
      renderer: join(await rendererSample(owned), 'assets'),
      start: emptyStart,
    });
    await expect(refused).rejects.toMatchObject({ problem: { code: 'renderer-not-built' } });
  });

  test('a port that is taken is refused in a sentence', async () => {
    const host = await openHost(owned);
    await expect(openHost(owned, { port: host.port })).rejects.toMatchObject({
      problem: { code: 'cannot-listen', message: `Nothing can listen on 127.0.0.1:${host.port} (EADDRINUSE).` },
    });
  });
});

describe('the contract’s socket', () => {
  const request = JSON.stringify({ kind: 'request', id: 1, method: 'runs.list', request: {} });

  test('answers a page of this origin that was let in', async () => {
    const host = await openHost(owned);
    const socket = await openSocket(host.port, { cookie: await enter(host), origin: `http://127.0.0.1:${host.port}` });
    socket.send(request);
    expect(await nextMessage(socket)).toEqual({ kind: 'response', id: 1, response: { runs: [] } });
  });

  test('is refused without the cookie', async () => {
    const host = await openHost(owned);
    await expect(openSocket(host.port, { origin: `http://127.0.0.1:${host.port}` })).rejects.toThrow('refused with 403');
  });

  test.each(['http://evil.example', 'null', 'https://127.0.0.1:PORT', 'http://127.0.0.1:1', 'http://localhost:PORT'])(
    'is refused to a page of %s',
    async (origin) => {
      const host = await openHost(owned);
      const headers = { cookie: await enter(host), origin: origin.replace('PORT', String(host.port)) };
      await expect(openSocket(host.port, headers)).rejects.toThrow('refused with 403');
    },
  );

  test('is refused without an Origin', async () => {
    const host = await openHost(owned);
    await expect(openSocket(host.port, { cookie: await enter(host) })).rejects.toThrow('refused with 403');
  });

  test('is refused under a foreign host name, even to a page of that very origin', async () => {
    const host = await openHost(owned);
    const headers = { cookie: await enter(host), host: `evil.example:${host.port}`, origin: `http://evil.example:${host.port}` };
    await expect(openSocket(host.port, headers)).rejects.toThrow('refused with 421');
  });

  test('is refused under another path', async () => {
    const host = await openHost(owned);
    const headers = { cookie: await enter(host), origin: `http://127.0.0.1:${host.port}` };
    await expect(openSocket(host.port, headers, '/other')).rejects.toThrow('refused with 404');
  });

  test.each(['no json', '{"kind":', '[]', '{"kind":"request","id":-1}', '"text"', '{"__proto__":{"kind":"request"}}'])(
    'answers the malformed message %s with a refusal and goes on',
    async (text) => {
      const host = await openHost(owned);
      const socket = await openSocket(host.port, { cookie: await enter(host), origin: `http://127.0.0.1:${host.port}` });
      socket.send(text);
      expect(await nextMessage(socket)).toMatchObject({ kind: 'refused', problem: { code: 'bad-message' } });
      socket.send(request);
      expect(await nextMessage(socket)).toMatchObject({ kind: 'response' });
    },
  );

  test('is closed by a message that is too large; others are not', async () => {
    const host = await openHost(owned);
    const headers = { cookie: await enter(host), origin: `http://127.0.0.1:${host.port}` };
    const [socket, other] = [await openSocket(host.port, headers), await openSocket(host.port, headers)];
    socket.send('x'.repeat(maximumMessage + 1));
    expect(await closing(socket)).toBe(1009);
    other.send(request);
    expect(await nextMessage(other)).toMatchObject({ kind: 'response' });
  });

  test('is closed by a binary message', async () => {
    const host = await openHost(owned);
    const socket = await openSocket(host.port, { cookie: await enter(host), origin: `http://127.0.0.1:${host.port}` });
    socket.send(Buffer.from(request), { binary: true });
    expect(await closing(socket)).toBe(1003);
  });

  test('is cut when its console does not read, and the stream behind it is closed', async () => {
    const closed = vi.fn();
    const large = 'x'.repeat(4_000_000);
    const core = smallCore({ request: () => Promise.resolve({ text: large }) as never });
    const host = await openHost(owned, { served: core });
    const socket = await openSocket(host.port, { cookie: await enter(host), origin: `http://127.0.0.1:${host.port}` });
    socket.pause();
    socket.on('close', closed);
    for (let id = 1; id <= 40; id++) socket.send(JSON.stringify({ kind: 'request', id, method: 'runs.list', request: {} }));
    await new Promise((resolve) => setTimeout(resolve, 300));
    socket.resume();
    await vi.waitFor(() => expect(closed).toHaveBeenCalled(), { timeout: 10_000 });
  });

  test('lets in as many consoles as it may, not more', async () => {
    const host = await openHost(owned);
    const headers = { cookie: await enter(host), origin: `http://127.0.0.1:${host.port}` };
    const sockets = await Promise.all(Array.from({ length: 32 }, () => openSocket(host.port, headers)));
    await expect(openSocket(host.port, headers)).rejects.toThrow('refused with 503');
    sockets[0]?.close();
    await vi.waitFor(async () => expect(await openSocket(host.port, headers)).toBeDefined());
  });

  test('ends with the host', async () => {
    const host = await openHost(owned);
    const socket = await openSocket(host.port, { cookie: await enter(host), origin: `http://127.0.0.1:${host.port}` });
    const closed = closing(socket);
    await host.dispose();
    expect(await closed).toBe(1001);
    await expect(get(host.port, '/')).rejects.toThrow('ECONNREFUSED');
  });
});
