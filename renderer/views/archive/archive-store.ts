/** The runs of the archive, kept current while they are looked at, and what can be done with them. */
import { create } from 'zustand';
import type { MethodResponse } from '#shared/contract/contract.ts';
import type { RunId } from '#shared/identifiers.ts';
import { problemOf } from '#shared/problem.ts';
import type { RunSummary } from '#shared/run/manifest.ts';
import { closeRun, showRun, useRunSession } from '../../stores/run-session.ts';
import { currentCore, inform, notify, useSession } from '../../stores/session.ts';
import type { ArchiveFilter, ArchiveSort } from './archive-rows.ts';

export type InterruptedRun = MethodResponse<'runs.interrupted'>['runs'][number];

export interface ArchiveState {
  /** Null until they were read for the first time. */
  readonly runs: readonly RunSummary[] | null;
  readonly interrupted: readonly InterruptedRun[];
  /** Deleted, as the operator sees it; really a moment later, so that it can be undone. */
  readonly leaving: ReadonlySet<RunId>;
  readonly filter: ArchiveFilter;
  readonly sort: ArchiveSort;
  readonly selected: RunId | null;
  /** Whether the operator is asked for a file to import. */
  readonly importing: boolean;
  /** What takes long at the moment. */
  readonly busy: string | null;
}

/** ms in which a deletion can be undone. */
export const undoTime = 6_000;

export const useArchive = create<ArchiveState>(() => ({
  runs: null,
  interrupted: [],
  leaving: new Set(),
  filter: { text: '', verdict: null, release: null },
  sort: { column: 'started', descending: true },
  selected: null,
  importing: false,
  busy: null,
}));

async function read(): Promise<void> {
  const core = currentCore();
  if (!core) return;
  const [{ runs }, { runs: interrupted }] = await Promise.all([core.request('runs.list', {}), core.request('runs.interrupted', {})]);
  useArchive.setState({ runs, interrupted });
}

/** Keeps the list current until the returned function is called. Changes that come while it is read are read in one go. */
export function followArchive(): () => void {
  const core = currentCore();
  if (!core) return () => {};
  const ended = new AbortController();
  let again = false;
  let reading = false;
  const refresh = async (): Promise<void> => {
    again = true;
    if (reading) return;
    reading = true;
    while (again && !ended.signal.aborted) {
      again = false;
      await read().catch((failure: unknown) => notify(problemOf(failure)));
    }
    reading = false;
  };
  void refresh();
  const stream = core.listen('runs.changes', {}, () => void refresh());
  stream.ended.catch((failure: unknown) => notify(problemOf(failure)));
  return () => {
    ended.abort();
    stream.close();
  };
}

/** Opens a run in the Run view: a finished one read-only, one that goes on live. */
export function openRun(run: RunSummary): void {
  showRun(run.run, { live: run.outcome === null });
  useSession.setState({ view: 'run' });
}

function leave(run: RunId, leaving: boolean): void {
  const next = new Set(useArchive.getState().leaving);
  if (leaving) next.add(run);
  else next.delete(run);
  useArchive.setState({ leaving: next });
}

/** Deletes a run, in a moment: until then a notice offers to undo it. A console that is closed meanwhile deletes nothing. */
export function deleteRun(run: RunId): void {
  leave(run, true);
  const timer = setTimeout(() => void deleteNow(run), undoTime);
  const undo = () => {
    clearTimeout(timer);
    leave(run, false);
  };
  notify(
    { severity: 'information', code: 'run-deleted', message: `Run ${run} is deleted.` },
    { lifetime: undoTime, action: { title: 'Undo', perform: undo } },
  );
}

async function deleteNow(run: RunId): Promise<void> {
  try {
    await currentCore()?.request('runs.delete', { run });
    if (useRunSession.getState().run === run) closeRun();
    useArchive.setState((state) => ({ runs: state.runs?.filter((each) => each.run !== run) ?? null }));
  } catch (failure) {
    notify(problemOf(failure));
  }
  leave(run, false);
}

/** Shows what takes long; its failure is told as a notice. */
async function busily(what: string, work: () => Promise<void>): Promise<void> {
  useArchive.setState({ busy: what });
  try {
    await work();
  } catch (failure) {
    notify(problemOf(failure));
  } finally {
    useArchive.setState({ busy: null });
  }
}

/** Makes the list anew from the run folders. */
export function rebuildList(): Promise<void> {
  return busily('Reading all run folders', async () => {
    const rebuilt = await currentCore()?.request('runs.rebuild', {});
    if (rebuilt) inform(`${rebuilt.runs} runs in the archive, ${rebuilt.damaged} of them damaged.`);
    await read();
  });
}

/** Executes the undo commands that an interrupted run still owes, in the chosen environment. */
export function recoverRun(run: RunId): Promise<void> {
  return busily(`Undoing what ${run} left behind`, async () => {
    const { environmentFile } = useSession.getState();
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
    await read();
  });
}
