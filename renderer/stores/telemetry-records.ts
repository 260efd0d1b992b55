/**
 * The records of the shown run for views that are loaded later than the window: what came before they listened is asked
 * for once more, so that every listener gets every record once, in order.
 */
import type { RunRecord } from '#shared/run/records.ts';
import { createRunSession } from './run-session.ts';
import { createSession } from './session.ts';
import type { Stores } from './stores.ts';

type Listener = (records: readonly RunRecord[] | null) => void;

/** Follows the shown run from its first record on; `null`: another run is shown, everything before is void. Returns the end of it. */
export function followShownRecords(stores: Stores, listener: Listener): () => void {
  const runSession = stores.get(createRunSession);
  const { shownRecords } = runSession;
  let given = 0;
  /** Live records that wait for those before them; null when nothing is missing. */
  let waiting: RunRecord[] | null = null;
  let catchUp: { close(): void } | undefined;

  const give = (records: readonly RunRecord[]): void => {
    const fresh = records.filter(({ sequence }) => sequence > given);
    given = fresh.at(-1)?.sequence ?? given;
    if (fresh.length > 0) listener(fresh);
  };
  const caughtUp = (): void => {
    catchUp?.close();
    const rest = waiting ?? [];
    waiting = null;
    give(rest);
  };
  const unsubscribe = shownRecords.subscribe((records) => {
    if (records === null) {
      catchUp?.close();
      waiting = null;
      given = 0;
      listener(null);
    } else if (waiting) waiting.push(...records);
    else give(records);
  });

  const { run, state } = runSession.getState();
  const core = stores.get(createSession).currentCore();
  if (core && run !== null && state.sequence > 0) {
    const until = state.sequence;
    waiting = [];
    const stream = core.listen('run.records', { run, from: 1 }, (records) => {
      give(records);
      if (given >= until) caughtUp();
    });
    catchUp = stream;
    stream.ended.then(caughtUp, caughtUp);
  }
  return () => {
    unsubscribe();
    catchUp?.close();
  };
}
