/**
 * The console as its operator has it, on either host, with an empty archive and home: `testops console` as a process of its
 * own with its page in a real Chromium, or the desktop shell. Everything is taken away again by `dispose`.
 */
import { thorough } from '../thoroughness.ts';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { chromium, type Browser, type BrowserContext, type ElectronApplication, type Page } from 'playwright-core';
import { afterEach, describe, expect } from 'vitest';
import { root, startCommand, type Started } from '../e2e/console-command.ts';
import { trustFolder } from '../trusted-folder.ts';
import { electronBinary, startDesktop } from './desktop.ts';
import { printShown, watchShown } from './shown-at-failure.ts';

/** Debian's Chromium unless TESTOPS_CHROMIUM names another. */
export const chromiumPath = process.env['TESTOPS_CHROMIUM'] ?? '/usr/bin/chromium';

/**
 * For `describe.skipIf`: whether there is no Chromium here; the reason is printed. Under CI the tests are not left out:
 * they fail.
 */
export const missingChromium = !existsSync(chromiumPath) && process.env['CI'] !== 'true';
if (missingChromium) console.warn(`Left out: no Chromium at ${chromiumPath}. Install it, or name one with TESTOPS_CHROMIUM.`);

export type HostName = 'browser' | 'desktop';

/** TESTOPS_HOSTS=browser leaves the desktop shell out, for a quick look. */
const hosts = (['browser', 'desktop'] as const).filter((host) => (process.env['TESTOPS_HOSTS'] ?? host).includes(host));

/**
 * Describes the same behaviour on the web host and on the desktop shell: on Electron where TESTOPS_ELECTRON_BINARY names its
 * binary, else on the stand-in. Where the hosts do not differ, one of them shows it, and `npm run test:long` the other. `body` opens its console with `openConsole({ host, … })`.
 */
export function onEachHost(
  name: string,
  options: { readonly timeout: number; /** Whether what is tested is the host's own doing in part. */ readonly hostsDiffer?: true },
  body: (host: HostName) => void,
): void {
  const desktop = electronBinary === undefined ? 'desktop shell, stand-in' : 'desktop shell';
  const tested = options.hostsDiffer || thorough ? hosts : hosts.slice(0, 1);
  const titled = tested.map((host) => ({ host, title: `${name} (${host === 'browser' ? host : desktop})` }));
  describe.skipIf(missingChromium).each(titled)('$title', { timeout: options.timeout }, ({ host }) => {
    body(host);
    // After the body, so that it is asked before that takes its pages away.
    afterEach(async ({ task }) => {
      if (task.result?.state === 'fail') await printShown(task.name);
    });
  });
}

export interface ConsolePage {
  readonly host: HostName;
  readonly page: Page;
  readonly context: BrowserContext;
  /** `testops console`, or the shell: its process is the parent of the core's. */
  readonly command: Started;
  /** `http://127.0.0.1:12345`; the page's cookie lets further pages of the same context in. The shell has one page only. */
  readonly origin: string;
  /** The shell's main process; null in a browser. */
  readonly shell: ElectronApplication | null;
  readonly archive: string;
  /** What TESTOPS_HOME says. */
  readonly home: string;
  /** Exceptions and error messages of the page so far. */
  readonly failures: readonly string[];
  dispose(): Promise<void>;
}

export interface ConsolePageOptions {
  /** `browser` unless told. */
  readonly host?: HostName;
  /** Further arguments of `testops console`, such as `--demo`; the shell takes the same. */
  readonly arguments?: readonly string[];
  /** Of the browser; the shell's page is as the system is. */
  readonly theme?: 'dark' | 'light';
  readonly width?: number;
  readonly height?: number;
  /** An archive to open instead of a new, empty one; it is not removed. */
  readonly archive?: string;
  /** A home to use instead of a new, empty one; it is not removed. */
  readonly home?: string;
}

/** ms; starting Chromium, building the screens and bringing the demo up on a busy machine. */
export const patience = process.env['TESTOPS_STRESS'] === '1' ? 180_000 : 60_000;

/** Where a console keeps what is its own. */
interface Places {
  readonly archive: string;
  readonly home: string;
}

/** A started host with its page. */
type Opened = Pick<ConsolePage, 'page' | 'context' | 'command' | 'origin' | 'shell' | 'dispose'>;

/** Starts the console and opens its page. */
export async function openConsole(options: ConsolePageOptions = {}): Promise<ConsolePage> {
  const { host = 'browser' } = options;
  const folder = mkdtempSync(join(tmpdir(), 'testops-console-'));
  const archive = options.archive ?? join(folder, 'archive');
  const failures: string[] = [];
  const watch = (page: Page): void => {
    page.setDefaultTimeout(patience / 2);
    page.on('pageerror', (error) => failures.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') failures.push(message.text());
    });
  };
  const remove = (): void => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  try {
    const places = { archive, home: options.home ?? join(folder, 'home') };
    const workspace = workspaceOf(options.arguments ?? []);
    if (workspace !== undefined) await trustFolder(workspace, join(places.home, 'console'));
    const opened = await (host === 'desktop' ? openOnDesktop : openInBrowser)(options, places, watch);
    const forget = watchShown(opened.context, failures);
    const dispose = async (): Promise<void> => {
      forget();
      await opened.dispose();
      remove();
    };
    return { ...opened, ...places, host, failures, dispose };
  } catch (failure) {
    remove();
    throw failure;
  }
}

