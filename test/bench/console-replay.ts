/// <reference lib="dom" />
/**
 * Replaying a run of 18 M samples (5,000 series for an hour): how long until the first chart stands, how long until every view
 * shows a moment that was gone to, how smooth it plays at a hundred times its speed with 12 charts, and what the core needs.
 * Alone: `node test/bench/console-replay.ts`.
 */
import { mkdtemp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ask } from '../e2e-console/charts-and-log-core.ts';
import { launch, nodeOptions, residentBytes, saying } from '../network-of-processes.ts';
import { measureSmoothness, openMeasuredPage, type MeasuredPage } from './console-page.ts';
import { quantile, type Figure } from './figures.ts';
import { runStart, stepSeconds } from './replay-shape.ts';

const charts = 12;
const lines = 3;
const seeks = 60;
const speed = 100;
const playedSeconds = 20;

/** @param made archive with the run, where it is there already */
export async function benchConsoleReplay(seconds = 3_600, made?: string): Promise<readonly Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'testops-bench-replay-'));
  const archive = made ?? join(folder, 'archive');
  let measured: MeasuredPage | undefined;
  try {
    if (made === undefined) await makeRun(folder, archive, seconds);
    await mkdir(join(folder, 'workspace', 'scenarios'), { recursive: true });
    await writeFile(join(folder, 'workspace', 'scenarios', 'measure.scn'), 'echo PASS\n');
    measured = await openMeasuredPage(join(folder, 'workspace'), null, archive);
    await layCharts(measured, join(folder, 'workspace'));
    const memory = watchMemory(await coreOf(measured.pid));
    const first = await openRun(measured);
    await measured.page.getByText('reading the log').waitFor({ state: 'hidden', timeout: 60_000 });
    const restored = await measureSeeks(measured, seconds);
    const { smooth, achieved } = await measurePlaying(measured);
    return [
      { figure: 'open a run of 18 M samples: first chart', ours: first, unit: 'ms', target: '<= 1500' },
      { figure: '— core, most memory', ours: memory.stop() / 1e6, unit: 'MB', target: '< 700' },
      { figure: 'go anywhere in it until every view shows it, p95', ours: quantile(restored, 0.95), unit: 'ms', target: '<= 150' },
      { figure: '— p50', ours: quantile(restored, 0.5), unit: 'ms', target: '-' },
      { figure: `replay x${speed}, ${charts} charts × ${lines} lines: frames`, ours: smooth.rate, unit: '/s', target: '>= 50' },
      { figure: '— achieved speed', ours: achieved, unit: 'x', target: '>= 95' },
      { figure: '— main thread busy', ours: smooth.busy, unit: '%', target: '-' },
      { figure: '— longest task', ours: smooth.longestTask, unit: 'ms', target: '-' },
    ];
  } finally {
    await measured?.dispose();
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function makeRun(folder: string, archive: string, seconds: number): Promise<void> {
  await mkdir(archive);
  const program = join(import.meta.dirname, 'replay-run.ts');
  const maker = launch(process.execPath, [...nodeOptions, program, archive, String(seconds)], folder);
  await saying(maker, '-failover-');
  await maker.ended;
}

/** The console's child, which is the core. */
async function coreOf(pid: number): Promise<number> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return Number(children.trim().split(' ').at(-1) ?? pid);
}

/** The most memory that a process has, looked at ten times a second, bytes. */
function watchMemory(pid: number): { stop(): number } {
  let most = 0;
  const timer = setInterval(
    () =>
      void residentBytes(pid).then(
        (bytes) => (most = Math.max(most, bytes)),
        () => undefined,
      ),
    100,
  );
  return {
    stop: () => {
      clearInterval(timer);
      return most;
    },
  };
}

/** Puts twelve charts into the workspace's layout, and the pictures of two rows of charts in sight. */
async function layCharts({ page }: MeasuredPage, folder: string): Promise<void> {
  const made = Array.from({ length: charts }, (_, chart) => ({
    id: `chart-${chart}`,
    title: `Chart ${chart}`,
    series: Array.from({ length: lines }, (_, line) => `MatchingEnginePrimary.metric_${chart * 400 + line * 37}`),
  }));
  await ask(page, 'layout.save', { folder, layout: JSON.stringify({ charts: { version: 1, columns: 4, charts: made } }) });
  await page.reload();
  await page.locator('[data-chart="chart-0"]').waitFor({ timeout: 60_000 });
}

