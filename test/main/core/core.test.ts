/** The core through its contract and its transport, with the real archive; environments are fakes. */
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { faultyFiles } from '../../faults/faulty-files.ts';
import { daemon } from './engine/fakes.ts';
import { maximumWaiting } from '#main/core/runs/record-stream.ts';
import { serveContract } from '#main/core/contract/serving.ts';
import { runIdSchema } from '#shared/identifiers.ts';
import type { RunRecord } from '#shared/run/records.ts';
import { folder, link, opened, fakeEnvironments, open, scenario, recordsOf, dry } from './core-under-test.ts';

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
