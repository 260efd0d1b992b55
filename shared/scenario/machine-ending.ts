/** The end of a run: from the statements to the deferred commands, and from those to the verdict. */
import { releaseHandlers, stopTimer } from './machine-release.ts';
import type { Ending, Transition } from './machine-state.ts';
import { handlerProblem } from './machine-text.ts';
import { countTrouble, decideVerdict } from './machine-verdict.ts';

/**
 * Ends the statements; the deferred commands follow, one for each `proceed`. The running step, if there was one, has
 * been finished or given up before.
 */
export function endStatements(transition: Transition, ending: Ending): void {
  const { state, effects } = transition;
  if (state.trouble) state.tally = countTrouble(state.tally, state.trouble);
  state.trouble = null;
  // No step came any more that could have ended in error for it.
  const undecided = state.handlers.find(({ problem }) => problem !== null);
  if (undecided) state.tally = countTrouble(state.tally, { state: 'error', check: false, message: handlerProblem(undecided) });
  releaseHandlers(transition, () => true);
  stopTimer(transition, state.overallTimer);
  state.overallTimer = null;
  state.pendingHandler = null;
  state.pauseRequested = false;
  state.stepMode = null;
  if (state.status === 'paused') effects.push({ kind: 'resumed' });
  state.frames = [];
  state.ending = ending;
  state.phase = 'deferred';
  proceedOrFinish(transition);
}

/** Makes the machine ready for the next deferred command, or decides the verdict after the last. */
export function proceedOrFinish(transition: Transition): void {
  const { state, effects } = transition;
  if (state.deferred.length > 0) {
    state.status = 'ready';
    return;
  }
  state.phase = 'finished';
  state.status = 'finished';
  effects.push({ kind: 'finished', ...decideVerdict(state) });
}
