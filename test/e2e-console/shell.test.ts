/** The frame of the console: start screen, views, palette, keys, theme, the orange banner. */
import { afterEach, describe, expect, test } from 'vitest';
import { expectAccessible, missingChromium, openConsole, patience, type ConsolePage } from './console-page.ts';

let opened: ConsolePage | undefined;
afterEach(async () => {
  await opened?.dispose();
  opened = undefined;
});

async function open(...options: Parameters<typeof openConsole>): Promise<ConsolePage> {
  opened = await openConsole(...options);
  return opened;
}

describe.skipIf(missingChromium)('the shell', { timeout: 3 * patience }, () => {
  test('begins with a screen that says what this is and how to begin', async () => {
    const { page, failures } = await open();
    await page.getByRole('heading', { name: 'TestOps Console' }).waitFor();
    await page.getByRole('button', { name: 'Start the demo' }).waitFor();
    expect(await page.getByRole('button', { name: 'Archive' }).isDisabled()).toBe(true);
    await expectAccessible(page);
    await page.getByLabel("Folder on the core's computer").fill('/nowhere/at/all');
    await page.getByRole('button', { name: 'Open', exact: true }).click();
    await page.getByRole('alert').waitFor();
    expect(await page.getByRole('alert').textContent()).toContain('/nowhere/at/all');
    expect(failures).toEqual([]);
  });
});
