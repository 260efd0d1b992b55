/** A page of the console for benchmarks: in a real Chromium, against a real core, with what the browser measured of itself. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type CDPSession, type Page } from 'playwright-core';
import { launch, nodeOptions, saying, testops } from '../network-of-processes.ts';

const chromiumPath = process.env['TESTOPS_CHROMIUM'] ?? '/usr/bin/chromium';

export interface MeasuredPage {
  readonly page: Page;
  /** Process of the console; the core is its child. */
  readonly pid: number;
  readonly session: CDPSession;
  dispose(): Promise<void>;
}

/** Opens a workspace's console; with an empty archive, unless one is named. */
export async function openMeasuredPage(workspace: string, environmentFile: string | null, archive?: string): Promise<MeasuredPage> {
  const folder = await mkdtemp(join(tmpdir(), 'testops-bench-console-'));
  const program = launch(
    process.execPath,
    [
      ...nodeOptions,
      testops,
      'console',
      '--no-open',
      '--workspace',
      workspace,
      ...(environmentFile === null ? [] : ['--environment', environmentFile]),
    ],
    folder,
    { TESTOPS_ARCHIVE: archive ?? join(folder, 'archive'), TESTOPS_HOME: join(folder, 'home') },
  );
  const browser = await chromium.launch({ executablePath: chromiumPath, args: ['--no-sandbox'] });
  const dispose = async (): Promise<void> => {
    await browser.close();
    await program.kill('SIGTERM');
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  };
  try {
    await saying(program, 'token=');
    await saying(program, '\n');
    const page = await browser.newPage({ viewport: { width: 1_920, height: 1_080 } });
    await page.goto(/http:\/\/\S+token=\S+/.exec(program.output())?.[0] ?? '');
    const session = await page.context().newCDPSession(page);
    await session.send('Performance.enable');
    return { page, pid: program.pid, session, dispose };
  } catch (failure) {
    await dispose();
    throw failure;
  }
}

export interface Smoothness {
  /** Frames per second. */
  readonly rate: number;
  /** Share of the main thread's time that was spent on work, %. */
  readonly busy: number;
  /** Longest task, ms; 0 when none took 50 ms. */
  readonly longestTask: number;
}

/** Measures how smooth a page is while something goes on. */
export async function measureSmoothness({ page, session }: MeasuredPage, work: () => Promise<void>): Promise<Smoothness> {
  await page.evaluate(() => {
    const measured = { frames: 0, longest: 0, going: true };
    Object.assign(globalThis, { measured });
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) measured.longest = Math.max(measured.longest, duration);
    }).observe({ entryTypes: ['longtask'] });
    const count = (): void => {
      measured.frames++;
      if (measured.going) requestAnimationFrame(count);
    };
    requestAnimationFrame(count);
  });
  const before = await taskTime(session);
  const began = performance.now();
  await work();
  const elapsed = (performance.now() - began) / 1_000;
  const after = await taskTime(session);
  const { frames, longest } = await page.evaluate(() => {
    const { measured } = globalThis as unknown as { measured: { frames: number; longest: number; going: boolean } };
    measured.going = false;
    return measured;
  });
  return { rate: frames / elapsed, busy: ((after - before) / elapsed) * 100, longestTask: longest };
}

/** Seconds that the main thread has spent on tasks. */
async function taskTime(session: CDPSession): Promise<number> {
  const { metrics } = await session.send('Performance.getMetrics');
  return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN;
}
