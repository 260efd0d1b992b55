/** The sample history and the storage of the archive, as an operator uses them. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sampleListSchema } from '#main/core/history/sample-list.ts';
import { root } from '../e2e/console-command.ts';
import { expectAccessible, onEachHost, openConsole, patience, type ConsolePage } from './console-page.ts';

const samples = sampleListSchema.parse(JSON.parse(readFileSync(join(root, 'resources', 'samples', 'samples.json'), 'utf8'))).runs;
const accepted = samples.filter((sample) => sample.accepted !== undefined).length;

onEachHost('the storage of the archive', { timeout: 2 * patience }, (host) => {
  let opened: ConsolePage | undefined;
  beforeAll(async () => {
    opened = await openConsole({ host });
    await opened.page.getByRole('button', { name: 'open the archive' }).click();
  }, 2 * patience);
  afterAll(() => opened?.dispose());

  const shown = () => {
    if (!opened) throw new Error('the console was not opened');
    return opened.page;
  };
  const folders = () => samples.filter(({ run }) => existsSync(join(opened?.archive ?? '', run)));

  test('an empty archive offers the sample history, which brings its decisions along', async () => {
    const page = shown();
    await page.getByText('No run is archived yet').waitFor();
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Load the sample history' }).click();
    await page.getByText(`${samples.length} of ${samples.length} runs`).waitFor();
    const decision = page.getByPlaceholder('Any decision');
    await decision.click();
    await page.getByRole('option', { name: 'accepted' }).click();
    await page.getByText(`${accepted} of ${samples.length} runs`).waitFor();
    // Chosen once more, it is no filter any more.
    await decision.click();
    await page.getByRole('option', { name: 'accepted' }).click();
    await page.getByText(`${samples.length} of ${samples.length} runs`).waitFor();
  });

  test('sizes, rules and their preview; nothing goes before it was asked twice, and it can be undone', async () => {
    const page = shown();
    await page.getByRole('button', { name: 'Storage…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Storage' });
    await dialog.getByText(/\d+ runs, [\d.]+ MB\. By these rules 0 runs may go/).waitFor();
    expect(await dialog.getByRole('button', { name: /^Remove 0 runs/ }).isDisabled()).toBe(true);
    await dialog.getByLabel('Keep the last of each scenario and release').fill('1');
    await dialog.getByText(/By these rules 4 runs may go/).waitFor();
    await expectAccessible(page);
    const named = dialog.getByRole('row').filter({ hasText: 'accepted' }).first();
    await named.getByRole('checkbox').click();
    await dialog.getByRole('button', { name: 'Make these the rules' }).click();
    await dialog.getByRole('button', { name: 'These rules hold' }).waitFor();
    await dialog.getByRole('button', { name: /^Remove 5 runs/ }).click();
    await dialog.getByText(/Among them are accepted runs/).waitFor();
    await expectAccessible(page);
    await dialog.getByRole('button', { name: /^Remove 5 runs/ }).click();
    await page.getByText(`${samples.length - 5} of ${samples.length - 5} runs`).waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText(`${samples.length} of ${samples.length} runs`).waitFor();
    expect(folders()).toHaveLength(samples.length);
  });

  test('what was chosen goes, accepted runs only where they were ticked', async () => {
    const page = shown();
    await page.getByRole('button', { name: 'Storage…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Storage' });
    // The rules were kept.
    await dialog.getByRole('button', { name: /^Remove 4 runs/ }).click();
    await dialog.getByRole('button', { name: /^Remove 4 runs/ }).click();
    await expect.poll(() => folders().length, { timeout: patience / 2 }).toBe(samples.length - 4);
    expect(folders().filter((sample) => sample.accepted !== undefined)).toHaveLength(accepted);
    await page.getByText(`${samples.length - 4} of ${samples.length - 4} runs`).waitFor();
    expect(opened?.failures).toEqual([]);
  });
});
