/** The core through its contract and its transport, with the real archive; environments are fakes. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { faultyFiles } from '../../faults/faulty-files.ts';
import { FakeLink, daemon, environment as environmentName } from './engine/fakes.ts';
import { resolveForTests } from './engine/harness.ts';
import { openArchive } from '#main/core/archive/archive.ts';
import { openCore, type OpenCore } from '#main/core/core.ts';
import type { EnvironmentSource } from '#main/core/environments/access.ts';
import { maximumWaiting } from '#main/core/runs/record-stream.ts';
import { connectInProcess } from '#main/core/contract/in-process.ts';
import { serveContract } from '#main/core/contract/serving.ts';
import { systemClock } from '#platform/clock.ts';
import type { Core } from '#shared/contract/contract.ts';
import { Ownership } from '#shared/disposable.ts';
import { runIdSchema, type RunId } from '#shared/identifiers.ts';
import type { RecordBody, RunRecord } from '#shared/run/records.ts';

let folder: string;
let owned = new Ownership();
let link: FakeLink;
let opened: { opens: number; closes: number };

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'core-'));
  link = new FakeLink();
  opened = { opens: 0, closes: 0 };
});
afterEach(async () => {
  await owned.dispose();
  owned = new Ownership();
  await rm(folder, { recursive: true });
});

const action = (name: string) => ({ name, parameters: [], hazard: 'none', source: 'action', daemons: [daemon] }) as const;

/** An environment without network: the fake link's daemon does everything. */
function fakeEnvironments(
  release: { kind: 'value'; value: string } | { kind: 'command'; words: string[] } | null = null,
): EnvironmentSource {
  const description = {
    name: environmentName,
    router: 'nats://127.0.0.1:1',
    operator: 'alice',
    folder,
    scenarioFolder: null,
    expected: [daemon],
    limits: [],
    release,
  };
  const plugins = {
    commands: [],
    problems: [],
    dispose: () => undefined,
    execute: () => {
      throw new Error('no plugins here');
    },
  };
  return {
    describe: async () => description,
    offlineCatalogue: async () => null,
    open: async () => {
      opened.opens++;
      return {
        description,
        link,
        plugins,
        catalogue: () => ({ commands: ['start_load', 'stop_load', 'restore'].map(action), components: [] }),
        resolve: resolveForTests,
        drift: async () => null,
        pin: async () => join(folder, 'environment.pin.json'),
        dispose: () => void opened.closes++,
      };
    },
  };
}

async function open(
  environments = fakeEnvironments(),
  more: Partial<Parameters<typeof openCore>[0]> = {},
): Promise<{ core: OpenCore; console: Core }> {
  const core = await openCore({ archiveFolder: join(folder, 'archive'), operator: 'alice', environments, ...more });
  owned.own(core);
  const console = connectInProcess(core);
  owned.own(console);
  return { core, console };
}

async function scenario(text: string, name = 'failover'): Promise<string> {
  const file = join(folder, `${name}.scn`);
  await writeFile(file, text);
  return file;
}

async function recordsOf(console: Core, run: RunId, from = 1): Promise<RunRecord[]> {
  const records: RunRecord[] = [];
  await console.listen('run.records', { run, from }, (batch) => void records.push(...batch)).ended;
  return records;
}

const dry = { policy: 'abort', dryRun: true, attended: false } as const;

describe('requests', () => {
  test('are decoded, whoever sends them', async () => {
    const { console } = await open();
    await expect(console.request('runs.show', { run: '../../etc' })).rejects.toMatchObject({
      problem: { code: 'bad-request', message: "The request runs.show was refused at 'run': not the id of a run." },
    });
    const absent = runIdSchema.parse('20261120T221735Z-failover-3f9a');
    await expect(console.request('runs.show', { run: absent })).rejects.toMatchObject({ problem: { code: 'unknown-run' } });
    await expect(console.request('run.act', { run: absent, action: { kind: 'stop' } })).rejects.toMatchObject({
      problem: { code: 'run-not-active' },
    });
    await expect(console.listen('run.records', { run: absent, from: 1 }, () => undefined).ended).rejects.toMatchObject({
      problem: { code: 'unknown-run' },
    });
  });

  test('that cannot be carried out are refused with one sentence', async () => {
    const { console } = await open();
    await expect(console.request('run.start', { scenarioFile: join(folder, 'none.scn'), ...dry })).rejects.toMatchObject({
      problem: { code: 'unreadable-scenario' },
    });
    const file = await scenario('echo on');
    await expect(console.request('run.start', { scenarioFile: file, policy: 'abort', attended: false })).rejects.toMatchObject({
      problem: { code: 'no-environment' },
    });
    const bad = await scenario('goto nowhere\ngoto elsewhere', 'bad');
    await expect(console.request('run.start', { scenarioFile: bad, ...dry })).rejects.toMatchObject({
      problem: { code: 'unknown-label', file: bad, tip: expect.stringContaining('one more error') as string },
    });
    const needy = await scenario('---\nparameters:\n  rate: { help: orders per second }\n---\necho #{rate}', 'needy');
    await expect(console.request('run.start', { scenarioFile: needy, ...dry })).rejects.toMatchObject({
      problem: { code: 'missing-parameter', tip: 'Give it when the run is started: --set rate=value (orders per second).' },
    });
    expect((await console.request('scenario.check', { scenarioFile: bad })).problems.length).toBeGreaterThanOrEqual(2);
    expect((await console.request('runs.list', {})).runs).toEqual([]);
  });
});