/** Opens the run as an operator does; resolves to the ms until the first chart shows points. */
async function openRun({ page }: MeasuredPage): Promise<number> {
  await page.keyboard.press('Control+3');
  await page.getByRole('grid', { name: 'Runs' }).focus();
  await page.keyboard.press('Home');
  await page.evaluate(() => {
    const began = performance.now();
    const drawn = (): boolean =>
      [...document.querySelectorAll<HTMLElement>('[data-chart]')].some(({ dataset }) => Number(dataset['newest']) > 0);
    const look = (): void => {
      if (drawn()) Object.assign(globalThis, { firstChart: performance.now() - began });
      else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => 'firstChart' in globalThis, null, { timeout: 60_000 });
  return page.evaluate(() => (globalThis as unknown as { firstChart: number }).firstChart);
}

/** Goes to many moments by the strip, and measures until line, variables, log and every chart are those of the moment. */
async function measureSeeks({ page }: MeasuredPage, seconds: number): Promise<number[]> {
  // A moving picture, so that the charts have to draw another stretch each time.
  await page.getByLabel('Stretch of time that is shown').selectOption('60000');
  const shares = Array.from({ length: seeks }, (_, index) => 0.02 + ((index * 0.618_034) % 1) * 0.96);
  return page.evaluate(
    async ([wanted, length, perStep, start]) => {
      const strip = document.querySelector<HTMLElement>('[role=slider][aria-label="Moment of the run"]');
      const frame = strip?.firstElementChild?.getBoundingClientRect();
      if (!strip || !frame) throw new Error('There is no strip.');
      strip.setPointerCapture = () => undefined;
      const nextFrame = () => new Promise((resolve) => requestAnimationFrame(resolve));
      const isShown = (): string | null => {
        const offset = document.querySelector('[data-replay-offset]')?.textContent ?? '';
        const [seconds = 0, minutes = 0, hours = 0] = offset.split(':').toReversed().map(Number);
        const at = Math.floor(hours * 3_600 + minutes * 60 + seconds + 1e-6);
        const minute = Math.min(Math.floor(at / perStep), Math.ceil(length / perStep) - 1);
        const line = document.querySelector('.line-numbers.running-number, .line-numbers.waiting-number')?.textContent;
        if (line !== String(minute + 1)) return `line ${line} instead of ${minute + 1}`;
        const variable = document.querySelector('[data-watched] dd')?.textContent;
        if (variable !== String(minute)) return `variable ${variable} instead of ${minute}`;
        const rows = [...document.querySelectorAll('[aria-label="Log"][role=grid] [data-row]')];
        const told = /second (\d+) order/.exec(rows.at(-1)?.textContent ?? '')?.[1];
        if (told !== String(at)) return `log ${told} instead of ${at}`;
        for (const card of document.querySelectorAll<HTMLElement>('[data-chart]')) {
          // Charts that are scrolled out of sight are not drawn.
          if (card.getBoundingClientRect().top > innerHeight) continue;
          const newest = Math.floor((Number(card.dataset['newest']) - start) / 1_000);
          if (Math.abs(newest - at) > 1) return `chart ${newest} instead of ${at}`;
        }
        return null;
      };
      const taken: number[] = [];
      for (const share of wanted) {
        const began = performance.now();
        const place = { clientX: frame.left + share * frame.width, clientY: frame.top + 10, button: 0, bubbles: true };
        strip.dispatchEvent(new PointerEvent('pointerdown', place));
        let missing: string | null = 'nothing';
        while (missing !== null && performance.now() - began < 5_000) {
          await nextFrame();
          missing = isShown();
        }
        if (missing !== null) throw new Error(`Not restored: ${missing}.`);
        taken.push(performance.now() - began);
        await new Promise((resolve) => setTimeout(resolve, 120));
      }
      return taken;
    },
    [shares, seconds, stepSeconds, runStart] as const,
  );
}

/** Plays from the start with all charts in sight. */
async function measurePlaying(measured: MeasuredPage) {
  const { page } = measured;
  await page.evaluate(() => {
    const panel = document.querySelector<HTMLElement>('[data-panel="charts"]');
    panel?.setAttribute('style', 'position: fixed; inset: 150px 0 0 0; height: auto; z-index: 1000; background: var(--surface)');
  });
  await page.getByLabel('Speed of the replay').selectOption(String(speed));
  await page.getByRole('slider', { name: 'Moment of the run' }).focus();
  await page.keyboard.press('Home');
  await page.evaluate(() => {
    const achieved: number[] = [];
    Object.assign(globalThis, { achieved });
    setInterval(() => {
      const told = document.querySelector<HTMLElement>('[data-achieved]')?.dataset['achieved'];
      if (told !== undefined) achieved.push(Number(told));
    }, 250);
  });
  await page.keyboard.press('Space');
  await page.waitForTimeout(1_500);
  const smooth = await measureSmoothness(measured, () => page.waitForTimeout(playedSeconds * 1_000));
  const achieved = await page.evaluate(() => (globalThis as unknown as { achieved: number[] }).achieved);
  return { smooth, achieved: quantile(achieved, 0.05) };
}

if (import.meta.main) console.table(await benchConsoleReplay(Number(process.argv[2] ?? 3_600), process.argv[3]));
