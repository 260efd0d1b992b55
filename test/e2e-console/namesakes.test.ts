/** The Environment view when two daemons bear one name: both places are named where the environment is looked at. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newKey, writeKeyFile } from '#platform/keys.ts';
import { startRouter, type Router } from '#network/router/router.ts';
import { startDaemonProcess, type DaemonProcess } from '../network/daemon/daemon-process.ts';
import { expectAccessible, onEachHost, openConsole, patience, waitForEnvironment, type ConsolePage } from './console-page.ts';

onEachHost('two daemons of one name', { timeout: 2 * patience }, (host) => {
  let folder = '';
  let router: Router | undefined;
  let opened: ConsolePage | undefined;
  const daemons: DaemonProcess[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'testops-namesakes-view-'));
    router = await startRouter({ port: 0 });
    const alice = newKey();
    await writeKeyFile(join(folder, 'alice.seed'), alice.seed);
    const environment = join(folder, 'environment.yaml');
    writeFileSync(environment, `environment: test\nrouter: ${router.url}\noperator: { name: alice, key: alice.seed }\ndaemons: [MEP]\n`);
    for (const name of ['original', 'clone']) {
      await mkdir(join(folder, name));
      const text = `daemon: MEP\nenvironment: test\nrouter: ${router.url}\nstate: state\ntrust: []\nhost: { component: System }\n`;
      writeFileSync(join(folder, name, 'daemon.yaml'), text);
      daemons.push(startDaemonProcess(join(folder, name, 'daemon.yaml')));
    }
    opened = await openConsole({ host, arguments: ['--workspace', folder, '--environment', environment] });
    await waitForEnvironment(opened.page);
    await opened.page.keyboard.press('Control+2');
  }, 2 * patience);
  afterAll(async () => {
    await opened?.dispose();
    for (const daemon of daemons) await daemon.end('SIGKILL');
    await router?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('are named with both places, until one is left', async () => {
    if (!opened) throw new Error('the console was not opened');
    const { page } = opened;
    const problems = page.getByRole('alert', { name: 'Problems of the environment' });
    await problems.getByText('Two daemons call themselves MEP').waitFor();
    for (const { child } of daemons) {
      await problems.getByText(`${hostname()} (127.0.0.1, process ${child.pid})`).waitFor();
    }
    await expectAccessible(page);
    await page.keyboard.press('Control+Alt+t');
    await expectAccessible(page);
    await daemons[1]?.end('SIGKILL');
    await problems.waitFor({ state: 'detached' });
    expect(await page.getByText('Two daemons call themselves').count()).toBe(0);
  });
});
