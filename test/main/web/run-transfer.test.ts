/** Runs as files: sent and fetched by who was let in, refused one by one to everybody else, and nothing left behind. */
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { doorInProcess } from '#main/core-process/core-door.ts';
import { startRemoteHost } from '#main/web/remote-host.ts';
import { RemoteRunTransfer } from '#main/web/remote-run-transfer.ts';
import { LocalRunTransfer, type TransferBounds } from '#main/web/run-transfer.ts';
import type { WebHost } from '#main/web/web-host.ts';
import { Ownership } from '#shared/disposable.ts';
import { ProblemError } from '#shared/problem.ts';
import { enter, get, openHost, smallCore, type Answer } from './sample-host.ts';

const run = '20261120T221735Z-failover-3f9a';
const token = 'a'.repeat(40);
let owned: Ownership;
/** Where the private folders are made. */
let parent: string;
/** What the core was asked to import, as it read it. */
let imported: { readonly file: string; readonly bytes: Buffer; readonly mode: number }[];
let refusal: ProblemError | null;
beforeEach(async () => {
  owned = new Ownership();
  imported = [];
  refusal = null;
  parent = await mkdtemp(join(tmpdir(), 'testops-transfer-test-'));
  owned.own(() => rm(parent, { recursive: true, force: true }));
});
afterEach(() => owned.dispose());

/** A core that reads what it imports, and exports the text `packed`. */
function core() {
  const answer = async (method: string, { file }: { file: string }): Promise<unknown> => {
    if (method === 'runs.import') {
      const folder = await stat(dirname(file));
      imported.push({ file, bytes: await readFile(file), mode: folder.mode & 0o777 });
      if (refusal) throw new ProblemError({ ...refusal.problem, message: refusal.problem.message.replace('FILE', file) });
      return { run, folder: '/archive', found: false };
    }
    if (refusal) throw refusal;
    await writeFile(file, 'packed');
    return { file, bytes: 6 };
  };
  return smallCore({ request: answer as never });
}

function transferOf(served = core(), bounds: Partial<TransferBounds> = {}): LocalRunTransfer {
  return new LocalRunTransfer(doorInProcess(served), bounds, parent);
}

interface Entered {
  readonly host: WebHost;
  /** Headers of a page of this origin that was let in. */
  readonly headers: Record<string, string>;
}

async function enterHost(bounds: Partial<TransferBounds> = {}): Promise<Entered> {
  const served = core();
  const host = await openHost(owned, { served, transfer: transferOf(served, bounds) });
  const origin = `http://127.0.0.1:${host.port}`;
  return { host, headers: { cookie: await enter(host), origin, 'content-type': 'application/octet-stream' } };
}

const send = ({ host, headers }: Entered, body = Buffer.from('a bundle'), more: Record<string, string> = {}): Promise<Answer> =>
  get(host.port, '/runs/import?name=sent.testops-run', { ...headers, 'content-length': String(body.length), ...more }, 'POST', body);
const problemIn = ({ body }: Answer): unknown => (JSON.parse(body.toString()) as { problem: unknown }).problem;
const left = (): Promise<string[]> => readdir(parent);