describe('runs', () => {
  test('a dry run is archived with its manifest, and its records can be read again', async () => {
    const { console } = await open();
    const file = await scenario('call undo\necho PASS');
    await scenario('defer stop_load\necho in', 'undo');
    const { run, folder: runFolder } = await console.request('run.start', { scenarioFile: file, ...dry, release: 'rc2' });
    const live = await recordsOf(console, run);
    expect(live[0]).toMatchObject({ kind: 'run-started', operator: 'alice', release: 'rc2', mode: 'dry' });
    expect(live.at(-1)).toMatchObject({ kind: 'run-finished', outcome: 'passed' });
    await vi.waitFor(async () => expect((await console.request('runs.show', { run })).manifest.totals).not.toBeNull());
    const { manifest } = await console.request('runs.show', { run });
    expect(manifest).toMatchObject({ outcome: 'passed', totals: { records: live.length, steps: 5 } });
    expect(Object.keys(manifest.scenario.texts).toSorted()).toEqual(['failover', 'undo']);
    expect(runFolder).toContain(run);
    expect(await recordsOf(console, run)).toEqual(live);
    expect(await recordsOf(console, run, 5)).toEqual(live.slice(4));
    expect((await console.request('runs.list', { release: 'rc2' })).runs.length).toBe(1);
    expect((await console.request('runs.list', { release: 'rc1' })).runs).toEqual([]);
    await console.request('runs.delete', { run });
    expect((await console.request('runs.list', {})).runs).toEqual([]);
  });

  test('two live runs share one environment, each is acted upon alone, under the name of its operator', async () => {
    const { core, console } = await open(fakeEnvironments({ kind: 'command', words: ['tell_release'] }));
    link.answer = (sent) => {
      if (sent.action === 'tell_release') sent.finish({ result: ' rc7 \n' });
    };
    const request = { environmentFile: join(folder, 'environment.yaml'), policy: 'pause', attended: true } as const;
    const first = await console.request('run.start', { scenarioFile: await scenario('defer stop_load\nstart_load'), ...request });
    const second = await console.request('run.start', { scenarioFile: await scenario('wait 1h', 'other'), ...request });
    expect(opened.opens).toBe(1);
    await expect(console.request('runs.delete', { run: first.run })).rejects.toMatchObject({ problem: { code: 'run-active' } });
    await vi.waitFor(() => expect(link.sent.map(({ action }) => action)).toContain('start_load'));
    const bob = core.forOperator('bob');
    await bob.request('run.act', { run: first.run, action: { kind: 'stop' } });
    await expect(bob.request('run.act', { run: second.run, action: { kind: 'goto', line: 0 } })).rejects.toMatchObject({
      problem: { code: 'action-refused' },
    });
    await vi.waitFor(() => expect(link.sent.at(-1)?.action).toBe('stop_load'));
    link.sent.at(-1)?.finish();
    const records = await recordsOf(console, first.run);
    expect(records[0]).toMatchObject({ release: 'rc7', mode: 'live' });
    expect(records.filter(({ kind }) => kind === 'operator')).toMatchObject([{ operator: 'bob', action: { kind: 'stop' } }]);
    expect(records.at(-1)).toMatchObject({ outcome: 'stopped' });
    await console.request('run.act', { run: second.run, action: { kind: 'stop' } });
    await recordsOf(console, second.run);
    expect(opened.closes).toBe(0);
    await vi.waitFor(() => expect(opened.closes).toBe(1), 5_000);
  });

  test('a command by hand, and the state of an environment', async () => {
    const { console } = await open(fakeEnvironments({ kind: 'value', value: 'rc3' }));
    link.answer = (sent) => sent.finish({ result: sent.arguments.join('+') });
    const environmentFile = join(folder, 'environment.yaml');
    expect(await console.request('command.execute', { environmentFile, words: ['add', '1', '2'] })).toMatchObject({
      outcome: { result: '1+2' },
    });
    await expect(console.request('command.execute', { environmentFile, words: ['unknown_x'] })).rejects.toMatchObject({
      problem: { code: 'unknown-command' },
    });
    expect(await console.request('environment.status', { environmentFile })).toMatchObject({
      environment: 'demo',
      release: 'rc3',
      drift: null,
    });
  });

  test('a listener that stands still holds neither the run nor another listener, and then gets everything once', async () => {
    const { console } = await open();
    const file = await scenario('repeat 4000\n  echo on\nend');
    const { run } = await console.request('run.start', { scenarioFile: file, ...dry });
    const released = Promise.withResolvers<void>();
    const slow: number[] = [];
    const slowly = console.listen('run.records', { run, from: 1 }, async (records) => {
      slow.push(...records.map(({ sequence }) => sequence));
      await released.promise;
    });
    const quick = await recordsOf(console, run);
    expect(quick.length).toBeGreaterThan(maximumWaiting);
    expect(slow.length).toBeLessThan(quick.length / 2);
    released.resolve();
    await slowly.ended;
    expect(slow).toEqual(quick.map(({ sequence }) => sequence));
    expect(slow).toEqual(slow.map((_, index) => index + 1));
  });
});

