/** A run that is started and followed to its end, for whoever wants nothing but how it ended. */
import type { Core, MethodRequest } from '#shared/contract/contract.ts';
import type { RunId } from '#shared/identifiers.ts';
import { ProblemError } from '#shared/problem.ts';
import type { RunOutcome } from '#shared/scenario/machine-words.ts';
import { secondsText } from '#shared/wording/durations.ts';

export interface FollowedRun {
  readonly run: RunId;
  readonly outcome: RunOutcome;
  readonly reason: string | null;
  /** ms */
  readonly duration: number;
}

/** Stops the run when `signal` aborts or `patience` ms are over. Rejects when it could not be started, or its end is not known. */
export async function followRun(
  core: Core,
  request: MethodRequest<'run.start'>,
  patience: number,
  signal: AbortSignal,
): Promise<FollowedRun> {
  const { run } = await core.request('run.start', request);
  const ends: Omit<FollowedRun, 'run'>[] = [];
  let began = 0;
  const timeUp = new AbortController();
  const listening = core.listen('run.records', { run, from: 1 }, (records) => {
    for (const record of records) {
      if (record.kind === 'run-started') began = record.time;
      if (record.kind === 'run-finished')
        ends.push({ outcome: record.outcome, reason: record.reason, duration: Math.max(0, record.time - began) });
    }
  });
  const stop = (): void => void core.request('run.act', { run, action: { kind: 'stop' } }).catch(() => undefined);
  const timer = setTimeout(() => {
    timeUp.abort();
    stop();
  }, patience);
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  try {
    await listening.ended;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  }
  const [ended] = ends;
  if (!ended) throw new ProblemError({ code: 'run-end-unknown', message: `How the run ${run} ended is not known.` });
  return { ...ended, run, ...(timeUp.signal.aborted && { reason: `It took longer than ${secondsText(patience)}.` }) };
}
