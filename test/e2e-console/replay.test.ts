/** Replay of a real run of the demo: back over the kill and forward again, everything with it; bookmarks; a second run beside it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { archiveDemoRun, expectAccessible, missingChromium, openConsole, patience, type ConsolePage } from './console-page.ts';
import { expectStanding } from './run-operator.ts';

/** Lines of the scenario, from 1: `kill -9 MatchingEnginePrimary`, `set smoke_status exec_smoke`, `if 'PASS' == …`. */
const [kill, smoke, decision] = [2, 3, 4] as const;

async function openRun(page: Page, release: string): Promise<void> {
  await page.getByRole('row', { name: new RegExp(`failover ${release}`) }).click();
  await page.keyboard.press('Enter');
  await page.getByRole('region', { name: 'Replay' }).getByText('passed').waitFor();
}

/** Number of the line where control stands, in one look; null: nowhere. */
async function controlLine(page: Page): Promise<number | null> {
  const text = await page.evaluate(
    () => document.querySelector('.line-numbers.running-number, .line-numbers.waiting-number')?.textContent ?? '',
  );
  return text === '' ? null : Number(text);
}

/** Presses a key until control stands on a line; the steps between are few. */
async function goToLine(page: Page, key: string, line: number): Promise<void> {
  for (let press = 0; press < 8 && (await controlLine(page)) !== line; press++) {
    const slider = page.getByRole('slider', { name: 'Moment of the run' });
    const before = await slider.getAttribute('data-sequence');
    await page.keyboard.press(key);
    await expect.poll(() => slider.getAttribute('data-sequence')).not.toBe(before);
    // The line is marked in the next frame.
    await page.waitForTimeout(60);
  }
  expect(await controlLine(page)).toBe(line);
}

async function moment(page: Page): Promise<number> {
  return Number(await page.getByRole('slider', { name: 'Moment of the run' }).getAttribute('aria-valuenow'));
}

/** State of a component at the shown moment, as the Environment view has it. */
async function stateOf(page: Page, component: string): Promise<string> {
  await page.keyboard.press('Control+2');
  const row = page
    .getByRole('region', { name: 'Components of the replayed run' })
    .getByRole('row', { name: new RegExp(`^${component}\\b`) });
  const state = await row.getByRole('cell').first().innerText();
  await page.keyboard.press('Control+1');
  return state;
}

async function logRows(page: Page): Promise<number> {
  return Number(await page.getByRole('grid', { name: 'Log' }).getAttribute('aria-rowcount'));
}

/** Time of the newest sample that the first chart shows, ms since 1970; 0 where it shows none. Charts out of sight are not drawn. */
async function newestDrawn(page: Page): Promise<number> {
  // It is drawn in one of the frames that follow.
  await page.waitForTimeout(300);
  return Number(await page.locator('[data-chart]').first().getAttribute('data-newest'));
}

