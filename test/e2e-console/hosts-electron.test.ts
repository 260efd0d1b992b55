/**
 * The desktop shell: its page, its preload script, its port to the core, its dialogs and its menu. With the stand-in unless
 * TESTOPS_ELECTRON_BINARY names a real Electron; the stand-in shows the wiring, not Electron's sandbox.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { _electron, type ElectronApplication, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { menus } from '#main/electron/menu-entries.ts';

const root = join(import.meta.dirname, '..', '..');
const real = process.env['TESTOPS_ELECTRON_BINARY'];
const possible = real !== undefined || existsSync('/usr/bin/chromium');
if (!possible && process.env['CI'] !== 'true') console.warn('Skipped: neither Chromium nor TESTOPS_ELECTRON_BINARY is there.');

/** The preload script's offer, as the page sees it. */
interface Host {
  openPort(): Promise<{
    post(message: unknown): void;
    onMessage(listener: (message: unknown) => void): void;
    onClose(listener: () => void): void;
  }>;
  startInformation(): Promise<unknown>;
  chooseFolder(...words: unknown[]): Promise<string | null>;
  chooseExportFile(suggestion: unknown): Promise<string | null>;
  onAction(listener: (id: string) => void): () => void;
}
declare const window: { readonly testopsHost: Host; seen: unknown[] };
declare const location: { href: string };

describe.skipIf(!possible && process.env['CI'] !== 'true')(`desktop shell (${real ? 'Electron' : 'stand-in'})`, { timeout: 60_000 }, () => {
  let folder: string;
  let app: ElectronApplication;
  let page: Page;
  const violations: string[] = [];
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'testops-shell-'));
    execFileSync(process.execPath, [join(root, 'tools', 'build-renderer.mjs'), '--if-stale'], { cwd: root, stdio: 'ignore' });
    execFileSync(process.execPath, [join(root, 'tools', 'build-electron.mjs')], { cwd: root, stdio: 'ignore' });
    app = await _electron.launch({
      executablePath: real ?? join(root, 'test', 'electron-stand-in', 'stand-in.ts'),
      args: [join(root, 'dist', 'electron', 'main.cjs'), root],
      env: { ...(process.env as Record<string, string>), TESTOPS_ARCHIVE: join(folder, 'archive'), HOME: folder },
      timeout: 30_000,
    });
    page = await app.firstWindow();
    page.on('console', (message) => {
      if (/Content Security Policy/.test(message.text())) violations.push(message.text());
    });
    await page.waitForFunction(() => 'testopsHost' in window);
  });
  afterAll(async () => {
    await app?.close();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  /** Asks the core over a port of its own. */
  const ask = (): Promise<unknown> =>
    page.evaluate(async () => {
      const port = await window.testopsHost.openPort();
      return new Promise((resolve, reject) => {
        port.onMessage(resolve);
        port.onClose(() => reject(new Error('closed')));
        port.post({ kind: 'request', id: 1, method: 'runs.list', request: {} });
      });
    });

  test('the page mounts under the shell’s policy', async () => {
    await page.waitForSelector('#root > div');
    expect(violations).toEqual([]);
    const refused = await page.evaluate(() =>
      fetch('https://example.invalid/').then(
        () => 'let out',
        () => 'kept in',
      ),
    );
    expect(refused).toBe('kept in');
  });

  test('knows what it was opened with', async () => {
    expect(await page.evaluate(() => window.testopsHost.startInformation())).toMatchObject({ workspace: root, demo: false });
  });

  test('speaks to the core over a port', async () => {
    expect(await ask()).toEqual({ kind: 'response', id: 1, response: { runs: [] } });
  });

  test('a malformed message over the port is refused with a sentence', async () => {
    const answer = await page.evaluate(async () => {
      const port = await window.testopsHost.openPort();
      return new Promise((resolve) => {
        port.onMessage(resolve);
        port.post({ kind: 'nonsense' });
      });
    });
    expect(answer).toMatchObject({ kind: 'refused', problem: { code: 'bad-message' } });
  });

  test('has nothing of Node', async () => {
    expect(
      await page.evaluate(() => [
        typeof (globalThis as { process?: unknown }).process,
        typeof (globalThis as { require?: unknown }).require,
      ]),
    ).toEqual(['undefined', 'undefined']);
  });

  test('opens native dialogs and gets the chosen path', async () => {
    await app.evaluate(({ dialog }) => {
      dialog.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths: ['/chosen'] });
    });
    expect(await page.evaluate(() => window.testopsHost.chooseFolder())).toBe('/chosen');
  });

  test('a malformed request over IPC is refused', async () => {
    const refused = await page.evaluate(() => window.testopsHost.chooseExportFile({ path: 1 }).catch((failure: Error) => failure.message));
    expect(refused).toContain('Refused: this request is malformed.');
  });

  test('a menu entry performs the page’s action', async () => {
    await page.evaluate(() => {
      window.seen = [];
      window.testopsHost.onAction((id) => window.seen.push(id));
    });
    await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.webContents.send('testops:action', 'run.step'));
    await expect.poll(() => page.evaluate(() => window.seen)).toEqual(['run.step']);
  });

  test.skipIf(real !== undefined)('the native menu performs the page’s actions by their ids', async () => {
    await page.evaluate(() => (window.seen = []));
    await app.evaluate(() => {
      type Entry = { id?: string; click?: () => void; submenu?: Entry[] };
      const { menu } = (globalThis as unknown as { standIn: { menu: Entry[] } }).standIn;
      for (const entry of menu.flatMap(({ submenu = [] }) => submenu)) if (entry.id === 'keys.list') entry.click?.();
    });
    await expect.poll(() => page.evaluate(() => window.seen)).toEqual(['keys.list']);
  });

  test('every action of the menu is one that the page registers', () => {
    const sources = readdirSync(join(root, 'renderer'), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.tsx?$/.test(name))
      .map((name) => readFileSync(join(root, 'renderer', name), 'utf8'))
      .join('\n');
    const ids = menus.flatMap(([, entries]) => entries.flatMap((entry) => (entry === 'line' ? [] : [entry[1]])));
    expect(ids.filter((id) => !sources.includes(`'${id}'`))).toEqual([]);
  });

  test('a core that is killed is started again, and the page reaches it', async () => {
    const before = await app.evaluate(() => process.pid);
    const cores = execFileSync('ps', ['-o', 'pid=,args=', '--ppid', String(before)], { encoding: 'utf8' })
      .split('\n')
      .filter((line) => /core-process|TestOps core/.test(line));
    expect(cores).toHaveLength(1);
    process.kill(Number(cores[0]?.trim().split(' ')[0]), 'SIGKILL');
    await expect.poll(() => ask().catch(() => null), { timeout: 15_000 }).toMatchObject({ kind: 'response' });
  });

  test('another origin’s page is not answered over IPC', async () => {
    await page.goto('data:text/html,<p>elsewhere</p>').catch(() => undefined);
    const refused = await page.evaluate(() =>
      'testopsHost' in window ? window.testopsHost.startInformation().catch((failure: Error) => failure.message) : 'no host',
    );
    expect(String(refused)).toMatch(/Refused: only the console’s own page|no host/);
    expect(await page.evaluate(() => location.href)).toBeDefined();
  });
});