describe('a run that is sent', () => {
  test('reaches the core whole, in a private folder that is gone afterwards', async () => {
    const entered = await enterHost();
    const body = Buffer.alloc(3_000_000, 'run');
    const answer = await send(entered, body);
    expect(JSON.parse(answer.body.toString())).toEqual({ run, found: false });
    expect(imported.map(({ bytes, mode }) => [bytes.equals(body), mode])).toEqual([[true, 0o700]]);
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(await left()).toEqual([]);
  });

  test('is refused by the core under its own name, not by a path', async () => {
    refusal = new ProblemError({ code: 'bundle-refused', message: 'FILE was not imported: it is no zip file.', file: '/secret' });
    const answer = await send(await enterHost());
    expect(answer.status).toBe(422);
    expect(problemIn(answer)).toEqual({
      severity: 'error',
      code: 'bundle-refused',
      message: 'sent.testops-run was not imported: it is no zip file.',
    });
    expect(await left()).toEqual([]);
  });

  test('has a name that is only shown: paths, control and direction characters are taken out', async () => {
    const { host, headers } = await enterHost();
    const name = encodeURIComponent('../../etc/pass\u202ewd\u0000\n.testops-run');
    const answer = await get(host.port, `/runs/import?name=${name}`, { ...headers, 'content-length': '0' }, 'POST');
    expect(problemIn(answer)).toMatchObject({ message: 'pass wd .testops-run is empty, so it holds no run.' });
  });

  test('without the cookie, from another page or none, or under another host’s name is refused before it is read', async () => {
    const entered = await enterHost();
    const { host, headers } = entered;
    const wrong: readonly (readonly [number, Record<string, string>])[] = [
      [403, { cookie: '' }],
      [403, { cookie: `testops-console-${host.port}=${'A'.repeat(43)}` }],
      [403, { origin: 'https://evil.example' }],
      [403, { origin: `http://127.0.0.1:${host.port + 1}` }],
      [403, { origin: 'null' }],
      [421, { host: 'evil.example' }],
      [421, { host: `evil.example:${host.port}` }],
    ];
    for (const [status, more] of wrong) expect([more, (await send(entered, undefined, more)).status]).toEqual([more, status]);
    const { origin: _, ...withoutOrigin } = headers;
    expect((await send({ host, headers: withoutOrigin })).status).toBe(403);
    expect(imported).toEqual([]);
    expect(await left()).toEqual([]);
  });

  test.each([
    ['as a form', { 'content-type': 'multipart/form-data; boundary=x' }],
    ['as a text', { 'content-type': 'text/plain' }],
  ])('%s is refused', async (_, more) => {
    const answer = await send(await enterHost(), undefined, more);
    expect([answer.status, problemIn(answer)]).toMatchObject([400, { code: 'bad-upload' }]);
    expect(imported).toEqual([]);
  });

  test('without its length said beforehand is refused', async () => {
    const { host, headers } = await enterHost();
    const answer = await get(host.port, '/runs/import', { ...headers, 'transfer-encoding': 'chunked' }, 'POST', Buffer.from('a bundle'));
    expect([answer.status, problemIn(answer)]).toMatchObject([400, { code: 'bad-upload' }]);
  });

  test('larger than may be is refused before it is read, and its sender can read why', async () => {
    const answer = await send(await enterHost({ bytes: 1_000_000 }), Buffer.alloc(5_000_000));
    expect([answer.status, problemIn(answer)]).toMatchObject([413, { code: 'file-too-large' }]);
    expect(imported).toEqual([]);
    expect(await left()).toEqual([]);
  });

  test('that the disk has no room for is refused before it is read', async () => {
    const answer = await send(await enterHost({ reserve: 2 ** 60 }));
    expect([answer.status, problemIn(answer)]).toMatchObject([507, { code: 'disk-full' }]);
    expect(await left()).toEqual([]);
  });

  test('cut off in the middle leaves nothing and is not imported', async () => {
    const { host, headers } = await enterHost();
    const sending = request({
      port: host.port,
      path: '/runs/import?name=cut',
      method: 'POST',
      headers: { ...headers, host: `127.0.0.1:${host.port}`, 'content-length': '1000000' },
    });
    sending.on('error', () => undefined);
    sending.write(Buffer.alloc(400_000));
    await vi.waitFor(async () => expect(await left()).toHaveLength(1));
    sending.destroy();
    await vi.waitFor(async () => expect(await left()).toEqual([]));
    expect(imported).toEqual([]);
  });

  test('with a body that goes on after its length does not reach a second request of its own', async () => {
    const entered = await enterHost();
    const { host, headers } = entered;
    const head = Object.entries({ ...headers, host: `127.0.0.1:${host.port}`, 'content-length': '4' }).map((pair) => pair.join(': '));
    const socket = connect(host.port, '127.0.0.1');
    let answers = '';
    socket.on('data', (chunk: Buffer) => (answers += chunk.toString()));
    socket.on('error', () => undefined);
    socket.write(`POST /runs/import HTTP/1.1\r\n${head.join('\r\n')}\r\n\r\nfour and more\r\n\r\n`);
    await new Promise((resolve) => socket.once('close', resolve));
    expect(imported.map(({ bytes }) => bytes.toString())).not.toContain('four and more');
    expect(answers).toMatch(/400 Bad Request/);
    await vi.waitFor(async () => expect(await left()).toEqual([]));
  });

  test('while as many are on their way as may be has to wait', async () => {
    const entered = await enterHost({ files: 1 });
    const { host, headers } = entered;
    const first = request({
      port: host.port,
      path: '/runs/import',
      method: 'POST',
      headers: { ...headers, host: `127.0.0.1:${host.port}`, 'content-length': '10' },
    });
    first.on('error', () => undefined);
    first.write('12345');
    await vi.waitFor(async () => expect(await left()).toHaveLength(1));
    const answer = await send(entered);
    expect([answer.status, problemIn(answer)]).toMatchObject([503, { code: 'transfers-busy' }]);
    first.destroy();
    await vi.waitFor(async () => expect((await send(entered)).status).toBe(200));
  });

  test('leaves nothing when the host ends in the middle', async () => {
    const { host, headers } = await enterHost();
    const sending = request({
      port: host.port,
      path: '/runs/import',
      method: 'POST',
      headers: { ...headers, host: `127.0.0.1:${host.port}`, 'content-length': '1000000' },
    });
    sending.on('error', () => undefined);
    sending.write(Buffer.alloc(100_000));
    await vi.waitFor(async () => expect(await left()).toHaveLength(1));
    await host.dispose();
    await vi.waitFor(async () => expect(await left()).toEqual([]));
  });
});

