/** Nothing begins later unasked: starts and commands while the router or a daemon is away, with a real router that goes and comes back. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openFreezingWay } from './freezing-way.ts';
import { FakeDaemon, environment, success } from '../link/fake-daemon.ts';
import { trustFolder } from '../../../trusted-folder.ts';
import { openCore, type OpenCore } from '#main/core/core.ts';
import { connectInProcess } from '#main/core/contract/in-process.ts';
import { newKey, writeKeyFile } from '#platform/keys.ts';
import { startRouter, type Router } from '#network/router/router.ts';
import type { Core, StreamItem } from '#shared/contract/contract.ts';
import { Ownership, type Owned } from '#shared/disposable.ts';
import { problemOf, type Problem } from '#shared/problem.ts';
import { freePort } from '#platform/free-port.ts';

type Told = StreamItem<'run.starting'>;

let folder: string;
let port: number;
let router: Router;
let daemon: FakeDaemon;
let core: OpenCore;
let console: Core & Owned;
let owned: Ownership;
let environmentFile: string;
/** Names of the actions that the daemon carried out. */
let executed: string[];
/** Whether the daemon answers orders. */
let answers: boolean;

const action = (name: string) => ({ name, parameters: [], hazard: 'none' as const, timeout: 5_000 });

beforeEach(async () => {
  owned = new Ownership();
  executed = [];
  answers = true;
  folder = await mkdtemp(join(tmpdir(), 'nothing-unasked-'));
  owned.own(() => rm(folder, { recursive: true }));
  port = await freePort();
  router = await startRouter({ port });
  owned.own(() => router.close());
  daemon = await FakeDaemon.start({ url: router.url, name: 'MEP', components: ['Engine'] });
  owned.own(() => daemon.stop());
  daemon.actions = ['start_load', 'tell_release'].map(action);
  daemon.onOrder = (order, reply) => {
    if (order.order.kind !== 'execute' || !answers) return;
    executed.push(order.order.action);
    reply({ kind: 'accepted', command: order.id });
    reply({ kind: 'finished', command: order.id, outcome: { ...success, result: 'rc9' } });
  };
  await mkdir(join(folder, 'scenarios'));
  await writeFile(join(folder, 'scenarios', 'load.scn'), 'start_load\n');
  await writeKeyFile(join(folder, 'alice.seed'), newKey().seed);
  environmentFile = await writeEnvironment(['MEP']);
  await trustFolder(folder, join(folder, 'home'));
  core = await openCore({ archiveFolder: join(folder, 'archive'), home: join(folder, 'home') });
  owned.own(core);
  console = connectInProcess(core);
  owned.own(console);
});

afterEach(async () => {
  await owned.dispose();
});

async function writeEnvironment(daemons: readonly string[], url = `nats://127.0.0.1:${port}`): Promise<string> {
  const file = join(folder, 'environment.yaml');
  const lines = [
    `environment: ${environment}`,
    `router: ${url}`,
    'operator: { name: alice, key: alice.seed }',
    'release: { action: tell_release }',
    `daemons: [${daemons.join(', ')}]`,
  ];
  await writeFile(file, `${lines.join('\n')}\n`);
  return file;
}

const start = (name: string, of: Core = console) =>
  of.request('run.start', {
    start: name,
    scenarioFile: join(folder, 'scenarios', 'load.scn'),
    environmentFile,
    policy: 'abort',
    attended: false,
  });

/** Why a start did not come to be; null: it did. */
const refusalOf = (starting: Promise<unknown>): Promise<Problem | null> =>
  starting.then(
    () => null,
    (failure: unknown) => problemOf(failure),
  );

function follow(name: string, of: Core = console): Told[] {
  const told: Told[] = [];
  of.listen('run.starting', { start: name }, (item) => void told.push(item)).ended.catch(() => undefined);
  return told;
}

