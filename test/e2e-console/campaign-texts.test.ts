/** Suites and campaigns in the editor: coloured, completed, explained, and checked while they are typed. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { NetworkOfProcesses } from '../network-of-processes.ts';
import { openCampaignWorkspace } from './campaign-workspace.ts';
import { missingChromium, openConsole, patience, type ConsolePage } from './console-page.ts';

const suggestions = (page: Page) => page.locator('.suggest-widget.visible .monaco-list-row');
const lines = (page: Page) => page.locator('.monaco-editor .view-lines').first();

describe.skipIf(missingChromium)('suites and campaigns in the editor', { timeout: 2 * patience }, () => {
  let network: NetworkOfProcesses | undefined;
  let opened: ConsolePage | undefined;

  beforeAll(async () => {
    network = await openCampaignWorkspace(1);
    opened = await openConsole({ arguments: ['--workspace', network.folder] });
    await opened.page.getByRole('tree', { name: 'Files of the workspace' }).waitFor({ timeout: patience });
  }, 2 * patience);
  afterAll(async () => {
    await opened?.dispose();
    await network?.dispose();
  });

  async function open(folder: string, name: string): Promise<Page> {
    if (!opened) throw new Error('the console was not opened');
    const { page } = opened;
    const file = page.getByRole('treeitem', { name: `${name}.yaml` });
    if ((await file.count()) === 0) await page.getByRole('treeitem', { name: folder, exact: true }).click();
    await file.click();
    await page.getByRole('tab', { name: `${name}.yaml`, selected: true }).waitFor();
    await lines(page).click({ position: { x: 4, y: 4 } });
    return page;
  }

  test('keys are suggested with what they mean, and then their words', async () => {
    const page = await open('suites', 'smoke');
    await page.locator('.monaco-editor .view-lines span[class*="mtk"]').nth(1).waitFor();
    await page.keyboard.press('Control+End');
    await page.keyboard.type('ret');
    await suggestions(page).filter({ hasText: 'retries' }).waitFor({ timeout: patience });
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+a');
    await page.keyboard.type('suite: smoke\nadapter: ');
    await suggestions(page).filter({ hasText: 'playwright' }).waitFor({ timeout: patience });
    await page.keyboard.press('Escape');
  });

  test('all that is wrong is marked while it is typed, and gone when it is mended', async () => {
    const page = await open('suites', 'smoke');
    await page.keyboard.press('Control+a');
    await page.keyboard.insertText('suite: smoke\nadapter: pytets\nretries: 99\n');
    await expect.poll(() => page.locator('.monaco-editor .squiggly-error').count(), { timeout: patience }).toBe(2);
    await page.keyboard.press('Control+a');
    await page.keyboard.insertText('suite: smoke\nadapter: scenario\nretries: 1\n');
    await expect.poll(() => page.locator('.monaco-editor .squiggly-error').count(), { timeout: patience }).toBe(0);
  });

  test('a key under the pointer is explained', async () => {
    const page = await open('suites', 'smoke');
    await page
      .locator('.monaco-editor .view-line span')
      .filter({ hasText: /^retries$/ })
      .first()
      .hover();
    await page
      .locator('.monaco-hover:not(.hidden)')
      .getByText('Attempts after the first', { exact: false })
      .first()
      .waitFor({ timeout: patience });
  });

  test('a campaign names the suites of the workspace, and an unknown one is marked', async () => {
    const page = await open('campaigns', 'nightly');
    await page.keyboard.press('Control+a');
    await page.keyboard.type('campaign: nightly\nsuites: [');
    await suggestions(page).filter({ hasText: 'programs' }).waitFor({ timeout: patience });
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+a');
    await page.keyboard.insertText('campaign: nightly\nsuites: [smoek]\n');
    await expect.poll(() => page.locator('.monaco-editor .squiggly-error').count(), { timeout: patience }).toBe(1);
    expect(opened?.failures).toEqual([]);
  });
});
