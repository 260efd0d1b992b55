/// <reference lib="dom" />
/**
 * How fluid a log of a million rows is: a run whose log holds them is opened as an operator would, and scrolled from end to
 * end with the wheel. Alone: `node test/bench/console-log.ts`.
 */
import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Figure } from './figures.ts';
import { measureSmoothness, openMeasuredPage, type MeasuredPage } from './console-page.ts';
import { ask } from '../e2e-console/charts-and-log-core.ts';
import { openNetwork, type NetworkOfProcesses } from '../network-of-processes.ts';

/** Rows that the daemon's log lines make. */
const rows = 1_000_000;
const scrollSeconds = 10;
/** Lines that the daemon's log grows by at a time. */
const linesAtOnce = 50_000;

export async function benchConsoleLog(wanted = rows): Promise<readonly Figure[]> {
  const lines = join('logs', 'flood.log');
  const network = await openNetwork({
    daemon: {
      components: {
        Engine: { find: { pidFile: 'none.pid' }, logs: [{ files: [lines], from: 'start', forward: 'all', severity: 'info', rules: [] }] },
      },
    },
  });
  let measured: MeasuredPage | undefined;
  try {
    await mkdir(join(network.folder, 'logs'));
    await mkdir(join(network.folder, 'scenarios'));
    measured = await openMeasuredPage(network.folder, network.environmentFile);
    const { page } = measured;
    await writeFile(join(network.folder, lines), '');
    await network.startDaemon();
    await page.getByRole('banner').getByText('connected', { exact: true }).waitFor({ timeout: 60_000 });
    await fillLog(measured, network, join(network.folder, lines), wanted);
    return await measureLog(measured, wanted);
  } finally {
    await measured?.dispose();
    await network.dispose();
  }
}

/** Shows a run, and has the daemon tell a line for each row; resolves when all are in the log. */
async function fillLog({ page }: MeasuredPage, network: NetworkOfProcesses, file: string, wanted: number): Promise<void> {
  const scenarioFile = join(network.folder, 'scenarios', 'measure.scn');
  await writeFile(scenarioFile, 'wait 3000s\n');
  const { environmentFile } = network;
  await ask(page, 'run.start', { scenarioFile, environmentFile, policy: 'continue', attended: false });
  await page.reload();
  await page.getByRole('banner').getByText('connected', { exact: true }).waitFor({ timeout: 60_000 });
  await page.keyboard.press('Alt+5');
  const grid = page.getByRole('grid', { name: 'Log' });
  await grid.waitFor();
  for (let first = 0; first < wanted; first += linesAtOnce) {
    const text = Array.from(
      { length: linesAtOnce },
      (_, index) => `2026-11-20T23:00:00.000Z INFO  order ${first + index} accepted, ${(first + index) % 977} lots\n`,
    );
    await appendFile(file, text.join(''));
    await rowsOf(page, Math.min(first + linesAtOnce, wanted) * 0.9);
  }
  await rowsOf(page, wanted);
}

/** Waits until the log has that many rows. */
async function rowsOf(page: MeasuredPage['page'], wanted: number): Promise<void> {
  const counted = (count: number): boolean =>
    Number(document.querySelector('[aria-label="Log"][role="grid"]')?.getAttribute('aria-rowcount')) >= count;
  await page.waitForFunction(counted, wanted, { timeout: 120_000, polling: 250 });
}

async function measureLog(measured: MeasuredPage, wanted: number): Promise<readonly Figure[]> {
  const { page } = measured;
  const grid = page.getByRole('grid', { name: 'Log' });
  await grid.hover();
  await page.keyboard.press('Alt+f');
  await grid.evaluate((element) => (element.scrollTop = element.scrollHeight / 2));
  const seen = await grid.evaluate((element) => element.scrollTop);
  const scroll = await measureSmoothness(measured, async () => {
    const until = performance.now() + scrollSeconds * 1_000;
    for (let turn = 0; performance.now() < until; turn++) await page.mouse.wheel(0, turn % 200 < 100 ? -400 : 300);
  });
  if ((await grid.evaluate((element) => element.scrollTop)) === seen) throw new Error('The log was not scrolled.');
  const began = performance.now();
  const filter = await measureSmoothness(measured, async () => {
    await page.getByLabel('Filter the log by text').fill('order 77777');
    await page.waitForFunction(
      () => /^[1-9]\d* of [\d,]+$/.test(document.querySelector('[data-panel="log"] [role=status]')?.textContent ?? ''),
      null,
      { timeout: 60_000 },
    );
  });
  const filtered = performance.now() - began;
  return [
    { figure: `log of ${wanted.toLocaleString('en-US')} rows, scrolled: frames`, ours: scroll.rate, unit: '/s', target: '>= 50' },
    { figure: '— longest task while scrolling', ours: scroll.longestTask, unit: 'ms', target: '<= 100' },
    { figure: '— all rows filtered by text', ours: filtered, unit: 'ms', target: '<= 5000' },
    { figure: '— longest task while filtering', ours: filter.longestTask, unit: 'ms', target: '<= 100' },
  ];
}

if (import.meta.main) console.table(await benchConsoleLog(Number(process.argv[2] ?? rows)));