/** The environment is open, as it is while a console shows it; then the router goes. */
async function loseRouter(): Promise<void> {
  const looking = core.listen('environment.live', { environmentFile }, () => undefined);
  owned.own(() => looking.close());
  looking.ended.catch(() => undefined);
  await vi.waitFor(async () => expect((await console.request('environment.status', { environmentFile })).daemons).toHaveLength(1), 8_000);
  await router.close();
  await vi.waitFor(async () => expect((await console.request('environment.status', { environmentFile })).connected).toBe(false), 8_000);
}

async function bringRouterBack(): Promise<void> {
  router = await startRouter({ port });
  await vi.waitFor(async () => expect((await console.request('environment.status', { environmentFile })).connected).toBe(true), 8_000);
}

/** For long enough after the router came back that whatever still waited for it would have begun. */
async function nothingBegan(): Promise<void> {
  await pause(1_500);
  expect((await core.request('runs.list', {})).runs).toEqual([]);
  expect(executed).toEqual([]);
}

test('while the router is away a start says so, can be cancelled, and does not begin when it is back', { timeout: 40_000 }, async () => {
  await loseRouter();
  const starting = start('one');
  const refused = refusalOf(starting);
  const told = follow('one');
  await vi.waitFor(() => expect(told.length).toBeGreaterThan(1), 8_000);
  expect(told[0]?.awaited).toMatch(new RegExp(`^the router at nats://127.0.0.1:${port}, not reachable for \\d+ s$`));
  expect(told[1]!.left).toBeLessThan(told[0]!.left);
  expect(told[0]?.dispensable).toBe(false);
  await expect(start('two')).rejects.toMatchObject({ problem: { code: 'start-waits' } });
  await console.request('run.decide-start', { start: 'one', decision: 'cancel' });
  expect(await refused).toMatchObject({ code: 'start-cancelled' });
  await bringRouterBack();
  await nothingBegan();
});

test('a start for which the router does not come in time is refused for good', { timeout: 40_000 }, async () => {
  await loseRouter();
  await expect(start('one')).rejects.toMatchObject({ problem: { code: 'router-unreachable', message: /not started: the router at/ } });
  await bringRouterBack();
  await nothingBegan();
});

test('a start that waits begins when the router comes in time', { timeout: 40_000 }, async () => {
  await loseRouter();
  const starting = start('one');
  const told = follow('one');
  await vi.waitFor(() => expect(told).not.toEqual([]), 8_000);
  router = await startRouter({ port });
  const { run } = await starting;
  await vi.waitFor(() => expect(executed).toEqual(['tell_release', 'start_load']), 8_000);
  expect((await core.request('runs.list', {})).runs.map((each) => each.run)).toEqual([run]);
});

test('a start that waits goes with its console', { timeout: 40_000 }, async () => {
  await loseRouter();
  const other = connectInProcess(core);
  const starting = start('one', other);
  const gone = refusalOf(starting);
  const told = follow('one', other);
  await vi.waitFor(() => expect(told).not.toEqual([]), 8_000);
  await other.dispose();
  expect(await gone).toMatchObject({ code: 'core-gone' });
  await bringRouterBack();
  await nothingBegan();
});

test('a router that goes while the release is asked for refuses the start', { timeout: 40_000 }, async () => {
  answers = false;
  const starting = start('one');
  const refused = refusalOf(starting);
  const told = follow('one');
  await vi.waitFor(() => expect(told.at(-1)?.awaited).toContain("'tell_release'"), 8_000);
  await router.close();
  expect(await refused).toMatchObject({ code: 'daemon-lost' });
  answers = true;
  await bringRouterBack();
  await nothingBegan();
});

test('commands by hand, pins and recoveries are refused while the router is away, and not done later', { timeout: 40_000 }, async () => {
  await loseRouter();
  const command = console.request('command.execute', { environmentFile, words: ['start_load'] });
  await expect(command).rejects.toMatchObject({ problem: { code: 'router-unreachable', message: /^The command was not given/ } });
  const pin = console.request('environment.pin', { environmentFile });
  await expect(pin).rejects.toMatchObject({ problem: { code: 'router-unreachable', message: /^Nothing was pinned/ } });
  await bringRouterBack();
  await nothingBegan();
});

