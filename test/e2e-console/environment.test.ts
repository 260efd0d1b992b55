/** The Environment view on the real demo environment: states as they are, acting by hand, drift, events. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  expectAccessible,
  onEachHost,
  openConsole,
  patience,
  startDemoEnvironment,
  waitForEnvironment,
  type ConsolePage,
  type DemoEnvironment,
} from './console-page.ts';

onEachHost('the Environment view', { timeout: 2 * patience }, (host) => {
  let folder: string;
  let demo: DemoEnvironment | undefined;
  let opened: ConsolePage | undefined;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'testops-environment-view-'));
    demo = await startDemoEnvironment(join(folder, 'demo-archive'));
    opened = await openConsole({ host, arguments: ['--workspace', demo.folder, '--environment', demo.environmentFile] });
    await waitForEnvironment(opened.page);
    await opened.page.keyboard.press('Control+2');
  }, 2 * patience);
  afterAll(async () => {
    await opened?.dispose();
    await demo?.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  const shown = () => {
    if (!opened) throw new Error('the console was not opened');
    return opened.page;
  };
  const row = (name: RegExp) => shown().getByRole('row', { name });

  test('shows every component with its state and process, daemons with version and configuration', async () => {
    const page = shown();
    await row(/MatchingEnginePrimary READY \d+/).waitFor();
    await row(/MatchingEngineSecondary STANDBY \d+/).waitFor();
    await row(/MEP present host .* version .* configuration [0-9a-f]{8}/).waitFor();
    await page.getByRole('button', { name: 'MatchingEnginePrimary', exact: true }).click();
    await page.getByRole('button', { name: 'Chart MatchingEnginePrimary.rss' }).waitFor();
    expect(await page.getByRole('button', { name: /^Act on / }).count()).toBe(4);
    await expectAccessible(page);
    await page.keyboard.press('Control+Alt+t');
    await expectAccessible(page);
  });

  test('a kill asks first; cancelled it kills nothing, confirmed it does, and the crash is shown with its event', async () => {
    const page = shown();
    const kill = async () => {
      await page.getByRole('button', { name: 'Act on MatchingEnginePrimary' }).click();
      await page.getByRole('menuitem', { name: 'kill -9' }).click();
      await page.getByRole('dialog', { name: 'Really?' }).getByText('dangerous').waitFor();
    };
    const pid = Number(/READY (\d+)/.exec((await row(/^MatchingEnginePrimary/).innerText()).replaceAll(/\s+/g, ' '))?.[1]);
    await kill();
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Cancel' }).click();
    expect(process.kill(pid, 0)).toBe(true);
    await kill();
    await page.getByRole('button', { name: 'Yes, kill' }).click();
    await page.getByRole('dialog', { name: 'Result' }).getByText('Succeeded').waitFor();
    await page.keyboard.press('Escape');
    await row(/MatchingEnginePrimary CRASHED –/).waitFor();
    await row(/CRASHED, PID \d+, by signal KILL/).waitFor();
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    await page
      .getByRole('log', { name: 'Events' })
      .getByText(/CRASHED, PID/)
      .first()
      .waitFor();
  });

  test('an action by hand: its parameters are checked, its result is shown', async () => {
    const page = shown();
    await page.keyboard.press('Control+Enter');
    const form = page.getByRole('dialog', { name: 'Run an action by hand' });
    await form.getByRole('combobox', { name: 'Action' }).fill('start_load');
    await page.getByRole('option', { name: /start_load/ }).click();
    await form.getByRole('textbox', { name: 'rate' }).fill('5001');
    await form.getByText('at most 5000').waitFor();
    expect(await form.getByRole('button', { name: 'Run…' }).isDisabled()).toBe(true);
    await form.getByRole('textbox', { name: 'rate' }).fill('');
    await form.getByRole('combobox', { name: 'Action' }).fill('stop_load');
    await page.getByRole('option', { name: /stop_load/ }).click();
    await form.getByRole('button', { name: 'Run', exact: true }).click();
    await page
      .getByRole('dialog', { name: 'Result' })
      .getByText(/Succeeded|Failed/)
      .waitFor({ timeout: patience });
    await page.keyboard.press('Escape');
  });

  test('a pin is written and compared with', async () => {
    const page = shown();
    await page.getByText('Nothing is pinned').waitFor();
    await page.getByRole('button', { name: 'Pin now' }).click();
    await page.getByText(/Pinned 3 daemons in/).waitFor();
    await page.getByText('As pinned: every daemon offers what it should.').waitFor({ timeout: patience });
    expect(existsSync(join(demo?.folder ?? '', 'environment.pin.json'))).toBe(true);
  });

  test('when the environment goes away, its values look old and the banner says so', async () => {
    const page = shown();
    await demo?.dispose();
    demo = undefined;
    await page
      .getByRole('status')
      .filter({ hasText: /Not live.*No connection to the router/ })
      .waitFor({ timeout: patience });
    await expect.poll(() => page.locator('tr[data-component="Gateway"]').getAttribute('data-stale')).toBe('true');
    await expectAccessible(page);
  });
});
