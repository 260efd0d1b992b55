/** Open files: what is unsaved, saving, conflicts, drafts and changes of others, against a core that keeps files in memory. */
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { ProblemError } from '#shared/problem.ts';

vi.stubGlobal('matchMedia', () => ({ matches: false }));
vi.stubGlobal('addEventListener', () => undefined);
vi.stubGlobal('document', { addEventListener: () => undefined, visibilityState: 'visible' });
vi.stubGlobal('requestAnimationFrame', (call: () => void) => setTimeout(call));

const { useSession } = await import('../../../renderer/stores/session.ts');
const store = await import('../../../renderer/stores/open-files.ts');
const { resolveConflict, saveAll, saveFile } = await import('../../../renderer/stores/saving.ts');
const { keepDrafts, restoreDrafts, draftDelay } = await import('../../../renderer/stores/drafts.ts');
const { noticeChanges } = await import('../../../renderer/stores/editing-session.ts');
const { useBreakpoints, toggleBreakpoint, setBreakpoint, moveBreakpoints, breakpointsOf } =
  await import('../../../renderer/stores/breakpoints.ts');
const { scenariosAround } = await import('../../../renderer/stores/workspace-files.ts');

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
  store.closeAllFiles();
  files.set('scenarios/a.scn', 'echo a\n');
  const core = { request: answer, listen: () => ({ ended: Promise.resolve(), close: () => undefined }) };
  useSession.setState({
    connection: { kind: 'connected', core: core as never, generation: 1 },
    workspace: { folder: '/w', name: 'w', commit: null, environments: [], trusted: true },
    notices: [],
  });
});

test('a file is opened, typed into and saved, formatted', async () => {
  await store.openFile('scenarios/a.scn');
  store.editText('scenarios/a.scn', 'echo   b');
  expect(store.activeScenario()).toEqual({ path: 'scenarios/a.scn', file: '/w/scenarios/a.scn', name: 'a', dirty: true, text: 'echo   b' });
  expect(await saveAll()).toBe(true);
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
    expect(await saveFile('scenarios/a.scn')).toBe(false);
    expect(files.get('scenarios/a.scn')).toBe('echo theirs\n');
    expect(store.useOpenFiles.getState().conflict?.theirs?.text).toBe('echo theirs\n');
    await resolveConflict('mine');
    expect(files.get('scenarios/a.scn')).toBe('echo mine\n');
    expect(file()).toMatchObject({ outside: 'same', saved: 'echo mine\n' });
  });

  test('theirs can be taken, or the decision left for later', async () => {
    await saveFile('scenarios/a.scn');
    await resolveConflict('later');
    expect(file()).toMatchObject({ outside: 'changed', text: 'echo mine\n' });
    await saveFile('scenarios/a.scn');
    await resolveConflict('theirs');
    expect(file()).toMatchObject({ outside: 'same', text: 'echo theirs\n' });
  });

  test('changes of others: clean texts follow, others are marked', async () => {
    await noticeChanges(['scenarios/a.scn']);
    expect(file()).toMatchObject({ outside: 'changed', text: 'echo mine\n' });
    store.editText('scenarios/a.scn', 'echo a\n');
    await noticeChanges(['scenarios/a.scn']);
    expect(file()).toMatchObject({ outside: 'same', text: 'echo theirs\n' });
    files.delete('scenarios/a.scn');
    await noticeChanges(['scenarios/a.scn']);
    expect(file()).toBeUndefined();
  });
});

test('closing a file with unsaved changes asks first', async () => {
  await store.openFile('scenarios/a.scn');
  store.editText('scenarios/a.scn', 'echo b\n');
  store.closeFile('scenarios/a.scn');
  expect(store.useOpenFiles.getState().closing).toBe('scenarios/a.scn');
  expect(file()).toBeDefined();
  store.closeFile('scenarios/a.scn', true);
  expect(file()).toBeUndefined();
});

