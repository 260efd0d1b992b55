/** Who watches the shown run, and who of them has control: several consoles may be on one run, one acts upon it. */
import { create } from 'zustand';
import type { StreamItem } from '#shared/contract/contract.ts';
import { problemOf } from '#shared/problem.ts';
import { useRunSession } from './run-session.ts';
import { currentCore, notify, notifyUnlessLost, useSession } from './session.ts';

export type WatchingConsole = StreamItem<'run.consoles'>['consoles'][number];

export interface RunConsolesState {
  /** In the order in which they came; empty while no live run is shown. */
  readonly consoles: readonly WatchingConsole[];
  /** Id of this console. */
  readonly own: string | null;
}

const nobody: RunConsolesState = { consoles: [], own: null };

export const useRunConsoles = create<RunConsolesState>(() => nobody);

/** The console in control, or null where nobody is known to have it. */
export function holderOf({ consoles }: RunConsolesState): WatchingConsole | null {
  return consoles.find(({ control }) => control) ?? null;
}

/** Whether this console may act: it has control, or nobody is known to have it. */
export function hasControl(state: RunConsolesState): boolean {
  const holder = holderOf(state);
  return holder === null || holder.console === state.own;
}

/** Takes control of the shown run, or hands it to another console. */
export async function moveControl(console: string | null): Promise<void> {
  const core = currentCore();
  const { run } = useRunSession.getState();
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
  const { run, live } = useRunSession.getState();
  const { connection } = useSession.getState();
  const wanted = run !== null && live && connection.kind === 'connected' ? `${run} ${connection.generation}` : '';
  if (wanted === listeningTo) return;
  listeningTo = wanted;
  listening?.close();
  listening = undefined;
  useRunConsoles.setState(nobody);
  if (run === null || wanted === '' || connection.kind !== 'connected') return;
  const stream = connection.core.listen('run.consoles', { run }, (item) => {
    if (listening === stream) useRunConsoles.setState(item);
  });
  listening = stream;
  stream.ended.catch((failure: unknown) => {
    if (listening === stream) notifyUnlessLost(failure);
  });
}

/** Keeps the list current; returns the end of that. */
export function followConsoles(): () => void {
  const stops = [useRunSession.subscribe(follow), useSession.subscribe(follow)];
  follow();
  return () => {
    for (const stop of stops) stop();
  };
}
