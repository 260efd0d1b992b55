/** The undo commands that `defer` promised: run at the end, the last promised first, each exactly once. */
import type { CommandOutcome } from '#shared/protocol/observations.ts';
import type { StepReference } from './machine-contract.ts';
import { proceedOrFinish } from './machine-ending.ts';
import { structureOf } from './machine-position.ts';
import { awaitAnswer, newReference, type DeferredCommand, type Transition } from './machine-state.ts';
import { closeStep, giveUpStep, openStep } from './machine-steps.ts';

/** Starts the next deferred command. */
export function startDeferred(transition: Transition): void {
  const { state, effects } = transition;
  const command = state.deferred.at(-1);
  if (!command) {
    proceedOrFinish(transition);
    return;
  }
  state.deferred = state.deferred.slice(0, -1);
  openStep(transition, stepOf(transition, command));
  const reference = newReference(transition);
  effects.push({ kind: 'execute', reference, words: command.words, deferred: true });
  awaitAnswer(transition, { kind: 'command', reference });
}

/** The running deferred command has ended; `failure` says why it did not succeed. */
export function finishDeferred(
  transition: Transition,
  outcome: CommandOutcome | null,
  failure: { readonly state: 'failed' | 'error' | 'timed out'; readonly message: string } | null,
): void {
  const { state } = transition;
  const text = state.active?.step.text ?? '';
  const result = outcome?.result ?? null;
  if (failure) {
    state.deferredTrouble ??= `The undo '${text}' did not succeed: ${failure.message}`;
    closeStep(transition, failure.state, { message: failure.message, result });
  } else {
    closeStep(transition, 'passed', { result });
  }
  proceedOrFinish(transition);
}

/** Gives up the running deferred command; the others still run. */
export function skipDeferred(transition: Transition): void {
  transition.state.deferredSkipped = true;
  giveUpStep(transition, 'Skipped by the operator.');
  proceedOrFinish(transition);
}

/** Leaves out every deferred command that has not started. */
export function skipRemainingDeferred(transition: Transition): void {
  const { state, effects } = transition;
  if (state.deferred.length === 0) return;
  for (const command of state.deferred.toReversed()) {
    state.executions += 1;
    const step = { execution: state.executions, ...stepOf(transition, command) };
    effects.push({ kind: 'step-started', step });
    effects.push({
      kind: 'step-finished',
      step,
      state: 'skipped',
      message: 'Left out: the operator stopped the run a second time.',
      result: null,
    });
  }
  state.deferred = [];
  state.deferredSkipped = true;
  if (!state.active) proceedOrFinish(transition);
}

function stepOf({ program }: Transition, { identifier, scenario, line, text }: DeferredCommand): Omit<StepReference, 'execution'> {
  const structure = structureOf(program, scenario);
  // Undo commands of an interrupted run are carried out even where its scenario is no longer there.
  const number = structure?.statements[structure.indexOfLine.get(line) ?? -1]?.number ?? line;
  return { scenario, line, number, text, depth: 0, phase: 'deferred', deferred: identifier };
}
