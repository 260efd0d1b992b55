/** Workspace trust as an operator meets it: asked once about a stranger's folder, restricted until then, taken back. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterEach, expect, test } from 'vitest';
import { expectAccessible, onEachHost, openConsole, patience, type ConsolePage } from './console-page.ts';
import { makeStrangerFolder, type StrangerFolder } from './stranger-folder.ts';

let opened: ConsolePage | undefined;
let stranger: StrangerFolder | undefined;
afterEach(async () => {
  await opened?.dispose();
  await stranger?.dispose();
  opened = stranger = undefined;
});

const question = (page: Page) => page.getByRole('dialog', { name: 'Do you trust this folder?' });
const banner = (page: Page) => page.getByRole('region', { name: 'Restricted mode' });
const workspaceFact = (page: Page) => page.getByRole('banner').getByRole('button', { name: /^Workspace/ });
const environmentFact = (page: Page) => page.getByRole('banner').getByRole('button', { name: /^Environment theirs/ });

/** Performs an action by its title in the palette. */
async function perform(page: Page, title: string): Promise<void> {
  await page.keyboard.press('F1');
  await page.getByPlaceholder('What do you want to do?').fill(title);
  await page.getByRole('dialog', { name: 'Find an action' }).getByRole('button', { name: title }).click();
}

onEachHost('workspace trust', { timeout: 3 * patience, hostsDiffer: true }, (host) => {
  const openStranger = async (): Promise<{ page: Page; stranger: StrangerFolder; failures: readonly string[] }> => {
    stranger = await makeStrangerFolder();
    opened = await openConsole({ host });
    const { page, failures } = opened;
    await page.getByLabel("Folder on the core's computer").fill(stranger.folder);
    await page.getByRole('button', { name: 'Open', exact: true }).click();
    await question(page).waitFor();
    return { page, stranger, failures };
  };

  test("Enter keeps a stranger's folder restricted: it is edited and walked through, and nothing of it acts", async () => {
    const { page, stranger, failures } = await openStranger();
    await question(page).getByText(stranger.folder, { exact: true }).waitFor();
    await page.locator('[data-code-editor] .view-lines').waitFor();
    await expectAccessible(page);
    await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe('Stay restricted');
    await page.keyboard.press('Enter');
    await question(page).waitFor({ state: 'hidden' });
    await banner(page).getByText('This folder is not trusted').waitFor();
    await expectAccessible(page);
    await page.keyboard.press('Control+Alt+t');
    await expectAccessible(page);

    await page
      .getByRole('treeitem', { name: /^theirs/ })
      .first()
      .dblclick();
    await page.locator('[data-code-editor] .view-lines').click();
    await page.keyboard.press('Control+Home');
    await page.keyboard.insertText('# mine\n');
    await page.keyboard.press('Control+s');
    const file = join(stranger.folder, 'scenarios', 'theirs.scn');
    await expect.poll(() => readFileSync(file, 'utf8')).toBe('# mine\nlog hello\nwait 1s\n');

    await page.keyboard.press('F5');
    await question(page).waitFor();
    await page.keyboard.press('Escape');
    await question(page).waitFor({ state: 'hidden' });

    await perform(page, 'Dry run: walk through without executing');
    await page
      .getByText(/passed/i)
      .first()
      .waitFor();

    await page.keyboard.press('Control+2');
    await page.getByText('This folder is not trusted', { exact: true }).waitFor();
    await expectAccessible(page);
    expect(stranger.connections()).toBe(0);
    expect(stranger.started()).toEqual([]);
    expect(failures).toEqual([]);
  });

  test('trusted it is connected to and its commit is known, without a program of the repository; taken back it is restricted again', async () => {
    const { page, stranger } = await openStranger();
    expect(stranger.connections()).toBe(0);
    await question(page).getByRole('button', { name: 'Trust this folder' }).click();
    await banner(page).waitFor({ state: 'hidden' });
    await workspaceFact(page).getByText(stranger.commit.slice(0, 8)).waitFor();
    await expect.poll(() => stranger.connections(), { timeout: patience }).toBeGreaterThan(0);
    expect(stranger.started()).toEqual([]);

    await perform(page, 'Take back the trust in this folder');
    await banner(page).waitFor();
    expect(await workspaceFact(page).getByText(stranger.commit.slice(0, 8)).count()).toBe(0);
    await page.getByRole('banner').getByText('No environment').waitFor();
    // It was asked about before: the banner stands for the question from now on.
    expect(await question(page).count()).toBe(0);
    await banner(page).getByRole('button', { name: 'Trust this folder…' }).click();
    await question(page).getByRole('button', { name: 'Trust this folder' }).click();
    await banner(page).waitFor({ state: 'hidden' });
    await environmentFact(page).waitFor();
  });

  test('it is asked once: opened again, an untrusted folder has the banner and a trusted one nothing', async () => {
    const { page, stranger } = await openStranger();
    const openAgain = async (): Promise<void> => {
      await perform(page, 'Close the workspace');
      await page.getByRole('button', { name: stranger.folder, exact: true }).click();
      await workspaceFact(page).waitFor();
    };
    await page.keyboard.press('Escape');
    await banner(page).waitFor();
    // That it was asked is saved a moment later.
    await page.waitForTimeout(1_000);
    await openAgain();
    await banner(page).waitFor();
    expect(await question(page).count()).toBe(0);
    await perform(page, 'Trust this folder…');
    await question(page).getByRole('button', { name: 'Trust this folder' }).click();
    await banner(page).waitFor({ state: 'hidden' });
    await openAgain();
    await environmentFact(page).waitFor();
    expect(await banner(page).count()).toBe(0);
    expect(await question(page).count()).toBe(0);
  });
});