describe('a run that is fetched', () => {
  const pack = ({ host, headers }: Entered, id = run): Promise<Answer> =>
    get(host.port, `/runs/export?run=${encodeURIComponent(id)}`, headers, 'POST');
  const ticketIn = ({ body }: Answer): string => (JSON.parse(body.toString()) as { ticket: string }).ticket;

  test('is packed, downloaded once by its ticket, and gone', async () => {
    const entered = await enterHost();
    const packed = await pack(entered);
    expect(JSON.parse(packed.body.toString())).toMatchObject({ name: `${run}.testops-run`, bytes: 6 });
    const { host, headers } = entered;
    const path = `/runs/file?ticket=${ticketIn(packed)}`;
    const { cookie = '' } = headers;
    const file = await get(host.port, path, { cookie });
    expect(file.body.toString()).toBe('packed');
    expect(file.headers['content-disposition']).toBe(`attachment; filename="${run}.testops-run"`);
    expect(file.headers['x-content-type-options']).toBe('nosniff');
    await vi.waitFor(async () => expect(await left()).toEqual([]));
    const again = await get(host.port, path, { cookie });
    expect([again.status, problemIn(again)]).toMatchObject([410, { code: 'no-such-ticket' }]);
  });

  test('is refused without the cookie, even with the ticket', async () => {
    const entered = await enterHost();
    const path = `/runs/file?ticket=${ticketIn(await pack(entered))}`;
    expect((await get(entered.host.port, path)).status).toBe(403);
    expect((await get(entered.host.port, path, { ...entered.headers, host: 'evil.example' })).status).toBe(421);
    expect((await get(entered.host.port, path, entered.headers)).body.toString()).toBe('packed');
  });

  test.each(['', '../../etc/passwd', '/etc/passwd', 'x', `${run}/../x`, `${run}\u0000`])(
    'by %j instead of an id is refused',
    async (id) => {
      const answer = await pack(await enterHost(), id);
      expect([answer.status, problemIn(answer)]).toMatchObject([404, { code: 'no-such-run' }]);
    },
  );

  test('is packed only for a page of this origin', async () => {
    const { host, headers } = await enterHost();
    expect((await pack({ host, headers: { ...headers, origin: 'https://evil.example' } })).status).toBe(403);
    expect((await get(host.port, `/runs/export?run=${run}`, headers)).status).toBe(404);
    expect((await get(host.port, '/runs/else', headers, 'POST')).status).toBe(404);
    expect((await get(host.port, '/runs/import', headers, 'DELETE')).status).toBe(404);
  });

  test('that cannot be packed is told in one sentence and leaves nothing', async () => {
    refusal = new ProblemError({ code: 'run-damaged', message: 'This run is damaged.' });
    const answer = await pack(await enterHost());
    expect([answer.status, problemIn(answer)]).toMatchObject([422, { message: 'This run is damaged.' }]);
    expect(await left()).toEqual([]);
  });

  test('packed again and again without being fetched, the oldest are thrown away; all of them with the host', async () => {
    const entered = await enterHost();
    const first = ticketIn(await pack(entered));
    for (let more = 0; more < 4; more++) await pack(entered);
    expect(await left()).toHaveLength(4);
    expect((await get(entered.host.port, `/runs/file?ticket=${first}`, entered.headers)).status).toBe(410);
    await entered.host.dispose();
    expect(await left()).toEqual([]);
  });
});

