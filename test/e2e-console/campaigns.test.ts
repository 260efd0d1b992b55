/** The Campaigns view against a real core: scenarios in the core, programs on a worker daemon; started, watched, looked into and repeated. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { NetworkOfProcesses } from '../network-of-processes.ts';
import { openCampaignWorkspace } from './campaign-workspace.ts';
import { expectAccessible, missingChromium, openConsole, patience, type ConsolePage } from './console-page.ts';

const head = (page: Page) => page.getByRole('region', { name: 'Campaign', exact: true });
const tests = (page: Page) => page.getByRole('grid', { name: 'Tests' });
const failures = (page: Page) => page.getByRole('region', { name: /^Failures/ });
const campaigns = (page: Page) => page.getByRole('listbox', { name: 'Campaigns' });
const details = (page: Page) => page.getByRole('complementary', { name: 'Details of the test' });

describe.skipIf(missingChromium)('the Campaigns view', { timeout: 2 * patience }, () => {
  let network: NetworkOfProcesses | undefined;
  let opened: ConsolePage | undefined;

  beforeAll(async () => {
    network = await openCampaignWorkspace(8);
    opened = await openConsole({ arguments: ['--workspace', network.folder] });
  }, 2 * patience);
  afterAll(async () => {
    await opened?.dispose();
    await network?.dispose();
  });

  const shown = (): Page => {
    if (!opened) throw new Error('the console was not opened');
    return opened.page;
  };

  test('without a campaign it says what to write, and starts one that the workspace has', async () => {
    const page = shown();
    await page.getByRole('banner').getByText('connected', { exact: true }).waitFor({ timeout: patience });
    await page.keyboard.press('Control+6');
    await page.getByText('No campaign was started yet').waitFor();
    await expectAccessible(page);
    await page.keyboard.press('n');
    const revision = page.getByLabel('Revision under test');
    await revision.and(page.locator(':focus')).waitFor();
    await expectAccessible(page);
    await page.keyboard.type('rc7');
    await page.keyboard.press('Enter');
    await head(page).getByText('rc7').waitFor();
  });

  test('failures are on the screen as they come, grouped; a group filters the tests', async () => {
    const page = shown();
    await failures(page)
      .getByRole('button', { name: /2 tests.*was lost/ })
      .waitFor({ timeout: patience });
    await head(page).getByRole('heading', { name: 'Nightly: failed' }).waitFor({ timeout: patience });
    await head(page).getByText('3 failed, 7 passed', { exact: true }).waitFor();
    await expect.poll(() => tests(page).getAttribute('aria-rowcount')).toBe('11');
    await failures(page)
      .getByRole('button', { name: /2 tests/ })
      .click();
    await expect.poll(() => tests(page).getAttribute('aria-rowcount')).toBe('3');
    await page.getByRole('button', { name: 'Show all' }).click();
    await expect.poll(() => tests(page).getAttribute('aria-rowcount')).toBe('11');
    await page.keyboard.press('Control+f');
    await page.keyboard.type('test-07');
    await expect.poll(() => tests(page).getAttribute('aria-rowcount')).toBe('2');
  });

  test('a test has its attempts, and what it printed', async () => {
    const page = shown();
    await tests(page).focus();
    await page.keyboard.press('Home');
    await details(page).getByText('Attempt 1: ✗ failed').waitFor();
    await details(page).getByText('MEP on one', { exact: false }).waitFor();
    await details(page).getByRole('list', { name: 'Evidence' }).getByRole('button').first().click();
    await details(page).getByLabel('output.txt').getByText('output of 7').waitFor();
    await expectAccessible(page);
    await page.keyboard.press('Control+Alt+t');
    await expectAccessible(page);
    await page.keyboard.press('Control+Alt+t');
    await page.getByRole('button', { name: 'Show all' }).click();
  });

  test('servers, workers, and what ran where', async () => {
    const page = shown();
    await page.keyboard.press('w');
    await page.getByRole('row', { name: /one ready/ }).waitFor();
    await page.getByRole('img', { name: 'MEP: 8 attempts, 6 passed, 2 failed' }).waitFor();
    await page.getByRole('img', { name: 'one: 8 attempts, 6 passed, 2 failed' }).waitFor();
    await expectAccessible(page);
    // Where not all rows fit, the one that is led to is seen as a whole.
    const size = page.viewportSize();
    await page.setViewportSize({ width: size?.width ?? 1280, height: 460 });
    await page
      .getByRole('group', { name: 'By worker' })
      .getByTitle(/test-06\.sh/)
      .first()
      .click();
    const row = tests(page).getByRole('row', { name: /test-06\.sh/ });
    await expect
      .poll(async () => {
        const [inner, outer] = [await row.boundingBox(), await tests(page).boundingBox()];
        return inner !== null && outer !== null && inner.y >= outer.y + inner.height && inner.y + inner.height <= outer.y + outer.height;
      })
      .toBe(true);
    if (size) await page.setViewportSize(size);
  });

  test('what failed is executed again as a campaign of its own, and compared with the one before', async () => {
    const page = shown();
    await page.keyboard.press('r');
    await expect.poll(() => campaigns(page).getByRole('option').count(), { timeout: patience }).toBe(2);
    await head(page).getByText('3 failed', { exact: true }).waitFor({ timeout: patience });
    await page.keyboard.press('c');
    await page.getByRole('grid', { name: 'Differences' }).waitFor();
    await page.getByText('nothing differs.').waitFor();
    await expectAccessible(page);
  });

  test('the radiator fills the window, has an address, and Escape leads back', async () => {
    const page = shown();
    await page.keyboard.press('Alt+r');
    const wall = page.getByRole('dialog', { name: 'Radiator' });
    await wall.getByText('3 red').waitFor();
    await wall.getByText('never green yet').waitFor();
    expect(new URL(page.url()).hash).toBe('#/radiator');
    await expectAccessible(page);
    await page.reload();
    await wall.getByText('3 red').waitFor({ timeout: patience });
    await page.keyboard.press('Escape');
    await wall.waitFor({ state: 'hidden' });
    expect(opened?.failures).toEqual([]);
  });
});
