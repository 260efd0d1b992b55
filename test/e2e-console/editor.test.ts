/** The editor and the files as an operator uses them, on the real demo environment. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { accessibilityIssues, onEachHost, openConsole, patience, waitForEnvironment, type ConsolePage } from './console-page.ts';

let opened: ConsolePage;
let page: Page;
/** Folder of the demo's workspace. */
let folder: string;

const scenario = (name: string): string => join(folder, 'scenarios', `${name}.scn`);
const tab = (name: string) => page.getByRole('tab', { name: new RegExp(`^${name}\\.scn`) });
const marker = '[data-code-editor] .squiggly-error';

/** Begins a new scenario and empties it. */
async function newScenario(name: string, text: string): Promise<void> {
  await page.keyboard.press('Control+Alt+n');
  await page.getByLabel('Name', { exact: true }).fill(name);
  await page.getByRole('button', { name: 'Create' }).click();
  await tab(name).waitFor();
  await page.locator('[data-code-editor] .view-lines').click();
  await page.keyboard.press('Control+a');
  await page.keyboard.press('Delete');
  await write(text);
}

/** Types without accepting suggestions by the way. */
async function write(text: string): Promise<void> {
  await page.keyboard.insertText(text);
}

/** The text of the editor: its draft or its file, as saved. */
async function saved(name: string, expected: string): Promise<void> {
  await expect.poll(() => readFileSync(scenario(name), 'utf8'), { timeout: 10_000 }).toBe(expected);
}