describe.skipIf(missingChromium)('replay', { timeout: 2 * patience }, () => {
  let folder: string;
  let opened: ConsolePage | undefined;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'testops-replay-'));
    const archive = join(folder, 'archive');
    archiveDemoRun(archive, 'rc1');
    archiveDemoRun(archive, 'rc2');
    opened = await openConsole({ archive });
    await opened.page.getByRole('button', { name: 'open the archive' }).click();
    await openRun(opened.page, 'rc2');
  }, 4 * patience);
  afterAll(async () => {
    await opened?.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  const shown = () => {
    if (!opened) throw new Error('the console was not opened');
    return opened.page;
  };

  test('is told in orange; the run cannot be driven', async () => {
    const page = shown();
    await page
      .getByRole('status')
      .filter({ hasText: /Not live.*Replay of failover, release rc2/ })
      .waitFor();
    await expectStanding(page, /Passed/);
    for (const name of ['Start', 'Pause', 'Step', 'Stop'])
      expect(await page.getByRole('toolbar', { name: 'Run' }).getByRole('button', { name, exact: true }).isDisabled()).toBe(true);
    await expectAccessible(page);
  });

  test('goes backwards over the kill, and everything with it', async () => {
    const page = shown();
    await page.getByLabel('Stretch of time that is shown').selectOption('10000');
    await goToLine(page, 'ArrowLeft', decision);
    await expectStanding(page, /Running/);
    const variables = page.getByRole('region', { name: 'Variables' });
    await variables.getByText('PASS').waitFor();
    const rowsAfter = await logRows(page);
    const drawnAfter = await newestDrawn(page);
    expect(await stateOf(page, 'MatchingEnginePrimary')).toBe('CRASHED');
    await page.getByRole('button', { name: 'kill -9 MatchingEnginePrimary', exact: true }).waitFor();

    await goToLine(page, 'ArrowLeft', smoke);
    await variables.waitFor({ state: 'detached' });
    await goToLine(page, 'ArrowLeft', kill);
    expect(await stateOf(page, 'MatchingEnginePrimary')).toMatch(/READY|RUNNING/);
    await expect.poll(() => logRows(page)).toBeLessThan(rowsAfter);
    await page.getByRole('grid', { name: 'Log' }).getByText('▶ 1 kill -9 MatchingEnginePrimary').waitFor();
    expect(await page.getByRole('grid', { name: 'Log' }).getByText('CRASHED').count()).toBe(0);

    // Before the step of the kill nothing was injected that could be recovered from.
    await goToLine(page, 'ArrowLeft', 1);
    await page.getByRole('button', { name: 'kill -9 MatchingEnginePrimary', exact: true }).waitFor({ state: 'detached' });
    // Samples come twice a second: a whole step back they are older, too.
    await expect.poll(() => newestDrawn(page)).toBeLessThan(drawnAfter);

    // And forward again, by its events: the fault, then the crash.
    await goToLine(page, 'ArrowRight', kill);
    const crashed = page.getByRole('grid', { name: 'Log' }).getByText('CRASHED (signal KILL)');
    for (let press = 0; press < 3 && (await crashed.count()) === 0; press++) {
      await page.keyboard.press('Shift+ArrowRight');
      await page.waitForTimeout(100);
    }
    await crashed.waitFor();
    expect(await stateOf(page, 'MatchingEnginePrimary')).toBe('CRASHED');
    await goToLine(page, 'ArrowRight', decision);
    await expect.poll(() => logRows(page)).toBe(rowsAfter);
    await expect.poll(() => newestDrawn(page)).toBe(drawnAfter);
  });

  test('plays to the end at a chosen speed, and tells the speed that it reaches', async () => {
    const page = shown();
    await page.getByRole('slider', { name: 'Moment of the run' }).focus();
    await page.keyboard.press('Home');
    await expect.poll(() => moment(page)).toBe(0);
    await page.keyboard.press('[');
    expect(await page.getByLabel('Speed of the replay').inputValue()).toBe('0.5');
    await page.keyboard.press('Space');
    await expect.poll(async () => Number(await page.getByLabel('Achieved speed').getAttribute('data-achieved'))).toBeGreaterThan(0.3);
    expect(Number(await page.getByLabel('Achieved speed').getAttribute('data-achieved'))).toBeLessThanOrEqual(0.6);
    await page.getByLabel('Speed of the replay').selectOption('5');
    await expectStanding(page, /Passed/);
    await page.getByRole('button', { name: 'Play', exact: true }).waitFor();
    await page.getByLabel('Speed of the replay').selectOption('1');
  });

  test('bookmarks survive a reload; they are gone to, renamed and taken back', async () => {
    const page = shown();
    await page.getByRole('slider', { name: 'Moment of the run' }).focus();
    await goToLine(page, 'ArrowLeft', smoke);
    const marked = await page.locator('[data-replay-offset]').innerText();
    await page.keyboard.press('b');
    await page.getByLabel(/Bookmark at/).fill('the smoke test');
    await page.keyboard.press('Enter');
    const places = page.getByRole('list', { name: 'Bookmarks and notes' });
    // Kept and closed, and the keyboard is where it was.
    await page.getByRole('button', { name: 'Bookmarks and notes, 1' }).waitFor();
    await page.getByRole('dialog', { name: 'Bookmarks and notes' }).waitFor({ state: 'detached' });
    expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe('Moment of the run');
    await page.keyboard.press('b');
    await page.keyboard.press('Escape');
    await page.getByRole('dialog', { name: 'Bookmarks and notes' }).waitFor({ state: 'detached' });

    await page.reload();
    await page.getByRole('button', { name: 'open the archive' }).click();
    await openRun(page, 'rc2');
    await page.getByRole('button', { name: 'Bookmarks and notes, 1' }).waitFor();
    await page.getByRole('slider', { name: 'Moment of the run' }).focus();
    await page.keyboard.press('Alt+ArrowLeft');
    await expect.poll(() => page.locator('[data-replay-offset]').innerText()).toBe(marked);
    await expect.poll(() => controlLine(page)).toBe(smoke);

    await page.getByRole('button', { name: 'Bookmarks and notes, 1' }).click();
    await page.getByRole('button', { name: 'Rename the smoke test' }).click();
    await page.getByLabel(/Bookmark at/).fill('smoke begins');
    await page.keyboard.press('Enter');
    await places.getByText('smoke begins').waitFor();
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Take back smoke begins' }).click();
    await page.getByRole('button', { name: 'Bookmarks and notes, 0' }).waitFor();
    await page.keyboard.press('Escape');
  });

  test('another run stands beside it, in the same step', async () => {
    const page = shown();
    await page.getByRole('slider', { name: 'Moment of the run' }).focus();
    await goToLine(page, 'ArrowLeft', kill);
    await page.keyboard.press('Alt+b');
    await page.getByPlaceholder('Show which run beside this one?').waitFor();
    // The likeliest is highlighted from the start.
    await page.locator('[data-action][data-selected]').first().waitFor();
    await page.keyboard.press('Enter');
    const beside = page.getByRole('complementary', { name: 'Run beside' });
    await beside.getByText('failover rc1').waitFor();
    await beside.getByText('In the same step').waitFor();
    const steps = beside.getByRole('list', { name: 'Steps of both runs' }).getByRole('listitem');
    expect(await steps.count()).toBe(5);
    expect(await steps.nth(1).getAttribute('data-state')).toBe('running');
    await page.getByRole('slider', { name: 'Moment of the run' }).focus();
    await goToLine(page, 'ArrowRight', smoke);
    await expect.poll(() => steps.nth(1).getAttribute('data-state')).toBe('passed');
    expect(await steps.nth(3).getAttribute('data-state')).toBe('later');
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Close the run beside' }).click();
    await beside.waitFor({ state: 'detached' });
  });

  test('returns to live, and nothing of the run is left', async () => {
    const page = shown();
    await page.keyboard.press('Alt+l');
    await page.getByRole('region', { name: 'Replay' }).waitFor({ state: 'detached' });
    expect(await page.getByRole('status').filter({ hasText: 'Not live' }).count()).toBe(0);
    // Its text is closed, and nobody waits for an answer that does not come.
    await expect.poll(() => page.getByText('Looking for earlier runs').count()).toBe(0);
    await expect.poll(() => page.locator('[data-read-only]').count()).toBe(0);
    expect(opened?.failures).toEqual([]);
  });
});