test('a full disk is told to listeners at once, although nothing can be written, and the run goes on afterwards', async () => {
  let fault: 'ENOSPC' | null = null;
  const archiveFiles = faultyFiles((operation, file) => (file.endsWith('log.ndjson') && operation === 'write' ? fault : null));
  const { console } = await open(fakeEnvironments(), { archiveFiles });
  const scenarioFile = await scenario("wait 100ms\nprompt choice 'Go on?' yes no\necho #{choice}");
  const environmentFile = join(folder, 'environment.yaml');
  const { run } = await console.request('run.start', { scenarioFile, environmentFile, policy: 'pause', attended: true });
  const told: string[] = [];
  const problems = console.listen('run.problems', { run }, ({ severity, message }) => void told.push(`${severity}: ${message}`));
  const records: RunRecord[] = [];
  const stream = console.listen('run.records', { run, from: 1 }, (batch) => void records.push(...batch));
  fault = 'ENOSPC';
  await vi.waitFor(() => expect(told.length).toBe(1), 5_000);
  expect(told[0]).toMatch(/^error: .*(full|space)/i);
  expect(records.some(({ kind }) => kind === 'prompt')).toBe(false);
  fault = null;
  await vi.waitFor(() => expect(records.some(({ kind }) => kind === 'prompt')).toBe(true), 10_000);
  const prompt = records.find((record) => record.kind === 'prompt');
  await console.request('run.act', { run, action: { kind: 'answer', reference: prompt!.reference, answer: 'yes' } });
  await stream.ended;
  await problems.ended;
  expect(records.at(-1)).toMatchObject({ kind: 'run-finished', outcome: 'passed' });
  expect(records.some((record) => record.kind === 'paused' && record.reason === 'disk')).toBe(true);
});

