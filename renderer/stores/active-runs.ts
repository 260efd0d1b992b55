/** Runs that go on in the core, whoever started them: those that this console does not show are offered to be joined. */
import { create } from 'zustand';
import type { MethodResponse } from '#shared/contract/contract.ts';
import { showRun } from './run-session.ts';
import { useSession, notifyUnlessLost } from './session.ts';

export type ActiveRun = MethodResponse<'runs.active'>['runs'][number];

export const useActiveRuns = create<{ readonly runs: readonly ActiveRun[] }>(() => ({ runs: [] }));

let listening: { close(): void } | undefined;
let generation: number | null = null;

function follow(): void {
  const { connection } = useSession.getState();
  const now = connection.kind === 'connected' ? connection.generation : null;
  if (now === generation) return;
  generation = now;
  listening?.close();
  listening = undefined;
  useActiveRuns.setState({ runs: [] });
  if (connection.kind !== 'connected') return;
  const { core } = connection;
  const stream = core.listen('runs.changes', {}, async () => {
    const { runs } = await core.request('runs.active', {});
    if (listening === stream) useActiveRuns.setState({ runs });
  });
  listening = stream;
  stream.ended.catch((failure: unknown) => {
    if (listening === stream) notifyUnlessLost(failure);
  });
}

/** Keeps the list current; returns the end of that. */
export function followActiveRuns(): () => void {
  const stop = useSession.subscribe(follow);
  follow();
  return stop;
}

export function joinRun({ run, scenarioFile }: ActiveRun): void {
  useSession.setState({ view: 'run' });
  showRun(run, { scenarioFile });
}
