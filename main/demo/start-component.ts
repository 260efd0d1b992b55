/** Starts one component of an environment that was just brought up, when its daemons may not have settled yet. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Core } from '#shared/contract/contract.ts';
import { ProblemError, problemOf } from '#shared/problem.ts';
import { outcomeCodes } from '#shared/protocol/observations.ts';

/** ms between two tries. */
const between = 200;
const runsAlready: ReadonlySet<string | undefined> = new Set([outcomeCodes.alreadyRunning, outcomeCodes.alreadyStarting]);

/**
 * On a machine with too much to do a daemon may not have told what it offers when the connection was made anew; nothing was sent
 * then, so it is asked again. A connection of the demo before this one may also learn in the middle of the start that its
 * daemons are new ones: whether the start was carried out is not known then, and asking again tells.
 */
export async function startComponent(
  core: Core,
  environmentFile: string,
  component: string,
  { patience, signal }: { readonly patience: number; readonly signal: AbortSignal },
): Promise<void> {
  const deadline = performance.now() + patience;
  let uncertain = false;
  for (;;) {
    try {
      const { outcome } = await core.request('command.execute', { environmentFile, words: ['start', component] });
      if (outcome.success || (uncertain && runsAlready.has(outcome.code))) return;
      throw new ProblemError({ code: 'environment-start', message: `${component} did not start: ${outcome.message ?? outcome.status}.` });
    } catch (failure) {
      const { code } = problemOf(failure);
      uncertain ||= code === 'daemon-restarted';
      if ((code !== 'unknown-component' && code !== 'daemon-restarted') || performance.now() > deadline) throw failure;
      await pause(between, undefined, { signal }).catch(() => undefined);
      signal.throwIfAborted();
    }
  }
}