/** The folder that the arguments open: it is trusted, as that of a team is. A folder that is opened on the page is not; a served core names its own. */
function workspaceOf(words: readonly string[]): string | undefined {
  if (words.includes('--connect')) return undefined;
  const at = words.indexOf('--workspace');
  return at === -1 ? undefined : words[at + 1];
}

async function openInBrowser(options: ConsolePageOptions, { archive, home }: Places, watch: (page: Page) => void): Promise<Opened> {
  const command = startCommand(['console', '--no-open', ...(options.arguments ?? [])], { archive, home });
  let browser: Browser | undefined;
  const dispose = async (): Promise<void> => {
    await browser?.close();
    command.process.kill('SIGTERM');
    await command.ended;
  };
  try {
    await command.printed(/http:\/\/\S+token=\S+\n/);
    const link = /http:\/\/\S+/.exec(command.output())?.[0] ?? '';
    browser = await chromium.launch({ executablePath: chromiumPath, args: ['--no-sandbox'] });
    const { width = 1_280, height = 720, theme = 'dark' } = options;
    const context = await browser.newContext({ viewport: { width, height }, colorScheme: theme, acceptDownloads: true });
    const page = await context.newPage();
    watch(page);
    await page.goto(link);
    return { page, context, command, origin: new URL(link).origin, shell: null, dispose };
  } catch (failure) {
    await dispose();
    throw failure;
  }
}

async function openOnDesktop(options: ConsolePageOptions, { archive, home }: Places, watch: (page: Page) => void): Promise<Opened> {
  const { width = 1_280, height = 720 } = options;
  const { shell, page, command } = await startDesktop(options.arguments ?? [], { TESTOPS_ARCHIVE: archive, TESTOPS_HOME: home });
  watch(page);
  await page.setViewportSize({ width, height });
  return { page, context: shell.context(), command, origin: new URL(page.url()).origin, shell, dispose: () => shell.close() };
}

/** Waits until the environment that was chosen is there: the header says `connected`. Where it does not come, the failure says what the page shows instead. */
export async function waitForEnvironment(page: Page): Promise<void> {
  const connected = page.getByRole('banner').getByText('connected', { exact: true });
  await connected.waitFor({ timeout: patience }).catch(async (failure: unknown) => {
    const shown = await page.locator('body').innerText();
    throw new Error(`The environment is not connected after ${patience} ms. The page shows:\n${shown.slice(0, 3_000)}`, { cause: failure });
  });
}

export interface DemoEnvironment {
  readonly folder: string;
  readonly environmentFile: string;
  /** Where its processes have their configuration and logs. */
  readonly processes: string;
  dispose(): Promise<void>;
}

/** The demo environment as a process of its own, for consoles that open it as any workspace. */
export async function startDemoEnvironment(archive: string): Promise<DemoEnvironment> {
  const home = mkdtempSync(join(tmpdir(), 'testops-demo-home-'));
  const command = startCommand(['demo', '--stay'], { archive, home });
  await command.printed(/Ctrl-C takes it down/);
  const environmentFile = /-e (\S+environment\.yaml)/.exec(command.output())?.[1] ?? '';
  return {
    folder: dirname(environmentFile),
    environmentFile,
    processes: /processes are in (\S+)/.exec(command.output())?.[1] ?? '',
    dispose: async () => {
      command.process.kill('SIGINT');
      await command.ended;
      rmSync(home, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Archives one run of the demo, as `testops demo` makes it. */
export function archiveDemoRun(archive: string, release = 'rc1'): void {
  const program = join(root, 'main', 'cli', 'testops.ts');
  // The demo's scenario fails with some releases; the run is archived all the same.
  try {
    execFileSync(process.execPath, [program, 'demo', '--release', release], {
      cwd: root,
      env: { ...process.env, TESTOPS_ARCHIVE: archive },
      stdio: 'ignore',
      timeout: patience,
    });
  } catch (failure) {
    if ((failure as { status?: number | null }).status !== 1) throw failure;
  }
}

/** What axe-core finds on the page as it stands, serious and critical only unless told, one line for each place. */
export async function accessibilityIssues(page: Page, impacts: readonly string[] = ['serious', 'critical']): Promise<string[]> {
  // Scripts that Playwright evaluates are not held back by the page's content security policy; a script element would be.
  await page.evaluate(readFileSync(join(root, 'node_modules', 'axe-core', 'axe.min.js'), 'utf8'));
  return page.evaluate(async (wanted) => {
    interface Found {
      readonly impact: string | null;
      readonly id: string;
      readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
    }
    const { axe } = globalThis as unknown as { axe: { run(options: object): Promise<{ violations: readonly Found[] }> } };
    const { violations } = await axe.run({
      resultTypes: ['violations'],
      // Experimental, so that it has to be asked for.
      rules: { 'label-content-name-mismatch': { enabled: true } },
    });
    return violations
      .filter(({ impact }) => wanted.includes(impact ?? ''))
      .flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 200)} — ${node.failureSummary ?? ''}`));
  }, impacts);
}

/** Expects that axe-core finds nothing serious. */
export async function expectAccessible(page: Page): Promise<void> {
  expect(await accessibilityIssues(page)).toEqual([]);
}
