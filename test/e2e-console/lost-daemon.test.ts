/** A daemon is killed during a run: from the Run view alone one reads what is not known any more; and so in the Environment view and in replay. */
import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Ownership } from '#shared/disposable.ts';
import { openNetwork, type Program } from '../network-of-processes.ts';
import { expectAccessible, missingChromium, onEachHost, openConsole, patience, type ConsolePage } from './console-page.ts';
import { openScenario } from './run-operator.ts';

onEachHost('a lost daemon', { timeout: 2 * patience }, (host) => {
  const owned = new Ownership();
  let opened: ConsolePage | undefined;
  let daemon: Program | undefined;
  let startAgain: (() => Promise<Program>) | undefined;

  beforeAll(async () => {
    const engine = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1_000)'], { stdio: 'ignore' });
    owned.own(() => void engine.kill('SIGKILL'));
    const network = await openNetwork({ daemon: { components: { Engine: { find: { pidFile: 'engine.pid' } } } } });
    owned.own(network);
    await writeFile(join(network.folder, 'engine.pid'), String(engine.pid));
    await writeFile(join(network.folder, 'hold.scn'), 'expect Engine.STATE == RUNNING within 10s\nwait 10m\n');
    daemon = await network.startDaemon();
    startAgain = () => network.startDaemon();
    opened = await openConsole({ host, arguments: ['--workspace', network.folder, '--environment', network.environmentFile] });
    owned.own(opened);
    await banner().getByText('connected', { exact: true }).waitFor();
  }, 2 * patience);
  afterAll(() => owned.dispose());

  const page = () => {
    if (!opened) throw new Error('the console was not opened');
    return opened.page;
  };
  const banner = () => page().getByRole('banner');
  const log = (text: RegExp) => page().locator('[data-panel="log"]').getByText(text).first();

  test('the Run view says which daemon is lost, since when, and what is unknown', async () => {
    await openScenario(page(), 'hold');
    await page().keyboard.press('F5');
    await log(/▶ \d+\s+wait 10m/).waitFor();
    await daemon?.kill('SIGKILL');
    await banner()
      .getByText(/Daemon MEP lost: Engine unknown, for \d/)
      .waitFor();
    await banner().getByText('1 of 1 daemon lost').waitFor();
    await banner().getByText('Not live', { exact: true }).hover();
    await page()
      .getByRole('tooltip')
      .getByText(/Daemon MEP lost: Engine unknown, since \d\d:\d\d:\d\d/)
      .waitFor();
    expect(await banner().getByText('connected', { exact: true }).count()).toBe(0);
    await log(/daemon MEP is lost, last sign of life .* ago: Engine unknown/).waitFor();
    await page()
      .getByText(/The daemon MEP is lost, silent since .*: Engine unknown/)
      .waitFor();
    await expectAccessible(page());
    await page().keyboard.press('Control+Alt+t');
    await expectAccessible(page());
  });

  test('the Environment view shows its components as unknown', async () => {
    await page().keyboard.press('Control+2');
    await page()
      .getByRole('row', { name: /^Engine unknown –/ })
      .waitFor();
    await page()
      .getByRole('row', { name: /MEP lost/ })
      .waitFor();
    await banner()
      .getByText(/Daemon MEP lost/)
      .waitFor();
    await page().keyboard.press('Control+1');
  });

  test('when it is back, the banner goes, and the log says how long it was away', async () => {
    daemon = await startAgain?.();
    await banner().getByText('connected', { exact: true }).waitFor();
    await log(/daemon MEP was started anew and is back after \d+(\.\d+)? s/).waitFor();
    expect(
      await banner()
        .getByText(/Daemon MEP lost/)
        .count(),
    ).toBe(0);
  });
});

test.skipIf(missingChromium)(
  'a daemon that the environment lists and nobody has seen is missed in the banner',
  async () => {
    const owned = new Ownership();
    try {
      const network = await openNetwork({ daemon: {} });
      owned.own(network);
      const opened = await openConsole({ arguments: ['--workspace', network.folder, '--environment', network.environmentFile] });
      owned.own(opened);
      const banner = opened.page.getByRole('banner');
      await banner.getByText('Daemon MEP never seen').waitFor();
      await network.startDaemon();
      await banner.getByText('connected', { exact: true }).waitFor();
      await banner.getByText('Daemon MEP never seen').waitFor({ state: 'hidden' });
    } finally {
      await owned.dispose();
    }
  },
  2 * patience,
);