test('20,000 mutated messages harm neither the core nor its runs', async () => {
  const { core } = await open();
  const { run } = await core.request('run.start', {
    scenarioFile: await scenario("prompt go 'Go?' yes"),
    environmentFile: 'e',
    policy: 'pause',
    attended: true,
  });
  const listeners = new Set<(message: unknown) => void>();
  const answers: unknown[] = [];
  const port = {
    post: (message: unknown) => void answers.push(message),
    onMessage: (listener: (message: unknown) => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    onClose: () => () => undefined,
    close: () => undefined,
  };
  const serving = serveContract(core, port);
  const templates: fc.JsonValue[] = [
    { kind: 'request', id: 1, method: 'run.act', request: { run, action: { kind: 'goto', line: 1 } } },
    { kind: 'request', id: 1, method: 'runs.show', request: { run } },
    { kind: 'request', id: 1, method: 'run.start', request: { scenarioFile: 'x', policy: 'abort', attended: false } },
    { kind: 'listen', id: 1, stream: 'run.records', request: { run, from: 1 }, credits: 3 },
    { kind: 'credit', id: 1, items: 2 },
  ];
  let id = 0;
  const send = (message: unknown): void => listeners.forEach((listener) => listener(message));
  fc.assert(
    fc.property(
      fc.constantFrom(...templates),
      fc.array(fc.nat(400), { minLength: 1, maxLength: 4 }),
      fc.jsonValue(),
      (template, places, value) => {
        const message = mutated(JSON.stringify(template), places, JSON.stringify(value));
        if (typeof message === 'object' && message !== null && 'id' in message && message.id === 1) message.id = ++id;
        send(message);
        if (typeof message === 'object' && message !== null && 'id' in message) send({ kind: 'close', id: message.id });
      },
    ),
    { numRuns: 20_000, seed: 20_261_120 },
  );
  await vi.waitFor(async () => expect((await core.request('runs.show', { run })).manifest.outcome).toBeNull());
  expect(answers.length).toBeGreaterThan(1_000);
  expect(answers.every((answer) => ['response', 'item', 'end', 'failure', 'refused'].includes((answer as { kind: string }).kind))).toBe(
    true,
  );
  await serving.dispose();
  await core.request('run.act', { run, action: { kind: 'stop' } }).catch(() => undefined);
  expect((await recordsOf(core, run)).at(-1)).toMatchObject({ kind: 'run-finished' });
});

/** A message with characters changed, or a value put in place of one; text that is no JSON any more stays a text. */
function mutated(text: string, places: readonly number[], value: string): { id?: unknown } | string {
  let changed = text;
  for (const place of places) {
    const at = place % changed.length;
    changed = changed.slice(0, at) + String.fromCharCode(32 + (place % 95)) + changed.slice(at + 1);
  }
  for (const candidate of [changed, text.replace(/:(?=[^:]*$)[^}]*/, () => `:${value}`)]) {
    try {
      return JSON.parse(candidate) as { id?: unknown };
    } catch {
      // Tried as the next candidate.
    }
  }
  return changed;
}

test('a scenario that names what nobody offers is refused, unless a daemon is still awaited', async () => {
  const { console } = await open();
  const scenarioFile = await scenario('strange_command\nstart_load');
  const request = { scenarioFile, environmentFile: join(folder, 'environment.yaml'), policy: 'continue', attended: false } as const;
  await expect(console.request('run.start', request)).rejects.toMatchObject({ problem: { file: scenarioFile } });
  link.ready = async () => ({ missing: [daemon] });
  const { run, problems } = await console.request('run.start', request);
  expect(problems.map(({ severity, code }) => `${severity} ${code}`)).toContain('warning daemon-missing');
  expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
  expect((await recordsOf(console, run)).filter(({ kind }) => kind === 'problem')).toMatchObject([{ code: 'daemon-missing' }]);
});

