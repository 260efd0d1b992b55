/**
 * Whether the window's memory grows in a long live session: the demo's load runs, charts and log are live, the heap is
 * measured after a garbage collection, when everything is warm and at the end. 3 of the 30 minutes that are asked for, unless
 * TESTOPS_BENCH_MINUTES says more. Alone: `TESTOPS_BENCH_MINUTES=30 node test/bench/console-memory.ts`.
 */
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { launch, nodeOptions, saying, testops } from '../network-of-processes.ts';
import { ask } from '../e2e-console/charts-and-log-core.ts';
import { openMeasuredPage, type MeasuredPage } from './console-page.ts';
import type { Figure } from './figures.ts';

/** Charts hold the last minute: after that nothing more has to be kept of them. */
const warmUpSeconds = 90;

export async function benchConsoleMemory(minutes = Number(process.env['TESTOPS_BENCH_MINUTES'] ?? 3)): Promise<readonly Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'testops-bench-memory-'));
  const demo = launch(process.execPath, [...nodeOptions, testops, 'demo', '--stay'], folder, { TESTOPS_ARCHIVE: join(folder, 'archive') });
  let measured: MeasuredPage | undefined;
  try {
    await saying(demo, 'Ctrl-C takes it down');
    const environmentFile = /-e (\S+environment\.yaml)/.exec(demo.output())?.[1] ?? '';
    const workspace = dirname(environmentFile);
    const seconds = warmUpSeconds + minutes * 60 + 60;
    const scenarioFile = join(workspace, 'scenarios', 'a-session.scn');
    await writeFile(scenarioFile, `defer stop_load\nstart_load 300\nrepeat 100\nwait ${Math.ceil(seconds / 100)}s\nend\n`);
    measured = await openMeasuredPage(workspace, environmentFile);
    const { page } = measured;
    await page.getByRole('banner').getByText('connected', { exact: true }).waitFor({ timeout: 60_000 });
    await ask(page, 'run.start', { scenarioFile, environmentFile, policy: 'continue', attended: false });
    await page.reload();
    await page.locator('[data-run-standing] [role=status]').filter({ hasText: 'Running' }).waitFor({ timeout: 60_000 });
    await page.waitForTimeout(warmUpSeconds * 1_000);
    const warm = await heapOf(measured);
    await page.waitForTimeout(minutes * 60_000);
    const end = await heapOf(measured);
    const growth = ((end - warm) / warm) * 100;
    const name = `renderer heap: growth in ${minutes} min live after ${warmUpSeconds} s${minutes < 30 ? ' (of the 30 min asked for)' : ''}`;
    return [
      { figure: name, ours: growth, unit: '%', target: '<= 10' },
      { figure: '— heap at the end', ours: end / 1e6, unit: 'MB', target: '' },
    ];
  } finally {
    await measured?.dispose();
    await demo.kill('SIGINT');
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Bytes in use once all garbage is collected. */
async function heapOf({ page }: MeasuredPage): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.enable');
  for (let turn = 0; turn < 3; turn++) await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  await session.detach();
  return usedSize;
}

if (import.meta.main) console.table(await benchConsoleMemory());