/** A way to the router that can be frozen, with the environment looked at and its daemon present. */
async function lookThroughFreezingWay() {
  const way = await openFreezingWay(port);
  owned.own(() => way.close());
  environmentFile = await writeEnvironment(['MEP'], way.url);
  const looking = core.listen('environment.live', { environmentFile }, () => undefined);
  owned.own(() => looking.close());
  looking.ended.catch(() => undefined);
  await vi.waitFor(async () => {
    expect((await console.request('environment.status', { environmentFile })).daemons[0]?.presence).toBe('present');
  }, 8_000);
  return way;
}

test(
  'a router that is frozen refuses starts, commands by hand and pins, and nothing of them is done later',
  { timeout: 60_000 },
  async () => {
    const way = await lookThroughFreezingWay();
    way.freeze();
    const starting = start('one');
    const refused = refusalOf(starting);
    const told = follow('one');
    await vi.waitFor(() => expect(told.at(-1)?.awaited).toBe(`the router at ${way.url}, which does not answer`), 8_000);
    const command = refusalOf(console.request('command.execute', { environmentFile, words: ['start_load'] }));
    const pin = refusalOf(console.request('environment.pin', { environmentFile }));
    const message = (what: string) => `${what}: the router at ${way.url} is connected, but does not answer.`;
    expect(await refused).toMatchObject({ code: 'router-silent', severity: 'error', message: message('The run was not started') });
    expect(await command).toMatchObject({ code: 'router-silent', message: message('The command was not given') });
    expect(await pin).toMatchObject({ code: 'router-silent', message: message('Nothing was pinned') });
    way.thaw();
    await nothingBegan();
  },
);

test('a start for which a frozen router answers in time begins', { timeout: 60_000 }, async () => {
  const way = await lookThroughFreezingWay();
  way.freeze();
  const starting = start('one');
  const told = follow('one');
  await vi.waitFor(() => expect(told).not.toEqual([]), 8_000);
  way.thaw();
  await starting;
  await vi.waitFor(() => expect(executed).toEqual(['tell_release', 'start_load']), 8_000);
});

test('a listed daemon that is missing is named, and the run can be started without it', { timeout: 40_000 }, async () => {
  environmentFile = await writeEnvironment(['MEP', 'matching-1']);
  const began = performance.now();
  const starting = start('one');
  const told = follow('one');
  await vi.waitFor(() => expect(told).not.toEqual([]), 8_000);
  expect(told[0]).toMatchObject({
    awaited: `the daemon matching-1 of the environment ${environment}, which has not answered`,
    dispensable: true,
  });
  await console.request('run.decide-start', { start: 'one', decision: 'start-without' });
  const { problems } = await starting;
  expect(performance.now() - began).toBeLessThan(4_500);
  expect(problems).toMatchObject([{ code: 'daemon-missing', message: /matching-1/ }]);
});

test('drafts are run as they stand in the editor, and the files stay as they are', { timeout: 40_000 }, async () => {
  await writeFile(join(folder, 'scenarios', 'called.scn'), 'echo on the disk\n');
  const scenarioFile = join(folder, 'scenarios', 'load.scn');
  const texts = { load: 'call called\n', called: 'start_load\n' };
  const { run } = await console.request('run.start', { scenarioFile, environmentFile, texts, policy: 'abort', attended: false });
  await vi.waitFor(() => expect(executed).toEqual(['tell_release', 'start_load']), 8_000);
  const { manifest } = await console.request('runs.show', { run });
  expect(manifest.scenario.texts).toEqual(texts);
  expect(await readFile(scenarioFile, 'utf8')).toBe('start_load\n');
  expect(await readFile(join(folder, 'scenarios', 'called.scn'), 'utf8')).toBe('echo on the disk\n');
});
