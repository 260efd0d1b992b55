/** The console in the browser, as its command starts it: the page connects, survives the core's death, and leaves nothing behind. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { root, runCommand, startCommand, type Started } from '../e2e/console-command.ts';
import { archiveDemoRun } from './console-page.ts';

const inCI = process.env['CI'] === 'true';
const possible = existsSync('/usr/bin/chromium');
if (!possible && !inCI) console.warn('Skipped: Chromium is not installed.');

let folder: string;
const running: Started[] = [];
beforeAll(() => {
  execFileSync(process.execPath, [join(root, 'tools', 'build-renderer.mjs'), '--if-stale'], { cwd: root, stdio: 'ignore' });
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'testops-host-'));
});
afterEach(async () => {
  for (const { process, ended } of running.splice(0)) {
    process.kill('SIGTERM');
    await ended;
  }
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

/** Starts `testops console` without opening anything; returns its link. */
async function startConsole(...words: string[]): Promise<{ command: Started; link: string }> {
  const command = startCommand(['console', '--no-open', ...words], { archive: join(folder, 'archive') });
  running.push(command);
  const pattern = /http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]+/;
  await command.printed(pattern);
  return { command, link: pattern.exec(command.output())?.[0] ?? '' };
}

/** Ids and command lines of a process's children. */
function childrenOf(pid: number | undefined): string[] {
  const listed = execFileSync('ps', ['-e', '-o', 'ppid=,pid=,args='], { encoding: 'utf8' });
  return listed.split('\n').flatMap((line) => {
    const [parent, ...rest] = line.trim().split(/\s+/);
    return parent === String(pid) ? [rest.join(' ')] : [];
  });
}

function coreOf(command: Started): number {
  const [core] = childrenOf(command.process.pid).filter((line) => line.endsWith('core-process'));
  return Number(core?.split(' ')[0]);
}

describe.skipIf(!possible && !inCI)('in the browser', { timeout: 120_000 }, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
  });
  afterAll(() => browser.close());

  /** Opens a page that counts its WebSockets to the contract. */
  async function open(link: string): Promise<{ page: Page; sockets: string[]; complaints: string[] }> {
    const page = await (await browser.newContext()).newPage();
    const sockets: string[] = [];
    const complaints: string[] = [];
    page.on('websocket', (socket) => sockets.push(socket.url()));
    page.on('console', (message) => {
      if (/Content Security Policy|Refused to/.test(message.text())) complaints.push(message.text());
    });
    await page.goto(link);
    await page.waitForSelector('#root > div');
    return { page, sockets, complaints };
  }

  test('the link opens the console under its policy, and the address bar keeps no token', async () => {
    const { link } = await startConsole();
    const { page, sockets, complaints } = await open(link);
    expect(page.url()).toBe(`${new URL(link).origin}/`);
    await expect.poll(() => sockets.length).toBeGreaterThan(0);
    expect(complaints).toEqual([]);
    expect(
      await page.evaluate(() =>
        fetch('https://example.invalid/').then(
          () => 'let out',
          () => 'kept in',
        ),
      ),
    ).toBe('kept in');
    expect(await page.evaluate(() => (globalThis as unknown as { document: { cookie: string } }).document.cookie)).toBe('');
    await page.reload();
    await page.waitForSelector('#root > div');
  });

  test('a second browser with the same link is told how to get another', async () => {
    const { link } = await startConsole();
    await open(link);
    const page = await (await browser.newContext()).newPage();
    const response = await page.goto(link);
    expect(response?.status()).toBe(403);
    expect(await page.textContent('p')).toContain('Press Enter in the terminal');
  });

  test('when the core is killed, the page comes back to a new one by itself', async () => {
    const { command, link } = await startConsole();
    const { sockets } = await open(link);
    await expect.poll(() => sockets.length).toBeGreaterThan(0);
    const before = sockets.length;
    const killed = coreOf(command);
    process.kill(killed, 'SIGKILL');
    await expect.poll(() => sockets.length, { timeout: 15_000 }).toBeGreaterThan(before);
    await expect.poll(() => coreOf(command), { timeout: 15_000 }).not.toBeNaN();
    expect(coreOf(command)).not.toBe(killed);
  });
});

test('a workspace or an environment that is not there is refused before anything starts', async () => {
  for (const [option, sentence] of [
    ['--workspace', 'There is no such folder.'],
    ['--environment', 'There is no such file.'],
  ] as const) {
    const { ended } = startCommand(['console', '--no-open', option, join(folder, 'none')], { archive: join(folder, 'archive') });
    const { status, errors } = await ended;
    expect(errors).toContain(sentence);
    expect(status).toBe(2);
  }
});

test('a path is opened as what it is, or refused before anything starts', { timeout: 60_000 }, async () => {
  mkdirSync(join(folder, 'workspace', 'scenarios'), { recursive: true });
  for (const name of ['environment.yaml', 'scenarios/a.scn', 'notes.txt']) writeFileSync(join(folder, 'workspace', name), '');
  const { link } = await startConsole(join(folder, 'workspace', 'scenarios', 'a.scn'));
  const cookie = (await fetch(link, { redirect: 'manual' })).headers.get('set-cookie')?.split(';')[0] ?? '';
  const start = await fetch(new URL('/start.json', link), { headers: { cookie } });
  expect(await start.json()).toMatchObject({ workspace: join(folder, 'workspace'), file: 'scenarios/a.scn', bundle: null });
  for (const [words, sentence] of [
    [[join(folder, 'workspace', 'notes.txt')], 'The console cannot open this.'],
    [[join(folder, 'none.testops-run')], 'There is no such file or folder.'],
    [[folder, '--workspace', folder], 'Either a path is opened'],
    [[folder, '--connect', 'ws://127.0.0.1:1'], 'does not see the files of this computer'],
  ] as const) {
    const refused = await startCommand(['console', '--no-open', ...words], { archive: join(folder, 'archive') }).ended;
    expect([refused.status, refused.errors]).toEqual([2, expect.stringContaining(sentence)]);
  }
});

