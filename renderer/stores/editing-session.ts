/**
 * Keeps the open files in step with the world as long as the window lives: the workspace's files are listed when it is
 * opened, unsaved texts are kept as drafts and restored, changes of others are noticed, open tabs are remembered.
 */
import { z } from 'zod';
import { createBreakpoints } from './breakpoints.ts';
import { createDrafts } from './drafts.ts';
import { readTheirs } from './file-access.ts';
import { createLayout } from './layout.ts';
import { createOpenFiles, isDirty } from './open-files.ts';
import { createRunBreakpoints } from './run-breakpoints.ts';
import { createSession } from './session.ts';
import { createWorkspaceFiles } from './workspace-files.ts';
import type { Stores } from './stores.ts';

const section = 'open-files';
const sectionSchema = z.object({ paths: z.array(z.string()).max(100), active: z.string().nullable() });

export function createEditingSession(stores: Stores) {
  const { keepDrafts, keepDraftsNow, forgetKeptDrafts, restoreDrafts } = stores.get(createDrafts);
  const { rememberBreakpoints } = stores.get(createBreakpoints);
  const { followBreakpoints } = stores.get(createRunBreakpoints);
  const session = stores.get(createSession);
  const { currentFolder, notifyUnlessLost } = session;
  const openFiles = stores.get(createOpenFiles);
  const { closeAllFiles, openFile, fileOf, updateFile, closeFile } = openFiles;
  const layoutStore = stores.get(createLayout);
  const { layoutSection, setLayoutSection } = layoutStore;
  const workspaceFiles = stores.get(createWorkspaceFiles);
  const { refreshWorkspaceFiles } = workspaceFiles;

  let started = false;
  let changes: { close(): void } | undefined;
  /** What was prepared last: folder and connection. */
  let prepared = '';
  /** Folder whose tabs and drafts are back. */
  let ready: string | null = null;
  /** A file that is to be shown as soon as those of its workspace are back. */
  let wished: { readonly folder: string | null; readonly path: string } | null = null;

  /** Begins; further calls do nothing. */
  function startEditing(): void {
    if (started) return;
    started = true;
    for (const end of [keepDrafts(), rememberBreakpoints(), followBreakpoints()]) stores.own(end);
    session.subscribe(prepare);
    openFiles.subscribe(rememberTabs);
    keepWhenThePageGoes();
    prepare();
  }

  function keepWhenThePageGoes(): void {
    const keep = (): void => void keepDraftsNow();
    const keepHidden = (): void => {
      if (document.visibilityState === 'hidden') keep();
    };
    addEventListener('pagehide', keep);
    document.addEventListener('visibilitychange', keepHidden);
    stores.own(() => {
      removeEventListener('pagehide', keep);
      document.removeEventListener('visibilitychange', keepHidden);
      changes?.close();
    });
  }

  /** The workspace was opened, another one took its place, or the core came back. */
  function prepare(): void {
    const { workspace, connection } = session.getState();
    if (connection.kind !== 'connected') return;
    const folder = workspace?.folder ?? null;
    const next = `${connection.generation} ${folder ?? ''}`;
    if (next === prepared) return;
    const sameFolder = prepared.endsWith(` ${folder ?? ''}`) && prepared !== '';
    prepared = next;
    changes?.close();
    changes = undefined;
    if (!sameFolder) {
      // Drafts of the other workspace stay with the core; those of this one under the same names are not given up.
      forgetKeptDrafts();
      closeAllFiles();
      ready = null;
    }
    if (folder === null) return;
    const stream = connection.core.listen('workspace.changes', { folder }, async ({ paths }) => {
      if (changes === stream && folder === currentFolder()) await noticeChanges(paths);
    });
    stream.ended.catch((failure: unknown) => {
      // A lost connection is told by the shell; the stream is asked for again with the next one.
      if (changes !== stream || folder !== currentFolder()) return;
      if (session.getState().connection.kind === 'connected') notifyUnlessLost(failure);
    });
    changes = stream;
    void (sameFolder ? catchUp() : begin(folder));
  }

  /** Shows a file of the workspace that is open; `path` is within it. */
  function showWhenReady(path: string): void {
    wished = { folder: currentFolder(), path };
    void fulfilWish();
  }

  async function fulfilWish(): Promise<void> {
    if (wished === null || ready === null || ready !== currentFolder()) return;
    const { folder, path } = wished;
    wished = null;
    if (folder === ready) await openFile(path);
  }

  async function begin(folder: string): Promise<void> {
    await bringBack(folder);
    if (folder !== currentFolder()) return;
    ready = folder;
    await fulfilWish();
  }

  /** Drafts and tabs, as they were. */
  async function bringBack(folder: string): Promise<void> {
    const tabs = layoutSection(section, sectionSchema);
    await refreshWorkspaceFiles();
    if (folder !== currentFolder()) return;
    const there = new Set(workspaceFiles.getState().files.map(({ path }) => path));
    await restoreDrafts(folder);
    if (folder !== currentFolder()) return;
    for (const path of tabs?.paths ?? []) if (folder === currentFolder() && there.has(path) && !fileOf(path)) await openFile(path);
    if (folder !== currentFolder()) return;
    if (tabs?.active && fileOf(tabs.active)) openFiles.setState({ active: tabs.active });
    if (tabs === null && wished === null && openFiles.getState().files.length === 0) await openFirstScenario();
  }

  /** A workspace that was never looked at shows its first scenario, so that it can be started at once. */
  async function openFirstScenario(): Promise<void> {
    const scenarios = workspaceFiles.getState().files.filter(({ kind }) => kind === 'scenario');
    const [first] = scenarios.map(({ path }) => path).toSorted();
    if (first !== undefined) await openFile(first);
  }

  /** The core was away: what others did meanwhile was not told, and it may not have the drafts. */
  async function catchUp(): Promise<void> {
    forgetKeptDrafts();
    void keepDraftsNow();
    await noticeChanges(openFiles.getState().files.map(({ path }) => path));
  }

  /** Others changed files: clean texts are read anew, those with unsaved changes are marked. */
  async function noticeChanges(paths: readonly string[]): Promise<void> {
    const folder = currentFolder();
    for (const path of paths) if (folder === currentFolder() && fileOf(path)) await noticeChange(path);
    await refreshWorkspaceFiles();
  }

  async function noticeChange(path: string): Promise<void> {
    const folder = currentFolder();
    const theirs = await readTheirs(stores, path);
    // What was another workspace's says nothing of a file of the same name in this one.
    if (folder === null || folder !== currentFolder()) return;
    const file = fileOf(path);
    if (!file || file.readOnly || theirs?.hash === file.hash) return;
    if (theirs === null) {
      if (file.hash === null) return;
      if (isDirty(file)) updateFile(path, { outside: 'removed' });
      else closeFile(path);
    } else if (!isDirty(file) || theirs.text === file.text) {
      updateFile(path, { text: theirs.text, saved: theirs.text, hash: theirs.hash, outside: 'same' });
    } else updateFile(path, { outside: 'changed' });
  }

  let remembered = '';

  function rememberTabs(): void {
    const { files, active } = openFiles.getState();
    const paths = files.filter(({ readOnly, hash }) => !readOnly && hash !== null).map(({ path }) => path);
    const tabs = { paths, active: active !== null && paths.includes(active) ? active : null };
    const text = JSON.stringify(tabs);
    const { folder } = workspaceFiles.getState();
    // While another workspace is being opened its layout is there before its files are: what is closed then is not its own.
    if (text === remembered || folder === null || folder !== layoutStore.getState().folder) return;
    remembered = text;
    // Before the list has come the tabs of the last time are not open yet.
    if (workspaceFiles.getState().known) setLayoutSection(section, tabs);
  }

  return { startEditing, showWhenReady, noticeChanges };
}
