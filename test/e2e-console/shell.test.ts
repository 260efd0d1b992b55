/** The frame of the console: start screen, views, palette, keys, theme, the orange banner. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import {
  expectAccessible,
  onEachHost,
  openConsole,
  patience,
  waitForEnvironment,
  type ConsolePage,
  type ConsolePageOptions,
} from './console-page.ts';

let opened: ConsolePage | undefined;
const folders: string[] = [];
afterEach(async () => {
  await opened?.dispose();
  opened = undefined;
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A folder with nothing in it but a folder for scenarios. */
function emptyWorkspace(): string {
  const folder = mkdtempSync(join(tmpdir(), 'testops-workspace-'));
  mkdirSync(join(folder, 'scenarios'));
  folders.push(folder);
  return folder;
}

onEachHost('the shell', { timeout: 3 * patience, hostsDiffer: true }, (host) => {
  const open = async (options: ConsolePageOptions = {}): Promise<ConsolePage> => {
    opened = await openConsole({ host, ...options });
    return opened;
  };

  test('begins with a screen that says what this is and how to begin; a folder that is not there is told in a notice', async () => {
    const { page, failures } = await open();
    await page.getByRole('heading', { name: 'TestOps Console' }).waitFor();
    await page.getByRole('button', { name: 'Start the demo' }).waitFor();
    expect(await page.getByRole('button', { name: 'Environment' }).isDisabled()).toBe(true);
    await expectAccessible(page);
    await page.getByLabel("Folder on the core's computer").fill('/nowhere/at/all');
    await page.getByRole('button', { name: 'Open', exact: true }).click();
    await page.getByRole('alert').filter({ hasText: '/nowhere/at/all' }).waitFor();
    await page.getByRole('button', { name: 'Dismiss' }).click();
    expect(await page.getByRole('region', { name: 'Notices' }).getByRole('alert').count()).toBe(0);
    expect(failures).toEqual([]);
  });

  test('palette, list of keys, views and theme by keyboard; the theme is remembered with the workspace', async () => {
    const folder = emptyWorkspace();
    const { page, origin } = await open({ arguments: ['--workspace', folder] });
    await page.getByRole('banner').getByText(basename(folder)).waitFor();

    const theme = () => page.evaluate(() => document.documentElement.dataset['mantineColorScheme']);
    const other = (await theme()) === 'dark' ? 'light' : 'dark';

    await page.keyboard.press('F1');
    await page.getByPlaceholder('What do you want to do?').fill('theme dark');
    expect(await page.getByRole('button', { name: 'Switch between dark and light' }).count()).toBe(0);
    await page.getByPlaceholder('What do you want to do?').fill('dark light');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await expect.poll(theme).toBe(other);

    await page.keyboard.press('?');
    const keys = page.getByRole('dialog', { name: 'Keys' });
    await keys.getByText('Show Archive').waitFor();
    await expectAccessible(page);
    await page.keyboard.press('Escape');
    await keys.waitFor({ state: 'hidden' });

    await page.keyboard.press('Control+3');
    await page.getByText('No run is archived yet').waitFor();
    expect(await page.getByRole('button', { name: 'Archive', exact: true }).getAttribute('aria-current')).toBe('page');
    await expectAccessible(page);
    await page.keyboard.press('Control+2');
    await page.getByText('No environment is chosen').waitFor();
    await expectAccessible(page);

    // The layout is saved a moment after the last change.
    await page.waitForTimeout(1_000);
    if (host === 'desktop') await page.reload();
    else await page.goto(origin);
    await page.getByRole('banner').getByText(basename(folder)).waitFor();
    await expect.poll(theme).toBe(other);
  });

  test('a dialog that was opened from the palette gives the keyboard back to what had it before', async () => {
    const { page } = await open({ arguments: ['--workspace', emptyWorkspace()] });
    const filter = page.getByPlaceholder('Filter by name');
    await filter.click();
    for (const [words, action, dialog] of [
      ['new scenario', /^New scenario/, 'New scenario'],
      ['all keys', /^List all keys/, 'Keys'],
    ] as const) {
      await page.keyboard.press('F1');
      await page.getByPlaceholder('What do you want to do?').fill(words);
      await page.getByRole('dialog', { name: 'Find an action' }).getByRole('button', { name: action }).click();
      await page.getByRole('dialog', { name: dialog, exact: true }).waitFor();
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      await expect.poll(() => filter.evaluate((each) => each === document.activeElement)).toBe(true);
    }
    await page.keyboard.press('F1');
    await page.getByPlaceholder('What do you want to do?').waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(() => filter.evaluate((each) => each === document.activeElement)).toBe(true);
  });

  // The shell starts its core again at once; that is tested with its host.
  test.skipIf(host === 'desktop')('a lost core is told in orange, with the time since', async () => {
    const { page, command } = await open({ arguments: ['--workspace', emptyWorkspace()] });
    await page
      .getByRole('banner')
      .getByRole('button', { name: /^Workspace/ })
      .waitFor();
    expect(await page.getByText('Not live').count()).toBe(0);
    command.process.kill('SIGTERM');
    await page
      .getByRole('status')
      .filter({ hasText: /Not live.*No connection to the core.*for \d/ })
      .waitFor();
    await expectAccessible(page);
  });

  test('the demo starts from the start screen', async () => {
    const { page, failures } = await open();
    await page.getByRole('button', { name: 'Start the demo' }).click();
    await page.getByText(/Starting the demo exchange, release .+ …/).waitFor();
    await waitForEnvironment(page);
    await page.getByRole('banner').getByText('rc1').waitFor();
    await page.keyboard.press('Control+2');
    await page.getByRole('row', { name: /MatchingEnginePrimary READY/ }).waitFor({ timeout: patience });
    expect(failures).toEqual([]);
  });
});
