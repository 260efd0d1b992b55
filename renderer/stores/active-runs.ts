/** Runs that go on in the core, whoever started them: those that this console does not show are offered to be joined. */
import { createStore } from 'zustand/vanilla';
import type { MethodResponse } from '#shared/contract/contract.ts';
import { createRunSession } from './run-session.ts';
import { createSession } from './session.ts';
import { storeHook } from './context.ts';
import type { Stores } from './stores.ts';

export type ActiveRun = MethodResponse<'runs.active'>['runs'][number];

export function createActiveRuns(stores: Stores) {
  const session = stores.get(createSession);
  const { notifyUnlessLost } = session;
  const { showRun } = stores.get(createRunSession);

  const activeRuns = createStore<{ readonly runs: readonly ActiveRun[] }>(() => ({ runs: [] }));

  let listening: { close(): void } | undefined;
  let generation: number | null = null;

  function follow(): void {
    const { connection } = session.getState();
    const now = connection.kind === 'connected' ? connection.generation : null;
    if (now === generation) return;
    generation = now;
    listening?.close();
    listening = undefined;
    activeRuns.setState({ runs: [] });
    if (connection.kind !== 'connected') return;
    const { core } = connection;
    const stream = core.listen('runs.changes', {}, async () => {
      const { runs } = await core.request('runs.active', {});
      if (listening === stream) activeRuns.setState({ runs });
    });
    listening = stream;
    stream.ended.catch((failure: unknown) => {
      if (listening === stream) notifyUnlessLost(failure);
    });
  }

  /** Keeps the list current; returns the end of that. */
  function followActiveRuns(): () => void {
    const stop = session.subscribe(follow);
    follow();
    return stop;
  }

  function joinRun({ run, scenarioFile }: ActiveRun): void {
    session.setState({ view: 'run' });
    showRun(run, { scenarioFile });
  }

  return { ...activeRuns, followActiveRuns, joinRun };
}

export const useActiveRuns = storeHook(createActiveRuns);
