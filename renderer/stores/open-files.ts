/**
 * The files that are open in the editor, with their texts: what the operator typed, what is saved, and whether somebody
 * else changed the file meanwhile. The editor shows these texts; saving, drafts and the run controls read them here.
 */
import { createStore } from 'zustand/vanilla';
import type { WorkspaceFile } from '#shared/contract/workspace.ts';
import { problemOf } from '#shared/problem.ts';
import { createSession } from './session.ts';
import { storeHook } from './context.ts';
import type { Stores } from './stores.ts';

export type FileKind = WorkspaceFile['kind'];

export interface OpenFile {
  /** Path within the workspace; of a text of an archived run `run:<run>/<scenario>`. Names the file in this store. */
  readonly path: string;
  readonly kind: FileKind;
  /** As it stands in the editor. */
  readonly text: string;
  /** As it is saved, so far as this console knows. */
  readonly saved: string;
  /** Hash of the saved text; null for a file that was never saved. */
  readonly hash: string | null;
  /** Texts of archived runs cannot be changed. */
  readonly readOnly: boolean;
  /** What somebody else did to the file since: only told where there are unsaved changes, else the text is read anew. */
  readonly outside: 'same' | 'changed' | 'removed';
}

/** A place that the editor should show; `number` counts the wishes, so that the same place can be wished for again. */
export interface Reveal {
  readonly path: string;
  /** Zero-based. */
  readonly line: number;
  readonly column: number;
  /** Whether the editor takes the keyboard. */
  readonly focus: boolean;
  readonly number: number;
}

/** Where the caret is; lines zero-based, `to` included. */
export interface Caret {
  readonly path: string;
  readonly line: number;
  readonly column: number;
  readonly from: number;
  readonly to: number;
}

/** A save that was refused, because the file is not what it was when it was read. */
export interface SaveConflict {
  readonly path: string;
  /** Null: the file is gone. */
  readonly theirs: { readonly text: string; readonly hash: string } | null;
}

export interface OpenFilesState {
  readonly files: readonly OpenFile[];
  /** Path of the file that is shown. */
  readonly active: string | null;
  readonly reveal: Reveal | null;
  readonly caret: Caret | null;
  readonly conflict: SaveConflict | null;
  /** Path of a file with unsaved changes that the operator wants to close. */
  readonly closing: string | null;
}

const empty: OpenFilesState = { files: [], active: null, reveal: null, caret: null, conflict: null, closing: null };

export interface ActiveScenario {
  /** Within the workspace. */
  readonly path: string;
  /** Absolute, as `run.start` wants it. */
  readonly file: string;
  readonly name: string;
  readonly dirty: boolean;
  /** As it stands in the editor. */
  readonly text: string;
}

