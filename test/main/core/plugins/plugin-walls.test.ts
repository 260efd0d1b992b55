/** What a hostile plugin reaches: nothing but its folder, and the network only while it executes; with bubblewrap and without it. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openPlugins } from '#main/core/plugins/open-plugins.ts';
import type { PluginHost } from '#main/core/ports.ts';
import { systemClock } from '#platform/clock.ts';
import type { CommandOutcome } from '#shared/protocol/observations.ts';

const context = { run: null, release: 'rc1', read: () => null };
const hasWalls = spawnSync('bwrap', ['--unshare-user-try', '--unshare-pid', '--unshare-net', '--ro-bind', '/', '/', 'true']).status === 0;
if (!hasWalls && process.env['CI'] === 'true') throw new Error('bubblewrap is needed to test the walls around plugins.');

let folder: string;
let plugins: string;
let outside: string;
let host: PluginHost | undefined;
const servers: Server[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'walls-'));
  [plugins, outside] = [join(folder, 'plugins'), join(folder, 'outside')];
  await mkdir(plugins);
  await mkdir(outside);
  await writeFile(join(outside, 'secret.txt'), 'the secret');
});
afterEach(async () => {
  await host?.dispose();
  host = undefined;
  for (const server of servers.splice(0)) server.close();
  await rm(folder, { recursive: true });
});

async function open(files: Record<string, string>, programs?: string): Promise<PluginHost> {
  for (const [name, text] of Object.entries(files)) await writeFile(join(plugins, name), text);
  host = await openPlugins(plugins, { clock: systemClock, ...(programs !== undefined && { programs }) });
  return host;
}

async function execute(name: string, ...words: string[]): Promise<CommandOutcome> {
  return host!.execute(name, words, context, () => undefined).finished;
}

/** A server that counts who came. */
async function listener(at: number | string): Promise<{ readonly server: Server; readonly visits: () => number }> {
  let visits = 0;
  const server = createServer((socket) => {
    visits++;
    socket.on('error', () => undefined).end('hello');
  });
  servers.push(server);
  await new Promise<void>((resolve) => (typeof at === 'string' ? server.listen(at, resolve) : server.listen(at, '127.0.0.1', resolve)));
  return { server, visits: () => visits };
}

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

/** A plugin whose command does this with what it is given. */
const does = (body: string): string => `
  import fs from 'node:fs';
  const builtin = (name) => process.getBuiltinModule(name);
  export default { name: 'tries', parameters: [{ name: 'given', type: 'string', default: '' }], timeout: 8000, async run(context, { given }) { ${body} } };`;

