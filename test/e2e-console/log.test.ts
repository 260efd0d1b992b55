/// <reference lib="dom" />
/** The log on the living demo exchange, in a real browser: hostile text, filters, following. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { accessibilityIssuesOf, openDemoConsole, type DemoConsole } from './charts-and-log-console.ts';
import { ask } from './charts-and-log-core.ts';
import { missingChromium, patience, waitForEnvironment } from './console-page.ts';

let opened: DemoConsole;

const log = () => opened.page.getByRole('grid', { name: 'Log' });
const rows = () => log().getByRole('row');
const count = () => opened.page.locator('[data-panel="log"]').getByRole('status').textContent();
/** How many rows match the filter, as the log says. */
const matches = async () => Number((/^([\d,]+) of/.exec((await count()) ?? '')?.[1] ?? '0').replace(',', ''));
const filterText = () => opened.page.getByLabel('Filter the log by text');
const following = () => opened.page.getByRole('button', { name: 'Follow the newest row' });

const hostile = '<img src=x onerror="window.hacked=1"> \u001b[31mred\u001b[0m \u202Edetrever';
/** Many lines, then a step that takes long enough to look at it. */
const scenario = `echo '${hostile}'
set round = 0
repeat 200
  echo many lines
end
prompt answer 'Go on?' yes no
echo last line
`;

describe.skipIf(missingChromium)('the log', { timeout: 3 * patience }, () => {
  beforeAll(async () => {
    opened = await openDemoConsole({ width: 1_600, height: 1_000 });
    const { page, demo } = opened;
    const scenarioFile = join(demo.folder, 'scenarios', 'hostile.scn');
    await writeFile(scenarioFile, scenario);
    await ask(page, 'run.start', { scenarioFile, environmentFile: demo.environmentFile, policy: 'pause', attended: true });
    // A window that is opened during a run joins it.
    await page.reload();
    await waitForEnvironment(page);
    await page.keyboard.press('Alt+5');
    await rows().first().waitFor({ timeout: patience });
  }, 4 * patience);
  afterAll(() => opened?.dispose());

  test('follows the run to its newest row', async () => {
    await expect.poll(() => rows().last().textContent(), { timeout: patience }).toContain('Go on?');
    expect(await following().getAttribute('aria-pressed')).toBe('true');
    expect(await rows().count()).toBeLessThan(120);
    expect(await accessibilityIssuesOf(opened.page, 'log')).toEqual([]);
  });

  test('shows hostile text as text', async () => {
    await filterText().fill('onerror');
    const echoed = rows().filter({ hasText: 'echo' }).filter({ hasText: 'red' }).last();
    await expect.poll(() => echoed.textContent()).toContain('<img src=x onerror="window.hacked=1"> red ‹U+202E›detrever');
    expect(await log().locator('img').count()).toBe(0);
    expect(await opened.page.evaluate(() => 'hacked' in window)).toBe(false);
  });

  test('filters by text, expression and severity, and says how much is left', async () => {
    await filterText().fill('many lines');
    await expect.poll(matches).toBeGreaterThanOrEqual(200);
    await opened.page.getByRole('button', { name: 'Regular expression' }).click();
    await filterText().fill('(');
    await expect.poll(() => filterText().getAttribute('aria-invalid')).toBe('true');
    await filterText().fill('^(a+)+$|^go on\\?$|question: go');
    await expect.poll(count).toMatch(/^1 of/);
    await filterText().fill('');
    await opened.page.getByRole('button', { name: 'Regular expression' }).click();
    await opened.page.getByLabel('Least severity').selectOption('fatal');
    await opened.page.getByText('No row matches the filter').waitFor();
    await opened.page.getByRole('button', { name: 'Show all rows' }).click();
    await expect.poll(count).toMatch(/rows$/);
  });

  test('stops following when one scrolls up, and follows again by its key', async () => {
    const { page } = opened;
    await log().hover();
    await page.mouse.wheel(0, -600);
    await expect.poll(() => following().getAttribute('aria-pressed')).toBe('false');
    await page.keyboard.press('Alt+f');
    await expect.poll(() => following().getAttribute('aria-pressed')).toBe('true');
    await expect.poll(() => rows().last().textContent()).toContain('Go on?');
  });

  test('leads to the step that ran then: rows of the same step are marked', async () => {
    await filterText().fill('many lines');
    await expect.poll(matches).toBeGreaterThanOrEqual(200);
    await rows().filter({ hasText: '▶' }).first().click();
    await expect.poll(() => log().locator('[data-of-step]').count()).toBeGreaterThanOrEqual(2);
    await filterText().fill('');
    expect(await following().getAttribute('aria-pressed')).toBe('false');
    expect(opened.failures).toEqual([]);
  });
});
