/** Open files: what is unsaved, saving, conflicts, drafts and changes of others, against a core that keeps files in memory. */
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { ProblemError } from '#shared/problem.ts';
import { breakpointsOf, createBreakpoints } from '../../../renderer/stores/breakpoints.ts';
import { createDrafts, draftDelay } from '../../../renderer/stores/drafts.ts';
import { createEditingSession } from '../../../renderer/stores/editing-session.ts';
import { createOpenFiles } from '../../../renderer/stores/open-files.ts';
import { createSaving } from '../../../renderer/stores/saving.ts';
import { createSession } from '../../../renderer/stores/session.ts';
import { Stores } from '../../../renderer/stores/stores.ts';
import { scenariosAround } from '../../../renderer/stores/workspace-files.ts';

vi.stubGlobal('addEventListener', () => undefined);
vi.stubGlobal('document', { addEventListener: () => undefined, visibilityState: 'visible' });
vi.stubGlobal('requestAnimationFrame', (call: () => void) => setTimeout(call));

let stores: Stores;
let store: ReturnType<typeof createOpenFiles>;
let saving: ReturnType<typeof createSaving>;
const files = new Map<string, string>();
const drafts = new Map<string, { path: string; text: string; baseHash: string | null }>();
const hashOf = (text: string): string => `hash of ${text}`;

interface Asked {
  readonly path: string;
  readonly text: string;
  readonly expectedHash: string | null;
  readonly draft: { path: string; text: string; baseHash: string | null };
}

async function answer(method: string, asked: Asked): Promise<unknown> {
  const present = files.get(asked.path);
  switch (method) {
    case 'file.read':
      if (present === undefined) throw new ProblemError({ code: 'missing-file', message: 'It is not there.' });
      return { text: present, hash: hashOf(present), modified: 1 };
    case 'file.write':
      if ((present === undefined ? null : hashOf(present)) !== asked.expectedHash)
        throw new ProblemError({ code: 'file-changed', message: 'It changed.' });
      files.set(asked.path, asked.text);
      return { hash: hashOf(asked.text), modified: 2 };
    case 'drafts.save':
      drafts.set(asked.draft.path, asked.draft);
      return {};
    case 'drafts.discard':
      drafts.delete(asked.path);
      return {};
    case 'drafts.list':
      return { drafts: [...drafts.values()].map((draft) => ({ ...draft, savedAt: 1 })) };
    case 'workspace.files':
      return { files: [] };
    default:
      return {};
  }
}

const file = (path = 'scenarios/a.scn') => store.fileOf(path);

beforeEach(() => {
  files.clear();
  drafts.clear();
  stores = new Stores();
  store = stores.get(createOpenFiles);
  saving = stores.get(createSaving);
  files.set('scenarios/a.scn', 'echo a\n');
  const core = { request: answer, listen: () => ({ ended: Promise.resolve(), close: () => undefined }) };
  stores.get(createSession).setState({
    connection: { kind: 'connected', core: core as never, generation: 1 },
    workspace: { folder: '/w', name: 'w', commit: null, environments: [], trusted: true },
  });
});

test('a file is opened, typed into and saved, formatted', async () => {
  await store.openFile('scenarios/a.scn');
  store.editText('scenarios/a.scn', 'echo   b');
  expect(store.activeScenario()).toEqual({ path: 'scenarios/a.scn', file: '/w/scenarios/a.scn', name: 'a', dirty: true, text: 'echo   b' });
  expect(await saving.saveAll()).toBe(true);
  expect(files.get('scenarios/a.scn')).toBe('echo b\n');
  expect(store.activeScenario()?.dirty).toBe(false);
});

describe('conflicts', () => {
  beforeEach(async () => {
    await store.openFile('scenarios/a.scn');
    store.editText('scenarios/a.scn', 'echo mine\n');
    files.set('scenarios/a.scn', 'echo theirs\n');
  });

  test('a save over changes of others writes nothing until it is decided', async () => {
    expect(await saving.saveFile('scenarios/a.scn')).toBe(false);
    expect(files.get('scenarios/a.scn')).toBe('echo theirs\n');
    expect(store.getState().conflict?.theirs?.text).toBe('echo theirs\n');
    await saving.resolveConflict('mine');
    expect(files.get('scenarios/a.scn')).toBe('echo mine\n');
    expect(file()).toMatchObject({ outside: 'same', saved: 'echo mine\n' });
  });

  test('theirs can be taken, or the decision left for later', async () => {
    await saving.saveFile('scenarios/a.scn');
    await saving.resolveConflict('later');
    expect(file()).toMatchObject({ outside: 'changed', text: 'echo mine\n' });
    await saving.saveFile('scenarios/a.scn');
    await saving.resolveConflict('theirs');
    expect(file()).toMatchObject({ outside: 'same', text: 'echo theirs\n' });
  });

  test('changes of others: clean texts follow, others are marked', async () => {
    await stores.get(createEditingSession).noticeChanges(['scenarios/a.scn']);
    expect(file()).toMatchObject({ outside: 'changed', text: 'echo mine\n' });
    store.editText('scenarios/a.scn', 'echo a\n');
    await stores.get(createEditingSession).noticeChanges(['scenarios/a.scn']);
    expect(file()).toMatchObject({ outside: 'same', text: 'echo theirs\n' });
    files.delete('scenarios/a.scn');
    await stores.get(createEditingSession).noticeChanges(['scenarios/a.scn']);
    expect(file()).toBeUndefined();
  });
});

