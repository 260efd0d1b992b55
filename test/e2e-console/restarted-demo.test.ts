/** The present in the charts, beside a run that is over: after the demo was brought up afresh, and while no core tells it. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { onEachHost, openConsole, patience, waitForEnvironment, type ConsolePage } from './console-page.ts';
import { childrenOf } from './processes.ts';

onEachHost('the charts beside a finished run', { timeout: 4 * patience }, (host) => {
  let opened: ConsolePage;
  let page: Page;
  const value = (series: string) => page.locator(`[data-value="${series}"]`);
  const states = () =>
    Promise.all(['Gateway', 'MatchingEnginePrimary', 'MatchingEngineSecondary'].map((name) => value(`${name}.STATE`).textContent()));

  beforeAll(async () => {
    opened = await openConsole({ host, arguments: ['--demo'], width: 1_600, height: 1_000 });
    ({ page } = opened);
    await waitForEnvironment(page);
    await page.locator('[data-code-editor] .view-lines').waitFor();
    await page.keyboard.press('Control+Alt+n');
    await page.getByLabel('Name', { exact: true }).fill('brief');
    await page.getByRole('button', { name: 'Create' }).click();
    await page.getByRole('tab', { name: /^brief\.scn/ }).waitFor();
    await page.locator('[data-code-editor] .view-lines').click();
    await page.keyboard.press('Control+a');
    await page.keyboard.insertText('expect MatchingEnginePrimary.STATE == READY within 20s\n');
    await page.keyboard.press('F5');
    await page.getByText('Passed', { exact: true }).first().waitFor({ timeout: patience });
  }, 4 * patience);
  afterAll(() => opened?.dispose(), patience);

  test('tell the states that the environment has after a restart of the demo', async () => {
    await expect.poll(states, { timeout: patience }).toEqual(['READY', 'READY', 'STANDBY']);
    const banner = page.getByRole('banner');
    await page.keyboard.press('Control+Alt+r');
    await page.getByRole('dialog', { name: 'Which release of the demo exchange?' }).getByText('rc1', { exact: true }).click();
    await banner.getByText('connected', { exact: true }).waitFor({ state: 'detached', timeout: patience });
    await waitForEnvironment(page);
    await expect.poll(states, { timeout: patience }).toEqual(['READY', 'READY', 'STANDBY']);
    expect(await page.getByText(/daemon \w+ is lost/).count()).toBe(0);
  });

  test('tell nothing as known while there is no core', async () => {
    const core = childrenOf(opened.command.process.pid ?? 0).find(({ command }) => command.endsWith('core-process'));
    if (!core) throw new Error('There is no core to be ended.');
    process.kill(core.pid, 'SIGKILL');
    await expect.poll(states, { timeout: patience, interval: 20 }).toEqual(['UNKNOWN', 'UNKNOWN', 'UNKNOWN']);
    // It is started again, and the demo with it.
    await waitForEnvironment(page);
    await expect.poll(states, { timeout: patience }).toEqual(['READY', 'READY', 'STANDBY']);
  });
});
