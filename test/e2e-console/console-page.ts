/**
 * The console as its operator has it: `testops console` as a process of its own with an empty archive and home, and its
 * page in a real Chromium. Everything is taken away again by `dispose`.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { expect } from 'vitest';
import { root, startCommand, type Started } from '../e2e/console-command.ts';

/** Debian's Chromium unless TESTOPS_CHROMIUM names another. */
export const chromiumPath = process.env['TESTOPS_CHROMIUM'] ?? '/usr/bin/chromium';

/**
 * For `describe.skipIf`: whether there is no Chromium here; the reason is printed. Under CI the tests are not left out:
 * they fail.
 */
export const missingChromium = !existsSync(chromiumPath) && process.env['CI'] !== 'true';
if (missingChromium) console.warn(`Left out: no Chromium at ${chromiumPath}. Install it, or name one with TESTOPS_CHROMIUM.`);

export interface ConsolePage {
  readonly page: Page;
  readonly context: BrowserContext;
  readonly command: Started;
  /** `http://127.0.0.1:12345`; the page's cookie lets further pages of the same context in. */
  readonly origin: string;
  readonly archive: string;
  /** Exceptions and error messages of the page so far. */
  readonly failures: readonly string[];
  dispose(): Promise<void>;
}

export interface ConsolePageOptions {
  /** Further arguments of `testops console`, such as `--demo`. */
  readonly arguments?: readonly string[];
  readonly theme?: 'dark' | 'light';
  readonly width?: number;
  readonly height?: number;
  /** An archive to open instead of a new, empty one; it is not removed. */
  readonly archive?: string;
}

/** ms; starting Chromium, building the screens and bringing the demo up on a busy machine. */
export const patience = 60_000;

/** Starts the console and opens its page. */
export async function openConsole(options: ConsolePageOptions = {}): Promise<ConsolePage> {
  const folder = mkdtempSync(join(tmpdir(), 'testops-console-'));
  const archive = options.archive ?? join(folder, 'archive');
  const homeBefore = process.env['TESTOPS_HOME'];
  process.env['TESTOPS_HOME'] = join(folder, 'home');
  const command = startCommand(['console', '--no-open', ...(options.arguments ?? [])], { archive });
  if (homeBefore === undefined) delete process.env['TESTOPS_HOME'];
  else process.env['TESTOPS_HOME'] = homeBefore;
  let browser: Browser | undefined;
  const dispose = async (): Promise<void> => {
    await browser?.close();
    command.process.kill('SIGTERM');
    await command.ended;
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await command.printed(/http:\/\/\S+token=\S+\n/);
    const link = /http:\/\/\S+/.exec(command.output())?.[0] ?? '';
    browser = await chromium.launch({ executablePath: chromiumPath, args: ['--no-sandbox'] });
    const { width = 1_280, height = 720, theme = 'dark' } = options;
    const context = await browser.newContext({ viewport: { width, height }, colorScheme: theme });
    const page = await context.newPage();
    page.setDefaultTimeout(patience / 2);
    const failures: string[] = [];
    page.on('pageerror', (error) => failures.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') failures.push(message.text());
    });
    await page.goto(link);
    return { page, context, command, origin: new URL(link).origin, archive, failures, dispose };
  } catch (failure) {
    await dispose();
    throw failure;
  }
}

/** Waits until the environment that was chosen is there: the header says `connected`. */
export async function waitForEnvironment(page: Page): Promise<void> {
  await page.getByRole('banner').getByText('connected', { exact: true }).waitFor({ timeout: patience });
}

export interface DemoEnvironment {
  readonly folder: string;
  readonly environmentFile: string;
  dispose(): Promise<void>;
}

/** The demo environment as a process of its own, for consoles that open it as any workspace. */
export async function startDemoEnvironment(archive: string): Promise<DemoEnvironment> {
  const command = startCommand(['demo', '--stay'], { archive });
  await command.printed(/Ctrl-C takes it down/);
  const environmentFile = /-e (\S+environment\.yaml)/.exec(command.output())?.[1] ?? '';
  return {
    folder: dirname(environmentFile),
    environmentFile,
    dispose: async () => {
      command.process.kill('SIGINT');
      await command.ended;
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

/** What axe-core finds on the page as it stands, serious and critical only, one line for each place. */
export async function accessibilityIssues(page: Page): Promise<string[]> {
  // Scripts that Playwright evaluates are not held back by the page's content security policy; a script element would be.
  await page.evaluate(readFileSync(join(root, 'node_modules', 'axe-core', 'axe.min.js'), 'utf8'));
  return page.evaluate(async () => {
    interface Found {
      readonly impact: string | null;
      readonly id: string;
      readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
    }
    const { axe } = globalThis as unknown as { axe: { run(options: object): Promise<{ violations: readonly Found[] }> } };
    const { violations } = await axe.run({ resultTypes: ['violations'] });
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 200)} — ${node.failureSummary ?? ''}`));
  });
}

/** Expects that axe-core finds nothing serious. */
export async function expectAccessible(page: Page): Promise<void> {
  expect(await accessibilityIssues(page)).toEqual([]);
}
