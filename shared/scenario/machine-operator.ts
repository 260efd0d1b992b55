/** What the operator may do to a run: pause, go on, step, retry, skip, go elsewhere, set a variable, stop. */
import { setBreakpoints } from './machine-breakpoints.ts';
import type { OperatorInput } from './machine-contract.ts';
import { skipDeferred, skipRemainingDeferred } from './machine-deferred.ts';
import { endStatements } from './machine-ending.ts';
import { takeHandler } from './machine-handlers.ts';
import { jump, leaveStatement, returnFromEnded, statementInControl, structureOf } from './machine-position.ts';
import { assignVariable, currentFrame, type StepMode, type Transition } from './machine-state.ts';
import { closeStep, giveUpStep, openStep, pause, settle, skipRunningStep, stepInControl } from './machine-steps.ts';
import { countSkip, countTrouble } from './machine-verdict.ts';

/** Carries out what the operator wants; what makes no sense at the moment is ignored. */
export function takeOperatorInput(transition: Transition, input: OperatorInput): void {
  const { state } = transition;
  switch (input.kind) {
    case 'set-variable':
      assignVariable(transition, input.name, input.value);
      return;
    case 'set-breakpoints':
      setBreakpoints(transition, input.breakpoints);
      return;
    case 'stop':
      stop(transition);
      return;
    case 'pause':
      requestPause(transition);
      return;
    case 'skip':
      skip(transition);
      return;
    case 'continue':
      // While a step runs: withdraws the pause that was to follow it.
      if (state.status === 'paused') resume(transition, null);
      else [state.pauseRequested, state.stepMode] = [false, null];
      return;
    case 'step':
      if (state.status === 'paused') resume(transition, { kind: 'step' });
      return;
    case 'step-over':
      if (state.status === 'paused') resume(transition, 'over');
      return;
    case 'step-out':
      if (state.status === 'paused') resume(transition, 'out');
      return;
    case 'retry':
      retry(transition);
      return;
    case 'goto':
      moveTo(transition, input.line);
  }
}

function stop(transition: Transition): void {
  const { state } = transition;
  state.stops += 1;
  if (state.phase === 'deferred') {
    if (state.stops > 1) skipRemainingDeferred(transition);
    return;
  }
  giveUpStep(transition, 'Given up: the operator stopped the run.');
  endStatements(transition, { kind: 'stopped' });
}

function requestPause(transition: Transition): void {
  const { state } = transition;
  if (state.phase === 'deferred' || state.status === 'paused') return;
  if (state.phase === 'main' && state.status === 'ready') pause(transition, 'operator', null);
  else state.pauseRequested = true;
}

/** Goes on. A failed step at the position is left as it is; a handler that fired during the pause is taken now. */
function resume(transition: Transition, mode: StepMode | 'over' | 'out' | null): void {
  const { state, effects } = transition;
  const failed = state.trouble;
  if (failed) {
    state.tally = countTrouble(state.tally, failed);
    state.trouble = null;
    leaveStatement(transition);
    returnFromEnded(transition);
  }
  state.breakpointHeeded = failed === null;
  state.status = 'ready';
  effects.push({ kind: 'resumed' });
  takePendingHandler(transition);
  state.stepMode = typeof mode === 'string' ? { kind: mode, depth: state.frames.length } : mode;
}

function takePendingHandler(transition: Transition): void {
  const { state } = transition;
  const { pendingHandler } = state;
  if (!pendingHandler) return;
  state.pendingHandler = null;
  state.breakpointHeeded = false;
  takeHandler(transition, pendingHandler);
}

/** Executes the failed step again; whether it passes now is what counts. */
function retry(transition: Transition): void {
  const { state, effects } = transition;
  if (state.status !== 'paused' || !state.trouble) return;
  if (state.pendingHandler) {
    resume(transition, null);
    return;
  }
  state.trouble = null;
  state.breakpointHeeded = true;
  // It is the same time that control came here.
  state.breakpointDecided = true;
  state.status = 'ready';
  effects.push({ kind: 'resumed' });
}

function skip(transition: Transition): void {
  const { state } = transition;
  if (state.active && state.phase === 'deferred') {
    skipDeferred(transition);
  } else if (state.active) {
    skipRunningStep(transition);
    leaveStatement(transition);
    settle(transition);
  } else if (state.status === 'paused') {
    skipAtPosition(transition);
  }
}

/** Leaves the statement at the position out and stays paused. A failed step that is left out no longer counts, unless it is a check. */
function skipAtPosition(transition: Transition): void {
  const { state } = transition;
  const frame = currentFrame(state);
  const skipped = statementInControl(transition);
  if (!frame || !skipped) return;
  state.tally = countSkip(state.tally, state.trouble);
  if (state.trouble) {
    state.trouble = null;
  } else {
    openStep(transition, stepInControl(transition));
    closeStep(transition, 'skipped', { message: 'Skipped by the operator.' });
  }
  // The whole loop is left out with its `repeat`.
  const end = structureOf(transition.program, frame.scenario)?.endOfRepeat.get(skipped.index);
  jump(transition, (end ?? skipped.index) + 1);
  returnFromEnded(transition);
  pause(transition, 'step', null);
}

/** Moves to the first statement at or after a line of the scenario in control. */
function moveTo(transition: Transition, line: number): void {
  const { state, program } = transition;
  const frame = currentFrame(state);
  if (state.status !== 'paused' || !frame) return;
  const target = structureOf(program, frame.scenario)?.statements.find((statement) => statement.line >= line);
  if (!target) return;
  jump(transition, target.index);
  if (!state.trouble) return;
  // Going to the failed step itself is a retry; going elsewhere leaves it failed.
  if (currentFrame(state)?.position !== frame.position) state.tally = countTrouble(state.tally, state.trouble);
  state.trouble = null;
  pause(transition, 'operator', null);
}
