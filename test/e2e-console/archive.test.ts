/** The Archive view: a run of the demo is listed, opened, exported, deleted with undo, imported again. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { archiveDemoRun, expectAccessible, missingChromium, openConsole, patience, type ConsolePage } from './console-page.ts';

describe.skipIf(missingChromium)('the Archive view', { timeout: 2 * patience }, () => {
  let folder: string;
  let opened: ConsolePage | undefined;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'testops-archive-view-'));
    archiveDemoRun(join(folder, 'archive'));
    opened = await openConsole({ archive: join(folder, 'archive') });
    await opened.page.getByRole('button', { name: 'open the archive' }).click();
  }, 2 * patience);
  afterAll(async () => {
    await opened?.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  const shown = () => {
    if (!opened) throw new Error('the console was not opened');
    return opened.page;
  };

  test('lists the run; details show its facts and the trace', async () => {
    const page = shown();
    await page.getByRole('row', { name: /passed failover rc1/ }).click();
    const details = page.getByRole('region', { name: 'Details of the run' });
    await details.getByText('Trace (5 steps)').waitFor();
    await details.getByText('kill -9 MatchingEnginePrimary').waitFor();
    expect(await details.getByRole('listitem').allInnerTexts()).toHaveLength(5);
    await expectAccessible(page);
    await page.keyboard.press('Control+Alt+t');
    await expectAccessible(page);
  });

  test('filters by words and verdict, sorts by columns', async () => {
    const page = shown();
    await page.keyboard.press('Control+f');
    await page.keyboard.type('nothing like it');
    await page.getByText('0 of 1 runs').waitFor();
    await page.getByLabel('Filter runs').fill('FAILOVER passed');
    await page.getByText('1 of 1 runs').waitFor();
    await page.getByLabel('Filter runs').fill('');
    await page.getByRole('button', { name: 'Duration' }).click();
    expect(await page.getByRole('columnheader', { name: 'Duration' }).getAttribute('aria-sort')).toBe('ascending');
  });

  test('opens a run by keyboard, read-only and marked as not live', async () => {
    const page = shown();
    await page.getByRole('grid', { name: 'Runs' }).focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('Enter');
    await page
      .getByRole('status')
      .filter({ hasText: /Not live.*Replay of failover, release rc1/ })
      .waitFor();
    expect(await page.getByRole('status').filter({ hasText: 'Not live' }).count()).toBe(1);
    await page.getByRole('status').getByRole('button', { name: 'Return to live' }).click();
    await page.keyboard.press('Control+3');
    await page.getByRole('grid', { name: 'Runs' }).waitFor();
  });

  test('is exported, deleted with undo, deleted for good, imported', async () => {
    const page = shown();
    const bundle = join(folder, 'sent.testops-run');
    await page.getByRole('row', { name: /failover/ }).click();
    await page.getByRole('button', { name: 'Export…' }).click();
    await page.getByLabel(/File to write/).fill(bundle);
    await page.getByRole('button', { name: 'Export', exact: true }).click();
    await page.getByText(`Exported to ${bundle}.`).waitFor();
    expect(existsSync(bundle)).toBe(true);

    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByText('No run is archived yet').waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByRole('row', { name: /failover/ }).click();

    await page.getByRole('grid', { name: 'Runs' }).press('Delete');
    await page.getByText('No run is archived yet').waitFor();
    // Until the time for undoing is over, it is there.
    await page.getByRole('button', { name: 'Undo' }).waitFor({ state: 'hidden' });
    await page.keyboard.press('Control+i');
    await page.getByLabel(/A .testops-run file/).fill(bundle);
    await page.getByRole('button', { name: 'Import', exact: true }).click();
    await page.getByRole('row', { name: /passed failover rc1/ }).waitFor();
  });

  test('a file that is no run is refused in one sentence', async () => {
    const page = shown();
    await page.keyboard.press('Control+i');
    await page.getByLabel(/A .testops-run file/).fill(join(folder, 'none.testops-run'));
    await page.getByRole('button', { name: 'Import', exact: true }).click();
    const alert = page.getByRole('region', { name: 'Notices' }).getByRole('alert');
    await alert.waitFor();
    expect(await alert.innerText()).not.toContain(' at ');
  });
});