onEachHost('the editor', { timeout: 2 * patience }, (host) => {
  beforeAll(async () => {
    opened = await openConsole({ host, arguments: ['--demo'] });
    page = opened.page;
    await waitForEnvironment(page);
    await page.getByRole('tree', { name: 'Files of the workspace' }).waitFor();
    await page.getByRole('tab', { name: /\.scn/ }).first().waitFor();
    await page.locator('[data-code-editor] .view-lines').waitFor();
    folder = join(opened.home, 'console', 'demo', 'exchange');
  }, 3 * patience);

  afterAll(async () => {
    await opened?.dispose();
  }, patience);

  test('a new scenario is written where the caret is: behind what it begins with', async () => {
    await page.keyboard.press('Control+Alt+n');
    await page.getByLabel('Name', { exact: true }).fill('begun');
    await page.getByRole('button', { name: 'Create' }).click();
    await tab('begun').waitFor();
    await page.locator('[data-code-editor] .monaco-editor.focused').waitFor();
    await write('echo mine');
    await page.keyboard.press('Control+s');
    await expect
      .poll(() => readFileSync(scenario('begun'), 'utf8'), { timeout: 10_000 })
      .toMatch(/^---\ntitle: begun\n.*come of it\.\necho mine\n$/s);
  });

  test('a misspelt component is marked, and mended by its fix', async () => {
    await newScenario('first', 'kill -9 MatchingEnginPrimary\n');
    await page.locator(marker).first().waitFor();
    expect(await tab('first').getAttribute('aria-label')).toContain('1 error');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('End');
    await page.keyboard.press('Control+.');
    await page
      .getByText(/Change to|Replace|MatchingEnginePrimary/)
      .last()
      .waitFor();
    await page.keyboard.press('Enter');
    await expect.poll(() => page.locator(marker).count(), { timeout: 10_000 }).toBe(0);
    await page.keyboard.press('Control+s');
    await saved('first', 'kill -9 MatchingEnginePrimary\n');
    await expect.poll(() => tab('first').getAttribute('aria-label'), { timeout: 10_000 }).not.toContain('unsaved');
  });

  test('completion offers components with their state, and their metrics', async () => {
    await newScenario('second', '');
    await page.keyboard.type('expect MatchingEngineP', { delay: 20 });
    const offered = page.locator('.suggest-widget .monaco-list-row', { hasText: 'MatchingEnginePrimary' });
    await offered.waitFor();
    expect(await offered.textContent()).toMatch(/READY|STANDBY|RUNNING/);
    await page.keyboard.press('Tab');
    await page.locator('.suggest-widget .monaco-list-row', { hasText: 'STATE' }).first().waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+s');
    await saved('second', 'expect MatchingEnginePrimary.\n');
  });

  test('typed by hand or completed, references and quotes are closed once', async () => {
    await newScenario('typed', '');
    await page.keyboard.type("echo '#{release}'", { delay: 20 });
    await page.keyboard.press('Escape');
    await page.keyboard.press('Enter');
    // At a person's pace: what is typed within the same moment asks for no suggestions.
    await page.keyboard.type("echo 'it is #{rele", { delay: 60 });
    await page.getByRole('option', { name: /^release/ }).waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.type("'");
    await page.keyboard.press('Enter');
    await page.keyboard.press('Control+s');
    await saved('typed', "echo '#{release}'\necho 'it is #{release}'\n");
    // Saved for the first time, it stands in the list of files.
    await page
      .getByRole('tree', { name: 'Files of the workspace' })
      .getByRole('treeitem', { name: /^typed/ })
      .waitFor();
  });

  test('saving formats; a file that others changed is read anew', async () => {
    await newScenario('third', 'repeat   3\necho a\nend\n');
    await page.keyboard.press('Control+s');
    await saved('third', 'repeat 3\n  echo a\nend\n');
    writeFileSync(scenario('third'), 'echo from outside\n');
    await page.locator('[data-code-editor] .view-line', { hasText: 'from outside' }).waitFor();
  });

  test('with unsaved changes a change by others asks, and a save over it is refused until decided', async () => {
    await newScenario('fourth', 'echo mine\n');
    await page.keyboard.press('Control+s');
    await saved('fourth', 'echo mine\n');
    await page.keyboard.press('Control+End');
    await write('echo more\n');
    writeFileSync(scenario('fourth'), 'echo theirs\n');
    await page.getByRole('alert').filter({ hasText: 'Somebody else changed this file' }).waitFor();
    await page.keyboard.press('Control+s');
    const dialog = page.getByRole('dialog');
    await dialog.getByText('was changed by somebody else').waitFor();
    expect(readFileSync(scenario('fourth'), 'utf8')).toBe('echo theirs\n');
    await dialog.getByRole('button', { name: 'Compare' }).click();
    await dialog.locator('[data-diff] .view-line', { hasText: 'theirs' }).first().waitFor();
    await dialog.getByRole('button', { name: 'Keep mine' }).click();
    await saved('fourth', 'echo mine\necho more\n');
  });

  test('F9 sets a breakpoint that follows edits, and takes it away', async () => {
    await newScenario('fifth', 'echo one\necho two\n');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('F9');
    const glyph = page.locator('.breakpoint-glyph');
    await glyph.waitFor();
    const before = (await glyph.boundingBox())?.y ?? 0;
    await page.keyboard.press('Control+Home');
    await write('echo zero\n');
    await expect.poll(async () => (await glyph.boundingBox())?.y ?? 0, { timeout: 10_000 }).toBeGreaterThan(before);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('F9');
    await expect.poll(() => glyph.count(), { timeout: 10_000 }).toBe(0);
    await page.keyboard.press('Control+s');
    await saved('fifth', 'echo zero\necho one\necho two\n');
  });

  test('labels, variables and called scenarios: definition and renaming across files', async () => {
    await newScenario('callee', 'set outcome = fine\n');
    await page.keyboard.press('Control+s');
    await saved('callee', 'set outcome = fine\n');
    await newScenario('caller', 'call callee\necho #{outcome}\n');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Home');
    for (let column = 0; column < 10; column += 1) await page.keyboard.press('ArrowRight');
    await page.keyboard.press('F2');
    await page.locator('.rename-box input').fill('result');
    await page.keyboard.press('Enter');
    await page.locator('[data-code-editor] .view-line', { hasText: '#{result}' }).waitFor();
    await page.keyboard.press('Control+Alt+s');
    await saved('caller', 'call callee\necho #{result}\n');
    await saved('callee', 'set result = fine\n');
    await page.keyboard.press('F12');
    await expect.poll(() => tab('callee').getAttribute('aria-selected')).toBe('true');
  });

  test('the search goes through all scenarios and leads to the place', async () => {
    await page.keyboard.press('Control+Shift+f');
    await page.getByLabel('Find in all scenarios').fill('exec_smoke');
    const places = page.getByRole('list', { name: 'Places found' }).getByRole('button');
    await places.first().waitFor();
    expect(await places.count()).toBeGreaterThan(1);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await expect.poll(() => page.getByRole('tab', { selected: true, name: /failover/ }).count()).toBe(1);
    await page.getByText('Files', { exact: true }).nth(1).click();
  });

  test('what was not saved survives a reload of the page', async () => {
    await newScenario('draft', 'echo saved\n');
    await page.keyboard.press('Control+s');
    await saved('draft', 'echo saved\n');
    await page.keyboard.press('Control+End');
    await write('echo not saved\n');
    await page.waitForTimeout(1_000);
    // The shell has one page only.
    const again = host === 'desktop' ? page : await opened.context.newPage();
    if (host === 'desktop') await page.reload();
    else await again.goto(`${opened.origin}/`);
    await again.getByRole('alert').or(again.getByRole('status')).filter({ hasText: 'were restored' }).first().waitFor();
    await again.getByRole('tab', { name: /^draft\.scn, unsaved/ }).waitFor();
    if (again !== page) await again.close();
    expect(readFileSync(scenario('draft'), 'utf8')).toBe('echo saved\n');
  });

  test('a paused run: executed lines are locked, the remaining ones are changed in the run', async () => {
    await newScenario('running', 'echo one\necho two\necho three\n');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('F9');
    await page.keyboard.press('F5');
    await page.locator('[data-code-editor] .paused-line').waitFor();
    await page.locator('[data-code-editor] .after-line.passed').first().waitFor();
    await page.keyboard.press('Control+Home');
    await write('changed ');
    await page.getByText('This line was executed in the run that is under way').first().waitFor();
    expect(await page.locator('[data-code-editor] .view-line').first().textContent()).toMatch(/^echo\sone/);
    await page.keyboard.press('Control+End');
    await write('echo four\n');
    await page.getByRole('button', { name: 'Apply to the run…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.locator('[data-diff] .view-line', { hasText: 'four' }).first().waitFor();
    await dialog.getByRole('button', { name: 'Apply to the run', exact: true }).click();
    await expect.poll(() => dialog.count(), { timeout: 10_000 }).toBe(0);
    await page.keyboard.press('F5');
    await expect.poll(() => page.locator('[data-code-editor] .after-line.passed').count(), { timeout: 10_000 }).toBe(4);
    // What is applied to a run is not saved; the file is as it was when the run began.
    await saved('running', 'echo one\necho two\necho three\n');
    await tab('running')
      .and(page.getByRole('tab', { name: /unsaved/ }))
      .waitFor();
    await page.keyboard.press('Control+s');
    await saved('running', 'echo one\necho two\necho three\necho four\n');
  });

  test('suggestions open for the first time after two texts were compared and the dialog was closed', async () => {
    await newScenario('compared', 'echo one\necho two\n');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('F9');
    await page.keyboard.press('F5');
    await page.locator('[data-code-editor] .paused-line').waitFor();
    await page.reload();
    await waitForEnvironment(page);
    await tab('compared').click();
    await page.locator('[data-code-editor] .paused-line').waitFor();
    await page.locator('[data-code-editor] .view-line').last().click();
    await page.keyboard.press('Control+End');
    await page.keyboard.insertText('echo three\n');
    await page.getByRole('button', { name: 'Apply to the run…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.locator('[data-diff] .view-line', { hasText: 'three' }).first().waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(() => dialog.count(), { timeout: 10_000 }).toBe(0);
    await page.locator('[data-code-editor] .view-line').last().click();
    await page.keyboard.press('Control+End');
    await page.keyboard.type('expect MatchingEngineP', { delay: 60 });
    await page.getByRole('option', { name: /^MatchingEnginePrimary/ }).waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Escape');
    await page.locator('[data-code-editor] .view-line', { hasText: /expect.MatchingEnginePrimary/ }).waitFor();
    await page.keyboard.press('Shift+F5');
    await page.locator('[data-code-editor] .paused-line').waitFor({ state: 'detached' });
  });

  test('closing a file with unsaved changes asks', async () => {
    await newScenario('gone', 'echo a\n');
    await page.keyboard.press('Alt+w');
    const dialog = page.getByRole('dialog');
    await dialog.getByText('Save the changes of scenarios/gone.scn?').waitFor();
    await dialog.getByRole('button', { name: 'Give them up' }).click();
    await expect.poll(() => tab('gone').count()).toBe(0);
  });

  test('nothing failed on the way, and editor and files are accessible', async () => {
    const issues = await accessibilityIssues(page);
    expect(issues.filter((issue) => /editor|files|monaco/.test(issue))).toEqual([]);
    expect(opened.failures).toEqual([]);
  });
});
