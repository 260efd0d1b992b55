/** Editing a paused run, and several consoles on one run, through the contract. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { collect, openConsole, type Opened } from '../open-console.ts';
import { openScripted } from '../environments/scripted-environment.ts';
import type { Core } from '#shared/contract/contract.ts';
import type { RunId } from '#shared/identifiers.ts';
import { editedTexts } from '#shared/run/edit-text.ts';
import type { RecordKind, RecordOf, RunRecord } from '#shared/run/records.ts';
import { fold } from '#shared/run/run-state.ts';

let opened: Opened;
let console: Core;
beforeEach(async () => {
  opened = await openConsole();
  ({ console } = opened);
});
afterEach(() => opened.owned.dispose());

const patient = { timeout: 8_000 };

async function startPaused(text: string, others: Record<string, string> = {}): Promise<RunId> {
  for (const [name, content] of Object.entries({ root: text, ...others })) await writeFile(join(opened.workspace, `${name}.scn`), content);
  const scenarioFile = join(opened.workspace, 'root.scn');
  const { run } = await console.request('run.start', { scenarioFile, policy: 'abort', dryRun: true, attended: true, startPaused: true });
  return run;
}

/** Records of a run as they come. */
function recordsOf(run: RunId): { readonly records: RunRecord[]; readonly ended: Promise<void> } {
  const records: RunRecord[] = [];
  const { ended } = console.listen('run.records', { run, from: 1 }, (batch) => void records.push(...batch));
  return { records, ended };
}

function only<Kind extends RecordKind>(records: readonly RunRecord[], kind: Kind): RecordOf<Kind>[] {
  return records.filter((record): record is RecordOf<Kind> => record.kind === kind);
}

const act = (run: RunId, kind: 'step' | 'continue' | 'pause' | 'stop', by: Core = console) =>
  by.request('run.act', { run, action: { kind } });
const edit = (run: RunId, text: string, scenario = 'root', by: Core = console) => by.request('run.edit', { run, scenario, text });

describe('a paused run', () => {
  test('executes what it was changed to; the log tells what was changed, and gives every text again', async () => {
    const run = await startPaused('echo 1\necho 2\ncall sub\n', { sub: 'echo in sub\n', late: 'echo in late\n' });
    const { records, ended } = recordsOf(run);
    await act(run, 'step');
    await vi.waitFor(() => expect(only(records, 'paused').length).toBe(2), patient);
    await edit(run, 'echo 1\n# added\necho two\ncall sub\ncall late\n');
    await edit(run, 'echo in sub, changed\n', 'sub');
    await act(run, 'continue');
    await ended;
    expect(only(records, 'echo').map(({ text }) => text)).toEqual(['1', 'two', 'in sub, changed', 'in late']);
    expect(
      only(records, 'edited').map(({ scenario, line, removed, added, operator }) => ({ scenario, line, removed, added, operator })),
    ).toEqual([
      {
        scenario: 'root',
        line: 1,
        removed: ['echo 2', 'call sub'],
        added: ['# added', 'echo two', 'call sub', 'call late'],
        operator: 'alice',
      },
      { scenario: 'late', line: 0, removed: [], added: ['echo in late', ''], operator: 'alice' },
      { scenario: 'sub', line: 0, removed: ['echo in sub'], added: ['echo in sub, changed'], operator: 'alice' },
    ]);
    // The step that comes next stands elsewhere now.
    expect(only(records, 'paused').map(({ position }) => position?.line)).toEqual([0, 1, 2, 2]);
    const { manifest } = await console.request('runs.show', { run });
    expect(manifest.scenario.texts['root']).toBe('echo 1\necho 2\ncall sub\n');
    expect(editedTexts(manifest.scenario.texts, fold(records).edits)).toEqual({
      root: 'echo 1\n# added\necho two\ncall sub\ncall late\n',
      sub: 'echo in sub, changed\n',
      late: 'echo in late\n',
    });
  });

  test('refuses errors, executed lines, other scenarios, and edits while it goes on, and is as it was', async () => {
    const run = await startPaused('echo 1\necho 2\n');
    const { records, ended } = recordsOf(run);
    await act(run, 'step');
    await vi.waitFor(() => expect(only(records, 'paused').length).toBe(2), patient);
    await expect(edit(run, 'echo 1\ngoto nowhere\n')).rejects.toThrow('nowhere');
    await expect(edit(run, 'echo 1\nrepeat 2\necho 2\n')).rejects.toMatchObject({ problem: { severity: 'error' } });
    await expect(edit(run, 'echo 1\ncall nobody\n')).rejects.toThrow('nobody');
    await expect(edit(run, 'echo one\necho 2\n')).rejects.toThrow('Line 1');
    await expect(edit(run, 'echo x\n', 'other')).rejects.toMatchObject({ problem: { code: 'not-of-this-run' } });
    await edit(run, 'echo 1\necho 2\n');
    expect(only(records, 'edited')).toEqual([]);
    const both = await Promise.allSettled([edit(run, 'echo 1\necho A\n'), edit(run, 'echo 1\necho B\n')]);
    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    await act(run, 'continue');
    await ended;
    expect(only(records, 'edited')).toHaveLength(1);
    await vi.waitFor(async () => expect((await console.request('runs.active', {})).runs).toEqual([]), patient);
    await expect(edit(run, 'echo 1\n')).rejects.toMatchObject({ problem: { code: 'run-not-active' } });
  });
});

