/**
 * The desktop shell: its page, its preload script, its port to the core, its dialogs, its menu, and what is opened from the
 * desktop. With the stand-in unless TESTOPS_ELECTRON_BINARY names a real Electron; the stand-in shows the wiring, not
 * Electron's sandbox.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ElectronApplication, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { root, runCommand } from '../e2e/console-command.ts';
import { archiveDemoRun, missingChromium, patience } from './console-page.ts';
import { electronBinary as real, startDesktop } from './desktop.ts';
import { printShown, watchShown } from './shown-at-failure.ts';

/** The preload script's offer, as the page sees it. */
interface Host {
  askPort(request: unknown): Promise<boolean>;
  startInformation(): Promise<unknown>;
  chooseFolder(...words: unknown[]): Promise<string | null>;
  chooseExportFile(suggestion: unknown): Promise<string | null>;
  saveText(name: unknown, text: unknown): Promise<string | null>;
  showMenu(menus: unknown): Promise<unknown>;
  onAction(listener: (id: string) => void): () => void;
}
interface PagePort {
  start(): void;
  postMessage(text: string): void;
  addEventListener(kind: 'message' | 'close', listener: (event: { readonly data?: string }) => void): void;
}
declare const window: { readonly testopsHost: Host; seen: unknown[] };
declare const location: { href: string };
declare const addEventListener: (
  kind: 'message',
  listener: (event: { readonly data: { readonly testopsPort?: number }; readonly ports: readonly PagePort[] }) => void,
) => void;

const kind = real === undefined ? 'stand-in' : 'Electron';

/** An entry of the menu that the shell set, in the stand-in. */
interface MenuItem {
  readonly id?: string;
  readonly label?: string;
  readonly enabled?: boolean;
  readonly submenu?: readonly MenuItem[];
  readonly click?: () => void;
}