describe('interrupted runs', () => {
  const run = runIdSchema.parse('20261120T221735Z-failover-3f9a');
  const text = 'defer stop_load\ndefer restore now\nstart_load\nwait 1h\n';
  const step = (execution: number, line: number) =>
    ({ execution, scenario: 'failover', line, number: line, text: '', depth: 0, phase: 'main' }) as const;

  async function leaveBehind(mode: 'live' | 'dry', ...bodies: RecordBody[]): Promise<void> {
    const archive = await openArchive({ folder: join(folder, 'archive'), clock: systemClock });
    const journal = await archive.create({
      format: 1,
      run,
      scenario: { name: 'failover', title: null, tags: [], texts: { failover: text }, hash: 'a'.repeat(64) },
      environment: environmentName,
      release: 'rc1',
      operator: 'alice',
      policy: 'abort',
      mode,
      variables: {},
      startedAt: Date.now(),
      finishedAt: null,
      duration: null,
      outcome: null,
      reason: null,
      catalogues: [],
      workspaceCommit: null,
      conditions: {},
      softwareVersion: '0',
      totals: null,
      daemons: [],
    });
    const started = { scenario: 'failover', environment: environmentName, release: 'rc1', operator: 'alice', policy: 'abort' } as const;
    await journal.append({ kind: 'run-started', run, ...started, variables: {}, mode, softwareVersion: '0' });
    for (const body of bodies) await journal.append(body);
    await journal.suspend();
    await archive.dispose();
  }

  test('that owe nothing are ended when a core starts', async () => {
    await leaveBehind('live', { kind: 'step-started', step: step(1, 2) });
    const { console } = await open();
    expect(await console.request('runs.interrupted', {})).toEqual({ runs: [] });
    const records = await recordsOf(console, run);
    // Of the environment nothing is known from the last record on.
    const silentSince = records.at(-3)?.time;
    expect(records.slice(-2)).toMatchObject([
      { kind: 'recovered', silentSince },
      { kind: 'run-finished', outcome: 'interrupted' },
    ]);
    expect((await console.request('runs.list', {})).runs).toMatchObject([{ outcome: 'interrupted', duration: lastedIn(records) }]);
    expect(records.at(-1)).toMatchObject({ lasted: lastedIn(records) });
  });

  /** ms from the start to the last record before the core died. */
  function lastedIn(records: readonly RunRecord[]): number {
    const died = records[records.findIndex(({ kind }) => kind === 'recovered') - 1]?.time ?? 0;
    return died - (records[0]?.time ?? 0);
  }

  test('that were dry owe nothing, whatever they promised', async () => {
    await leaveBehind('dry', {
      kind: 'deferred',
      identifier: 1,
      words: ['stop_load'],
      text: 'defer stop_load',
      scenario: 'failover',
      line: 0,
    });
    const { console } = await open();
    expect(await console.request('runs.interrupted', {})).toEqual({ runs: [] });
    expect((await recordsOf(console, run)).at(-1)).toMatchObject({ kind: 'run-finished', outcome: 'interrupted' });
    expect(link.sent).toEqual([]);
  });

  test('that owe undo commands offer them; recovering executes them in reverse order and ends the run', async () => {
    await mkdir(folder, { recursive: true });
    await leaveBehind(
      'live',
      { kind: 'step-started', step: step(1, 0) },
      { kind: 'deferred', identifier: 1, words: ['stop_load'], text: 'defer stop_load', scenario: 'failover', line: 0 },
      { kind: 'step-finished', step: step(1, 0), state: 'passed', message: null, result: null, duration: 1 },
      { kind: 'deferred', identifier: 2, words: ['restore', 'now'], text: 'defer restore now', scenario: 'failover', line: 1 },
      { kind: 'step-started', step: step(3, 2) },
    );
    const { console } = await open();
    const { runs } = await console.request('runs.interrupted', {});
    expect(runs).toMatchObject([{ run, owed: [expect.stringContaining('stop_load'), expect.stringContaining('restore')] }]);
    link.answer = (sent) => sent.finish({ success: sent.action !== 'restore', exitStatus: sent.action === 'restore' ? 1 : 0 });
    const result = await console.request('run.recover', { run, environmentFile: join(folder, 'environment.yaml') });
    expect(link.sent.map((sent) => [sent.action, ...sent.arguments])).toEqual([['restore', 'now'], ['stop_load']]);
    expect(result.executed).toEqual(['defer stop_load']);
    expect(result.failed).toEqual(['defer restore now']);
    const records = await recordsOf(console, run);
    expect(records.filter(({ kind }) => kind === 'recovered').length).toBe(1);
    // What was undone since is no part of its duration.
    expect(records.at(-1)).toMatchObject({ kind: 'run-finished', lasted: lastedIn(records) });
    expect((await console.request('runs.list', {})).runs).toMatchObject([{ duration: lastedIn(records) }]);
    expect(await console.request('runs.interrupted', {})).toEqual({ runs: [] });
    await expect(console.request('run.recover', { run, environmentFile: join(folder, 'e.yaml') })).rejects.toMatchObject({
      problem: { code: 'not-interrupted' },
    });
  });

  test('are left alone while nobody can execute what they owe', async () => {
    await leaveBehind('live', {
      kind: 'deferred',
      identifier: 1,
      words: ['unknown_undo'],
      text: 'defer unknown_undo',
      scenario: 'failover',
      line: 0,
    });
    const { console } = await open();
    const environmentFile = join(folder, 'environment.yaml');
    await expect(console.request('run.recover', { run, environmentFile })).rejects.toMatchObject({
      problem: { code: 'unknown-command', message: expect.stringContaining('nothing was done') as string },
    });
    expect(await console.request('runs.interrupted', {})).toEqual({ runs: [{ run, owed: ['defer unknown_undo'] }] });
    expect((await recordsOf(console, run)).some(({ kind }) => kind === 'recovered')).toBe(false);
  });

  test('a core that closes leaves its runs to be recovered', async () => {
    const { core, console } = await open();
    link.answer = (sent) => {
      if (sent.action === 'stop_load') sent.finish();
    };
    const file = await scenario('defer stop_load\nstart_load');
    const started = await console.request('run.start', {
      scenarioFile: file,
      environmentFile: join(folder, 'environment.yaml'),
      policy: 'abort',
      attended: false,
    });
    await vi.waitFor(() => expect(link.sent.length).toBe(1));
    await core.dispose();
    const again = await open();
    expect(await again.console.request('runs.interrupted', {})).toMatchObject({ runs: [{ run: started.run, owed: [expect.any(String)] }] });
    const done = await again.console.request('run.recover', { run: started.run, environmentFile: join(folder, 'environment.yaml') });
    expect(done.executed.length).toBe(1);
    expect((await again.console.request('runs.list', {})).runs).toMatchObject([{ outcome: 'interrupted' }]);
  });
});
