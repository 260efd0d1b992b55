/** A console on a core that another process serves: the core goes, in one of two ways, during a run, and comes back. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startCommand, type Started } from '../e2e/console-command.ts';
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
import { childrenOf } from './processes.ts';
import { control, expectLine, expectStanding, markedLine, openScenario } from './run-operator.ts';

describe.skipIf(missingChromium)('a console on a served core', { timeout: 3 * patience }, () => {
  let folder: string;
  let demo: DemoEnvironment;
  let served: Started;
  let opened: ConsolePage;
  let address: string;

  async function serve(listen: string): Promise<Started> {
    const tokens = join(folder, 'tokens');
    writeFileSync(tokens, `demo ${'a'.repeat(40)}\n`, { mode: 0o600 });
    const words = ['serve', '--listen', listen, '--token-file', tokens];
    const places = ['--workspace', `exchange=${demo.folder}`, '--environment', `main=${demo.environmentFile}`];
    const command = startCommand([...words, ...places], { archive: join(folder, 'archive'), home: join(folder, 'home') });
    await command.printed(/ws:\/\/127\.0\.0\.1:\d+\/contract/);
    return command;
  }

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'testops-served-'));
    demo = await startDemoEnvironment(join(folder, 'demo-archive'));
    writeFileSync(join(demo.folder, 'scenarios', 'long.scn'), 'echo one\nwait 600s\necho three\n');
    served = await serve('127.0.0.1:0');
    address = /ws:\/\/(\S+)\/contract/.exec(served.output())?.[1] ?? '';
    const words = ['--connect', `ws://${address}`, '--token-file', join(folder, 'tokens')];
    opened = await openConsole({ arguments: [...words, '--workspace', 'exchange', '--environment', 'main'] });
    await waitForEnvironment(opened.page);
  }, 3 * patience);
  afterAll(async () => {
    await opened?.dispose();
    served?.process.kill('SIGINT');
    await served?.ended;
    await demo?.dispose();
    rmSync(folder, { recursive: true, force: true });
  }, patience);

  async function beginLongRun(): Promise<void> {
    const { page } = opened;
    await openScenario(page, 'long');
    await page.keyboard.press('F5');
    await expectStanding(page, /Running/);
    await expect.poll(() => markedLine(page, 'waiting'), { timeout: patience }).toBe(2);
  }

  test('says that the core is out of reach when its host is killed, why nothing can be done, and what became of the run', async () => {
    const { page } = opened;
    await beginLongRun();
    served.process.kill('SIGKILL');
    const banner = page.getByRole('status').filter({ hasText: /Not live/ });
    await banner.filter({ hasText: /The run \S+-long-\S+ may go on; the core is out of reach, for \d/ }).waitFor();
    await expectStanding(page, /Not live \(was: Running\)/);
    await expectLine(page, 'last-known', 2);
    expect(await markedLine(page, 'waiting')).toBeNull();
    await control(page, 'Stop').hover({ force: true });
    await page.getByRole('tooltip').getByText('Stop (Shift+F5): not now. The core is out of reach.').waitFor();
    await expectAccessible(page);
    // What is told in orange is not told in a notice besides.
    expect(await page.getByText('The connection to the core is gone').count()).toBe(0);

    served = await serve(address);
    await page
      .getByText(/The core ended during the run \S+-long-\S+, so it was interrupted at line 2 of long/)
      .waitFor({ timeout: patience });
    await expectStanding(page, /Interrupted/);
    await waitForEnvironment(page);
    expect(await banner.count()).toBe(0);
  });

  test('says that the core ended when its process is killed, and goes on with the next one', async () => {
    const { page } = opened;
    await beginLongRun();
    const core = childrenOf(served.process.pid ?? 0).find(({ command }) => command.endsWith('core-process'));
    const said = page.evaluate(
      () =>
        new Promise<string>((resolve) => {
          const look = (): void => {
            const banner = [...document.querySelectorAll<HTMLElement>('header [role="status"]')].map((each) => each.innerText).join(' ');
            if (banner.includes('The core was ended')) resolve(banner.replaceAll(/\s+/g, ' '));
          };
          new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true });
        }),
    );
    process.kill(core?.pid ?? 0, 'SIGKILL');
    expect(await said).toMatch(/The core was ended by SIGKILL during the run \S+-long-\S+/);
    await expectStanding(page, /Interrupted/);
    await waitForEnvironment(page);
  });
});