describe('with a served core', () => {
  async function serve(bounds: Partial<TransferBounds> = {}) {
    const served = core();
    const tokens = [{ operator: 'alice', token }];
    const transfer = transferOf(served, bounds);
    const host = owned.own(await startRemoteHost({ core: doorInProcess(served), host: '127.0.0.1', port: 0, tokens, transfer }));
    return { host, served, port: Number(new URL(host.url).port) };
  }
  const octets = { 'content-type': 'application/octet-stream' };

  test('a run is sent to the other machine and fetched from it, under the operator’s name', async () => {
    const { host, served } = await serve();
    const web = await openHost(owned, { transfer: new RemoteRunTransfer({ url: host.url, token }) });
    const headers = { cookie: await enter(web), origin: `http://127.0.0.1:${web.port}`, ...octets };
    const body = Buffer.alloc(2_000_000, 'far');
    expect(JSON.parse((await send({ host: web, headers }, body)).body.toString())).toEqual({ run, found: false });
    expect(imported[0]?.bytes.equals(body)).toBe(true);
    const packed = await get(web.port, `/runs/export?run=${run}`, headers, 'POST');
    const { ticket } = JSON.parse(packed.body.toString()) as { ticket: string };
    expect((await get(web.port, `/runs/file?ticket=${ticket}`, headers)).body.toString()).toBe('packed');
    expect(served.operators).toEqual(['alice', 'alice']);
    await vi.waitFor(async () => expect(await left()).toEqual([]));
  });

  test('its refusals are told as they are', async () => {
    const { host } = await serve({ bytes: 10 });
    const web = await openHost(owned, { transfer: new RemoteRunTransfer({ url: host.url, token }) });
    const headers = { cookie: await enter(web), origin: `http://127.0.0.1:${web.port}`, ...octets };
    const answer = await send({ host: web, headers }, Buffer.alloc(2_000_000));
    expect([answer.status, problemIn(answer)]).toMatchObject([413, { code: 'file-too-large' }]);
    await host.dispose();
    expect(problemIn(await send({ host: web, headers }))).toMatchObject({ code: 'core-not-reached' });
  });

  test('nothing is taken or given without a token, or with a wrong one, and many wrong ones have to wait', async () => {
    const { port } = await serve();
    const attempt = (headers: Record<string, string>) => get(port, '/runs/import', { ...octets, ...headers }, 'POST', Buffer.from('x'));
    expect((await attempt({})).status).toBe(403);
    expect((await get(port, `/runs/export?run=${run}`, {}, 'POST')).status).toBe(403);
    expect((await get(port, '/runs/file?ticket=x')).status).toBe(403);
    for (let more = 0; more < 7; more++) expect((await attempt({ authorization: `Bearer ${'b'.repeat(40)}` })).status).toBe(403);
    expect((await attempt({ authorization: `Bearer ${token}` })).status).toBe(429);
    expect(imported).toEqual([]);
    expect(await left()).toEqual([]);
  });
});

test('a folder for runs on their way that is not there is told', async () => {
  const gone = join(parent, 'gone');
  await mkdir(gone);
  const transfer = new LocalRunTransfer(doorInProcess(core()), {}, gone);
  await rm(gone, { recursive: true });
  await expect(transfer.give(run as never, { operator: null })).rejects.toThrow('ENOENT');
});
