/** A wall by a link: made in the console, opened in a browser that was never let in, revoked. */
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { NetworkOfProcesses } from '../network-of-processes.ts';
import { openCampaignWorkspace } from './campaign-workspace.ts';
import { expectAccessible, missingChromium, openConsole, patience, type ConsolePage } from './console-page.ts';

describe.skipIf(missingChromium)('a wall', { timeout: 2 * patience }, () => {
  let network: NetworkOfProcesses | undefined;
  let opened: ConsolePage | undefined;
  let strange: BrowserContext | undefined;
  let address = '';

  beforeAll(async () => {
    network = await openCampaignWorkspace(4);
    opened = await openConsole({ arguments: ['--workspace', network.folder] });
    await opened.page.getByRole('banner').getByText('connected', { exact: true }).waitFor({ timeout: patience });
  }, 2 * patience);
  afterAll(async () => {
    await strange?.close();
    await opened?.dispose();
    await network?.dispose();
  });

  const shown = (): Page => {
    if (!opened) throw new Error('the console was not opened');
    return opened.page;
  };

  test('a link is made in the console, and told once', async () => {
    const page = shown();
    await page.keyboard.press('Control+6');
    await page.getByText('No campaign was started yet').waitFor();
    await page.keyboard.press('n');
    const revision = page.getByLabel('Revision under test');
    await revision.and(page.locator(':focus')).waitFor();
    await page.keyboard.type('rc7');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Nightly: failed' }).waitFor({ timeout: patience });
    await page.keyboard.press('k');
    const dialog = page.getByRole('dialog', { name: 'Links to the radiator' });
    await dialog.getByText('There is no link yet.').waitFor();
    await dialog.getByLabel('Which wall').fill('kitchen');
    await page.keyboard.press('Enter');
    address = await dialog.getByLabel('Address').innerText();
    expect(address).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/radiator#[\w-]{43}$/);
    await dialog.getByRole('list', { name: 'Links' }).getByText('kitchen').waitFor();
    await expectAccessible(page);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
  });

  test('shows the campaigns to a browser that was never let in, and who has looked', async () => {
    const page = shown();
    strange = await page.context().browser()?.newContext();
    const wall = await strange?.newPage();
    if (!wall) throw new Error('no other browser');
    const violations: string[] = [];
    wall.on('console', (message) => {
      if (message.type() === 'error') violations.push(message.text());
    });
    await wall.goto(address);
    await wall.getByText('2 red').waitFor({ timeout: patience });
    await wall.getByText('nobody has looked yet').waitFor();
    await page.keyboard.press('l');
    await page.getByText(/^looked at by /).waitFor();
    await wall.getByText(/^looked at by /).waitFor({ timeout: patience });
    await expectAccessible(wall);
    expect(violations).toEqual([]);
    await wall.goto(address.replace(/\/radiator.*/, '/'));
    await wall.getByText('This link was used already, or is not valid').waitFor();
    await wall.goto(address);
    await wall.getByText('2 red').waitFor({ timeout: patience });
    await page.keyboard.press('k');
    await page.getByRole('button', { name: 'Revoke kitchen' }).click();
    await wall.getByText(/This link shows nothing/).waitFor({ timeout: patience });
    expect(await wall.getByText('2 red').count()).toBe(0);
    expect(opened?.failures).toEqual([]);
  });
});
