/** Campaigns on a console whose core another process serves: started, watched, given another priority, stopped and repeated; and watched only by who has no key there. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startCommand, type Started } from '../e2e/console-command.ts';
import type { NetworkOfProcesses } from '../network-of-processes.ts';
import { openCampaignWorkspace } from './campaign-workspace.ts';
import { missingChromium, openConsole, patience, type ConsolePage } from './console-page.ts';

const head = (page: Page) => page.getByRole('region', { name: 'Campaign', exact: true });
const campaigns = (page: Page) => page.getByRole('listbox', { name: 'Campaigns' });

describe.skipIf(missingChromium)('campaigns on a served core', { timeout: 2 * patience }, () => {
  let folder: string;
  let network: NetworkOfProcesses | undefined;
  let served: Started | undefined;
  const opened: ConsolePage[] = [];

  async function openAs(operator: string, letter: string): Promise<Page> {
    const token = join(folder, `token-${operator}`);
    writeFileSync(token, `${operator} ${letter.repeat(40)}\n`, { mode: 0o600 });
    const address = /ws:\/\/(\S+)\/contract/.exec(served?.output() ?? '')?.[1] ?? '';
    const words = ['--connect', `ws://${address}`, '--token-file', token, '--workspace', 'exchange', '--environment', 'main'];
    const console = await openConsole({ arguments: words });
    opened.push(console);
    await console.page.getByRole('banner').getByText('connected', { exact: true }).waitFor({ timeout: patience });
    await console.page.keyboard.press('Control+6');
    return console.page;
  }

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'testops-served-'));
    network = await openCampaignWorkspace(4);
    const tokens = join(folder, 'tokens');
    writeFileSync(tokens, `alice ${'a'.repeat(40)}\nbob ${'b'.repeat(40)}\n`, { mode: 0o600 });
    const places = ['--workspace', `exchange=${network.folder}`, '--environment', `main=${network.environmentFile}`];
    const words = ['serve', '--listen', '127.0.0.1:0', '--token-file', tokens, ...places];
    served = startCommand(words, { archive: join(folder, 'archive'), home: join(folder, 'home') });
    await served.printed(/ws:\/\/127\.0\.0\.1:\d+\/contract/);
  }, 2 * patience);
  afterAll(async () => {
    for (const each of opened) await each.dispose();
    served?.process.kill('SIGINT');
    await served?.ended;
    await network?.dispose();
    rmSync(folder, { recursive: true, force: true });
  }, patience);

  test('whose key it is starts one, sees its failures and has them executed again', async () => {
    const page = await openAs('alice', 'a');
    await page.getByText('No campaign was started yet').waitFor();
    await page.keyboard.press('n');
    const revision = page.getByLabel('Revision under test');
    await revision.and(page.locator(':focus')).waitFor();
    await page.keyboard.type('rc7');
    await page.keyboard.press('Enter');
    await head(page).getByText('by alice').waitFor({ timeout: patience });
    await head(page).getByRole('heading', { name: 'Nightly: failed' }).waitFor({ timeout: patience });
    await page
      .getByRole('region', { name: /^Failures/ })
      .getByRole('button', { name: /was lost/ })
      .waitFor();
    await page.keyboard.press('r');
    await expect.poll(() => campaigns(page).getByRole('option').count(), { timeout: patience }).toBe(2);
    await head(page).getByText('2 failed', { exact: true }).waitFor({ timeout: patience });
  });

  test('who has no key there watches, and is told why no more can be done', async () => {
    const page = await openAs('bob', 'b');
    await expect.poll(() => campaigns(page).getByRole('option').count(), { timeout: patience }).toBe(2);
    await head(page).getByText('2 failed', { exact: true }).waitFor({ timeout: patience });
    await page.keyboard.press('r');
    await page.getByText('The key of the environment TEST belongs to alice; bob may watch it, not command it.').waitFor();
    expect(opened.flatMap(({ failures }) => failures)).toEqual([]);
  });
});
