/** How the list of runs is looked at, and what can be done with them. */
import { createStore } from 'zustand/vanilla';
import type { RunId } from '#shared/identifiers.ts';
import { problemOf } from '#shared/problem.ts';
import type { RunSummary } from '#shared/run/manifest.ts';
import { createArchivedRuns, type ArchivedRun } from '../../stores/archived-runs.ts';
import { createRunSession } from '../../stores/run-session.ts';
import { createSession } from '../../stores/session.ts';
import { deletedSentence, everyRun, filterRuns, type ArchiveFilter } from './archive-rows.ts';
import { chosenOf, nothingSelected, type ArchiveSelection } from './archive-selection.ts';
import { counted } from '#shared/wording/counts.ts';
import { storeHook } from '../../stores/context.ts';
import type { Stores } from '../../stores/stores.ts';

export interface ArchiveState extends ArchiveSelection {
  /** Deleted, as the operator sees it; really a moment later, so that it can be undone. */
  readonly leaving: ReadonlySet<RunId>;
  readonly filter: ArchiveFilter;
  /** Whether the operator is asked for a file to import. */
  readonly importing: boolean;
  /** What takes long at the moment. */
  readonly busy: string | null;
}

/** ms in which a deletion can be undone. */
export const undoTime = 6_000;

export function createArchive(stores: Stores) {
  const archivedRuns = stores.get(createArchivedRuns);
  const { forgetArchivedRun, readArchivedRuns } = archivedRuns;
  const session = stores.get(createSession);
  const { notify, currentCore, inform } = session;
  const runSession = stores.get(createRunSession);
  const { showRun } = runSession;

  const archiveStore = createStore<ArchiveState>(() => ({
    ...nothingSelected,
    leaving: new Set(),
    filter: everyRun,
    importing: false,
    busy: null,
  }));

  /** The runs that the operator has chosen in the list, newest first. */
  function chosenRuns(): readonly ArchivedRun[] {
    const archive = archiveStore.getState();
    return chosenOf(archive, shownRuns(archivedRuns.getState().runs ?? [], archive));
  }

  /** Shows the archive with these runs in the list and no others. */
  function showInArchive(filter: Partial<ArchiveFilter>): void {
    archiveStore.setState({ ...nothingSelected, filter: { ...everyRun, ...filter } });
    session.setState({ view: 'archive' });
  }

  /** Opens a run in the Run view: a finished one read-only, one that goes on live. */
  function openRun(run: RunSummary): void {
    showRun(run.run, { live: run.outcome === null });
    session.setState({ view: 'run' });
  }

  function leave(runs: readonly RunId[], leaving: boolean): void {
    const next = new Set(archiveStore.getState().leaving);
    for (const run of runs) {
      if (leaving) next.add(run);
      else next.delete(run);
    }
    archiveStore.setState({ leaving: next });
  }

  /** Deletes runs, in a moment: until then a notice offers to undo it. A console that is closed meanwhile deletes nothing. */
  function deleteRuns(runs: readonly Pick<ArchivedRun, 'run' | 'decision'>[]): void {
    const ids = runs.map(({ run }) => run);
    if (ids.length === 0) return;
    leave(ids, true);
    const timer = setTimeout(() => void deleteAll(ids), undoTime);
    const undo = () => {
      clearTimeout(timer);
      leave(ids, false);
    };
    // Comparisons lose a run of their baseline.
    const accepted = runs.some(({ decision }) => decision === 'accepted');
    notify(
      { severity: accepted ? 'warning' : 'information', code: 'run-deleted', message: deletedSentence(runs) },
      { lifetime: undoTime, action: { title: 'Undo', perform: undo } },
    );
  }

  /** What is loaded of a run that is replayed stays, until the operator leaves it. */
  function tellShownDeleted(run: RunId): void {
    notify({
      severity: 'warning',
      code: 'shown-run-deleted',
      message: `The run ${run}, which is shown, was deleted.`,
      tip: 'What was read of it stays until you return to live.',
    });
  }

  /** One after the other: a thousand at once would be refused. */
  async function deleteAll(runs: readonly RunId[]): Promise<void> {
    for (const run of runs) await deleteNow(run);
  }

  async function deleteNow(run: RunId): Promise<void> {
    try {
      await currentCore()?.request('runs.delete', { run });
      if (runSession.getState().run === run) tellShownDeleted(run);
      forgetArchivedRun(run);
    } catch (failure) {
      notify(problemOf(failure));
    }
    leave([run], false);
  }

  /** Shows what takes long; its failure is told as a notice. */
  async function busily(what: string, work: () => Promise<void>): Promise<void> {
    archiveStore.setState({ busy: what });
    try {
      await work();
    } catch (failure) {
      notify(problemOf(failure));
    } finally {
      archiveStore.setState({ busy: null });
    }
  }

  /** Makes the list anew from the run folders. */
  function rebuildList(): Promise<void> {
    return busily('Reading all run folders', async () => {
      const rebuilt = await currentCore()?.request('runs.rebuild', {});
      if (rebuilt) inform(`${counted(rebuilt.runs, 'run')} in the archive, ${rebuilt.damaged} of them damaged.`);
      await readArchivedRuns();
    });
  }

  /** Executes the undo commands that an interrupted run still owes, in the chosen environment. */
  function recoverRun(run: RunId): Promise<void> {
    return busily(`Undoing what ${run} left behind`, async () => {
      const { environmentFile } = session.getState();
      if (environmentFile === null) {
        return void notify({ severity: 'warning', code: 'no-environment', message: 'Choose the environment of this run first.' });
      }
      const recovered = await currentCore()?.request('run.recover', { run, environmentFile });
      if (!recovered) return;
      const failed = recovered.failed.length > 0 ? `, failed: ${recovered.failed.join('; ')}` : '';
      notify({
        severity: recovered.failed.length > 0 ? 'error' : 'information',
        code: 'run-recovered',
        message: `Undone: ${recovered.executed.join('; ') || 'nothing'}${failed}.`,
      });
      await readArchivedRuns();
    });
  }

  return { ...archiveStore, chosenRuns, showInArchive, openRun, deleteRuns, rebuildList, recoverRun };
}

export const useArchive = storeHook(createArchive);

/** The runs that are shown, newest first: those that are not being deleted, filtered. */
export function shownRuns(
  runs: readonly ArchivedRun[],
  { leaving, filter }: Pick<ArchiveState, 'leaving' | 'filter'>,
): readonly ArchivedRun[] {
  return filterRuns(
    runs.filter((run) => !leaving.has(run.run)),
    filter,
  );
}
