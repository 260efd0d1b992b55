/** Runs whose core died or closed: what they owe is executed when they are recovered. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { environment as environmentName } from './engine/fakes.ts';
import { openArchive } from '#main/core/archive/archive.ts';
import { systemClock } from '#platform/clock.ts';
import { runIdSchema } from '#shared/identifiers.ts';
import type { RecordBody, RunRecord } from '#shared/run/records.ts';
import { folder, link, open, scenario, recordsOf } from './core-under-test.ts';

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
