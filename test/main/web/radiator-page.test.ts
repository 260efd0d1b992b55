/** The radiator by a link, on a served core and on the web host: what its token is shown, and that it opens nothing else. */
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { doorInProcess } from '#main/core-process/core-door.ts';
import { openCore, type OpenCore } from '#main/core/core.ts';
import { emptyStart } from '#main/web/console-start.ts';
import { contractProtocol, startRemoteHost, tokenProtocol } from '#main/web/remote-host.ts';
import { RendererFiles } from '#main/web/renderer-files.ts';
import { startWebHost } from '#main/web/web-host.ts';
import { methods, streams } from '#shared/contract/contract.ts';
import { Ownership } from '#shared/disposable.ts';
import { get, openSocket } from './sample-host.ts';

const alice = 'a'.repeat(40);
const owned = new Ownership();
let folder: string;
let core: OpenCore;
let ports: Readonly<Record<'a served core' | 'the web host', number>>;

const bundle = {
  'radiator.html': { file: 'assets/radiator-11111111.js', css: ['assets/radiator-22222222.css'], imports: ['_shared.js'] },
  'index.html': { file: 'assets/index-33333333.js', imports: ['_shared.js'] },
  '_shared.js': { file: 'assets/shared-44444444.js', imports: ['radiator.html'] },
};

async function builtRenderer(): Promise<string> {
  const place = join(folder, 'renderer');
  await mkdir(join(place, 'assets'), { recursive: true });
  await writeFile(join(place, 'index.html'), 'the console');
  await writeFile(join(place, 'radiator.html'), 'the radiator');
  await writeFile(join(place, 'bundle.json'), JSON.stringify(bundle));
  const assets = Object.values(bundle).flatMap(({ file, ...more }) => [file, ...('css' in more ? more.css : [])]);
  for (const name of assets) await writeFile(join(place, name), name);
  return place;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'testops-wall-'));
  owned.own(() => rm(folder, { recursive: true, force: true }));
  core = owned.own(await openCore({ archiveFolder: join(folder, 'archive'), home: join(folder, 'home') }));
  const renderer = await builtRenderer();
  const door = doorInProcess(core);
  const tokens = [{ operator: 'alice', token: alice }];
  const files = () => RendererFiles.open(renderer);
  const served = owned.own(await startRemoteHost({ core: door, host: '127.0.0.1', port: 0, tokens, renderer: files }));
  const web = owned.own(await startWebHost({ core: door, renderer, start: emptyStart }));
  ports = { 'a served core': Number(new URL(served.url).port), 'the web host': web.port };
});
afterAll(() => owned.dispose());

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

