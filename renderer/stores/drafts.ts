/**
 * Drafts: what was typed and not saved is kept by the core, half a second after the last key, so that a crash of the window,
 * the browser or the machine loses nothing.
 */
import type { Draft } from '#shared/contract/workspace.ts';
import { readTheirs } from './file-access.ts';
import { createOpenFiles, isDirty, kindOf, type OpenFile } from './open-files.ts';
import { createSession } from './session.ts';
import type { Stores } from './stores.ts';
import { listed } from '#shared/wording/names.ts';

/** ms without a key after which a draft is kept. */
export const draftDelay = 500;

export function createDrafts(stores: Stores) {
  const openFiles = stores.get(createOpenFiles);
  const { fileOf, putFile } = openFiles;
  const { currentCore, currentFolder, notify, notifyUnlessLost } = stores.get(createSession);

  const timers = new Map<string, ReturnType<typeof setTimeout>>();
  /** Texts of the drafts that the core has, by path. */
  const keptDrafts = new Map<string, string>();

  /** What is on its way to the core: drafts that are read before it is there would lack it. */
  let keeping: Promise<void> = Promise.resolve();

  /** Watches the open files; returns the end of it. */
  function keepDrafts(): () => void {
    const stop = openFiles.subscribe((state, before) => {
      if (state.files === before.files) return;
      for (const file of state.files) {
        const previous = before.files.find(({ path }) => path === file.path);
        if (previous?.text !== file.text) schedule(file);
      }
      for (const { path } of before.files) if (!state.files.some((file) => file.path === path)) discardDraft(path);
    });
    return () => {
      stop();
      for (const timer of timers.values()) clearTimeout(timer);
      timers.clear();
    };
  }

  function schedule(file: OpenFile): void {
    clearTimeout(timers.get(file.path));
    if (isDirty(file))
      timers.set(
        file.path,
        setTimeout(() => keep(file.path), draftDelay),
      );
    else discardDraft(file.path);
  }

  function keep(path: string): void {
    keeping = Promise.all([keeping, keepDraft(path)]).then(() => undefined);
  }

  async function keepDraft(path: string): Promise<void> {
    clearTimeout(timers.get(path));
    timers.delete(path);
    const file = fileOf(path);
    const core = currentCore();
    const folder = currentFolder();
    if (!file || !isDirty(file) || !core || folder === null) return;
    try {
      keptDrafts.set(path, file.text);
      await core.request('drafts.save', { folder, draft: { path, text: file.text, baseHash: file.hash } });
    } catch (failure) {
      if (folder !== currentFolder()) return;
      keptDrafts.delete(path);
      notifyUnlessLost(failure);
    }
  }

  /**
   * Keeps at once what waits to be kept: before the page goes or another folder is opened, and after the core came back. Done when that
   * and all that was being kept before is with the core.
   */
  function keepDraftsNow(): Promise<void> {
    for (const file of openFiles.getState().files) if (isDirty(file) && keptDrafts.get(file.path) !== file.text) keep(file.path);
    return keeping;
  }

  /** The core that comes back may be another one: everything unsaved is kept anew. */
  function forgetKeptDrafts(): void {
    keptDrafts.clear();
  }

  /** Nothing unsaved is left of this file. */
  function discardDraft(path: string): void {
    clearTimeout(timers.get(path));
    timers.delete(path);
    if (!keptDrafts.delete(path)) return;
    const core = currentCore();
    const folder = currentFolder();
    if (!core || folder === null) return;
    core.request('drafts.discard', { folder, path }).catch((failure: unknown) => {
      if (folder === currentFolder()) notifyUnlessLost(failure);
    });
  }

  /** Opens what a crash left unsaved, and says so. */
  async function restoreDrafts(folder: string): Promise<void> {
    const core = currentCore();
    if (!core) return;
    try {
      const { drafts } = await core.request('drafts.list', { folder });
      const restored: string[] = [];
      for (const draft of drafts) if (folder === currentFolder() && (await restore(draft, folder))) restored.push(draft.path);
      if (restored.length > 0) tellRestored(restored);
    } catch (failure) {
      if (folder === currentFolder()) notifyUnlessLost(failure);
    }
  }

  async function restore(draft: Draft, folder: string): Promise<boolean> {
    const open = fileOf(draft.path);
    if (open && isDirty(open)) return false;
    keptDrafts.set(draft.path, draft.text);
    const theirs = await readTheirs(stores, draft.path);
    if (folder !== currentFolder()) return false;
    if (theirs?.text === draft.text) {
      discardDraft(draft.path);
      return false;
    }
    const outside = draft.baseHash === null ? 'same' : theirs === null ? 'removed' : theirs.hash === draft.baseHash ? 'same' : 'changed';
    putFile({
      path: draft.path,
      kind: kindOf(draft.path),
      text: draft.text,
      saved: theirs?.text ?? '',
      hash: outside === 'same' ? (theirs?.hash ?? null) : draft.baseHash,
      readOnly: false,
      outside,
    });
    return true;
  }

  function tellRestored(paths: readonly string[]): void {
    notify({
      severity: 'information',
      code: 'drafts-restored',
      message: `Unsaved changes of ${listed(paths, 3)} were restored.`,
      tip: 'Save them, or close the file and give them up.',
    });
  }

  return { keepDrafts, keepDraftsNow, forgetKeptDrafts, discardDraft, restoreDrafts };
}
