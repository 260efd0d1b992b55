/** Breakpoints with conditions and numbers of times, as an operator sets and meets them; edits of a paused run among them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  expectAccessible,
  missingChromium,
  openConsole,
  patience,
  startDemoEnvironment,
  waitForEnvironment,
  type ConsolePage,
  type DemoEnvironment,
} from './console-page.ts';
import { caretTo, control, expectLine, expectStanding, openScenario } from './run-operator.ts';

const scenarios: Readonly<Record<string, string>> = {
  caller: 'echo one\nrepeat 3\ncall called\nend\necho done\n',
  called: "set round = '#{round}i'\necho #{round}\n",
  edited: 'echo one\necho two\necho three\necho four\n',
};

describe.skipIf(missingChromium)('breakpoints', { timeout: 2 * patience }, () => {
  let archive: string;
  let demo: DemoEnvironment;
  let opened: ConsolePage;
  let page: Page;
  const form = (line: number): Locator => page.getByRole('dialog', { name: `Breakpoint at line ${line}` });
  const glyph = (kind = ''): Locator => page.locator(`.breakpoint-glyph${kind}`);
  const standing = (): Promise<string> => page.locator('[data-run-standing]').innerText();

  beforeAll(async () => {
    archive = mkdtempSync(join(tmpdir(), 'testops-breakpoints-'));
    demo = await startDemoEnvironment(archive);
    for (const [name, text] of Object.entries(scenarios)) writeFileSync(join(demo.folder, 'scenarios', `${name}.scn`), text);
    opened = await openConsole({ arguments: ['--workspace', demo.folder, '--environment', demo.environmentFile] });
    page = opened.page;
    await waitForEnvironment(page);
  }, 3 * patience);

  afterAll(async () => {
    await opened?.dispose();
    await demo?.dispose();
    rmSync(archive, { recursive: true, force: true });
  }, patience);

  test('Shift+F9 opens the form; it judges what is typed; the margin shows what kind it is', async () => {
    await openScenario(page, 'called');
    await caretTo(page, 2);
    await page.keyboard.press('Shift+F9');
    const condition = form(2).getByLabel('Stop at line 2 only where');
    await condition.fill('#{round} = ii');
    await form(2).getByText("'=' is not an operator. Write '=='.").waitFor();
    expect(await form(2).getByRole('button', { name: 'Set the breakpoint' }).isDisabled()).toBe(true);
    await expectAccessible(page);
    await condition.fill('MatchingEnginPrimary.STATE == READY');
    await form(2).getByText("The environment has no component 'MatchingEnginPrimary'.").waitFor();
    await condition.fill("#{round} contains 'ii'");
    await form(2).getByLabel('From which time on').fill('0');
    await form(2).getByText('Write a whole number').waitFor();
    await form(2).getByLabel('From which time on').fill('2');
    await page.keyboard.press('Enter');
    await form(2).waitFor({ state: 'detached' });
    await glyph('.conditional').waitFor();
    await glyph('.conditional').hover();
    await page.locator('.monaco-hover').getByText("#{round} contains 'ii'").waitFor();
    await page.locator('.monaco-hover').getByText('from time number 2 on').waitFor();
    await page.mouse.move(600, 500);
  });

  test('a right click edits a breakpoint, Escape leaves it as it is', async () => {
    await glyph('.conditional').click({ button: 'right' });
    const hits = form(2).getByLabel('From which time on');
    expect(await hits.inputValue()).toBe('2');
    await hits.fill('7');
    await page.keyboard.press('Escape');
    await form(2).waitFor({ state: 'detached' });
    expect(await glyph('.conditional').count()).toBe(1);
    await glyph('.conditional').click({ button: 'right' });
    expect(await form(2).getByLabel('From which time on').inputValue()).toBe('2');
    await page.keyboard.press('Escape');
    expect(await page.locator('.monaco-menu').count()).toBe(0);
  });

  test('a run stops there, in the called scenario, from the second time on that the condition is met', async () => {
    await openScenario(page, 'caller');
    await page.getByRole('button', { name: 'Variables' }).click();
    await page.getByLabel('Name of a new variable').fill('round');
    await page.getByLabel('Value of the new variable').fill('i');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Escape');
    await caretTo(page, 1);
    await page.keyboard.press('F5');
    await expectStanding(page, /Paused/);
    await page.getByRole('tab', { name: 'called.scn', selected: true }).waitFor();
    await expectLine(page, 'paused', 2);
    expect(await standing()).toContain('The condition of the breakpoint is met: round = iii. This line was reached 2 times.');
    await page.keyboard.press('F5');
    await expect.poll(standing, { timeout: patience }).toContain('round = iiii. This line was reached 3 times.');
    await page.keyboard.press('F5');
    await expectStanding(page, /Passed/);
  });

  test('lines that are typed into a paused run do not shift its breakpoints, and are stopped at once they are applied', async () => {
    await openScenario(page, 'edited');
    await caretTo(page, 1);
    await page.keyboard.press('F10');
    await expectLine(page, 'paused', 1);
    await caretTo(page, 4);
    await page.keyboard.press('F9');
    await caretTo(page, 2);
    await page.keyboard.insertText('echo new\necho newer\n');
    // Below, in the editor's fifth line, stands the run's third.
    await caretTo(page, 5);
    await page.keyboard.press('F9');
    await caretTo(page, 3);
    await page.keyboard.press('F9');
    await expect.poll(() => glyph().count()).toBe(3);
    expect(opened.failures).toEqual([]);
    await page.keyboard.press('Control+Enter');
    await page.getByRole('dialog').getByRole('button', { name: 'Apply to the run' }).click();
    await page.getByText('This text differs from what the paused run executes.').waitFor({ state: 'detached' });
    for (const line of [3, 5, 6]) {
      await page.keyboard.press('F5');
      await expectLine(page, 'paused', line);
    }
    await page.keyboard.press('F5');
    await expectStanding(page, /Passed/);
  });

  test('without the edit applied the run stops where the editor shows it', async () => {
    await caretTo(page, 1);
    await page.keyboard.press('F10');
    await expectLine(page, 'paused', 1);
    await caretTo(page, 4);
    await page.keyboard.insertText('echo never applied\n');
    await page.keyboard.press('F5');
    await expectLine(page, 'paused', 3);
    await caretTo(page, 7);
    await page.keyboard.press('F9');
    await page.keyboard.press('F5');
    await expectLine(page, 'paused', 6);
    await control(page, 'Stop').click();
    await expectStanding(page, /Stopped/);
  });
});
