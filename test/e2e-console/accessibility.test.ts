/**
 * What axe-core finds, of any weight, on every view and on what opens over it: palette, list of keys, questions before
 * dangerous things, dialogs; in both themes. One host is enough, since the page is the same.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  accessibilityIssues,
  archiveDemoRun,
  missingChromium,
  openConsole,
  patience,
  waitForEnvironment,
  type ConsolePage,
} from './console-page.ts';
import { dragFiles } from './host-files.ts';
import { control } from './run-operator.ts';

const everything = ['minor', 'moderate', 'serious', 'critical'];

describe.skipIf(missingChromium).each(['dark', 'light'] as const)('accessibility in %s', { timeout: 2 * patience }, (theme) => {
  let folder: string;
  let opened: ConsolePage;
  let page: Page;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'testops-accessibility-'));
    archiveDemoRun(join(folder, 'archive'));
    opened = await openConsole({ arguments: ['--demo'], archive: join(folder, 'archive'), theme });
    page = opened.page;
    await waitForEnvironment(page);
    await control(page, 'Start').and(page.locator(':enabled')).waitFor();
  }, 2 * patience);
  afterAll(async () => {
    await opened?.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  const expectNothing = async (): Promise<void> => expect(await accessibilityIssues(page, everything)).toEqual([]);
  /** Opens something by a key, looks at it, and closes it by Escape. */
  const look = async (key: string, shown: Locator): Promise<void> => {
    await page.keyboard.press(key);
    await shown.waitFor();
    await expectNothing();
    await page.keyboard.press('Escape');
    await shown.waitFor({ state: 'hidden' });
  };

  test('the Run view, with the panels of a scenario', async () => {
    expect(await page.locator('html').getAttribute('data-mantine-color-scheme')).toBe(theme);
    await expectNothing();
  });

  test('the palette, and one of its pages', async () => {
    await look('F1', page.getByRole('dialog', { name: 'Find an action' }));
    await look('Control+Alt+e', page.getByRole('dialog', { name: 'Switch to which environment?' }));
  });

  test('the question before dangerous commands', async () => {
    await look('F5', page.getByRole('dialog', { name: 'This run gives dangerous commands' }));
  });

  test('the Environment view, an action by hand', async () => {
    await page.keyboard.press('Control+2');
    await page.getByRole('row', { name: /MatchingEnginePrimary READY/ }).waitFor();
    await expectNothing();
    await look('Control+Enter', page.getByRole('dialog', { name: 'Run an action by hand' }));
  });

  test('the list of keys', async () => {
    await look('?', page.getByRole('dialog', { name: 'Keys' }));
  });

  test('the archive, its import dialog, a file over the window, a deletion with its undo', async () => {
    await page.keyboard.press('Control+3');
    await page.getByRole('row', { name: /failover rc1/ }).click();
    await page
      .getByRole('region', { name: 'Details of the run' })
      .getByText(/^Trace/)
      .waitFor();
    await expectNothing();
    await look('Control+i', page.getByRole('dialog', { name: 'Import a run' }));
    await dragFiles(opened, [join(folder, 'archive')], 'stay');
    await page.getByText('Drop to import the run into the archive').waitFor();
    await expectNothing();
    await dragFiles(opened, [join(folder, 'archive')], 'leave');
    await page.getByRole('grid', { name: 'Runs' }).press('Delete');
    await page.getByRole('button', { name: 'Undo' }).waitFor();
    await expectNothing();
    await page.getByRole('button', { name: 'Undo' }).click();
  });

  test('an archived run in the Run view', async () => {
    await page.getByRole('grid', { name: 'Runs' }).focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('Enter');
    await page
      .getByRole('status')
      .filter({ hasText: /failover, release rc1/ })
      .first()
      .waitFor();
    await expectNothing();
  });
});
