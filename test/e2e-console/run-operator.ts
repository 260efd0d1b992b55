/** What an operator sees and does in the Run view, for its tests: lines by number, how the run stands, files by name. */
import { expect } from 'vitest';
import type { Locator, Page } from 'playwright-core';
import { patience } from './console-page.ts';

/** `last-known`: where control was when the core was lost. */
export type LineMark = 'running' | 'waiting' | 'paused' | 'error' | 'last-known';

/** Number of the line that the editor marks so; null: none is. */
export async function markedLine(page: Page, mark: LineMark): Promise<number | null> {
  // In one look, since the mark may go at any time.
  const text = await page.evaluate((name) => document.querySelector(`.line-numbers.${name}-number`)?.textContent ?? '', mark);
  return text === '' ? null : Number(text);
}

/** Lines that the editor marked since as those where control was, in the order in which they were marked first: some are for a moment only. */
export async function watchLines(page: Page): Promise<() => Promise<number[]>> {
  const seen = await page.evaluateHandle(() => {
    const lines = new Set<number>();
    const look = (): void => {
      for (const each of document.querySelectorAll('.line-numbers:is(.running-number, .waiting-number)'))
        lines.add(Number(each.textContent));
    };
    new MutationObserver(look).observe(document.body, { subtree: true, childList: true, attributeFilter: ['class'] });
    return lines;
  });
  return () => seen.evaluate((lines) => [...lines]);
}

export async function expectLine(page: Page, mark: LineMark, line: number): Promise<void> {
  await expect.poll(() => markedLine(page, mark), { timeout: patience / 2 }).toBe(line);
}

/** The word that says how the run stands: Ready, Running, Paused, Error, Passed … */
export async function expectStanding(page: Page, word: RegExp): Promise<void> {
  await page.locator('[data-run-standing]').getByRole('status').filter({ hasText: word }).waitFor({ timeout: patience });
}

export function control(page: Page, name: string): Locator {
  return page.getByRole('toolbar', { name: 'Run' }).getByRole('button', { name, exact: true });
}

/** Opens a scenario of the workspace and puts the keyboard into the editor. */
export async function openScenario(page: Page, name: string): Promise<void> {
  await page.getByRole('treeitem', { name }).click();
  await page.getByRole('tab', { name: `${name}.scn`, selected: true }).waitFor();
  await page
    .locator('.monaco-editor .view-lines')
    .first()
    .click({ position: { x: 4, y: 4 } });
}

/** Puts the caret at the beginning of a line, by keys. */
export async function caretTo(page: Page, line: number): Promise<void> {
  await page
    .locator('.monaco-editor .view-lines')
    .first()
    .click({ position: { x: 4, y: 4 } });
  await page.keyboard.press('Control+Home');
  for (let at = 1; at < line; at++) await page.keyboard.press('ArrowDown');
}

/** The answer of one of the three questions, in its few words. */
export async function answerOf(page: Page, question: string): Promise<string> {
  const section = page.getByRole('region', { name: 'The three questions' }).locator('section', { hasText: question });
  return section.locator('[data-answer]').innerText();
}
