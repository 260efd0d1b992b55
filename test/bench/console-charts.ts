/// <reference lib="dom" />
/**
 * How smooth live charts are: 5,000 series at 10 Hz arrive, 12 charts with 3 lines each of 300 points are live. Core,
 * daemon and browser share this machine. Alone: `node test/bench/console-charts.ts 60`.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { quantile, type Figure } from './figures.ts';
import { measureSmoothness, openMeasuredPage, type MeasuredPage } from './console-page.ts';
import { ask } from '../e2e-console/charts-and-log-core.ts';
import { openNetwork } from '../network-of-processes.ts';

const series = 5_000;
const perFrame = 1_000;
/** Each frame of the source carries a fifth of the series: 50 a second are 10 samples a second of each. */
const framesPerSecond = 50;
const charts = 12;
const lines = 3;
/** ms; 300 points at 10 Hz. */
const liveWindow = 30_000;

export async function benchConsoleCharts(seconds = 60): Promise<readonly Figure[]> {
  const network = await openNetwork({ daemon: {} });
  let measured: MeasuredPage | undefined;
  try {
    const source = [network.daemonFile, String(series), String(framesPerSecond), String(perFrame)];
    await network.start('test/bench/sample-source.ts', source, 'ready');
    await mkdir(join(network.folder, 'scenarios'));
    await writeFile(join(network.folder, 'scenarios', 'measure.scn'), `wait ${seconds + 60}s\n`);
    measured = await openMeasuredPage(network.folder, network.environmentFile);
    const { page } = measured;
    await page.getByRole('banner').getByText('connected', { exact: true }).waitFor({ timeout: 60_000 });
    await layCharts(measured, network.folder);
    await startRun(measured, network.folder, network.environmentFile);
    // The window fills, and everything is compiled.
    await page.waitForTimeout(Math.min(35_000, liveWindow + 5_000));
    const delays = await watchDelays(measured);
    const smooth = await measureSmoothness(measured, () => page.waitForTimeout(seconds * 1_000));
    const delay = quantile(await delays(), 0.95);
    return [
      {
        figure: `${charts} live charts × ${lines} lines, ${series} series at 10 Hz, ${seconds} s: frames`,
        ours: smooth.rate,
        unit: '/s',
        target: '>= 50',
      },
      { figure: '— main thread busy', ours: smooth.busy, unit: '%', target: '< 50' },
      { figure: '— longest task', ours: smooth.longestTask, unit: 'ms', target: '<= 100' },
      { figure: '— sample to drawn, p95', ours: delay, unit: 'ms', target: '<= 400' },
    ];
  } finally {
    await measured?.dispose();
    await network.dispose();
  }
}

/** Puts the charts into the workspace's layout, as if the operator had made them, and opens the page anew. */
async function layCharts({ page }: MeasuredPage, folder: string): Promise<void> {
  const made = Array.from({ length: charts }, (_, chart) => ({
    id: `chart-${chart}`,
    title: `Chart ${chart}`,
    series: Array.from({ length: lines }, (_, line) => `Component${chart % 5}.metric_${chart * lines + line}`),
  }));
  const layout = JSON.stringify({ charts: { version: 1, columns: 4, charts: made } });
  await ask(page, 'layout.save', { folder, layout });
  await page.reload();
  await page.locator('[data-chart="chart-0"]').waitFor({ timeout: 60_000 });
  // All charts are in sight: the panel fills the window.
  await page.evaluate(() => {
    const panel = document.querySelector<HTMLElement>('[data-panel="charts"]');
    panel?.setAttribute('style', 'position: fixed; inset: 0; z-index: 1000; background: var(--surface)');
  });
  await page.getByLabel('Stretch of time that is shown').selectOption(String(liveWindow));
}

/** Runs go on while the operator watches: samples are archived. */
async function startRun({ page }: MeasuredPage, folder: string, environmentFile: string): Promise<void> {
  const scenarioFile = join(folder, 'scenarios', 'measure.scn');
  await ask(page, 'run.start', { scenarioFile, environmentFile, policy: 'continue', attended: false });
}

/** Notes, whenever a chart has drawn a newer sample, how old that sample is then. */
async function watchDelays({ page }: MeasuredPage): Promise<() => Promise<number[]>> {
  await page.evaluate(() => {
    const delays: number[] = [];
    Object.assign(globalThis, { delays });
    const take = (changes: MutationRecord[]): void => {
      for (const { target } of changes) if (target instanceof HTMLElement) delays.push(Date.now() - Number(target.dataset['newest']));
    };
    new MutationObserver(take).observe(document.body, { subtree: true, attributeFilter: ['data-newest'] });
  });
  return () => page.evaluate(() => (globalThis as unknown as { delays: number[] }).delays);
}

if (import.meta.main) console.table(await benchConsoleCharts(Number(process.argv[2] ?? 60)));
