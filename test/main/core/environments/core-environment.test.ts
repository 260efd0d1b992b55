/** The core with a real environment file, the embedded router, a scripted daemon behind it, a plugin and the real archive. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { FakeDaemon, componentName, environment, success } from '../link/fake-daemon.ts';
import { trustFolder } from '../../../trusted-folder.ts';
import { openCore } from '#main/core/core.ts';
import { connectInProcess } from '#main/core/contract/in-process.ts';
import { newKey, writeKeyFile } from '#platform/keys.ts';
import { startRouter, type Router } from '#network/router/router.ts';
import type { Core } from '#shared/contract/contract.ts';
import { Ownership } from '#shared/disposable.ts';
import type { RunId } from '#shared/identifiers.ts';
import type { RecordKind, RecordOf, RunRecord } from '#shared/run/records.ts';

let folder: string;
let router: Router;
let daemon: FakeDaemon;
let console: Core;
let owned: Ownership;
let environmentFile: string;

const action = (name: string) => ({ name, parameters: [], hazard: 'none' as const, timeout: 5_000 });

beforeEach(async () => {
  owned = new Ownership();
  folder = await mkdtemp(join(tmpdir(), 'core-environment-'));
  owned.own(() => rm(folder, { recursive: true }));
  router = await startRouter({ port: 0 });
  owned.own(() => router.close());
  daemon = await FakeDaemon.start({ url: router.url, name: 'MEP', components: ['Engine'] });
  owned.own(() => daemon.stop());
  daemon.actions = ['start_load', 'stop_load', 'tell_release'].map(action);
  daemon.onOrder = (order, reply) => {
    reply({ kind: 'accepted', command: order.id });
    const name = order.order.kind === 'execute' ? order.order.action : '';
    const outcome = { ...success, result: name === 'tell_release' ? 'rc9' : '' };
    daemon.events({ kind: 'command-output', time: daemon.now(), command: order.id, stream: 'stdout', text: `output of ${name}` });
    reply({ kind: 'finished', command: order.id, outcome });
    // The events come a little later than the reply, as they may in a network.
    setTimeout(() => daemon.events({ kind: 'command-finished', time: daemon.now(), command: order.id, outcome }), 30);
  };
  await writeWorkspace();
  await trustFolder(folder);
  const core = await openCore({ archiveFolder: join(folder, 'archive') });
  owned.own(core);
  const connected = connectInProcess(core);
  owned.own(connected);
  console = connected;
});

afterEach(async () => {
  await owned.dispose();
});

async function writeWorkspace(): Promise<void> {
  await mkdir(join(folder, 'plugins'));
  await mkdir(join(folder, 'scenarios'));
  await writeKeyFile(join(folder, 'alice.seed'), newKey().seed);
  environmentFile = join(folder, 'environment.yaml');
  await writeFile(
    environmentFile,
    `environment: ${environment}
router: ${router.url}
operator: { name: alice, key: alice.seed }
release: { action: tell_release }
daemons: [MEP]
aliases: { halt: [kill, -9, Engine] }
limits:
  - { metric: Engine.rss, condition: '< 100', severity: warning }
`,
  );
  await writeFile(
    join(folder, 'plugins', 'double.mjs'),
    `export default { name: 'double', parameters: [{ name: 'number', type: 'number' }],
      async run(context, { number }) { context.print('state ' + await context.read('Engine.STATE')); return number * 2; } }`,
  );
  await writeFile(join(folder, 'scenarios', 'sub.scn'), 'echo called\n');
}

async function start(text: string, policy: 'abort' | 'continue' = 'abort'): Promise<RunId> {
  const scenarioFile = join(folder, 'real.scn');
  await writeFile(scenarioFile, text);
  const { run, problems } = await console.request('run.start', { scenarioFile, environmentFile, policy, attended: false });
  expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
  return run;
}

async function recordsOf(run: RunId): Promise<RunRecord[]> {
  const records: RunRecord[] = [];
  await console.listen('run.records', { run, from: 1 }, (batch) => void records.push(...batch)).ended;
  return records;
}

function only<Kind extends RecordKind>(records: readonly RunRecord[], kind: Kind): RecordOf<Kind>[] {
  return records.filter((record): record is RecordOf<Kind> => record.kind === kind);
}

test('a scenario uses daemon, component, alias, plugin, readings, events and limits; its log is complete', async () => {
  const [rss] = daemon.declare('Engine', 'rss');
  const run = await start(`defer stop_load
call sub
start_load
set twice double 21
halt
wait crash of Engine within 5s
wait Engine.STATE == READY within 5s
wait Engine.rss == 150 within 5s
if #{twice} == 42 then echo PASS
`);
  await vi.waitFor(() => expect(daemon.orders.some(({ order }) => order.kind === 'execute' && order.action === 'kill')).toBe(true), 8_000);
  const engine = componentName('Engine');
  daemon.events({ kind: 'component-crashed', time: daemon.now(), component: engine, pid: 1, exitStatus: null, signal: 'KILL' });
  daemon.events({ kind: 'component-started', time: daemon.now(), component: engine, pid: 2 });
  daemon.events({ kind: 'state', time: daemon.now(), component: engine, state: 'READY', previous: null });
  daemon.pairs([[rss!.id, 150]]);
  const records = await recordsOf(run);
  expect(records.at(-1)).toMatchObject({ kind: 'run-finished', outcome: 'passed' });
  expect(records[0]).toMatchObject({ kind: 'run-started', release: 'rc9', environment: 'TEST', operator: 'alice' });
  expect(only(records, 'command-sent').map((sent) => [sent.daemon, sent.action, ...sent.arguments].join(' '))).toEqual([
    'MEP start_load',
    ' double 21',
    'MEP kill -9 Engine',
    'MEP stop_load',
  ]);
  expect(only(records, 'condition').filter(({ form }) => form === 'limit')).toMatchObject([{ state: 'not met', text: 'Engine.rss < 100' }]);
  // The output of the last command, which came after its answer, is in.
  const output = only(records, 'observation').flatMap(({ events }) =>
    events.flatMap((event) => (event.kind === 'command-output' ? [event.text] : [])),
  );
  expect(output.at(-1)).toBe('output of stop_load');
  const numbers = only(records, 'observation').map(({ number }) => number);
  expect(numbers).toEqual([...new Set(numbers)]);
  await vi.waitFor(async () => expect((await console.request('runs.show', { run })).manifest.totals).not.toBeNull());
  const { manifest } = await console.request('runs.show', { run });
  expect(manifest).toMatchObject({ outcome: 'passed', release: 'rc9', daemons: ['MEP'], totals: { samples: 1 } });
  expect(Object.keys(manifest.scenario.texts).toSorted()).toEqual(['real', 'sub']);
});

test('results and readings are compared to the last digit, and what is no number meets nothing', async () => {
  daemon.actions = ['tell_release', 'count_sent', 'count_acknowledged', 'count_rows'].map(action);
  daemon.publishCatalogue();
  const results: Record<string, object> = {
    count_sent: { result: '2733382000000000049' },
    count_acknowledged: { result: '2733382000000000048' },
    count_rows: { result: '', success: false, exitStatus: 3 },
  };
  daemon.onOrder = (order, reply) => {
    reply({ kind: 'accepted', command: order.id });
    const name = order.order.kind === 'execute' ? order.order.action : '';
    const outcome = { ...success, ...results[name] };
    reply({ kind: 'finished', command: order.id, outcome });
    daemon.events({ kind: 'command-finished', time: daemon.now(), command: order.id, outcome });
  };
  const scenario = `wait Engine.ticks == 7 within 5s
set sent count_sent
set acknowledged count_acknowledged
expect #{sent} == #{acknowledged}
expect Engine.ticks > 1e3
set lost count_rows
expect #{lost} < 100
expect #{lost} != 5
expect #{sent} == 2733382000000000049
`;
  await vi.waitFor(
    async () => expect((await console.request('environment.status', { environmentFile })).daemons[0]?.catalogue?.actions).toHaveLength(4),
    { timeout: 10_000 },
  );
  const [ticks] = daemon.declare('Engine', 'ticks');
  const run = await start(scenario, 'continue');
  daemon.pairs([[ticks!.id, 7]]);
  const records = await recordsOf(run);
  expect(only(records, 'step-finished').map(({ state }) => state)).toEqual([
    'passed',
    'passed',
    'passed',
    'failed',
    'failed',
    'passed',
    'error',
    'error',
    'passed',
  ]);
  expect(only(records, 'step-finished')[6]?.message).toContain(
    "'lost' (empty) cannot be compared by `<`: it is the result of a command that failed (line 6 of real, `set lost count_rows`: the command ended with exit status 3)",
  );
  expect(records.at(-1)).toMatchObject({ kind: 'run-finished', outcome: 'failed' });
});

test('status, pin, drift, and checks with and without a connection', async () => {
  const status = await console.request('environment.status', { environmentFile });
  expect(status).toMatchObject({ environment: 'TEST', connected: true, operator: 'alice', drift: null });
  expect(status.daemons).toMatchObject([{ daemon: 'MEP', presence: 'present', components: [{ component: 'Engine' }] }]);
  const { file, daemons } = await console.request('environment.pin', { environmentFile });
  expect(daemons).toEqual(['MEP']);
  expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ environment: 'TEST' });
  expect((await console.request('environment.status', { environmentFile })).drift).toEqual([]);
  daemon.actions = daemon.actions.slice(1);
  daemon.publishCatalogue();
  await vi.waitFor(async () => expect((await console.request('environment.status', { environmentFile })).drift?.length).toBe(1));

  const scenarioFile = join(folder, 'checked.scn');
  await writeFile(scenarioFile, 'start_load\ndouble 3\nhalt\n');
  const errors = async (offline: boolean) =>
    (await console.request('scenario.check', { scenarioFile, environmentFile, offline })).problems.filter(
      ({ severity }) => severity === 'error',
    );
  expect(await errors(true)).toEqual([]);
  await writeFile(join(folder, 'plugins', 'broken.mjs'), 'export default {');
  const { problems } = await console.request('scenario.check', { scenarioFile, environmentFile, offline: true });
  expect(problems).toMatchObject([
    { severity: 'warning', code: 'plugin-not-loaded', message: expect.stringContaining('broken.mjs') as string },
  ]);
  expect((await errors(false)).map(({ message }) => message).join()).toContain('start_load');
});

test('a dry run uses the pinned catalogue and no connection', async () => {
  await console.request('environment.pin', { environmentFile });
  const scenarioFile = join(folder, 'dry.scn');
  await writeFile(scenarioFile, 'start_load\ndouble 3\nstop_lod\n');
  const request = { scenarioFile, environmentFile, policy: 'abort', attended: false, dryRun: true } as const;
  await expect(console.request('run.start', request)).rejects.toThrow('stop_lod');
  await writeFile(scenarioFile, 'start_load\ndouble 3\nstop_load\n');
  const { run } = await console.request('run.start', request);
  const records = await recordsOf(run);
  expect(records[0]).toMatchObject({ environment: 'TEST', mode: 'dry' });
  expect(records.at(-1)).toMatchObject({ outcome: 'passed' });
  expect(only(records, 'command-sent').map((sent) => sent.daemon)).toEqual(['MEP', null, 'MEP']);
  expect(daemon.orders).toEqual([]);
});

test('a run keeps the states that components had when it began, not those when the daemon was met', async () => {
  let shown: string | undefined;
  const live = console.listen('environment.live', { environmentFile }, (status) => {
    shown = status.daemons[0]?.components.find(({ component }) => component === 'Engine')?.state;
  });
  await vi.waitFor(() => expect(shown).toBeDefined(), 8_000);
  daemon.events({ kind: 'state', time: daemon.now(), component: componentName('Engine'), state: 'STANDBY', previous: 'READY' });
  await vi.waitFor(() => expect(shown).toBe('STANDBY'), 8_000);
  const run = await start('echo PASS\n');
  await recordsOf(run);
  const { manifest } = await console.request('runs.show', { run });
  expect(manifest.catalogues[0]?.states).toMatchObject([{ component: 'Engine', state: 'STANDBY' }]);
  live.close();
});

test('the router dies during a run: the run goes on, and says so', async () => {
  const run = await start('start_load\nwait Engine.STATE == READY within 20s\necho PASS\n');
  await vi.waitFor(() => expect(daemon.orders.length).toBe(2), 8_000);
  await router.close();
  const { port } = router;
  await new Promise((resolve) => setTimeout(resolve, 300));
  router = await startRouter({ port });
  daemon.events({ kind: 'state', time: daemon.now(), component: componentName('Engine'), state: 'READY', previous: null });
  const records = await recordsOf(run);
  expect(records.at(-1)).toMatchObject({ outcome: 'passed' });
  expect(only(records, 'link').map(({ state }) => state)).toEqual(['connected', 'disconnected', 'connected']);
});

test('an environment that cannot be reached is one sentence', async () => {
  await router.close();
  await expect(console.request('environment.status', { environmentFile })).rejects.toMatchObject({
    problem: { message: expect.stringContaining('router') as string },
  });
  await expect(console.request('environment.status', { environmentFile: join(folder, 'none.yaml') })).rejects.toMatchObject({
    problem: { code: 'missing-file' },
  });
});

test('an environment file that is changed while it is open is told of, and used once nobody holds it', async () => {
  const seen: { readonly fileChanged?: boolean | undefined; readonly limits: number | undefined }[] = [];
  const listening = console.listen('environment.live', { environmentFile }, ({ fileChanged, limits }) => {
    seen.push({ fileChanged, limits: limits?.length });
  });
  await vi.waitFor(() => expect(seen.length).toBeGreaterThan(0));
  expect(seen.at(-1)?.fileChanged).toBeUndefined();
  const limits = seen.at(-1)?.limits ?? 0;
  const text = await readFile(environmentFile, 'utf8');
  await writeFile(environmentFile, `${text}\n# Nothing but a remark\n`);
  await vi.waitFor(() => expect(seen.at(-1)?.fileChanged).toBe(true), { timeout: 5_000 });
  // What was changed back is no change.
  await writeFile(environmentFile, text);
  await vi.waitFor(() => expect(seen.at(-1)?.fileChanged).toBeUndefined(), { timeout: 5_000 });
  const more = '{ metric: Engine.late, condition: "< 9ms" }';
  await writeFile(environmentFile, text.replace('limits:\n', `limits:\n  - ${more}\n`));
  await vi.waitFor(() => expect(seen.at(-1)).toEqual({ fileChanged: true, limits }), { timeout: 5_000 });
  listening.close();
  await listening.ended;
  await vi.waitFor(
    async () => {
      const { fileChanged, limits: now } = await console.request('environment.status', { environmentFile });
      expect({ fileChanged, limits: now?.length }).toEqual({ fileChanged: undefined, limits: limits + 1 });
    },
    { timeout: 5_000 },
  );
});
