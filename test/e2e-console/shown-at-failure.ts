/**
 * What pages show when a test of them fails: their text, where the keyboard is, the lines that the editor marks, and a picture. Without
 * it a failure that does not come again says only what was waited for.
 */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';

interface Watched {
  readonly context: BrowserContext;
  readonly failures: readonly string[];
}

/** Consoles that are open in this file of tests. */
const watched = new Set<Watched>();

/** Looks after a console's pages; returns the end of it. */
export function watchShown(context: BrowserContext, failures: readonly string[]): () => void {
  const each = { context, failures };
  watched.add(each);
  return () => watched.delete(each);
}

/** Prints what every open page shows. */
export async function printShown(test: string): Promise<void> {
  for (const { context, failures } of watched) {
    for (const page of context.pages()) console.error(`When "${test}" failed:\n${await shownBy(page)}`);
    if (failures.length > 0) console.error(`Error messages of the pages:\n${failures.slice(-10).join('\n')}`);
  }
}

async function shownBy(page: Page): Promise<string> {
  try {
    const picture = join(mkdtempSync(join(tmpdir(), 'testops-failure-')), 'page.png');
    const [text, keyboard, marks] = await page.evaluate(() => [
      document.body.innerText,
      document.activeElement?.outerHTML.slice(0, 200) ?? 'nowhere',
      [...document.querySelectorAll('.line-numbers')].map((each) => `${each.textContent} ${each.className}`).join('; '),
    ]);
    await page.screenshot({ path: picture, timeout: 5_000 }).catch(() => undefined);
    const lines = (text ?? '').split('\n').filter((line) => line.trim() !== '');
    return `${lines.join('\n').slice(0, 6_000)}\nThe keyboard is at: ${keyboard}\nLine numbers: ${marks}\nPicture: ${picture}`;
  } catch (failure) {
    return `The page cannot be asked: ${String(failure)}`;
  }
}
