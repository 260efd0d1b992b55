/// <reference lib="dom" />
/**
 * How far the highlighted line is behind execution: 200 steps of 50 ms, the time in the log at which each began against the
 * time at which the page marks its line. Core and page share the machine's clock. Alone: `node test/bench/console-step.ts`.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunRecord } from '#shared/run/records.ts';
import { ask } from '../e2e-console/charts-and-log-core.ts';
import { openNetwork } from '../network-of-processes.ts';
import { openMeasuredPage, type MeasuredPage } from './console-page.ts';
import { quantile, type Figure } from './figures.ts';
import { runRecords } from './console-records.ts';

const steps = 200;

export async function benchConsoleStep(): Promise<readonly Figure[]> {
  const network = await openNetwork({ daemon: {} });
  let measured: MeasuredPage | undefined;
  try {
    await network.startDaemon();
    await mkdir(join(network.folder, 'scenarios'));
    await writeFile(join(network.folder, 'scenarios', 'measure.scn'), 'wait 50ms\n'.repeat(steps));
    measured = await openMeasuredPage(network.folder, network.environmentFile);
    const { page } = measured;
    await page.getByRole('banner').getByText('connected', { exact: true }).waitFor({ timeout: 60_000 });
    await page.locator('[aria-label=Start]:not(:disabled)').waitFor();
    await page.locator('.monaco-editor .view-line').first().waitFor();
    const shown = await watchLines(measured);
    await page.keyboard.press('F5');
    await page.locator('[data-run-standing] [role=status]').filter({ hasText: 'Passed' }).waitFor({ timeout: 120_000 });
    const { runs } = await ask(page, 'runs.list', {});
    const run = runs[0]?.run;
    if (run === undefined) throw new Error('The run is not in the archive.');
    return figuresOf(await runRecords(page, run), await shown());
  } finally {
    await measured?.dispose();
    await network.dispose();
  }
}

/** Notes when the page first marks each line. */
async function watchLines({ page }: MeasuredPage): Promise<() => Promise<Readonly<Record<string, number>>>> {
  await page.evaluate(() => {
    const shownAt: Record<string, number> = {};
    Object.assign(globalThis, { shownAt });
    const look = (): void => {
      const line = document.querySelector('.line-numbers.running-number, .line-numbers.waiting-number')?.textContent;
      if (line) shownAt[line] ??= performance.timeOrigin + performance.now();
    };
    new MutationObserver(look).observe(document.body, { subtree: true, childList: true, attributeFilter: ['class'] });
  });
  return () => page.evaluate(() => (globalThis as unknown as { shownAt: Record<string, number> }).shownAt);
}

function figuresOf(records: readonly RunRecord[], shownAt: Readonly<Record<string, number>>): readonly Figure[] {
  const begun = records.flatMap((record) => (record.kind === 'step-started' ? [{ line: record.step.line + 1, time: record.time }] : []));
  const delays = begun.flatMap(({ line, time }) => {
    const shown = shownAt[String(line)];
    return shown === undefined ? [] : [shown - time];
  });
  return [
    {
      figure: `step highlight behind execution, ${begun.length} steps of 50 ms, p95`,
      ours: quantile(delays, 0.95),
      unit: 'ms',
      target: '<= 50',
    },
    { figure: '— median', ours: quantile(delays, 0.5), unit: 'ms', target: '' },
    { figure: '— steps that were never marked', ours: begun.length - delays.length, unit: '', target: '<= 0' },
  ];
}

if (import.meta.main) console.table(await benchConsoleStep());