describe('several consoles on one run', () => {
  test('the first has control; others are refused until they take it or are given it; it passes on when its holder leaves', async () => {
    const run = await startPaused('echo 1\necho 2\necho 3\n');
    const { records } = recordsOf(run);
    const bob = opened.connect('bob');
    const carol = opened.connect('carol');
    // Nobody watches: everybody may.
    await act(run, 'step', carol);
    const own = collect(console, 'run.consoles', { run });
    await vi.waitFor(() => expect(own.items.at(-1)?.consoles).toMatchObject([{ operator: 'alice', control: true }]), patient);
    const bobs = collect(bob, 'run.consoles', { run });
    await vi.waitFor(
      () =>
        expect(bobs.items.at(-1)?.consoles).toMatchObject([
          { operator: 'alice', control: true },
          { operator: 'bob', control: false },
        ]),
      patient,
    );
    const tries = [() => act(run, 'continue', bob), () => act(run, 'continue', carol), () => edit(run, 'echo 1\necho x\n', 'root', bob)];
    for (const attempt of tries) {
      await expect(attempt()).rejects.toMatchObject({
        problem: { code: 'not-in-control', message: 'alice has control of this run on another console.' },
      });
    }
    await bob.request('run.act', { run, action: { kind: 'note', text: 'bob was here' } });
    const [alice, second] = bobs.items.at(-1)?.consoles ?? [];
    expect(bobs.items.at(-1)?.own).toBe(second?.console);
    await expect(carol.request('run.control', { run, console: null })).rejects.toMatchObject({ problem: { code: 'not-watching' } });
    await bob.request('run.control', { run, console: null });
    await vi.waitFor(() => expect(own.items.at(-1)?.consoles.find(({ control }) => control)?.operator).toBe('bob'), patient);
    await expect(act(run, 'step')).rejects.toThrow('bob has control');
    await act(run, 'step', bob);
    await bob.request('run.control', { run, console: alice!.console });
    await act(run, 'step');
    own.close();
    await own.ended;
    await vi.waitFor(() => expect(bobs.items.at(-1)?.consoles).toMatchObject([{ operator: 'bob', control: true }]), patient);
    await vi.waitFor(
      () =>
        expect(only(records, 'control').map(({ operator, change, to }) => `${to} (${change} by ${operator})`)).toEqual([
          'bob (taken by bob)',
          'alice (given by bob)',
          'bob (passed on by alice)',
        ]),
      patient,
    );
    await expect(act(run, 'stop', carol)).rejects.toThrow('bob has control');
    // A console whose connection breaks leaves like any other.
    await bob.dispose();
    await vi.waitFor(() => act(run, 'stop', carol), patient);
  });

  test('the stream ends with the run; of a run that is over there is nobody', async () => {
    const run = await startPaused('echo 1\n');
    const watching = collect(console, 'run.consoles', { run });
    await vi.waitFor(() => expect(watching.items.length).toBe(1), patient);
    await act(run, 'continue');
    await watching.ended;
    const late = collect(console, 'run.consoles', { run });
    await late.ended;
    expect(late.items).toMatchObject([{ consoles: [] }]);
  });
});

describe('a live run', () => {
  test('is edited against what its environment offers now; what is amiss already keeps nobody from mending something else', async () => {
    const scripted = await openScripted();
    try {
      const { daemon, environmentFile, workspace } = scripted;
      const action = (name: string) => ({ name, parameters: [], hazard: 'none' as const, timeout: 5_000 });
      daemon.actions = ['start_load', 'stop_load'].map(action);
      const scenarioFile = join(workspace, 'root.scn');
      await writeFile(scenarioFile, 'start_load\nwait Engine.STATE == READY within 20s\nstop_load\n');
      const { run } = await scripted.console.request('run.start', {
        scenarioFile,
        environmentFile,
        policy: 'pause',
        attended: true,
        startPaused: true,
      });
      const change = (text: string) => scripted.console.request('run.edit', { run, scenario: 'root', text });
      await vi.waitFor(() => scripted.console.request('run.act', { run, action: { kind: 'step' } }), patient);
      await vi.waitFor(() => expect(daemon.orders.length).toBe(1), patient);
      await vi.waitFor(() => change('start_load\nstop_load\n'), patient);
      await expect(change('start_load\nstop_lod\n')).rejects.toThrow('stop_lod');
      // The daemon no longer offers it; the line that is there already is known to be amiss.
      daemon.actions = [action('start_load')];
      daemon.publishCatalogue();
      await vi.waitFor(() => expect(change('start_load\nstop_load\nstop_load now\n')).rejects.toThrow('stop_load'), patient);
      await change('start_load\necho mended\nstop_load\n');
      daemon.actions = ['start_load', 'stop_load'].map(action);
      daemon.publishCatalogue();
      await vi.waitFor(() => change('start_load\necho mended\nstop_load\necho end\n'), patient);
      const records: RunRecord[] = [];
      const { ended } = scripted.console.listen('run.records', { run, from: 1 }, (batch) => void records.push(...batch));
      await scripted.console.request('run.act', { run, action: { kind: 'continue' } });
      await ended;
      expect(only(records, 'echo').map(({ text }) => text)).toEqual(['mended', 'end']);
      expect(only(records, 'edited')).toHaveLength(3);
      expect(records.at(-1)).toMatchObject({ kind: 'run-finished', outcome: 'passed' });
    } finally {
      await scripted.owned.dispose();
    }
  });
});
