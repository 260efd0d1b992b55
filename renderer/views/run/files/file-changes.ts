/** New, renamed and removed files of the workspace. Whatever is refused is told as a notice. */
import { nameFault, nameRule } from '#shared/identifiers.ts';
import { problemOf } from '#shared/problem.ts';
import { callsOf } from '#shared/scenario/link.ts';
import { parseScenario } from '#shared/scenario/parser.ts';
import { readTheirs } from '../../../stores/file-access.ts';
import { createOpenFiles, scenarioNameOf } from '../../../stores/open-files.ts';
import { createSession } from '../../../stores/session.ts';
import { createWorkspaceFiles, scenariosAround } from '../../../stores/workspace-files.ts';
import type { Stores } from '../../../stores/stores.ts';

/** What a new scenario begins with. */
export function templateOf(name: string, components: readonly string[]): string {
  const component = components[0] ?? 'Component';
  return `---
title: ${name.replaceAll(/[-_]/g, ' ')}
tags: [draft]
timeout: 5m
---
# What this scenario shows, and why it matters.
note begin of ${name} with #{release}
expect ${component}.STATE == READY within 10s

# Do something to the environment, and say what must come of it.
`;
}

/** Why a name cannot be that of a new scenario in a folder; null where it can. */
export function nameProblem(stores: Stores, name: string, folder: string): string | null {
  if (name === '') return 'Give it a name.';
  const fault = nameFault(name);
  if (fault !== null) return `It ${fault}, but ${nameRule}.`;
  const path = inFolder(folder, `${name}.scn`);
  const taken =
    stores
      .get(createWorkspaceFiles)
      .getState()
      .files.some((file) => file.path === path) || stores.get(createOpenFiles).fileOf(path) !== undefined;
  return taken ? `There is a file ${path} already.` : null;
}

export function inFolder(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}

export function folderOf(path: string): string {
  return path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '';
}

/** The folder in which the workspace keeps its scenarios. */
export function scenarioFolder(stores: Stores): string {
  const scenarios = stores
    .get(createWorkspaceFiles)
    .getState()
    .files.filter(({ kind }) => kind === 'scenario');
  const folders = new Map<string, number>();
  for (const { path } of scenarios) folders.set(folderOf(path), (folders.get(folderOf(path)) ?? 0) + 1);
  const [most] = [...folders].toSorted(([, left], [, right]) => right - left);
  return most?.[0] ?? 'scenarios';
}

/** Opens a new scenario in the editor; its file is written at the first save. */
export function newScenario(stores: Stores, name: string, folder: string): void {
  const { putFile, reveal } = stores.get(createOpenFiles);
  const { catalogue } = stores.get(createSession).getState();
  const path = inFolder(folder, `${name}.scn`);
  const text = templateOf(name, catalogue?.components.map((component) => component.name) ?? []);
  putFile({ path, kind: 'scenario', text, saved: '', hash: null, readOnly: false, outside: 'same' });
  // What the operator writes comes last: the template ends with an empty line for it.
  reveal(path, text.split('\n').length - 1);
}

/** Gives a scenario another name; the calls of it in other scenarios follow, unsaved until the operator saves them. */
export async function renameFile(stores: Stores, path: string, to: string): Promise<boolean> {
  const session = stores.get(createSession);
  const { currentCore, notify } = session;
  const { fileOf, renameOpenFile } = stores.get(createOpenFiles);
  const core = currentCore();
  const folder = session.getState().workspace?.folder;
  if (!core || folder === undefined) return false;
  try {
    // A file that was never saved is only in the editor.
    if (fileOf(path)?.hash !== null) await core.request('file.rename', { folder, path, to });
    const callers = callersOf(stores, path);
    renameOpenFile(path, to);
    for (const caller of callers) await renameCalls(stores, caller, scenarioNameOf(path), scenarioNameOf(to));
    await stores.get(createWorkspaceFiles).refreshWorkspaceFiles();
    return true;
  } catch (failure) {
    notify(problemOf(failure));
    return false;
  }
}

/** Scenarios that call the one at a path. */
function callersOf(stores: Stores, path: string): string[] {
  const texts = stores.get(createWorkspaceFiles).presentTexts();
  const name = scenarioNameOf(path);
  return [...texts].flatMap(([each, text]) => {
    const calls = callsOf(parseScenario(scenarioNameOf(each), text).scenario).some((call) => call.text === name);
    return calls && scenariosAround(each, texts.keys()).get(name) === path ? [each] : [];
  });
}

async function renameCalls(stores: Stores, path: string, from: string, to: string): Promise<void> {
  const { openFile, fileOf, editText } = stores.get(createOpenFiles);
  if (!(await openFile(path))) return;
  let text = fileOf(path)?.text ?? '';
  const calls = callsOf(parseScenario(scenarioNameOf(path), text).scenario).filter((call) => call.text === from);
  for (const { range } of calls.toReversed()) text = text.slice(0, range.start.offset) + to + text.slice(range.end.offset);
  editText(path, text);
}

export async function deleteFile(stores: Stores, path: string): Promise<void> {
  const session = stores.get(createSession);
  const { currentCore, notify } = session;
  const core = currentCore();
  const folder = session.getState().workspace?.folder;
  if (!core || folder === undefined) return;
  try {
    const theirs = await readTheirs(stores, path);
    if (theirs) await core.request('file.delete', { folder, path, expectedHash: theirs.hash });
    stores.get(createOpenFiles).closeFile(path, true);
    await stores.get(createWorkspaceFiles).refreshWorkspaceFiles();
  } catch (failure) {
    notify(problemOf(failure));
  }
}
