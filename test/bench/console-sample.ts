/// <reference lib="dom" />
/**
 * From a sample to the screen: a daemon's sawtooth says in its value when it was observed; the page notes when its chart
 * shows that value in the legend, which is written in the same frame as the line is drawn. Alone:
 * `node test/bench/console-sample.ts 30`.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ask } from '../e2e-console/charts-and-log-core.ts';
import { openNetwork } from '../network-of-processes.ts';
import { openMeasuredPage, type MeasuredPage } from './console-page.ts';
import { quantile, type Figure } from './figures.ts';

export async function benchConsoleSample(seconds = 30): Promise<readonly Figure[]> {
  const network = await openNetwork({ daemon: {} });
  let measured: MeasuredPage | undefined;
  try {
    await network.start('test/bench/sawtooth-source.ts', [network.daemonFile], 'ready');
    await mkdir(join(network.folder, 'scenarios'));
    await writeFile(join(network.folder, 'scenarios', 'measure.scn'), 'wait 1s\n');
    measured = await openMeasuredPage(network.folder, network.environmentFile);
    const { page } = measured;
    await page.getByRole('banner').getByText('connected', { exact: true }).waitFor({ timeout: 60_000 });
    const charts = [{ id: 'clock', title: 'Clock', series: ['Clock.sawtooth'] }];
    const layout = JSON.stringify({ charts: { version: 1, columns: 1, charts } });
    await ask(page, 'layout.save', { folder: network.folder, layout });
    await page.reload();
    await page.locator('[data-value="Clock.sawtooth"]').filter({ hasText: /\d/ }).waitFor({ timeout: 60_000 });
    await page.waitForTimeout(3_000);
    const delays = await watchValue(measured, seconds);
    return [
      {
        figure: `sample to pixel, ${delays.length} values in ${seconds} s, p95`,
        ours: quantile(delays, 0.95),
        unit: 'ms',
        target: '<= 400',
      },
      { figure: '— median', ours: quantile(delays, 0.5), unit: 'ms', target: '' },
    ];
  } finally {
    await measured?.dispose();
    await network.dispose();
  }
}

/** ms between each value's observation, as it says, and the frame in which it is seen. */
function watchValue({ page }: MeasuredPage, seconds: number): Promise<number[]> {
  return page.evaluate(async (length) => {
    const delays: number[] = [];
    let before = '';
    const until = performance.now() + length * 1_000;
    await new Promise<void>((resolve) => {
      const look = (): void => {
        const text = document.querySelector('[data-value="Clock.sawtooth"]')?.textContent ?? '';
        if (text !== before && /^\d+$/.test(text)) {
          const now = performance.timeOrigin + performance.now();
          // The sawtooth has 900 teeth of 10 ms; the value may be up to 10 ms younger than it says.
          delays.push(((((now / 10 - Number(text)) % 900) + 900) % 900) * 10);
          before = text;
        }
        if (performance.now() < until) requestAnimationFrame(look);
        else resolve();
      };
      look();
    });
    return delays;
  }, seconds);
}

if (import.meta.main) console.table(await benchConsoleSample(Number(process.argv[2] ?? 30)));
