/** The Archive view: a run of the demo is listed, opened, exported, deleted with undo, imported again. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { archiveDemoRun, expectAccessible, onEachHost, openConsole, patience, type ConsolePage } from './console-page.ts';
import { chooseFile, dragFiles, saveFile } from './host-files.ts';

onEachHost('the Archive view', { timeout: 2 * patience, hostsDiffer: true }, (host) => {
  let folder: string;
  let opened: ConsolePage | undefined;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'testops-archive-view-'));
    archiveDemoRun(join(folder, 'archive'));
    opened = await openConsole({ host, archive: join(folder, 'archive') });
    await opened.page.getByRole('button', { name: 'open the archive' }).click();
  }, 2 * patience);
  afterAll(async () => {
    await opened?.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  const shown = () => {
    return theConsole().page;
  };
  const theConsole = (): ConsolePage => {
    if (!opened) throw new Error('the console was not opened');
    return opened;
  };

  test('lists the run; details show its facts and the trace', async () => {
    const page = shown();
    await page.getByRole('row', { name: /passed.* failover rc1/ }).click();
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

  test('columns are resized and left out by keyboard, with one stop for all headings', async () => {
    const page = shown();
    const width = async (column: string) => (await page.getByRole('columnheader', { name: column }).boundingBox())?.width ?? 0;
    await page.getByRole('columnheader', { name: 'Verdict' }).getByRole('button').focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Tab');
    // It has grown into free room: its edge goes on from where it is seen.
    const before = await width('Scenario');
    await page.keyboard.press('ArrowLeft');
    await expect.poll(() => width('Scenario')).toBe(Math.round(before) - 8);
    await expectAccessible(page);
    await page.keyboard.press('Enter');
    await expect.poll(() => width('Scenario')).toBe(before);

    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    // The menu takes the keyboard a moment after it is seen.
    await page.locator('[role=menu]:focus, [role=menu] :focus').first().waitFor();
    const decision = page.getByRole('menuitemcheckbox', { name: 'Decision' });
    for (let pressed = 0; pressed < 3 && (await decision.and(page.locator(':focus')).count()) === 0; pressed++)
      await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Space');
    await page.getByRole('columnheader', { name: 'Decision' }).waitFor({ state: 'detached' });
    await expectAccessible(page);
    await page.getByRole('menuitem', { name: /as at first$/ }).click();
    await page.getByRole('columnheader', { name: 'Decision' }).waitFor();
    expect(await page.getByRole('columnheader', { name: 'Started' }).getAttribute('aria-sort')).toBe('descending');
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
    await saveFile(theConsole(), bundle, () => page.getByRole('button', { name: 'Export…' }).click());
    await page.getByText(/^Exported to .*\.testops-run\.$/).waitFor();
    expect(existsSync(bundle)).toBe(true);

    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByText('No run is archived yet').waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByRole('row', { name: /failover/ }).click();

    await page.getByRole('grid', { name: 'Runs' }).press('Delete');
    await page.getByText('No run is archived yet').waitFor();
    // Until the time for undoing is over, it is there.
    await page.getByRole('button', { name: 'Undo' }).waitFor({ state: 'hidden' });
    await chooseFile(theConsole(), bundle, () => page.keyboard.press('Control+i'));
    await page.getByRole('row', { name: /passed.* failover rc1/ }).waitFor();
  });

  const notices = () => shown().getByRole('region', { name: 'Notices' });
  const dismissAll = async (): Promise<void> => {
    const buttons = notices().getByRole('button', { name: 'Dismiss' });
    while ((await buttons.count()) > 0) await buttons.first().click();
  };

  test('a run dropped anywhere is found where it is there, imported where it is not, and opened from the notice', async () => {
    const page = shown();
    const bundle = join(folder, 'sent.testops-run');
    await page.keyboard.press('Control+3');
    await dismissAll();
    await dragFiles(theConsole(), [bundle]);
    await notices().getByText('is in the archive already').waitFor();
    await page.getByRole('grid', { name: 'Runs' }).press('Delete');
    await page.getByText('No run is archived yet').waitFor();
    await page.getByRole('button', { name: 'Undo' }).waitFor({ state: 'hidden' });
    await dismissAll();

    // From the start screen too.
    await page.keyboard.press('Control+1');
    await dragFiles(theConsole(), [bundle], 'stay');
    await page.getByText('Drop to import the run into the archive').waitFor();
    await expectAccessible(page);
    await dragFiles(theConsole(), [bundle], 'leave');
    await page.getByText('Drop to import the run into the archive').waitFor({ state: 'hidden' });
    await dragFiles(theConsole(), [bundle]);
    await page.getByRole('row', { name: /passed.* failover rc1/, selected: true }).waitFor();
    await notices()
      .getByText(/^Imported \d{8}T/)
      .waitFor();
    await notices().getByRole('button', { name: 'Open' }).click();
    await page
      .getByRole('status')
      .filter({ hasText: /failover, release rc1/ })
      .first()
      .waitFor();
    await page.keyboard.press('Control+3');
    expect(readdirSync(join(folder, 'archive')).filter((name) => /^\d{8}T/.test(name))).toHaveLength(1);
  });

  test('files that are no runs are refused in one sentence each, and leave nothing', async () => {
    const page = shown();
    await dismissAll();
    const wrong = { 'notes.txt': 'text', 'empty.testops-run': '', 'false.testops-run': 'no archive at all' };
    for (const [name, text] of Object.entries(wrong)) writeFileSync(join(folder, name), text);
    const cut = join(folder, 'cut.testops-run');
    writeFileSync(cut, readFileSync(join(folder, 'sent.testops-run')).subarray(0, 20_000));
    await dragFiles(theConsole(), [...Object.keys(wrong).map((name) => join(folder, name)), cut]);
    const alerts = notices().getByRole('alert');
    await alerts.filter({ hasText: 'cut.testops-run was not imported' }).waitFor();
    const told = (await alerts.allInnerTexts()).join('\n');
    expect(told).toContain('notes.txt is no archived run.');
    expect(told).toMatch(/empty\.testops-run (?:is empty|was not imported)/);
    expect(told).toContain('false.testops-run was not imported');
    expect(told).not.toMatch(/\bat .*:\d+|testops-transfer/);
    expect(await page.getByRole('row', { name: /failover/ }).count()).toBe(1);
    await dismissAll();
  });

  test('notices never cover a dialog, whose answers stay within reach; they are all there when it is closed', async () => {
    const page = shown();
    await dismissAll();
    await dragFiles(theConsole(), [join(folder, 'notes.txt'), join(folder, 'false.testops-run')]);
    await expect.poll(() => notices().getByRole('alert').count()).toBe(2);
    const size = page.viewportSize();
    for (const height of [600, 720]) {
      await page.setViewportSize({ width: 1_280, height });
      for (const key of ['Storage…', 'Find an action']) {
        await page.getByRole('button', { name: key }).click();
        const dialog = page.getByRole('dialog');
        await dialog.waitFor();
        const seen = notices().getByRole('alert').and(page.locator(':visible'));
        await expect.poll(() => seen.count()).toBe(1);
        const [notice, box] = [await seen.boundingBox(), await dialog.boundingBox()];
        expect(
          notice && box && notice.y >= 0 && notice.y + notice.height <= box.y,
          `${key} at ${height}: ${JSON.stringify([notice, box])}`,
        ).toBe(true);
        await page.keyboard.press('Escape');
        await dialog.waitFor({ state: 'detached' });
      }
      await expect.poll(() => notices().getByRole('alert').and(page.locator(':visible')).count()).toBe(2);
    }
    if (size) await page.setViewportSize(size);
    await dismissAll();
  });

  // The shell's core reads the file where it stands; nothing is sent.
  test.skipIf(host === 'desktop')('a large file shows how much of it was sent, and is cancelled without a trace', async () => {
    const page = shown();
    await dismissAll();
    const large = join(folder, 'large.testops-run');
    writeFileSync(large, Buffer.alloc(64_000_000));
    const session = await theConsole().context.newCDPSession(page);
    const slowly = { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: 4_000_000 };
    await session.send('Network.emulateNetworkConditions', slowly);
    const before = new Set(readdirSync(tmpdir()));
    const underWay = (): string[] => readdirSync(tmpdir()).filter((name) => name.startsWith('testops-transfer-') && !before.has(name));
    await dragFiles(theConsole(), [large]);
    await page.getByText('Importing large.testops-run …').waitFor();
    await expect.poll(() => page.getByRole('progressbar').getAttribute('aria-valuenow').then(Number)).toBeGreaterThan(1);
    expect(underWay()).toHaveLength(1);
    await page.getByRole('button', { name: 'Cancel' }).click();
    await notices().getByText('large.testops-run was not imported.').waitFor();
    await expect.poll(underWay).toEqual([]);
    expect(await page.getByText('Importing large.testops-run').count()).toBe(0);
    await session.send('Network.emulateNetworkConditions', { ...slowly, uploadThroughput: -1 });
    await session.detach();
  });

  test('a path on the core’s computer that is not there is refused in one sentence', async () => {
    const page = shown();
    await page.getByRole('grid', { name: 'Runs' }).focus();
    const missing = join(folder, 'none.testops-run');
    if (host === 'desktop') await chooseFile(theConsole(), missing, () => page.keyboard.press('Control+i'));
    else {
      await page.keyboard.press('Control+i');
      await expectAccessible(page);
      await page.getByLabel(/on the core's computer/).fill(missing);
      await page.getByRole('button', { name: 'Import', exact: true }).click();
    }
    const alert = notices().getByRole('alert');
    await alert.waitFor();
    expect(await alert.innerText()).not.toContain(' at ');
  });
});
