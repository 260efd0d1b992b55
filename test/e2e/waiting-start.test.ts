/** `testops run` and `testops runs recover` while something that they need is away: what the terminal says, and that nothing is done later. */
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FakeDaemon, environment, success } from '../main/core/link/fake-daemon.ts';
import { trustFolder } from '../trusted-folder.ts';
import { runCommand, startCommand } from './console-command.ts';
import { startRouter, type Router } from '#network/router/router.ts';
import { newKey, writeKeyFile } from '#platform/keys.ts';
import { Ownership } from '#shared/disposable.ts';
import { freePort } from '#platform/free-port.ts';

let owned: Ownership;
let folder: string;
let port: number;
let router: Router;
let daemon: FakeDaemon | undefined;
/** Names of the actions that the daemon was given. */
let given: string[];

beforeEach(async () => {
  owned = new Ownership();
  given = [];
  folder = await mkdtemp(join(tmpdir(), 'waiting-start-'));
  owned.own(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }));
  port = await freePort();
  await bringRouterUp();
  await writeKeyFile(join(folder, 'alice.seed'), newKey().seed);
  await trustFolder(folder, join(folder, 'home', 'console'));
});
afterEach(async () => owned.dispose());

async function bringRouterUp(): Promise<void> {
  router = await startRouter({ port });
  const ownRouter = router;
  owned.own(() => ownRouter.close());
  await daemon?.stop();
  daemon = await FakeDaemon.start({ url: router.url, name: 'MEP', components: ['Engine'] });
  daemon.actions = ['start_load', 'stop_load'].map((name) => ({ name, parameters: [], hazard: 'none' as const, timeout: 5_000 }));
  const own = daemon;
  owned.own(() => own.stop());
  daemon.onOrder = (order, reply) => {
    if (order.order.kind === 'execute') given.push(order.order.action);
    reply({ kind: 'accepted', command: order.id });
    reply({ kind: 'finished', command: order.id, outcome: success });
  };
}

async function environmentOf(...daemons: string[]): Promise<string> {
  const file = join(folder, 'environment.yaml');
  const lines = [
    `environment: ${environment}`,
    `router: nats://127.0.0.1:${port}`,
    'operator: { name: alice, key: alice.seed }',
    `daemons: [${daemons.join(', ')}]`,
  ];
  await writeFile(file, `${lines.join('\n')}\n`);
  return file;
}

async function scenario(text: string): Promise<string> {
  const file = join(folder, 'load.scn');
  await writeFile(file, text);
  return file;
}

const options = () => ({ archive: join(folder, 'archive'), home: join(folder, 'home'), folder });
const runs = async (): Promise<string[]> => (await readdir(join(folder, 'archive')).catch(() => [])).filter((name) => /^\d/.test(name));

test('a listed daemon that is missing is told once, and Ctrl-C cancels the start for good', { timeout: 60_000 }, async () => {
  const command = startCommand(['run', await scenario('start_load\n'), '-e', await environmentOf('MEP', 'matching-1')], options());
  const line = `Waiting for the daemon matching-1 of the environment ${environment}, which has not answered; at most`;
  const whole = new RegExp(`^${line} \\d s \\(Ctrl-C cancels\\) …\\n`, 'gm');
  // On a busy machine something else may be waited for before.
  await command.printed(whole);
  expect(command.output().match(whole)).toHaveLength(1);
  command.process.kill('SIGINT');
  const ended = await command.ended;
  expect(ended.output).toContain('Cancelling the start …');
  expect(ended.errors).toContain('The start was cancelled, so no run began.');
  expect(ended.status).toBe(130);
  expect(await runs()).toEqual([]);
  // For as long as the wait would have gone on.
  await pause(6_000);
  expect(given).toEqual([]);
});

test('a listed daemon that does not come: the run begins with a warning that names it', { timeout: 60_000 }, async () => {
  const ended = await runCommand(['run', await scenario('start_load\n'), '-e', await environmentOf('MEP', 'matching-1')], options());
  expect(ended.errors).toContain('The daemon matching-1 of the environment');
  expect(ended.output).toContain('PASSED');
  expect(ended.status).toBe(0);
  expect(given).toEqual(['start_load']);
});

test('a router that is away refuses the start at once, and nothing begins when it is back', { timeout: 60_000 }, async () => {
  await router.close();
  const ended = await runCommand(['run', await scenario('start_load\n'), '-e', await environmentOf('MEP')], options());
  expect(ended.errors).toMatch(/^error No router answers at nats:\/\/127\.0\.0\.1:\d+\./);
  expect(ended.status).toBe(2);
  expect(await runs()).toEqual([]);
  await bringRouterUp();
  await pause(1_500);
  expect(given).toEqual([]);
});

test('what a dead run owes is not undone while the router is away, nor later by itself', { timeout: 60_000 }, async () => {
  const environmentFile = await environmentOf('MEP');
  const run = startCommand(['run', await scenario('defer stop_load\nstart_load\nwait 1h\n'), '-e', environmentFile], options());
  await run.printed('wait 1h');
  run.process.kill('SIGKILL');
  await run.ended;
  const [name = ''] = await runs();
  await router.close();
  const recover = ['runs', 'recover', name, '-e', environmentFile];
  const refused = await runCommand(recover, options());
  expect(refused.errors).toMatch(/^error No router answers at nats:\/\/127\.0\.0\.1:\d+\./);
  expect(refused.status).toBe(2);
  await bringRouterUp();
  await pause(1_500);
  expect(given).toEqual(['start_load']);
  expect((await runCommand(['runs', 'recover'], options())).output).toContain(`${name} owes: stop_load`);
  const done = await runCommand(recover, options());
  expect(done.output).toContain('executed: stop_load');
  expect(given).toEqual(['start_load', 'stop_load']);
});