describe.skipIf(missingChromium)(`desktop shell (${kind})`, { timeout: patience }, () => {
  let folder: string;
  let app: ElectronApplication;
  let page: Page;
  const violations: string[] = [];
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'testops-shell-'));
    const environment = { TESTOPS_ARCHIVE: join(folder, 'archive'), TESTOPS_HOME: join(folder, 'home'), HOME: folder };
    ({ shell: app, page } = await startDesktop([root], environment));
    watchShown(app.context(), violations);
    page.on('console', (message) => {
      if (/Content Security Policy/.test(message.text())) violations.push(message.text());
    });
    await page.waitForFunction(() => 'testopsHost' in window);
  }, patience);
  afterAll(async () => {
    await app?.close();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') await printShown(task.name);
  });

  /** Sends a text to the core over a port of its own; what is answered. */
  const ask = (text: string): Promise<unknown> =>
    page.evaluate(async (sent) => {
      const request = Math.floor(Math.random() * 1e9) + 1;
      const arrived = new Promise<PagePort>((resolve) =>
        addEventListener('message', ({ data, ports: [port] }) => data.testopsPort === request && port && resolve(port)),
      );
      if (!(await window.testopsHost.askPort(request))) throw new Error('no port');
      const port = await arrived;
      return new Promise((resolve, reject) => {
        port.addEventListener('message', ({ data }) => resolve(JSON.parse(data ?? '')));
        port.addEventListener('close', () => reject(new Error('closed')));
        // Closed before it was listened to.
        setTimeout(() => reject(new Error('not answered')), 20_000);
        port.start();
        port.postMessage(sent);
      });
    }, text);
  const listRuns = JSON.stringify({ kind: 'request', id: 1, method: 'runs.list', request: {} });

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
    expect(await ask(listRuns)).toEqual({ kind: 'response', id: 1, response: { runs: [] } });
  });

  test('a malformed message over the port is refused with a sentence', async () => {
    const answer = await ask('no JSON');
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

  test('writes a text where the operator wants it, whole or not at all', async () => {
    const chosen = (filePath: string) =>
      app.evaluate(({ dialog }, file) => {
        dialog.showSaveDialog = () => Promise.resolve({ canceled: file === '', filePath: file });
      }, filePath);
    const save = (): Promise<string | null> => page.evaluate(() => window.testopsHost.saveText('report.html', '<p>äß</p>'));
    await chosen(join(folder, 'chosen.html'));
    expect(await save()).toBe(join(folder, 'chosen.html'));
    expect(readFileSync(join(folder, 'chosen.html'), 'utf8')).toBe('<p>äß</p>');
    await chosen('');
    expect(await save()).toBe(null);
    await chosen(join(folder, 'nowhere', 'chosen.html'));
    const refused = await page.evaluate(() => window.testopsHost.saveText('a', 'b').catch((failure: Error) => failure.message));
    expect(refused).toBe(`${join(folder, 'nowhere', 'chosen.html')} cannot be written (ENOENT). Choose another place.`);
  });

  test('malformed requests over IPC are refused one by one', async () => {
    const refusals = await page.evaluate(() => {
      const told = (asked: Promise<unknown>): Promise<unknown> => asked.catch((failure: Error) => failure.message);
      const { testopsHost } = window;
      return Promise.all([
        told(testopsHost.chooseExportFile({ path: 1 })),
        told(testopsHost.saveText('', 'text')),
        told(testopsHost.saveText('name', 7)),
        told(testopsHost.askPort('1')),
        told(testopsHost.showMenu('File')),
        told(testopsHost.showMenu([{ label: 'File', entries: [{ label: 'Quit', role: 'quit' }] }])),
      ]);
    });
    expect(new Set(refusals)).toEqual(new Set(['Refused: this request is malformed.']));
  });

  test('a menu entry performs the page’s action', async () => {
    await page.evaluate(() => {
      window.seen = [];
      window.testopsHost.onAction((id) => window.seen.push(id));
    });
    await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.webContents.send('testops:action', 'run.step'));
    await expect.poll(() => page.evaluate(() => window.seen)).toEqual(['run.step']);
  });

  /** The menus that the shell set. */
  const menu = (): Promise<readonly MenuItem[]> =>
    app.evaluate(() => (globalThis as unknown as { standIn: { menu: MenuItem[] } }).standIn.menu);
  const choose = (label: string): Promise<void> =>
    app.evaluate((_, wanted) => {
      const { menu: items } = (globalThis as unknown as { standIn: { menu: MenuItem[] } }).standIn;
      const all = items.flatMap(({ submenu = [] }) => submenu).flatMap((each) => [each, ...(each.submenu ?? [])]);
      all.find((each) => each.label === wanted)?.click?.();
    }, label);

  test.skipIf(real !== undefined)('the native menu performs the page’s actions by their ids', async () => {
    await page.evaluate(() => (window.seen = []));
    await choose('Keys');
    await expect.poll(() => page.evaluate(() => window.seen)).toEqual(['keys.list']);
    await page.getByRole('dialog', { name: 'Keys' }).waitFor();
    await page.keyboard.press('Escape');
  });

  test.skipIf(real !== undefined)('the native menu offers the workspaces that were opened lately, and opens them', async () => {
    const recent = async (): Promise<unknown> => {
      const file = (await menu()).find(({ label }) => label === 'File');
      return file?.submenu?.find(({ label }) => label === 'Open Recent')?.submenu?.map(({ label }) => label);
    };
    await expect.poll(recent, { timeout: patience / 4 }).toEqual([root]);
    const other = join(folder, 'other & more');
    mkdirSync(join(other, 'scenarios'), { recursive: true });
    await opened({ folder: other });
    await expect.poll(recent, { timeout: patience / 4 }).toEqual([other.replace('&', '&&'), root]);
    await choose(root);
    await page
      .getByRole('banner')
      .getByText('main')
      .or(page.getByRole('banner').getByText(root.split('/').at(-1) ?? ''))
      .first()
      .waitFor();
    await expect.poll(recent, { timeout: patience / 4 }).toEqual([root, other.replace('&', '&&')]);
  });

  /** Opens a path as the desktop does: by a second start of the program, or as the Mac does it. */
  const opened = ({ folder: place, file }: { readonly folder?: string; readonly file?: string }): Promise<unknown> =>
    app.evaluate(
      ({ app: shell }, [words, path]) => {
        if (words.length > 0) return shell.emit('second-instance', {}, ['program', 'main.cjs', ...words], '/');
        return shell.emit('open-file', { preventDefault: () => undefined }, path);
      },
      [place === undefined ? [] : [place], file ?? ''] as const,
    );

  test('a scenario opened from the desktop opens its workspace and stands in the editor', async () => {
    const workspace = join(folder, 'workspace');
    mkdirSync(join(workspace, 'scenarios', 'deep'), { recursive: true });
    writeFileSync(join(workspace, 'environment.yaml'), 'environment: none\n');
    writeFileSync(join(workspace, 'scenarios', 'a.scn'), 'echo a\n');
    writeFileSync(join(workspace, 'scenarios', 'deep', 'wanted.scn'), 'echo wanted\n');
    await opened({ folder: join(workspace, 'scenarios', 'deep', 'wanted.scn') });
    await page.getByRole('tab', { name: /^wanted\.scn/, selected: true }).waitFor();
    await page.locator('[data-code-editor] .view-line', { hasText: 'wanted' }).waitFor();
    // Nobody trusts it yet; the desktop asks as the browser does.
    const question = page.getByRole('dialog', { name: 'Do you trust this folder?' });
    await question.getByText(workspace, { exact: true }).waitFor();
    await page.keyboard.press('Escape');
    await question.waitFor({ state: 'hidden' });
    // The workspace is open already: only the file is shown.
    await opened({ file: join(workspace, 'scenarios', 'a.scn') });
    await page.getByRole('tab', { name: /^a\.scn/, selected: true }).waitFor();
  });

  test(
    'a run opened from the desktop is imported and shown; opened again, it is found and shown',
    async () => {
      const made = join(folder, 'made');
      archiveDemoRun(made);
      const run = readdirSync(made).find((name) => /^\d{8}T/.test(name)) ?? '';
      const bundle = join(folder, 'sent.testops-run');
      expect((await runCommand(['runs', 'export', run, bundle, '--force'], { archive: made })).status).toBe(0);
      const shown = page.getByRole('status').filter({ hasText: /failover, release rc1/ });
      await opened({ file: bundle });
      await shown.waitFor();
      await page.keyboard.press('Control+3');
      await page.getByRole('grid', { name: 'Runs' }).waitFor();
      await opened({ folder: bundle });
      await shown.waitFor();
      const damaged = join(folder, 'damaged.testops-run');
      writeFileSync(damaged, readFileSync(bundle).subarray(0, 10_000));
      await opened({ folder: damaged });
      await page.getByRole('alert').filter({ hasText: 'was not imported' }).waitFor();
    },
    2 * patience,
  );

  test('every action of the menu is one that the page registers', () => {
    const sources = readdirSync(join(root, 'renderer'), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.tsx?$/.test(name) && !name.endsWith('native-menu.ts'))
      .map((name) => readFileSync(join(root, 'renderer', name), 'utf8'))
      .join('\n');
    const described = readFileSync(join(root, 'renderer', 'views', 'shell', 'native-menu.ts'), 'utf8');
    const ids = [...described.matchAll(/entry\('[^']+', '([^']+)'/g)].map(([, id]) => id);
    expect(ids.length).toBeGreaterThan(15);
    expect(ids.filter((id) => !sources.includes(`'${id}'`))).toEqual([]);
  });

  test('a core that is killed is started again, and the page reaches it', async () => {
    expect(await ask(listRuns)).toMatchObject({ kind: 'response' });
    const before = await app.evaluate(() => process.pid);
    const cores = execFileSync('ps', ['-o', 'pid=,args=', '--ppid', String(before)], { encoding: 'utf8' })
      .split('\n')
      .filter((line) => /core-process|TestOps core/.test(line));
    expect(cores).toHaveLength(1);
    process.kill(Number(cores[0]?.trim().split(' ')[0]), 'SIGKILL');
    await expect.poll(() => ask(listRuns).catch(() => null), { timeout: 15_000 }).toMatchObject({ kind: 'response' });
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