test('closing a file with unsaved changes asks first', async () => {
  await store.openFile('scenarios/a.scn');
  store.editText('scenarios/a.scn', 'echo b\n');
  store.closeFile('scenarios/a.scn');
  expect(store.getState().closing).toBe('scenarios/a.scn');
  expect(file()).toBeDefined();
  store.closeFile('scenarios/a.scn', true);
  expect(file()).toBeUndefined();
});

describe('drafts', () => {
  test('are kept half a second after the last key, and given up with the save', async () => {
    vi.useFakeTimers();
    const stop = stores.get(createDrafts).keepDrafts();
    try {
      await store.openFile('scenarios/a.scn');
      store.editText('scenarios/a.scn', 'echo b\n');
      await vi.advanceTimersByTimeAsync(draftDelay - 10);
      store.editText('scenarios/a.scn', 'echo bc\n');
      await vi.advanceTimersByTimeAsync(draftDelay - 10);
      expect(drafts.size).toBe(0);
      await vi.advanceTimersByTimeAsync(20);
      expect(drafts.get('scenarios/a.scn')).toMatchObject({ text: 'echo bc\n', baseHash: hashOf('echo a\n') });
      await saving.saveFile('scenarios/a.scn');
      expect(drafts.size).toBe(0);
    } finally {
      stop();
      vi.useRealTimers();
    }
  });

  test('are restored: unchanged files, changed ones, new ones; those that say nothing new are dropped', async () => {
    files.set('scenarios/same.scn', 'echo same\n');
    files.set('scenarios/moved.scn', 'echo newer\n');
    for (const [path, text, baseHash] of [
      ['scenarios/a.scn', 'echo draft\n', hashOf('echo a\n')],
      ['scenarios/same.scn', 'echo same\n', hashOf('echo older\n')],
      ['scenarios/moved.scn', 'echo draft\n', hashOf('echo older\n')],
      ['scenarios/new.scn', 'echo new\n', null],
    ] as const)
      drafts.set(path, { path, text, baseHash });
    await stores.get(createDrafts).restoreDrafts('/w');
    expect(file()).toMatchObject({ text: 'echo draft\n', saved: 'echo a\n', outside: 'same' });
    expect(file('scenarios/same.scn')).toBeUndefined();
    expect(file('scenarios/moved.scn')).toMatchObject({ text: 'echo draft\n', outside: 'changed' });
    expect(file('scenarios/new.scn')).toMatchObject({ text: 'echo new\n', hash: null });
    expect(stores.get(createSession).getState().notices.at(-1)?.message).toMatch(/Unsaved changes of .* were restored/);
  });
});

test('breakpoints are toggled and moved by scenario, and keep what they stop on', () => {
  const linesOf = (all: Parameters<typeof breakpointsOf>[0], scenario: string) => breakpointsOf(all, scenario).map(({ line }) => line);
  const store = stores.get(createBreakpoints);
  const { toggleBreakpoint, setBreakpoint, moveBreakpoints } = store;
  toggleBreakpoint('a', 5);
  toggleBreakpoint('b', 1);
  toggleBreakpoint('a', 2);
  expect(linesOf(store.getState().breakpoints, 'a')).toEqual([2, 5]);
  setBreakpoint({ scenario: 'a', line: 5, condition: '#{x} == 1', hits: 2 });
  const moved = breakpointsOf(store.getState().breakpoints, 'a').map((each) => ({ ...each, line: each.line + 1 }));
  moveBreakpoints('a', [...moved, { scenario: 'a', line: 6 }]);
  expect(breakpointsOf(store.getState().breakpoints, 'a')).toEqual([
    { scenario: 'a', line: 3 },
    { scenario: 'a', line: 6, condition: '#{x} == 1', hits: 2 },
  ]);
  expect(linesOf(store.getState().breakpoints, 'a')).toEqual([3, 6]);
  toggleBreakpoint('a', 3);
  expect(linesOf(store.getState().breakpoints, 'a')).toEqual([6]);
  expect(linesOf(store.getState().breakpoints, 'b')).toEqual([1]);
});

test('a call finds the scenario beside it before the one in the folder of scenarios', () => {
  const around = scenariosAround('mine/a.scn', ['mine/a.scn', 'mine/x.scn', 'scenarios/x.scn', 'scenarios/y.scn', 'other/z.scn']);
  expect(Object.fromEntries(around)).toEqual({ a: 'mine/a.scn', x: 'mine/x.scn', y: 'scenarios/y.scn' });
});

test('back from an archived run its texts are closed, and the own scenario that stood in front comes back', () => {
  const file = { kind: 'scenario', text: '', saved: '', hash: 'h', readOnly: false, outside: 'same' } as const;
  store.putFile({ ...file, path: 'first.scn' });
  store.putFile({ ...file, path: 'second.scn' });
  store.activateFile('first.scn');
  store.putFile({ ...file, path: 'run:20260101T000000Z-first-00ff/first', readOnly: true });
  expect(store.activeScenario()).toBeNull();
  store.closeArchivedTexts();
  expect(store.getState().files.map(({ path }) => path)).toEqual(['first.scn', 'second.scn']);
  expect(store.getState().active).toBe('first.scn');
});
