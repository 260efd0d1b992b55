/**
 * Saving what was typed: whole and only over what was read, so that nobody's work is lost; scenarios are formatted first.
 * A refused save becomes a conflict that the operator decides.
 */
import { createStore } from 'zustand/vanilla';
import { problemOf, ProblemError } from '#shared/problem.ts';
import { formatScenario } from '#shared/scenario/formatter.ts';
import { createDrafts } from './drafts.ts';
import { readTheirs, type FileText } from './file-access.ts';
import { createOpenFiles, isDirty, type OpenFile } from './open-files.ts';
import { createLockedPaths } from './locked-paths.ts';
import { createSession } from './session.ts';
import { createWorkspaceFiles } from './workspace-files.ts';
import { storeHook } from './context.ts';
import type { Stores } from './stores.ts';

export function createSaving(stores: Stores) {
  const openFiles = stores.get(createOpenFiles);
  const { fileOf, updateFile } = openFiles;
  const lockedPaths = stores.get(createLockedPaths);
  const session = stores.get(createSession);
  const { currentCore, notify } = session;
  const { discardDraft } = stores.get(createDrafts);
  const { refreshWorkspaceFiles } = stores.get(createWorkspaceFiles);

  const savingStore = createStore<{ readonly formatOnSave: boolean; readonly saving: ReadonlySet<string> }>(() => ({
    formatOnSave: true,
    saving: new Set(),
  }));

  /** Saves one file. False where that was not possible; the operator has been told why. */
  async function saveFile(path: string): Promise<boolean> {
    const file = fileOf(path);
    if (!file || file.readOnly) return false;
    const text = formatted(file);
    if (text !== file.text) updateFile(path, { text });
    if (!isDirty({ ...file, text })) return true;
    return write(path, text, file.hash);
  }

  function formatted(file: OpenFile): string {
    const { formatOnSave } = savingStore.getState();
    // The executed lines of a paused run must stay as they are.
    return formatOnSave && file.kind === 'scenario' && !lockedPaths.has(file.path) ? formatScenario(file.text) : file.text;
  }

  /** Saves a text that a run began with, as it was run; what was typed after it stays unsaved. */
  async function saveRunText(path: string, text: string): Promise<void> {
    const file = fileOf(path);
    if (file && !file.readOnly && (file.saved !== text || file.hash === null)) await write(path, text, file.hash);
  }

  /** Saves every file with unsaved changes; false where one could not be saved. */
  async function saveAll(): Promise<boolean> {
    let all = true;
    for (const file of openFiles.getState().files.filter(isDirty)) all = (await saveFile(file.path)) && all;
    return all;
  }

  async function write(path: string, text: string, expectedHash: string | null): Promise<boolean> {
    const core = currentCore();
    const folder = session.getState().workspace?.folder;
    if (!core || folder === undefined) {
      notify({
        severity: 'error',
        code: 'not-connected',
        message: `${path} cannot be saved: there is no connection to the core.`,
        tip: 'It is saved as soon as you save again with a connection; what you typed stays here.',
      });
      return false;
    }
    markSaving(path, true);
    try {
      const { hash } = await core.request('file.write', { folder, path, text, expectedHash });
      updateFile(path, { saved: text, hash, outside: 'same' });
      const now = fileOf(path);
      if (!now || !isDirty(now)) discardDraft(path);
      // The core reports what others change, not what this console wrote itself.
      void refreshWorkspaceFiles();
      return true;
    } catch (failure) {
      if (failure instanceof ProblemError && failure.problem.code === 'file-changed') await tellConflict(path);
      else notify(problemOf(failure));
      return false;
    } finally {
      markSaving(path, false);
    }
  }

  function markSaving(path: string, yes: boolean): void {
    savingStore.setState(({ saving }) => ({ saving: new Set(yes ? [...saving, path] : [...saving].filter((each) => each !== path)) }));
  }

  /** Reads what the file is now, for the operator to decide. */
  async function tellConflict(path: string): Promise<void> {
    openFiles.setState({ conflict: { path, theirs: await readTheirs(stores, path) } });
  }

  /** Shows what somebody else made of a file beside what was typed. */
  async function compareWithTheirs(path: string): Promise<void> {
    await tellConflict(path);
  }

  /** Ends a conflict: our text over theirs, theirs instead of ours, or undecided for now. */
  async function resolveConflict(decision: 'mine' | 'theirs' | 'later'): Promise<void> {
    const { conflict } = openFiles.getState();
    if (!conflict) return;
    openFiles.setState({ conflict: null });
    const { path, theirs } = conflict;
    const file = fileOf(path);
    if (!file) return;
    if (decision === 'mine') await write(path, file.text, theirs?.hash ?? null);
    else if (decision === 'later') updateFile(path, { outside: theirs ? 'changed' : 'removed' });
    else if (theirs) takeTheirs(path, theirs);
  }

  /** Gives up what was typed for what is saved. */
  function takeTheirs(path: string, theirs: FileText): void {
    updateFile(path, { text: theirs.text, saved: theirs.text, hash: theirs.hash, outside: 'same' });
    discardDraft(path);
  }

  return { ...savingStore, saveFile, saveRunText, saveAll, compareWithTheirs, resolveConflict, takeTheirs };
}

export const useSaving = storeHook(createSaving);
