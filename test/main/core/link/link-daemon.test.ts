/** The link and the true daemon, over the embedded router with users and roles. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { connectToRouter } from '#network/bus/connect.ts';
import { newKey, signerFromSeed, writeKeyFile } from '#platform/keys.ts';
import { parseDaemonConfiguration } from '#network/daemon/configuration/load.ts';
import { startDaemon, type Daemon } from '#network/daemon/daemon.ts';
import { permissionsFor } from '#network/router/permissions.ts';
import { startRouter, type Router } from '#network/router/router.ts';
import { openLink } from '#main/core/link/link.ts';
import { systemClock } from '#platform/clock.ts';
import type { Link } from '#main/core/ports.ts';
import { commandId, daemonName, environment } from './fake-daemon.ts';
import { hear, quick } from './linked.ts';
import { freePort } from '#platform/free-port.ts';

const upTo = (last: number): number[] => Array.from({ length: last }, (_, index) => index + 1);

describe('link and daemon', () => {
  const [alice, mep] = [newKey(), newKey()];
  let folder = '';
  let port = 0;
  let router: Router;
  const open: { dispose(): void | Promise<void> }[] = [];

  const startRouterAgain = async (): Promise<void> => {
    const users = [
      { name: 'alice', key: alice.publicKey, permissions: permissionsFor('operator', environment, 'alice') },
      { name: 'MEP', key: mep.publicKey, permissions: permissionsFor('daemon', environment, 'MEP') },
    ];
    router = await startRouter({ port, users });
  };
  const startMep = async (): Promise<Daemon> => {
    const yaml = `
daemon: MEP
environment: ${environment}
router: nats://127.0.0.1:${port}
key: MEP.seed
state: state
trust:
  - { operator: alice, key: ${alice.publicKey}, allow: ['*'] }
host: { component: System, interval: 100ms }
actions:
  hello: { command: [echo, hello], result: last line }
  long: { command: [sleep, '30'] }
`;
    const { configuration, problems } = await parseDaemonConfiguration(yaml, join(folder, 'daemon.yaml'));
    expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
    if (!configuration) throw new Error('The configuration has problems.');
    const daemon = await startDaemon({ configuration, configurationHash: 'a'.repeat(64) });
    open.push(daemon);
    return daemon;
  };
  const link = async (): Promise<Link> => {
    const connection = await connectToRouter({
      url: `nats://127.0.0.1:${port}`,
      name: 'console',
      user: 'alice',
      seed: alice.seed,
      reconnectWait: 50,
    });
    const operator = { name: 'alice', signer: signerFromSeed(alice.seed) };
    const limits = { ...quick, commandPatience: 10_000, spoolAttempts: 20, describeTimeout: 1_000, resendAfter: 500 };
    const opened = await openLink({ environment, connection, operator, expected: [daemonName('MEP')], clock: systemClock, limits });
    open.push(opened);
    expect(await opened.ready([daemonName('MEP')], 5_000)).toEqual({ missing: [] });
    return opened;
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'testops-link-daemon-'));
    await mkdir(join(folder, 'state'));
    await writeKeyFile(join(folder, 'MEP.seed'), mep.seed);
    port = await freePort();
    await startRouterAgain();
  });
  afterEach(async () => {
    for (const each of open.splice(0).reverse()) await each.dispose();
  });
  afterAll(async () => {
    await router.close();
    await rm(folder, { recursive: true, force: true });
  });

  test('values arrive, commands are executed once and told in the event stream', async () => {
    await startMep();
    const console = await link();
    const heard = hear(console);
    await vi.waitFor(() => expect(console.daemons()[0]?.catalogue?.series.length).toBeGreaterThan(0), { timeout: 5_000 });
    const metric = console.daemons()[0]?.catalogue?.series[0]?.metric ?? '';
    await vi.waitFor(() => expect(console.reading(`System.${metric}`)).not.toBeNull(), { timeout: 5_000 });
    const outcome = await console.send(daemonName('MEP'), 'hello', [], commandId('hello-0001')).finished;
    expect(outcome).toMatchObject({ status: 'completed', success: true });
    await vi.waitFor(() => {
      const events = heard
        .of('events')
        .flatMap((each) => each.events)
        .filter((event) => 'command' in event && event.command === 'hello-0001');
      expect(events.map((event) => event.kind)).toEqual(['command-accepted', 'command-output', 'command-finished']);
    });
    const refused = console.send(daemonName('MEP'), 'nonsense', [], commandId('nonsense-1')).finished;
    await expect(refused).rejects.toThrow(/^MEP refused nonsense: /);
    expect(heard.of('problem')).toEqual([]);
  });

  test('a cancelled command ends', async () => {
    await startMep();
    const console = await link();
    const watch = console.send(daemonName('MEP'), 'long', [], commandId('long-00001'));
    await new Promise((resolve) => setTimeout(resolve, 200));
    await watch.cancel();
    expect((await watch.finished).status).toBe('cancelled');
  });

  test('router and daemon restarted: every record of both epochs is told once, in order', { timeout: 40_000 }, async () => {
    const first = await startMep();
    const console = await link();
    const heard = hear(console);
    const numbers = (daemon: Daemon): number[] => heard.numbers('MEP', daemon.epoch);
    await vi.waitFor(() => expect(numbers(first).length).toBeGreaterThan(5), { timeout: 5_000 });
    const start = numbers(first)[0] ?? 0;
    for (let count = 0; count < 3; count++) {
      await router.close();
      await new Promise((resolve) => setTimeout(resolve, 300));
      await startRouterAgain();
      await new Promise((resolve) => setTimeout(resolve, 700));
    }
    await router.close();
    // The last records of this epoch and the first of the next one reach the spool only.
    await first.dispose();
    const second = await startMep();
    await new Promise((resolve) => setTimeout(resolve, 300));
    await startRouterAgain();
    await vi.waitFor(() => expect(numbers(second).length).toBeGreaterThan(20), { timeout: 10_000 });
    await second.dispose();
    expect(numbers(first)).toEqual(upTo(numbers(first).length).map((index) => start + index - 1));
    expect(numbers(second)).toEqual(upTo(numbers(second).length));
    expect(heard.of('gap').some((gap) => gap.state === 'filled')).toBe(true);
    expect(heard.of('gap').filter((gap) => gap.state === 'lost')).toEqual([]);
    expect(console.daemons()[0]?.catalogue?.epoch).toBe(second.epoch);
  });
});