describe.each([
  ['within bubblewrap', undefined],
  ['without it', ''],
] as const)('a plugin %s', (_, programs) => {
  test.skipIf(programs === undefined && !hasWalls).each([
    ['reads a file', `return fs.readFileSync(given + '/secret.txt', 'utf8')`],
    ['reads a file by ..', `return fs.readFileSync(new URL('../outside/secret.txt', import.meta.url), 'utf8')`],
    ['reads a file by a Buffer', `return fs.readFileSync(Buffer.from(import.meta.dirname + '/../outside/secret.txt'), 'utf8')`],
    ['opens a blob', `return (await fs.openAsBlob(given + '/secret.txt')).text()`],
    ['imports a file', `return (await import(given + '/secret.txt')).default`],
    ['reads settings', `process.loadEnvFile(given + '/secret.txt')`],
    ['lists a folder', `return fs.readdirSync(given)`],
    ['watches a folder', `fs.watch(given).close()`],
    ['makes a link and reads it', `fs.symlinkSync(given + '/secret.txt', import.meta.dirname + '/l'); return fs.readFileSync('l', 'utf8')`],
    ['writes a file', `fs.writeFileSync(given + '/new', 'x')`],
    ['writes into its folder', `fs.writeFileSync(import.meta.dirname + '/new', 'x')`],
    ['makes a folder', `fs.mkdtempSync(given + '/new')`],
    [
      'writes a database',
      `const { DatabaseSync } = builtin('node:sqlite'); new DatabaseSync(given + '/new').exec('create table a (b)'); return 1`,
    ],
    [
      'imports a database',
      `const { DatabaseSync } = await import('node:sqlite'); new DatabaseSync(given + '/new').exec('create table a (b)')`,
    ],
    [
      'requires a database',
      `const { createRequire } = builtin('module'); new (createRequire(import.meta.url)('node:sqlite').DatabaseSync)(given + '/new').exec('create table a (b)')`,
    ],
    ['reads by a database', `new (builtin('module')._load('node:sqlite').DatabaseSync)(given + '/secret.txt', { readOnly: true })`],
    ['hooks itself before', `builtin('module').registerHooks({})`],
    ['writes a report', `process.report.writeReport(given + '/new')`],
    ['writes its memory', `builtin('v8').writeHeapSnapshot(given + '/new')`],
    ['changes how it is executed', `builtin('v8').setFlagsFromString('--logfile=' + given + '/new')`],
    ['writes a trace', `builtin('trace_events').createTracing({ categories: ['node'] }).enable()`],
    ['starts a program', `builtin('child_process').execFileSync('/bin/sh', ['-c', 'true'])`],
    ['becomes a program', `process.execve('/bin/sh', ['sh', '-c', 'true'], {})`],
    ['starts a thread', `new (builtin('worker_threads').Worker)('1', { eval: true })`],
    ['loads native code', `process.dlopen({ exports: {} }, '/lib/x86_64-linux-gnu/libc.so.6')`],
    ['uses bindings', `return process.binding('fs')`],
    ['opens a debugger', `builtin('inspector').open(0)`],
    ['runs WebAssembly with files', `new (builtin('wasi').WASI)({ version: 'preview1', preopens: { '/': '/' } })`],
    ['signals all of its group', `process.kill(0, 0)`],
    ['signals everybody', `process.kill(-1, 0)`],
    ['debugs its parent', `process._debugProcess(process.ppid)`],
    ['changes the priority of its parent', `builtin('os').setPriority(process.ppid || 1, 1)`],
    ['listens on a socket file', `await new Promise((r, j) => builtin('net').createServer().listen(given + '/new', r).on('error', j))`],
  ])('that %s has failed', async (_what, body) => {
    await open({ 'tries.mjs': does(body) }, programs);
    expect(host!.problems.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(await execute('tries', outside)).toMatchObject({ status: 'completed', success: false });
    expect(await readdir(outside)).toEqual(['secret.txt']);
    expect(await readdir(plugins)).toEqual(['tries.mjs']);
  });

  test.skipIf(programs === undefined && !hasWalls)('signals nobody else', async () => {
    const other: ChildProcess = spawn('sleep', ['60']);
    await once(other, 'spawn');
    await open({ 'tries.mjs': does(`process.kill(Number(given), 'SIGKILL'); return 'sent'`) }, programs);
    expect(await execute('tries', String(other.pid))).toMatchObject({ success: false });
    expect([other.exitCode, other.signalCode]).toEqual([null, null]);
    other.kill();
    await once(other, 'exit');
  });

  test.skipIf(programs === undefined && !hasWalls)('connects to no socket file', async () => {
    const path = join(outside, 'socket');
    const { visits } = await listener(path);
    const ways = [
      `builtin('net').connect(given)`,
      `builtin('net').connect({ path: given })`,
      `new (builtin('net').Socket)().connect(given)`,
      `builtin('http').get({ socketPath: given, path: '/' })`,
      `builtin('tls').connect({ path: given })`,
    ];
    for (const way of ways) {
      await host?.dispose();
      await open(
        {
          'tries.mjs': does(
            `await new Promise((r, j) => { const it = ${way}; it.on('error', j); it.on('close', r); it.on('response', r); })`,
          ),
        },
        programs,
      );
      expect(await execute('tries', path), way).toMatchObject({ success: false });
    }
    expect(visits()).toBe(0);
  });

  test.skipIf(programs === undefined && !hasWalls)(
    'has no network while it is loaded, in whichever process, and has it while it executes',
    async () => {
      const { server, visits } = await listener(0);
      const port = portOf(server);
      const tries = `
      import net from 'node:net'; import http from 'node:http'; import dgram from 'node:dgram'; import dns from 'node:dns'; import tls from 'node:tls';
      const said = [];
      const attempt = async (name, way) => { try { await way(); said.push(name); } catch {} };
      const event = (it) => new Promise((resolve, reject) => { it.on('error', reject); it.on('close', resolve); it.on('connect', resolve); });
      await attempt('connect', () => event(net.connect(${port}, '127.0.0.1')));
      await attempt('text', () => event(net.connect('${port}', '127.0.0.1')));
      await attempt('socket', () => event(new net.Socket().connect({ port: ${port}, host: '127.0.0.1' })));
      await attempt('fetch', () => fetch('http://127.0.0.1:${port}/').catch((failure) => { if (!/Parse|terminated|HTTP/.test(String(failure.cause))) throw failure; }));
      await attempt('WebSocket', () => new Promise((r, j) => { const it = new WebSocket('ws://127.0.0.1:${port}/'); it.onopen = r; it.onerror = j; }));
      await attempt('http', () => event(http.get('http://127.0.0.1:${port}/')));
      await attempt('tls', () => event(tls.connect(${port}, '127.0.0.1')));
      await attempt('dgram', () => new Promise((r, j) => { const it = dgram.createSocket('udp4'); it.on('error', j); it.send('x', ${port}, '127.0.0.1', (e) => e ? j(e) : r()); }));
      await attempt('dns', () => new dns.promises.Resolver().resolve4('localhost'));
      export default { name: 'ask', async run() {
        const text = await new Promise((resolve, reject) => net.connect(${port}, '127.0.0.1').on('data', (data) => resolve(String(data))).on('error', reject));
        return [text, ...said].join(' ');
      } };`;
      await open({ 'asks.mjs': tries }, programs);
      expect(host!.commands.map(({ name }) => name)).toEqual(['ask']);
      expect(visits()).toBe(0);
      expect(await execute('ask')).toMatchObject({ success: true, result: 'hello' });
      expect(visits()).toBe(1);
    },
  );

  test.skipIf(programs === undefined && !hasWalls).each([
    ['a file', 'secret.txt', 'leak.txt'],
    ['a folder', '', 'leak'],
    ['a plugin', 'secret.txt', 'other.mjs'],
    ['nothing', 'none', 'leak.txt'],
  ])('whose folder has a link to %s elsewhere is not used', async (_what, target, name) => {
    await symlink(join(outside, target), join(plugins, name));
    await open({ 'tries.mjs': does(`return fs.readFileSync(import.meta.dirname + '/leak.txt', 'utf8')`) }, programs);
    expect(host!.commands).toEqual([]);
    expect(host!.problems).toMatchObject([{ severity: 'error', code: 'plugin-link', message: expect.stringContaining(name) as string }]);
  });

  test.skipIf(programs === undefined && !hasWalls)('whose folder gets such a link later, or deep inside, is not used either', async () => {
    await mkdir(join(plugins, 'deep', 'er'), { recursive: true });
    await open({ 'tries.mjs': does(`return fs.readFileSync(import.meta.dirname + '/deep/er/leak.txt', 'utf8')`) }, programs);
    expect(host!.problems.filter(({ severity }) => severity === 'error')).toEqual([]);
    await symlink('../../../outside/secret.txt', join(plugins, 'deep', 'er', 'leak.txt'));
    expect(await execute('tries')).toMatchObject({
      success: false,
      message: expect.stringContaining('leads out of their folder') as string,
    });
  });

  test.skipIf(programs === undefined && !hasWalls)('may have links that stay in its folder', async () => {
    await writeFile(join(plugins, 'own.txt'), 'own');
    await symlink('own.txt', join(plugins, 'link.txt'));
    await open({ 'tries.mjs': does(`return fs.readFileSync(import.meta.dirname + '/link.txt', 'utf8')`) }, programs);
    expect(await execute('tries')).toMatchObject({ success: true, result: 'own' });
  });

  test.skipIf(programs === undefined && !hasWalls)('uses modules of Node, also by require', async () => {
    const body = `const { createRequire } = builtin('module'); const { createHash } = createRequire(import.meta.url)('crypto');
      return createHash('sha256').update('a').digest('hex').slice(0, 8) + builtin('os').platform().length;`;
    await open({ 'tries.mjs': does(body) }, programs);
    expect((await execute('tries')).message).toBeUndefined();
  });
});

test.skipIf(!hasWalls)('within bubblewrap a plugin sees no file of the machine, even past the permission model', async () => {
  // What a hole of the permission model would show: the sandbox itself, started as for a plugin.
  const { findSandbox } = await import('#main/core/plugins/plugin-sandbox.ts');
  const sandbox = await findSandbox(process.env['PATH']);
  expect(sandbox.missing).toBeNull();
  const script = `
    const fs = require('fs');
    const can = (what) => { try { what(); return true; } catch { return false; } };
    console.log(JSON.stringify({
      secret: can(() => fs.readFileSync(${JSON.stringify(join(outside, 'secret.txt'))})),
      accounts: can(() => fs.readFileSync('/etc/passwd')),
      home: can(() => fs.readdirSync('/root')) || can(() => fs.readdirSync('/home')),
      writes: ['/', '/usr/lib', ${JSON.stringify(plugins)}].some((place) => can(() => fs.writeFileSync(place + '/new', 'x'))),
      parent: can(() => process.kill(${process.pid}, 0)),
      interfaces: Object.keys(require('os').networkInterfaces()).filter((name) => name !== 'lo'),
    }));`;
  for (const network of [false, true]) {
    const [command = '', ...words] = sandbox.command({
      node: process.execPath,
      files: [],
      arguments: ['-e', script],
      folder: plugins,
      network,
    });
    const { stdout, stderr } = spawnSync(command, words, { encoding: 'utf8' });
    expect(stderr).toBe('');
    const found = JSON.parse(stdout) as { interfaces: string[] };
    expect(found).toMatchObject({ secret: false, accounts: false, home: false, writes: false, parent: false });
    if (!network) expect(found.interfaces).toEqual([]);
  }
});

describe('where no sandbox can be made', () => {
  const good = { 'good.mjs': `export default { name: 'good', run: () => 'yes' }` };

  test('since bubblewrap is not installed, plugins work, and that is said', async () => {
    await open(good, join(folder, 'none'));
    expect(host!.problems).toMatchObject([
      {
        severity: 'information',
        code: 'plugins-without-sandbox',
        message: expect.stringMatching(/is not installed|for Linux only/) as string,
      },
    ]);
    expect(await execute('good')).toMatchObject({ success: true, result: 'yes' });
  });

  test.skipIf(process.platform !== 'linux')('since bubblewrap may not, plugins work, and that is said with its own words', async () => {
    await writeFile(
      join(outside, 'bwrap'),
      '#!/bin/sh\necho "bwrap: Creating new namespace failed: Operation not permitted" >&2\nexit 1\n',
    );
    await chmod(join(outside, 'bwrap'), 0o755);
    await open(good, outside);
    expect(host!.problems).toMatchObject([
      {
        code: 'plugins-without-sandbox',
        message: expect.stringContaining('cannot make a sandbox (bwrap: Creating new namespace failed') as string,
      },
    ]);
    expect(await execute('good')).toMatchObject({ success: true, result: 'yes' });
  });

  test('and no plugins are there, nothing is said', async () => {
    await open({}, '');
    expect(host!.problems).toEqual([]);
  });
});
