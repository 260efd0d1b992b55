/** The runs of the archive as every view sees them: read when first looked at, kept current while somebody looks. */
import { createStore } from 'zustand/vanilla';
import type { MethodResponse } from '#shared/contract/contract.ts';
import type { RunId } from '#shared/identifiers.ts';
import { createSession } from './session.ts';
import { storeHook } from './context.ts';
import type { Stores } from './stores.ts';

/** A run in the list, with the decision on it and how many remarks stand. */
export type ArchivedRun = MethodResponse<'runs.list'>['runs'][number];
export type InterruptedRun = MethodResponse<'runs.interrupted'>['runs'][number];

interface ArchivedRunsState {
  /** Null until they were read for the first time. */
  readonly runs: readonly ArchivedRun[] | null;
  readonly interrupted: readonly InterruptedRun[];
}

export function createArchivedRuns(stores: Stores) {
  const { currentCore, notifyUnlessLost } = stores.get(createSession);

  const archivedRuns = createStore<ArchivedRunsState>(() => ({ runs: null, interrupted: [] }));

  /** Reads the list once. */
  async function readArchivedRuns(): Promise<void> {
    const core = currentCore();
    if (!core) return;
    const [{ runs }, { runs: interrupted }] = await Promise.all([core.request('runs.list', {}), core.request('runs.interrupted', {})]);
    archivedRuns.setState({ runs, interrupted });
  }

  /** Takes a run out of the list that is known to be gone. */
  function forgetArchivedRun(run: RunId): void {
    archivedRuns.setState((state) => ({ runs: state.runs?.filter((each) => each.run !== run) ?? null }));
  }

  function follow(): () => void {
    const core = currentCore();
    if (!core) return () => {};
    const ended = new AbortController();
    let again = false;
    let reading = false;
    // Changes that come while the list is read are read in one go.
    const refresh = async (): Promise<void> => {
      again = true;
      if (reading) return;
      reading = true;
      while (again && !ended.signal.aborted) {
        again = false;
        await readArchivedRuns().catch(notifyUnlessLost);
      }
      reading = false;
    };
    void refresh();
    const stream = core.listen('runs.changes', {}, () => void refresh());
    stream.ended.catch(notifyUnlessLost);
    return () => {
      ended.abort();
      stream.close();
    };
  }

  let followers = 0;
  let unfollow = (): void => {};

  /** Keeps the list current until the returned function is called; however many views look, it is listened to once. */
  function followArchivedRuns(): () => void {
    followers += 1;
    if (followers === 1) unfollow = follow();
    let left = false;
    return () => {
      if (left) return;
      left = true;
      followers -= 1;
      if (followers === 0) unfollow();
    };
  }

  return { ...archivedRuns, readArchivedRuns, forgetArchivedRun, followArchivedRuns };
}

export const useArchivedRuns = storeHook(createArchivedRuns);