export function createOpenFiles(stores: Stores) {
  const session = stores.get(createSession);
  const { currentCore, currentFolder, notify } = session;

  const openFiles = createStore<OpenFilesState>(() => empty);

  function fileOf(path: string | null): OpenFile | undefined {
    return openFiles.getState().files.find((file) => file.path === path);
  }

  /** The absolute path of a file of the workspace, as `run.start` wants it; null without a workspace. */
  function absolutePath(path: string): string | null {
    const { workspace } = session.getState();
    return workspace && !path.startsWith('run:') ? `${workspace.folder}/${path}` : null;
  }

  /** Path within the workspace of an absolute one; null where it lies elsewhere. */
  function workspacePath(file: string): string | null {
    const { workspace } = session.getState();
    if (!workspace) return null;
    const folder = `${workspace.folder.replaceAll('\\', '/').replace(/\/$/, '')}/`;
    const slashed = file.replaceAll('\\', '/');
    return slashed.startsWith(folder) ? slashed.slice(folder.length) : null;
  }

  /** The scenario that is shown and could be run; null where none is. Text is that of the editor: save before running. */
  function activeScenario(state: OpenFilesState = openFiles.getState()): ActiveScenario | null {
    const shown = state.files.find((each) => each.path === state.active);
    const file = shown && absolutePath(shown.path);
    if (!shown || !file || shown.kind !== 'scenario' || shown.readOnly) return null;
    return { path: shown.path, file, name: scenarioNameOf(shown.path), dirty: isDirty(shown), text: shown.text };
  }

  /** Changes one file; unknown paths are left alone. */
  function updateFile(path: string, change: Partial<OpenFile>): void {
    openFiles.setState((state) => ({ files: state.files.map((file) => (file.path === path ? { ...file, ...change } : file)) }));
  }

  /** What the operator typed. */
  function editText(path: string, text: string): void {
    const file = fileOf(path);
    if (file && !file.readOnly && file.text !== text) updateFile(path, { text });
  }

  /** Puts a file among the open ones, or in the place of the one of the same path. */
  function putFile(file: OpenFile, options: { readonly activate: boolean } = { activate: true }): void {
    openFiles.setState((state) => ({
      files: state.files.some(({ path }) => path === file.path)
        ? state.files.map((each) => (each.path === file.path ? file : each))
        : [...state.files, file],
      active: options.activate ? file.path : (state.active ?? file.path),
    }));
  }

  let reveals = 0;

  function reveal(path: string, line: number, column = 0, focus = true): void {
    openFiles.setState({ active: path, reveal: { path, line, column, focus, number: ++reveals } });
  }

  /** Opens a file of the workspace, or shows it where it is open already. False, with a notice, where it cannot be read. */
  async function openFile(path: string, place?: { readonly line: number; readonly column?: number }): Promise<boolean> {
    if (!fileOf(path)) {
      const core = currentCore();
      const folder = currentFolder();
      if (!core || folder === null) return false;
      try {
        const { text, hash } = await core.request('file.read', { folder, path });
        if (folder !== currentFolder()) return false;
        // Another call may have opened it meanwhile, and something may have been typed.
        if (!fileOf(path)) putFile({ path, kind: kindOf(path), text, saved: text, hash, readOnly: false, outside: 'same' });
      } catch (failure) {
        if (folder === currentFolder()) notify(problemOf(failure));
        return false;
      }
    }
    if (place) reveal(path, place.line, place.column);
    else openFiles.setState({ active: path });
    return true;
  }

  /** Closes a file; one with unsaved changes asks first, unless they are given up. */
  function closeFile(path: string, giveUp = false): void {
    const file = fileOf(path);
    if (!file) return;
    if (isDirty(file) && !giveUp) return openFiles.setState({ closing: path, active: path });
    openFiles.setState((state) => {
      const index = state.files.findIndex((each) => each.path === path);
      const files = state.files.filter((each) => each.path !== path);
      const neighbour = files[Math.min(index, files.length - 1)]?.path ?? null;
      return { files, active: state.active === path ? neighbour : state.active, closing: null };
    });
  }

  /** Path of the file that was in front last and is not a text of an archived run. */
  let lastOwn: string | null = null;
  openFiles.subscribe(({ active }) => {
    if (active !== null && !isArchivedText(active)) lastOwn = active;
  });

  /** Closes the texts of archived runs: what stood in front before them comes back, or else the scenario that was opened last. */
  function closeArchivedTexts(): void {
    openFiles.setState((state) => {
      const files = state.files.filter(({ path }) => !isArchivedText(path));
      if (files.length === state.files.length) return state;
      const isOpen = (path: string | null) => files.some((file) => file.path === path);
      if (isOpen(state.active)) return { files };
      const own = isOpen(lastOwn) ? lastOwn : ((files.findLast(({ kind }) => kind === 'scenario') ?? files.at(-1))?.path ?? null);
      return { files, active: own };
    });
  }

  function activateFile(path: string): void {
    if (fileOf(path)) openFiles.setState({ active: path });
  }

  /** Shows the next file, or with -1 the one before. */
  function activateNeighbour(distance: 1 | -1): void {
    const { files, active } = openFiles.getState();
    const index = files.findIndex(({ path }) => path === active);
    const next = files.at((index + distance + files.length) % Math.max(1, files.length));
    if (next) activateFile(next.path);
  }

  /** An open file got another path. */
  function renameOpenFile(path: string, to: string): void {
    openFiles.setState((state) => ({
      files: state.files.map((file) => (file.path === path ? { ...file, path: to, kind: kindOf(to) } : file)),
      active: state.active === path ? to : state.active,
    }));
  }

  function closeAllFiles(): void {
    openFiles.setState(empty);
  }

  return {
    ...openFiles,
    fileOf,
    absolutePath,
    workspacePath,
    activeScenario,
    updateFile,
    editText,
    putFile,
    reveal,
    openFile,
    closeFile,
    closeArchivedTexts,
    activateFile,
    activateNeighbour,
    renameOpenFile,
    closeAllFiles,
  };
}

export const useOpenFiles = storeHook(createOpenFiles);

export function isDirty(file: OpenFile): boolean {
  return !file.readOnly && (file.text !== file.saved || file.hash === null);
}

/** The name by which a scenario is called: that of its file, without folder and ending. */
export function scenarioNameOf(path: string): string {
  return (path.split('/').at(-1) ?? path).replace(/\.scn$/, '');
}

export function kindOf(path: string): FileKind {
  return path.endsWith('.scn') ? 'scenario' : 'other';
}

function isArchivedText(path: string): boolean {
  return path.startsWith('run:');
}
