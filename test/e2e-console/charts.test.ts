/// <reference lib="dom" />
/** Live charts on the living demo exchange, in a real browser. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { accessibilityIssuesOf, openDemoConsole, type DemoConsole } from './charts-and-log-console.ts';
import { ask } from './charts-and-log-core.ts';
import { missingChromium, patience } from './console-page.ts';

let opened: DemoConsole;

const chart = (title: string) => opened.page.getByRole('region', { name: `Chart ${title}`, exact: true });
const value = (series: string) => opened.page.locator(`[data-value="${series}"]`).first();

/** Where the lines of a chart are on the screen. */
async function plot(title: string) {
  const over = chart(title).locator('.u-over');
  await over.scrollIntoViewIfNeeded();
  return (await over.boundingBox())!;
}

/** The colours of a canvas' pixels, as often as they are there; empty when nothing is drawn. */
async function colours(title: string): Promise<number> {
  return chart(title)
    .locator('canvas')
    .evaluate((canvas: HTMLCanvasElement) => {
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
      const found = new Set<number>();
      for (let index = 0; index < data.length; index += 4)
        if (data[index + 3]! > 200) found.add((data[index]! << 16) | (data[index + 1]! << 8) | data[index + 2]!);
      return found.size;
    });
}

describe.skipIf(missingChromium)('the charts', { timeout: 3 * patience }, () => {
  beforeAll(async () => {
    opened = await openDemoConsole({ width: 1_600, height: 1_000 });
    await chart('Memory').waitFor({ timeout: patience });
  }, 3 * patience);
  afterAll(() => opened?.dispose());

  test('show the exchange live without being asked, with values and units', async () => {
    const memory = value('MatchingEnginePrimary.rss');
    await expect.poll(() => memory.textContent(), { timeout: patience }).toMatch(/^\d[\d.]* MB$/);
    await expect.poll(() => value('MatchingEnginePrimary.STATE').textContent(), { timeout: patience }).toBe('READY');
    await plot('Memory');
    await expect.poll(() => colours('Memory'), { timeout: patience }).toBeGreaterThan(8);
    expect(await accessibilityIssuesOf(opened.page, 'charts')).toEqual([]);
  });

  test('share one crosshair, and values are those at its time', async () => {
    const { page } = opened;
    const box = await plot('Memory');
    await page.mouse.move(box.x + box.width - 30, box.y + box.height / 2);
    await expect.poll(() => page.getByLabel('Time under the crosshair').textContent()).toMatch(/^\d\d:\d\d:\d\d\.\d{3}/);
    const lines = page.locator('.chart-cursor:not([hidden])');
    await expect.poll(() => lines.count()).toBeGreaterThanOrEqual(2);
    await page.mouse.move(5, 5);
    await expect.poll(() => lines.count()).toBe(0);
  });

  test('are zoomed by dragging, which the orange banner tells, and restored by a double click', async () => {
    const { page } = opened;
    const box = await plot('CPU');
    await page.mouse.move(box.x + box.width * 0.5, box.y + 20);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.8, box.y + 25, { steps: 4 });
    await page.mouse.up();
    await page.getByText(/Fixed time range/).waitFor();
    await page.getByRole('button', { name: 'Live charts' }).waitFor();
    await chart('CPU').locator('.u-over').dblclick();
    await page.getByRole('button', { name: 'Pause the charts' }).waitFor();
    expect(await page.getByText(/Fixed time range/).count()).toBe(0);
  });

  test('stand still when paused, and go on', async () => {
    const { page } = opened;
    // A test that is tried again may find them paused.
    await page
      .getByRole('button', { name: 'Pause the charts' })
      .or(page.getByRole('button', { name: 'Live charts' }))
      .waitFor();
    if ((await page.getByText(/Fixed time range/).count()) === 0) await page.keyboard.press('Alt+p');
    await page.getByText(/Fixed time range/).waitFor();
    const picture = () =>
      chart('CPU')
        .locator('canvas')
        .evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL());
    // What was on its way when it was paused may still come; then nothing moves.
    const stands = async (): Promise<boolean> => {
      const seen = await picture();
      await page.waitForTimeout(600);
      return (await picture()) === seen;
    };
    await expect.poll(stands, { timeout: patience }).toBe(true);
    const before = await picture();
    await page.keyboard.press('Alt+p');
    await expect.poll(picture).not.toBe(before);
  });

  test('take series that are searched for and chosen by keyboard, and keep them with the workspace', async () => {
    const { page, demo } = opened;
    await page.getByRole('button', { name: 'Series', exact: true }).click();
    const search = page.getByRole('combobox', { name: 'Search series' });
    await search.fill('gateway rss');
    await search.press('Enter');
    await chart('Gateway.rss').waitFor();
    await search.press('Escape');
    await expect.poll(() => value('Gateway.rss').textContent()).toMatch(/MB$/);
    await expect.poll(async () => (await ask(page, 'layout.load', { folder: demo.folder })).layout ?? '').toContain('Gateway.rss');
    await page.reload();
    await chart('Gateway.rss').waitFor({ timeout: patience });
    await page.getByRole('button', { name: 'Remove chart Gateway.rss' }).click();
    await expect.poll(() => chart('Gateway.rss').count()).toBe(0);
  });

  test('show that a killed component no longer tells anything: its state, and values that are stale', async () => {
    const { page, demo, failures } = opened;
    const { environmentFile } = demo;
    const { outcome } = await ask(page, 'command.execute', { environmentFile, words: ['kill', '-9', 'MatchingEnginePrimary'] });
    expect(outcome.success).toBe(true);
    await plot('States');
    await expect.poll(() => value('MatchingEnginePrimary.STATE').textContent(), { timeout: patience }).toBe('CRASHED');
    // The host is a component that has no state.
    expect(await value('System.STATE').count()).toBe(0);
    await plot('Memory');
    await expect.poll(() => value('MatchingEnginePrimary.rss').textContent(), { timeout: patience }).toMatch(/stale \d+ s|^–/);
    expect(failures).toEqual([]);
  });
});
