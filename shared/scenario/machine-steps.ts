/** The life of a step: opened, then passed, failed or given up; and what the failure policy makes of a failed one. */
import type { StepReference } from './machine-contract.ts';
import type { StepState, PauseReason } from './machine-words.ts';
import { endStatements } from './machine-ending.ts';
import { leaveStatement, returnFromEnded, statementAt, statementInControl } from './machine-position.ts';
import { releaseAwaiting } from './machine-release.ts';
import { currentFrame, loseVariable, type Transition, type Trouble } from './machine-state.ts';
import { failedResult, shortened, statementText } from './machine-text.ts';
import { countSkip, countTrouble } from './machine-verdict.ts';

/** Opens the step of a statement. */
export function openStep(transition: Transition, step: Omit<StepReference, 'execution'>): void {
  const { state, effects } = transition;
  state.executions += 1;
  const reference: StepReference = { execution: state.executions, ...step };
  state.active = { step: reference, part: 'whole', awaiting: null };
  state.status = 'busy';
  state.breakpointHeeded = false;
  state.breakpointDecided = false;
  effects.push({ kind: 'step-started', step: reference });
}

/** The step of the statement at the position. */
export function stepInControl(transition: Transition): Omit<StepReference, 'execution'> {
  const { frames } = transition.state;
  const scenario = currentFrame(transition.state)?.scenario ?? '';
  const found = statementInControl(transition);
  const text = found ? statementText(found.statement) : '';
  return { scenario, line: found?.line ?? 0, number: found?.number ?? 0, text, depth: Math.max(0, frames.length - 1), phase: 'main' };
}

const maximumMessageLength = 4_000;

export interface StepReport {
  readonly message?: string | null;
  readonly result?: string | null;
}

/** Ends the running step as passed; then control moves on, by default to the next statement. */
export function passStep(transition: Transition, report: StepReport = {}, moveOn: (transition: Transition) => void = leaveStatement): void {
  closeStep(transition, 'passed', report);
  moveOn(transition);
  settle(transition);
}

/** Ends the running step as not passed; the failure policy decides what follows. */
export function failStep(
  transition: Transition,
  trouble: Omit<Trouble, 'check'> & { readonly check?: boolean },
  result: string | null = null,
): void {
  const { state } = transition;
  const failed: Trouble = { check: false, ...trouble };
  const step = state.active?.step;
  closeStep(transition, failed.state, { message: failed.message, result });
  const told: Trouble = step ? { ...failed, message: sentenceOf(step, failed.message) } : failed;
  switch (state.failurePolicy) {
    case 'pause':
      state.trouble = told;
      pause(transition, 'failure', failed.message);
      return;
    case 'abort':
      state.tally = countTrouble(state.tally, told);
      endStatements(transition, failed.state === 'error' ? { kind: 'error', message: told.message } : { kind: 'aborted' });
      return;
    case 'continue':
      state.tally = countTrouble(state.tally, told);
      leaveStatement(transition);
      settle(transition);
  }
}

/** The outcome is read without the step beside it, so its sentence names the step. */
function sentenceOf(step: StepReference, message: string): string {
  return `Step ${step.number} of ${step.scenario} (${shortened(step.text, 200)}): ${shortened(message, 1_000)}`;
}

/** The operator gives the running step up: a check that was waiting to be met was not. */
export function skipRunningStep(transition: Transition): void {
  const { state } = transition;
  const { active } = state;
  if (!active) return;
  // Where nothing can be known, nothing is found out either: a dry run leaves such a check out.
  const canBeMet = state.unknownText === null;
  const waited = canBeMet && active.awaiting?.kind === 'condition' && active.awaiting.form === 'expect';
  const message = sentenceOf(active.step, 'It was given up before it was met.');
  state.tally = countSkip(state.tally, waited ? { state: 'failed', check: true, message } : null);
  giveUpStep(transition, 'Skipped by the operator.');
}

/** Ends the running step as skipped, and everything it had asked for. Control stays where it is. */
export function giveUpStep(transition: Transition, message: string): void {
  const { active } = transition.state;
  transition.state.breakpointReading = null;
  if (!active) return;
  releaseAwaiting(transition, active.awaiting);
  closeStep(transition, 'skipped', { message });
}

/** Closes the running step and says so. */
export function closeStep(
  transition: Transition,
  state: 'passed' | 'failed' | 'error' | 'timed out' | 'skipped',
  report: StepReport,
): void {
  const { active } = transition.state;
  if (!active) return;
  if (state !== 'passed') loseResult(transition, state, report.message ?? '');
  transition.state.active = null;
  transition.state.status = 'ready';
  const result = report.result ?? null;
  const message = report.message === undefined || report.message === null ? null : shortened(report.message, maximumMessageLength);
  transition.effects.push({ kind: 'step-finished', step: active.step, state, message, result });
}

/** A `set` whose command did not end has no result; what the variable held before would pass for one. */
function loseResult(transition: Transition, state: StepState, message: string): void {
  const { active } = transition.state;
  const statement = active && statementAt(transition.program, active.step.scenario, active.step.line, active.part);
  if (statement?.kind !== 'set-command' || active?.step.phase !== 'main') return;
  // Left out before it began: the operator may have set the variable by hand.
  if (state === 'skipped' && active.awaiting?.kind !== 'command') return;
  loseVariable(transition, statement.name.text, { why: failedResult(active.step, message), exitStatus: false });
}

/** Between two steps: returns from called scenarios that are at their end, then pauses where that was asked for, else waits for `proceed`. */
export function settle(transition: Transition): void {
  const { state } = transition;
  if (state.phase !== 'main') return;
  returnFromEnded(transition);
  const { stepMode } = state;
  const stepped =
    stepMode?.kind === 'step' ||
    (stepMode?.kind === 'over' && state.frames.length <= stepMode.depth) ||
    (stepMode?.kind === 'out' && state.frames.length < stepMode.depth);
  if (state.pauseRequested) pause(transition, 'operator', null);
  else if (stepped) pause(transition, 'step', null);
  else state.status = 'ready';
}

/** Pauses between two steps, or on a failed one. */
export function pause(transition: Transition, reason: PauseReason, message: string | null): void {
  const { state } = transition;
  state.status = 'paused';
  state.pauseRequested = false;
  state.stepMode = null;
  const frame = currentFrame(state);
  const next = statementInControl(transition);
  transition.effects.push({
    kind: 'paused',
    reason,
    message,
    ...(frame && next && { position: { scenario: frame.scenario, line: next.line } }),
  });
}
