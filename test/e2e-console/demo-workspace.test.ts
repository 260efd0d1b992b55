/** What an operator makes in the demo is found again: over a restart, the death of the core, and the end of the console; and a reset. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JSHandle, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { expectAccessible, onEachHost, openConsole, patience, waitForEnvironment, type ConsolePage } from './console-page.ts';

onEachHost("the demo's workspace", { timeout: 3 * patience }, (host) => {
  let place: string;
  let opened: ConsolePage | undefined;
  let page: Page;
  const workspace = (): string => join(place, 'home', 'console', 'demo', 'exchange');

  beforeAll(() => {
    place = mkdtempSync(join(tmpdir(), 'testops-demo-workspace-'));
  });
  afterAll(() => rmSync(place, { recursive: true, force: true, maxRetries: 5 }));
  // Each test is another evening at the same console.
  beforeEach(async () => {
    opened = await openConsole({ host, arguments: ['--demo'], archive: join(place, 'archive'), home: join(place, 'home') });
    ({ page } = opened);
    await waitForEnvironment(page);
    await page.locator('[data-code-editor] .view-lines').waitFor();
  }, 3 * patience);
  afterEach(async () => {
    await opened?.dispose();
    opened = undefined;
  }, patience);

  const tab = (name: string) => page.getByRole('tab', { name: new RegExp(`^${name}\\.scn`) });
  /** The editor writes spaces as ones that do not break. */
  const text = async () => (await page.locator('[data-code-editor] .view-lines').innerText()).replaceAll('\u00A0', ' ');

  async function newScenario(name: string, lines: string): Promise<void> {
    await page.keyboard.press('Control+Alt+n');
    await page.getByLabel('Name', { exact: true }).fill(name);
    await page.getByRole('button', { name: 'Create' }).click();
    await tab(name).waitFor();
    await page.locator('[data-code-editor] .view-lines').click();
    await page.keyboard.press('Control+a');
    await page.keyboard.press('Delete');
    await page.keyboard.insertText(lines);
  }

  /** Brings the exchange up afresh. */
  async function restart(release: string): Promise<void> {
    const operators = await operatorsShown(page);
    await page.keyboard.press('Control+Alt+r');
    await page.getByRole('dialog', { name: 'Which release of the demo exchange?' }).getByText(release, { exact: true }).click();
    // With the same release again, what comes up looks like what goes.
    await page.getByRole('banner').getByText('connected', { exact: true }).waitFor({ state: 'detached', timeout: patience });
    await page.getByRole('banner').getByText(release, { exact: true }).waitFor({ timeout: patience });
    await waitForEnvironment(page);
    // In whose name commands are given does not change while there is nobody to give them to.
    expect(await operators.jsonValue()).toEqual(['Operator demo']);
  }

  test('keeps a saved scenario, an unsaved text and the open tabs over a restart with another and the same release', async () => {
    await newScenario('mine', 'echo saved\n');
    await page.keyboard.press('Control+s');
    await expect.poll(() => existsSync(join(workspace(), 'scenarios', 'mine.scn'))).toBe(true);
    await expect.poll(() => readFileSync(join(workspace(), 'scenarios', 'mine.scn'), 'utf8')).toBe('echo saved\n');
    await newScenario('unsaved', 'echo not saved yet\n');
    for (const release of ['rc2', 'rc2', 'rc1']) {
      await restart(release);
      await page.getByRole('treeitem', { name: 'mine' }).waitFor();
      await tab('mine').waitFor();
      await tab('unsaved').waitFor();
      await expect.poll(text).toContain('not saved yet');
    }
    expect(opened?.failures).toEqual([]);
  });

  test('is found again by the next console, with the unsaved text; and after the death of the core', async () => {
    await page.getByRole('treeitem', { name: 'mine' }).waitFor();
    await tab('mine').waitFor();
    await tab('unsaved').click();
    await expect.poll(text).toContain('not saved yet');

    const lines = execFileSync('ps', ['-eo', 'pid=,ppid=,args='], { encoding: 'utf8' }).split('\n');
    const core = lines
      .map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line))
      .find((parts) => Number(parts?.[2]) === opened?.command.process.pid && parts?.[3]?.endsWith('core-process'));
    process.kill(Number(core?.[1]), 'SIGKILL');
    await page.getByRole('banner').getByText('connected', { exact: true }).waitFor({ state: 'detached' });
    await waitForEnvironment(page);
    await page.getByRole('treeitem', { name: 'mine' }).waitFor();
    await tab('mine').click();
    await expect.poll(text).toContain('saved');
    await page.keyboard.press('F5');
    await page
      .locator('[data-run-standing]')
      .getByRole('status')
      .filter({ hasText: /Passed/ })
      .waitFor({ timeout: patience });
    expect(readdirSync(join(workspace(), '..'))).toEqual(['.exchange', 'exchange']);
  });

  test('is reset only after it was shown what is set aside', async () => {
    const ask = async (): Promise<void> => {
      await page.keyboard.press('F1');
      await page.getByPlaceholder('What do you want to do?').fill('Reset the demo');
      await page.keyboard.press('Enter');
      await page.getByRole('dialog', { name: 'Reset the demo workspace?' }).waitFor();
    };
    const dialog = page.getByRole('dialog', { name: 'Reset the demo workspace?' });
    await ask();
    expect(await dialog.getByRole('list', { name: 'What is set aside' }).innerText()).toMatch(/scenarios\/mine\.scn\s+added/);
    await expectAccessible(page);
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(existsSync(join(workspace(), 'scenarios', 'mine.scn'))).toBe(true);
    await ask();
    await dialog.getByRole('button', { name: 'Yes, reset it' }).click();
    await page.getByRole('treeitem', { name: 'mine' }).waitFor({ state: 'detached', timeout: patience });
    await waitForEnvironment(page);
    await page.getByRole('treeitem', { name: 'failover', exact: true }).waitFor();
    const [aside] = readdirSync(join(workspace(), '..')).filter((name) => name.startsWith('exchange-before-'));
    expect(readFileSync(join(workspace(), '..', aside ?? '', 'scenarios', 'mine.scn'), 'utf8')).toBe('echo saved\n');
  });
});

/** Each name that the header shows for the operator from now on, as it changes. */
function operatorsShown(page: Page): Promise<JSHandle<readonly string[]>> {
  return page.evaluateHandle(() => {
    const shown: string[] = [];
    const look = (): void => {
      const facts = [...document.querySelectorAll('header span')].map(({ textContent }) => textContent ?? '');
      const operator = facts.find((text) => /^Operator \S/.test(text)) ?? 'nobody';
      if (shown.at(-1) !== operator) shown.push(operator);
    };
    new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true });
    look();
    return shown;
  });
}
