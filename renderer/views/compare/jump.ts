/** From a comparison into a run: opens it at a step, or at a line of its log, as it was at that moment. */
import type { RunId } from '#shared/identifiers.ts';
import { problemOf } from '#shared/problem.ts';
import { createReplay } from '../../stores/replay/replay.ts';
import { createRunSession } from '../../stores/run-session.ts';
import { createSession } from '../../stores/session.ts';
import { stepFinder, type Finder } from './finders.ts';
import type { Stores } from '../../stores/stores.ts';

/** Reads a run until the finder is content; null: what it looks for is not there. Ends with `signal`. */
export function findRecord(stores: Stores, run: RunId, find: Finder, signal?: AbortSignal): Promise<number | null> {
  const core = stores.get(createSession).currentCore();
  if (!core) return Promise.resolve(null);
  return new Promise((resolve, reject) => {
    const stream = core.listen('run.records', { run, from: 1 }, (records) => {
      const sequence = find(records);
      if (sequence === null) return;
      resolve(sequence);
      stream.close();
    });
    signal?.addEventListener('abort', () => stream.close());
    stream.ended.then(() => resolve(null), reject);
  });
}

/** Opens a run as it was right after a record; null: at its end. */
export function openAt(stores: Stores, run: RunId, sequence: number | null): void {
  const runSession = stores.get(createRunSession);
  const { showRun, shownTimeline, shownRecords } = runSession;
  const { seekTo } = stores.get(createReplay);
  const { run: shown, archived } = runSession.getState();
  if (shown !== run || !archived) showRun(run, { live: false });
  stores.get(createSession).setState({ view: 'run' });
  if (sequence === null) return;
  const isRead = () => (shownTimeline()?.length ?? 0) >= sequence;
  if (isRead()) return seekTo(sequence);
  const unsubscribe = shownRecords.subscribe((records) => {
    // Another run was opened meanwhile.
    if (records === null || runSession.getState().run !== run) return unsubscribe();
    if (!isRead()) return;
    unsubscribe();
    // When everyone has taken the records in.
    queueMicrotask(() => seekTo(sequence));
  });
}

/** Opens a run at the step of this key; at its end where it has none, or where no step is meant. */
export async function openAtStep(stores: Stores, run: RunId, step: string | null): Promise<void> {
  const { inform, notify } = stores.get(createSession);
  try {
    const sequence = step === null ? null : await findRecord(stores, run, stepFinder(step));
    if (step !== null && sequence === null) inform('This run has no such step, so its end is shown.');
    openAt(stores, run, sequence);
  } catch (failure) {
    notify(problemOf(failure));
  }
}
