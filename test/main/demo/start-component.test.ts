/** The start of a component whose daemon turns out to be a new one in the middle of it, with a real router. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { trustFolder } from '../../trusted-folder.ts';
import { FakeDaemon, environment, success, type SpoolStore } from '../core/link/fake-daemon.ts';
import { openCore, type OpenCore } from '#main/core/core.ts';
import { startComponent } from '#main/demo/start-component.ts';
import { newKey, writeKeyFile } from '#platform/keys.ts';
import { startRouter, type Router } from '#network/router/router.ts';
import { Ownership } from '#shared/disposable.ts';
import type { CommandOutcome } from '#shared/protocol/observations.ts';

const failed: CommandOutcome = { ...success, exitStatus: 1, success: false, result: '1' };

let owned: Ownership;
let router: Router;
let core: OpenCore;
let environmentFile: string;
const spool: SpoolStore = new Map();

beforeEach(async () => {
  owned = new Ownership();
  const folder = await mkdtemp(join(tmpdir(), 'start-component-'));
  owned.own(() => rm(folder, { recursive: true }));
  router = await startRouter({ port: 0 });
  owned.own(() => router.close());
  await writeKeyFile(join(folder, 'alice.seed'), newKey().seed);
  environmentFile = join(folder, 'environment.yaml');
  const lines = [`environment: ${environment}`, `router: ${router.url}`, 'operator: { name: alice, key: alice.seed }', 'daemons: [MEP]'];
  await writeFile(environmentFile, `${lines.join('\n')}\n`);
  await trustFolder(folder, join(folder, 'home'));
  core = await openCore({ archiveFolder: join(folder, 'archive'), home: join(folder, 'home') });
  owned.own(core);
});
afterEach(async () => owned.dispose());

async function startDaemon(outcome: CommandOutcome | null): Promise<FakeDaemon> {
  const daemon = await FakeDaemon.start({ url: router.url, name: 'MEP', components: ['Engine'], commands: ['start'], spool });
  owned.own(() => daemon.stop());
  daemon.onOrder = (order, reply) => {
    reply({ kind: 'accepted', command: order.id });
    if (outcome) reply({ kind: 'finished', command: order.id, outcome });
  };
  return daemon;
}

const start = () => startComponent(core, environmentFile, 'Engine', { patience: 20_000, signal: new AbortController().signal });

/** A daemon takes the order and is gone before it says how the start went; the next one answers so. */
async function startedOver(outcome: CommandOutcome): Promise<{ readonly starting: Promise<void>; readonly second: FakeDaemon }> {
  const first = await startDaemon(null);
  const starting = start();
  starting.catch(() => undefined);
  await vi.waitFor(() => expect(first.orders).toHaveLength(1), 8_000);
  await first.stop();
  const second = await startDaemon(outcome);
  second.notice('here again');
  return { starting, second };
}

test.each(['already-running', 'already-starting'])('a start that was carried out is done: %s', { timeout: 40_000 }, async (code) => {
  const { starting, second } = await startedOver({ ...failed, message: 'It says so in words of its own.', code });
  await starting;
  expect(second.orders).toHaveLength(1);
});

test('a start that was not carried out is, and what keeps it is told', { timeout: 40_000 }, async () => {
  const done = await startedOver(success);
  await done.starting;
  expect(done.second.orders).toHaveLength(1);
  await done.second.stop();
  const { starting } = await startedOver({ ...failed, message: 'Engine is running already, it says' });
  await expect(starting).rejects.toMatchObject({ problem: { message: 'Engine did not start: Engine is running already, it says.' } });
});

test('what runs already without a doubt about a start is none of this one', { timeout: 40_000 }, async () => {
  await startDaemon({ ...failed, message: 'Engine is running already', code: 'already-running' });
  await expect(start()).rejects.toMatchObject({ problem: { code: 'environment-start' } });
});