describe('drafts', () => {
  test('are kept half a second after the last key, and given up with the save', async () => {
    vi.useFakeTimers();
    const stop = keepDrafts();
    try {
      await store.openFile('scenarios/a.scn');
      store.editText('scenarios/a.scn', 'echo b\n');
      await vi.advanceTimersByTimeAsync(draftDelay - 10);
      store.editText('scenarios/a.scn', 'echo bc\n');
      await vi.advanceTimersByTimeAsync(draftDelay - 10);
      expect(drafts.size).toBe(0);
      await vi.advanceTimersByTimeAsync(20);
      expect(drafts.get('scenarios/a.scn')).toMatchObject({ text: 'echo bc\n', baseHash: hashOf('echo a\n') });
      await saveFile('scenarios/a.scn');
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
    await restoreDrafts('/w');
    expect(file()).toMatchObject({ text: 'echo draft\n', saved: 'echo a\n', outside: 'same' });
    expect(file('scenarios/same.scn')).toBeUndefined();
    expect(file('scenarios/moved.scn')).toMatchObject({ text: 'echo draft\n', outside: 'changed' });
    expect(file('scenarios/new.scn')).toMatchObject({ text: 'echo new\n', hash: null });
    expect(useSession.getState().notices.at(-1)?.message).toMatch(/Unsaved changes of .* were restored/);
  });
});

test('breakpoints are toggled and moved by scenario, and keep what they stop on', () => {
  const linesOf = (all: Parameters<typeof breakpointsOf>[0], scenario: string) => breakpointsOf(all, scenario).map(({ line }) => line);
  useBreakpoints.setState({ breakpoints: [] });
  toggleBreakpoint('a', 5);
  toggleBreakpoint('b', 1);
  toggleBreakpoint('a', 2);
  expect(linesOf(useBreakpoints.getState().breakpoints, 'a')).toEqual([2, 5]);
  setBreakpoint({ scenario: 'a', line: 5, condition: '#{x} == 1', hits: 2 });
  const moved = breakpointsOf(useBreakpoints.getState().breakpoints, 'a').map((each) => ({ ...each, line: each.line + 1 }));
  moveBreakpoints('a', [...moved, { scenario: 'a', line: 6 }]);
  expect(breakpointsOf(useBreakpoints.getState().breakpoints, 'a')).toEqual([
    { scenario: 'a', line: 3 },
    { scenario: 'a', line: 6, condition: '#{x} == 1', hits: 2 },
  ]);
  expect(linesOf(useBreakpoints.getState().breakpoints, 'a')).toEqual([3, 6]);
  toggleBreakpoint('a', 3);
  expect(linesOf(useBreakpoints.getState().breakpoints, 'a')).toEqual([6]);
  expect(linesOf(useBreakpoints.getState().breakpoints, 'b')).toEqual([1]);
});

test('a call finds the scenario beside it before the one in the folder of scenarios', () => {
  const around = scenariosAround('mine/a.scn', ['mine/a.scn', 'mine/x.scn', 'scenarios/x.scn', 'scenarios/y.scn', 'other/z.scn']);
  expect(Object.fromEntries(around)).toEqual({ a: 'mine/a.scn', x: 'mine/x.scn', y: 'scenarios/y.scn' });
});

test('back from an archived run its texts are closed, and the own scenario that stood in front comes back', () => {
  const file = { kind: 'scenario', text: '', saved: '', hash: 'h', readOnly: false, outside: 'same' } as const;
  store.useOpenFiles.setState({ files: [], active: null });
  store.putFile({ ...file, path: 'first.scn' });
  store.putFile({ ...file, path: 'second.scn' });
  store.activateFile('first.scn');
  store.putFile({ ...file, path: 'run:20260101T000000Z-first-00ff/first', readOnly: true });
  expect(store.activeScenario()).toBeNull();
  store.closeArchivedTexts();
  expect(store.useOpenFiles.getState().files.map(({ path }) => path)).toEqual(['first.scn', 'second.scn']);
  expect(store.useOpenFiles.getState().active).toBe('first.scn');
});
