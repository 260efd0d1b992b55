/** Who watches the shown run, and who of them has control: several consoles may be on one run, one acts upon it. */
import { createStore } from 'zustand/vanilla';
import type { StreamItem } from '#shared/contract/contract.ts';
import { problemOf } from '#shared/problem.ts';
import { createRunSession } from './run-session.ts';
import { createSession } from './session.ts';
import { storeHook } from './context.ts';
import type { Stores } from './stores.ts';

export type WatchingConsole = StreamItem<'run.consoles'>['consoles'][number];

export interface RunConsolesState {
  /** In the order in which they came; empty while no live run is shown. */
  readonly consoles: readonly WatchingConsole[];
  /** Id of this console. */
  readonly own: string | null;
}

const nobody: RunConsolesState = { consoles: [], own: null };

export function createRunConsoles(stores: Stores) {
  const session = stores.get(createSession);
  const { currentCore, notify, notifyUnlessLost } = session;
  const runSession = stores.get(createRunSession);

  const runConsoles = createStore<RunConsolesState>(() => nobody);

  /** Takes control of the shown run, or hands it to another console. */
  async function moveControl(console: string | null): Promise<void> {
    const core = currentCore();
    const { run } = runSession.getState();
    if (!core || run === null) return;
    try {
      await core.request('run.control', { run, console });
    } catch (failure) {
      notify(problemOf(failure));
    }
  }

  let listening: { close(): void } | undefined;
  let listeningTo = '';

  /** Listens for the shown run, as long as it is live and there is a connection. */
  function follow(): void {
    const { run, live } = runSession.getState();
    const { connection } = session.getState();
    const wanted = run !== null && live && connection.kind === 'connected' ? `${run} ${connection.generation}` : '';
    if (wanted === listeningTo) return;
    listeningTo = wanted;
    listening?.close();
    listening = undefined;
    runConsoles.setState(nobody);
    if (run === null || wanted === '' || connection.kind !== 'connected') return;
    const stream = connection.core.listen('run.consoles', { run }, (item) => {
      if (listening === stream) runConsoles.setState(item);
    });
    listening = stream;
    stream.ended.catch((failure: unknown) => {
      if (listening === stream) notifyUnlessLost(failure);
    });
  }

  /** Keeps the list current; returns the end of that. */
  function followConsoles(): () => void {
    const stops = [runSession.subscribe(follow), session.subscribe(follow)];
    follow();
    return () => {
      for (const stop of stops) stop();
    };
  }

  return { ...runConsoles, moveControl, followConsoles };
}

export const useRunConsoles = storeHook(createRunConsoles);

/** The console in control, or null where nobody is known to have it. */
export function holderOf({ consoles }: RunConsolesState): WatchingConsole | null {
  return consoles.find(({ control }) => control) ?? null;
}

/** Whether this console may act: it has control, or nobody is known to have it. */
export function hasControl(state: RunConsolesState): boolean {
  const holder = holderOf(state);
  return holder === null || holder.console === state.own;
}
