/**
 * The files of the workspace, and the texts of its scenarios: what the tree shows, what `call` finds, what the search goes
 * through. Texts are read once and again only where a file changed.
 */
import { createStore } from 'zustand/vanilla';
import type { WorkspaceFile } from '#shared/contract/workspace.ts';
import { readTheirs } from './file-access.ts';
import { createOpenFiles, scenarioNameOf } from './open-files.ts';
import { createSession } from './session.ts';
import { storeHook } from './context.ts';
import type { Stores } from './stores.ts';

export interface WorkspaceFilesState {
  readonly folder: string | null;
  readonly files: readonly WorkspaceFile[];
  /** Whether the list has come. */
  readonly known: boolean;
  /** Saved texts of scenarios by path. */
  readonly texts: ReadonlyMap<string, string>;
}

const empty: WorkspaceFilesState = { folder: null, files: [], known: false, texts: new Map() };

/** Texts are kept of so many scenarios at most, and of none longer than this (bytes); so many are read at a time. */
const bounds = { scenarios: 1_000, size: 1_000_000, together: 16 } as const;

export function createWorkspaceFiles(stores: Stores) {
  const session = stores.get(createSession);
  const { currentCore, currentFolder, notifyUnlessLost } = session;
  const openFiles = stores.get(createOpenFiles);

  const workspaceFiles = createStore<WorkspaceFilesState>(() => empty);

  /** What the kept texts were read from. */
  const stamps = new Map<string, string>();
  let turns = 0;

  /** Lists the workspace anew, and reads the scenarios that changed. A later call wins. */
  async function refreshWorkspaceFiles(): Promise<void> {
    const turn = ++turns;
    const core = currentCore();
    const folder = session.getState().workspace?.folder ?? null;
    if (folder !== workspaceFiles.getState().folder) {
      stamps.clear();
      workspaceFiles.setState({ ...empty, folder });
    }
    if (!core || folder === null || folder !== currentFolder()) return;
    try {
      const { files } = await core.request('workspace.files', { folder });
      if (turn !== turns || folder !== currentFolder()) return;
      workspaceFiles.setState({ files, known: true });
      await readScenarios(files, turn);
    } catch (failure) {
      if (turn === turns && folder === currentFolder()) notifyUnlessLost(failure);
    }
  }

  async function readScenarios(files: readonly WorkspaceFile[], turn: number): Promise<void> {
    const scenarios = files.filter(({ kind, size }) => kind === 'scenario' && size <= bounds.size).slice(0, bounds.scenarios);
    const { texts } = workspaceFiles.getState();
    const read = new Map<string, string>();
    for (let from = 0; from < scenarios.length; from += bounds.together) {
      const some = scenarios.slice(from, from + bounds.together).map(async ({ path, size, modified }) => {
        const stamp = `${size} ${modified}`;
        const known = stamps.get(path) === stamp ? texts.get(path) : undefined;
        return { path, stamp, text: known ?? (await readTheirs(stores, path))?.text };
      });
      for (const { path, stamp, text } of await Promise.all(some)) {
        if (turn !== turns) return;
        if (text === undefined) continue;
        read.set(path, text);
        stamps.set(path, stamp);
      }
    }
    const same = read.size === texts.size && [...read].every(([path, text]) => texts.get(path) === text);
    if (!same) workspaceFiles.setState({ texts: read });
  }

  /** Texts of all scenarios by path, as they stand in the editor where they are open. */
  function presentTexts(): Map<string, string> {
    const texts = new Map(workspaceFiles.getState().texts);
    for (const file of openFiles.getState().files) {
      if (file.kind === 'scenario' && !file.readOnly) texts.set(file.path, file.text);
    }
    return texts;
  }

  /** The path of a scenario that is called by name from another one; null where there is none. */
  function pathOfScenario(name: string, from: string): string | null {
    return scenariosAround(from, [...presentTexts().keys()]).get(name) ?? null;
  }

  return { ...workspaceFiles, refreshWorkspaceFiles, presentTexts, pathOfScenario };
}

export const useWorkspaceFiles = storeHook(createWorkspaceFiles);

/**
 * Paths of the scenarios that `call` finds from a scenario, by name: beside it first, then anywhere in the folder of
 * scenarios, as the core looks for them.
 */
export function scenariosAround(path: string, paths: Iterable<string>): Map<string, string> {
  const folder = folderOf(path);
  const found = new Map<string, string>();
  for (const each of paths) {
    const beside = folderOf(each) === folder;
    const name = scenarioNameOf(each);
    if (beside || (folderOf(each) === 'scenarios' && !found.has(name))) found.set(name, each);
  }
  return found;
}

function folderOf(path: string): string {
  return path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '';
}