test('killed without a word, the console leaves no core behind', { timeout: 60_000 }, async () => {
  const { command } = await startConsole();
  const core = coreOf(command);
  command.process.kill('SIGKILL');
  await command.ended;
  await expect.poll(() => existsSync(`/proc/${core}`), { timeout: 10_000 }).toBe(false);
});

test('a served core takes a console of another process, under its operator’s name', { timeout: 60_000 }, async () => {
  const tokens = join(folder, 'tokens');
  writeFileSync(tokens, `alice ${'a'.repeat(40)}\n`, { mode: 0o600 });
  const core = startCommand(['serve', '--listen', '127.0.0.1:0', '--token-file', tokens], { archive: join(folder, 'served') });
  running.push(core);
  await core.printed(/ws:\/\/127\.0\.0\.1:\d+\/contract/);
  const address = /ws:\/\/\S+\/contract/.exec(core.output())?.[0] ?? '';
  const { link } = await startConsole('--connect', address, '--token-file', tokens);
  const admitted = await fetch(link, { redirect: 'manual' });
  const cookie = admitted.headers.get('set-cookie')?.split(';')[0] ?? '';
  const { origin, host } = new URL(link);
  const socket = new WebSocket(`ws://${host}/contract`, { headers: { cookie, origin } });
  await new Promise((resolve) => socket.once('open', resolve));
  socket.send(JSON.stringify({ kind: 'request', id: 1, method: 'core.information', request: {} }));
  const [data] = (await once(socket, 'message')) as [Buffer];
  socket.close();
  expect(JSON.parse(data.toString())).toMatchObject({
    kind: 'response',
    response: { operator: 'alice', archiveFolder: join(folder, 'served') },
  });
  expect(core.output()).toContain('alice connected');

  // A run as a file goes through both hosts, there and back.
  const made = join(folder, 'made');
  archiveDemoRun(made);
  const run = readdirSync(made).find((name) => /^\d{8}T/.test(name)) ?? '';
  const bundle = join(folder, 'sent.testops-run');
  expect((await runCommand(['runs', 'export', run, bundle], { archive: made })).status).toBe(0);
  const send = (name: string, body: Buffer) =>
    fetch(`${origin}/runs/import?name=${name}`, {
      method: 'POST',
      headers: { cookie, origin, 'content-type': 'application/octet-stream' },
      body: new Uint8Array(body),
    });
  expect(await (await send('sent.testops-run', readFileSync(bundle))).json()).toEqual({ run, found: false });
  expect(readdirSync(join(folder, 'served'))).toContain(run);
  const wrong = await send('wrong.testops-run', Buffer.from('no run'));
  expect([wrong.status, ((await wrong.json()) as { problem: { message: string } }).problem.message]).toEqual([
    422,
    expect.stringMatching(/^wrong\.testops-run was not imported: /),
  ]);
  const packed = await fetch(`${origin}/runs/export?run=${run}`, { method: 'POST', headers: { cookie, origin } });
  const { ticket } = (await packed.json()) as { ticket: string };
  const fetched = await fetch(`${origin}/runs/file?ticket=${ticket}`, { headers: { cookie } });
  expect(Buffer.from(await fetched.arrayBuffer()).equals(readFileSync(bundle))).toBe(true);
});

test('a core is not served to the network without TLS, nor with a token file that others can read', async () => {
  const tokens = join(folder, 'tokens');
  writeFileSync(tokens, `alice ${'a'.repeat(40)}\n`, { mode: 0o644 });
  const open = await startCommand(['serve', '--listen', '0.0.0.0:0', '--token-file', tokens], { archive: join(folder, 'archive') }).ended;
  expect(open.errors).toContain('Others can read this token file.');
  chmodSync(tokens, 0o600);
  const plain = await startCommand(['serve', '--listen', '0.0.0.0:0', '--token-file', tokens], { archive: join(folder, 'archive') }).ended;
  expect(plain.errors).toContain('would cross the network unencrypted');
  expect([open.status, plain.status]).toEqual([2, 2]);
});

test('npm start opens the console with the demo, answers, and ends without leaving anything', { timeout: 120_000 }, async () => {
  const child = spawn('npm', ['start', '--silent'], {
    cwd: root,
    detached: true,
    env: { ...process.env, CI: 'true', TESTOPS_ARCHIVE: join(folder, 'archive'), NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const ended = new Promise((resolve) => child.once('close', resolve));
  try {
    await expect.poll(() => output, { timeout: 90_000 }).toMatch(/token=[\w-]+\n/);
    expect(output).toContain('runs in the browser, since this is continuous integration');
    const link = /http:\S+token=[\w-]+/.exec(output)?.[0] ?? '';
    const admitted = await fetch(link, { redirect: 'manual' });
    expect(admitted.status).toBe(303);
    const cookie = admitted.headers.get('set-cookie')?.split(';')[0] ?? '';
    const start = await fetch(new URL('/start.json', link), { headers: { cookie } });
    expect(await start.json()).toMatchObject({ demo: true });
  } finally {
    // As a terminal does it: to the whole group.
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGINT');
    await ended;
  }
  const left = execFileSync('ps', ['-e', '-o', 'args='], { encoding: 'utf8' }).split('\n');
  expect(left.filter((line) => line.includes(folder))).toEqual([]);
});
