/// <reference lib="dom" />
/**
 * The first start: from the start of the process, with an empty home, to a window in which the demo can be run; and how much
 * the window downloads for that. Command and screens are built before. Alone: `node test/bench/console-start.ts`.
 */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { chromium, type Browser } from 'playwright-core';
import { quantile, type Figure } from './figures.ts';
import { launch, nodeOptions, saying } from '../network-of-processes.ts';

const root = join(import.meta.dirname, '..', '..');
const chromiumPath = process.env['TESTOPS_CHROMIUM'] ?? '/usr/bin/chromium';
const starts = 5;
const ready = '[role=toolbar][aria-label=Run] button[aria-label=Start]:not(:disabled)';

interface Start {
  /** ms from the start of the process until the link was printed. */
  readonly link: number;
  /** ms from the start of the process until Start can be pressed. */
  readonly whole: number;
  /** ms from the first request of the page until the page stands, and until Start can be pressed. */
  readonly page: number;
  /** Addresses of what the page loaded. */
  readonly loaded: readonly string[];
}

export async function benchConsoleStart(): Promise<readonly Figure[]> {
  execFileSync(process.execPath, [join(root, 'tools', 'build-renderer.mjs'), '--if-stale'], { stdio: 'ignore' });
  const built = join(root, 'dist', `bench-cli-${process.pid}`);
  execFileSync(process.execPath, [join(root, 'tools', 'build.mjs'), '--out', built], { stdio: 'ignore' });
  // The operator's browser is there already.
  const browser = await chromium.launch({ executablePath: chromiumPath, args: ['--no-sandbox'] });
  try {
    const all: Start[] = [];
    for (let count = 0; count < starts; count++) all.push(await startOnce(browser, join(built, 'testops.mjs')));
    const median = (of: (start: Start) => number): number => quantile(all.map(of), 0.5);
    const name = `first start of the console to a demo that can be run, median of ${starts}`;
    return [
      { figure: name, ours: median(({ whole }) => whole), unit: 'ms', target: '<= 2500' },
      { figure: '— until the link is there', ours: median(({ link }) => link), unit: 'ms', target: '' },
      { figure: '— until the page stands, from its first request', ours: median(({ page }) => page), unit: 'ms', target: '' },
      ...downloads(all.at(-1)?.loaded ?? []),
    ];
  } finally {
    await browser.close();
    rmSync(built, { recursive: true, force: true });
  }
}

async function startOnce(browser: Browser, command: string): Promise<Start> {
  const folder = await mkdtemp(join(tmpdir(), 'testops-bench-start-'));
  const began = Date.now();
  const program = launch(process.execPath, [...nodeOptions, command, 'console', '--demo', '--no-open'], folder, {
    TESTOPS_ARCHIVE: join(folder, 'archive'),
    TESTOPS_HOME: join(folder, 'home'),
  });
  const context = await browser.newContext({ viewport: { width: 1_280, height: 720 } });
  try {
    await saying(program, 'token=');
    await saying(program, '\n');
    const link = Date.now() - began;
    const page = await context.newPage();
    const loaded: string[] = [];
    page.on('response', (response) => loaded.push(response.url()));
    const asked = Date.now();
    await page.goto(/http:\/\/\S+token=\S+/.exec(program.output())?.[0] ?? '', { waitUntil: 'commit' });
    await page.getByRole('toolbar', { name: 'Run' }).or(page.getByRole('status')).or(page.getByRole('banner')).first().waitFor();
    const stands = Date.now() - asked;
    await page.locator(ready).waitFor({ timeout: 60_000 });
    const whole = Date.now() - began;
    // What is loaded after that (the editor, the charts) belongs to the download, too.
    await page.locator('.monaco-editor .view-line').first().waitFor();
    await page.waitForLoadState('networkidle');
    return { link, whole, page: stands, loaded };
  } finally {
    await context.close();
    await program.kill('SIGTERM');
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** What the window loaded, each file as gzip makes it; and all that it could ever load. */
function downloads(loaded: readonly string[]): readonly Figure[] {
  const folder = join(root, 'dist', 'renderer');
  const names = new Set(loaded.map((address) => basename(new URL(address).pathname)));
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const sizes = files.map(({ name, parentPath }) => ({ name, size: gzipSync(readFileSync(join(parentPath, name))).byteLength }));
  const sum = (chosen: typeof sizes): number => chosen.reduce((total, { size }) => total + size, 0) / 1e6;
  return [
    { figure: 'renderer: download, gzipped', ours: sum(sizes.filter(({ name }) => names.has(name))), unit: 'MB', target: '<= 2.5' },
    { figure: '— all files of the build', ours: sum(sizes), unit: 'MB', target: '<= 2.5' },
  ];
}

if (import.meta.main) console.table(await benchConsoleStart());
