/** A run of the past in which a daemon was lost for a while: what was judged meanwhile is marked, and no line leads over it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { archiveSampleRun } from '../main/core/reports/sample-run.ts';
import { expectAccessible, missingChromium, openConsole, patience, type ConsolePage } from './console-page.ts';

describe.skipIf(missingChromium)('a replayed run whose daemon was lost', { timeout: 2 * patience }, () => {
  let folder: string;
  let opened: ConsolePage;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'testops-silence-'));
    const archive = join(folder, 'archive');
    await archiveSampleRun(archive, { outcome: 'passed', lost: true });
    opened = await openConsole({ archive });
    await opened.page.getByRole('button', { name: 'open the archive' }).click();
    await opened.page.getByRole('row', { name: /rc1/ }).click();
    await opened.page.keyboard.press('Enter');
    await opened.page.getByRole('region', { name: 'Replay' }).getByText('passed').waitFor();
  }, 2 * patience);
  afterAll(async () => {
    await opened?.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  test('the first question marks the check that was judged on an old value, in words', async () => {
    const { page } = opened;
    const question = page.getByRole('region', { name: 'Am I checking all the conditions?' });
    await question.getByText(/, 1 on an old value/).waitFor();
    await question.getByText(/^judged on an old value: MEP was heard last at /).waitFor();
    await expectAccessible(page);
  });

  test('there is no value while nobody told one, and there is one before and after', async () => {
    const { page } = opened;
    const value = page.locator('[data-value="MatchingEnginePrimary.cpu"]').first();
    const told = async () => (await value.textContent()) ?? '';
    await expect.poll(told).toMatch(/%$/);
    // Back from the end: the daemon is heard again, and before that it is told that it was lost.
    const slider = page.getByRole('slider', { name: 'Moment of the run' });
    const sequence = () => slider.getAttribute('data-sequence');
    for (const _ of ['back', 'lost']) {
      const before = await sequence();
      await page.keyboard.press('Shift+ArrowLeft');
      await expect.poll(sequence).not.toBe(before);
    }
    await expect.poll(told).toMatch(/^–/);
    await page.keyboard.press('Home');
    for (const _ of [1, 2, 3]) await page.keyboard.press('ArrowRight');
    await expect.poll(told).toMatch(/%$/);
  });
});