describe.each(['a served core', 'the web host'] as const)('the radiator of %s', (host) => {
  const port = (): number => ports[host];

  test('is a page that anybody gets, with the files that it needs and a strict policy', async () => {
    const page = await get(port(), '/radiator');
    expect([page.status, page.body.toString()]).toEqual([200, 'the radiator']);
    const policy = String(page.headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain('unsafe');
    expect(policy).not.toContain('ws:');
    expect(page.headers).toMatchObject({ 'referrer-policy': 'no-referrer', 'x-frame-options': 'DENY' });
    for (const file of ['radiator-11111111.js', 'radiator-22222222.css', 'shared-44444444.js']) {
      expect((await get(port(), `/assets/${file}`)).status, file).toBe(200);
    }
    for (const path of [
      '/',
      '/index.html',
      '/assets/index-33333333.js',
      '/bundle.json',
      '/start.json',
      '/radiator.html',
      '/radiator/',
      '/assets/../bundle.json',
    ]) {
      expect((await get(port(), path)).status, path).toBeGreaterThanOrEqual(400);
    }
  });

  test('shows the token of a link what a wall shows, until it is revoked', async () => {
    const { id, token } = await core.request('radiator.link', { name: 'kitchen' });
    const shown = await get(port(), '/radiator/data', bearer(token));
    expect([shown.status, JSON.parse(shown.body.toString())]).toEqual([200, { campaigns: [], forecasts: [] }]);
    expect(shown.headers['cache-control']).toBe('no-store');
    expect((await core.request('radiator.links', {})).links).toMatchObject([{ id, name: 'kitchen' }]);
    await core.request('radiator.revoke', { id });
    expect((await get(port(), '/radiator/data', bearer(token))).status).toBe(401);
    expect(await core.request('radiator.links', {})).toEqual({ links: [] });
  });

  test('refuses its data to who has no link, also to an operator', async () => {
    for (const headers of [{}, bearer('c'.repeat(43)), bearer(alice), { authorization: 'Basic x' }, { cookie: `token=${alice}` }]) {
      expect((await get(port(), '/radiator/data', headers as Record<string, string>)).status).toBe(401);
    }
  });

  test('opens with its token no method and no stream of the contract', async () => {
    const { id, token } = await core.request('radiator.link', { name: 'hostile' });
    const shown = JSON.stringify({ campaigns: [], forecasts: [] });
    for (const name of [...Object.keys(methods), ...Object.keys(streams)]) {
      const asked = Buffer.from(JSON.stringify({ kind: 'request', id: 1, method: name, stream: name, request: {} }));
      expect((await get(port(), '/radiator/data', bearer(token), 'POST', asked)).status, name).toBe(405);
      // Whatever else is asked of its one address, the answer is the same.
      expect((await get(port(), `/radiator/data?method=${name}`, bearer(token))).body.toString(), name).toBe(shown);
      for (const path of [`/${name}`, `/radiator/${name}`, `/contract/${name}`, `/radiator/data/${name}`]) {
        expect((await get(port(), path, bearer(token))).status, path).toBeGreaterThanOrEqual(400);
      }
    }
    for (const [path, method] of [
      ['/runs/import?name=x', 'POST'],
      ['/runs/export?run=x', 'POST'],
      ['/runs/file?ticket=x', 'GET'],
      ['/contract', 'GET'],
    ] as const) {
      expect((await get(port(), path, bearer(token), method)).status, path).toBeGreaterThanOrEqual(400);
    }
    const origin = `http://127.0.0.1:${port()}`;
    for (const headers of [bearer(token), { ...bearer(token), origin, cookie: `testops-console-${port()}=${token}` }]) {
      await expect(openSocket(port(), headers)).rejects.toThrow(/refused with 4\d\d/);
      await expect(openSocket(port(), headers, '/contract', [contractProtocol, `${tokenProtocol}${token}`])).rejects.toThrow(
        /refused with 4\d\d/,
      );
      await expect(openSocket(port(), headers, '/radiator/data')).rejects.toThrow(/refused with 4\d\d/);
    }
    if (host === 'the web host') expect((await get(port(), `/?token=${token}`)).status).toBe(403);
    await core.request('radiator.revoke', { id });
  });
});

test('links hold through a restart of the core, and are kept without their tokens', async () => {
  const home = join(folder, 'other-home');
  const first = await openCore({ archiveFolder: join(folder, 'archive-2'), home });
  const { id, token } = await first.request('radiator.link', { name: 'hall' });
  await first.dispose();
  const file = join(home, 'radiator-links', `${id}.json`);
  expect(await readFile(file, 'utf8')).not.toContain(token);
  expect((await stat(file)).mode & 0o077).toBe(0);
  const second = owned.own(await openCore({ archiveFolder: join(folder, 'archive-2'), home }));
  expect(await second.request('radiator.show', { token })).toEqual({ campaigns: [], forecasts: [] });
});

test('an address that tries many wrong tokens has to wait', async () => {
  const port = ports['a served core'];
  const statuses = [];
  for (let attempt = 0; attempt < 12; attempt++) statuses.push((await get(port, '/radiator/data', bearer('c'.repeat(43)))).status);
  expect(statuses.at(-1)).toBe(429);
});
