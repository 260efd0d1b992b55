/// <reference lib="dom" />
/**
 * How long after a key the problems of a 2,000-line scenario are shown as they are then: from the key's own time stamp to the end of
 * the frame in which the marks are drawn. Keys are typed in the middle of the text, every other one makes a mistake and
 * the next one mends it. Alone: `node test/bench/console-keystroke.ts`.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openNetwork } from '../network-of-processes.ts';
import { openMeasuredPage, type MeasuredPage } from './console-page.ts';
import { quantile, type Figure } from './figures.ts';

const lines = 2_000;
const keys = 200;
/** ms between keys: somebody who types fast. */
const pace = 80;

/** Variables, conditions, jumps and loops in turn, as long scenarios have them. */
function longScenario(): string {
  const blocks = Array.from({ length: lines / 8 }, (_, block) => [
    `label part_${block}`,
    `set value_${block} = ${block}`,
    `echo part ${block} of the scenario, value #{value_${block}}`,
    'repeat 2',
    `wait 10ms`,
    'end',
    `expect #{value_${block}} == ${block}`,
    `if #{value_${block}} == 'never' then goto part_${block}`,
  ]);
  return `${blocks.flat().join('\n')}\n`;
}

export async function benchConsoleKeystroke(): Promise<readonly Figure[]> {
  const network = await openNetwork({ daemon: {} });
  let measured: MeasuredPage | undefined;
  try {
    await network.startDaemon();
    await mkdir(join(network.folder, 'scenarios'));
    await writeFile(join(network.folder, 'scenarios', 'long.scn'), longScenario());
    measured = await openMeasuredPage(network.folder, network.environmentFile);
    const { page } = measured;
    await page.getByRole('banner').getByText('connected', { exact: true }).waitFor({ timeout: 60_000 });
    await page.locator('.monaco-editor .view-line').first().waitFor();
    await page.locator('.monaco-editor').first().click();
    await watchKeys(measured);
    await page.keyboard.press('Control+g');
    await page.keyboard.type(String(lines / 2 + 2));
    await page.keyboard.press('Enter');
    await page.keyboard.press('End');
    // The first keys load and compile what later ones find ready.
    for (let key = 0; key < 20 + keys; key++) {
      if (key === 20) await page.evaluate(() => (globalThis as unknown as Watched).delays.splice(0));
      await page.keyboard.press(key % 2 === 0 ? "'" : 'Backspace');
      await page.waitForTimeout(pace);
    }
    await page.waitForTimeout(500);
    const delays = await page.evaluate(() => (globalThis as unknown as Watched).delays);
    return [
      {
        figure: `key in a scenario of ${lines} lines to its problems shown, p95`,
        ours: quantile(delays, 0.95),
        unit: 'ms',
        target: '<= 60',
      },
      { figure: '— median', ours: quantile(delays, 0.5), unit: 'ms', target: '' },
      { figure: `— keys of ${keys} that were not answered each on its own`, ours: Math.max(0, keys - delays.length), unit: '', target: '' },
    ];
  } finally {
    await measured?.dispose();
    await network.dispose();
  }
}

interface Watched {
  readonly delays: number[];
}

/** Notes, for each key, when the frame that shows its problems was drawn. */
async function watchKeys({ page }: MeasuredPage): Promise<void> {
  await page.evaluate(() => {
    const delays: number[] = [];
    let pressed: number | null = null;
    Object.assign(globalThis, { delays });
    document.addEventListener('keydown', (event) => (pressed ??= event.timeStamp), { capture: true });
    new PerformanceObserver((list) => {
      if (pressed === null || list.getEntriesByName('testops-problems-shown').length === 0) return;
      const began = pressed;
      pressed = null;
      requestAnimationFrame(() => {
        const { port1, port2 } = new MessageChannel();
        port1.addEventListener('message', () => delays.push(performance.now() - began));
        port1.start();
        port2.postMessage(null);
      });
    }).observe({ entryTypes: ['mark'] });
  });
}

if (import.meta.main) console.table(await benchConsoleKeystroke());
