/**
 * The scenario machine: `advance(program, state, input) -> { state, effects }`. Pure: no clock, no I/O, no randomness;
 * live runs, dry runs, tests and replay use this one. The state is plain JSON at every moment, so a run can be
 * stopped between any two inputs and taken up elsewhere. Every input is answered in every state: one that makes no
 * sense is ignored. One `advance` does a bounded amount of work: it starts at most one statement.
 *
 * What counts as a step: every executed statement, `repeat` and `end` included; only labels are passed silently, and
 * what stands after `then` or `else` belongs to the step of its `if`. A `call` is a step that passes at once; the steps
 * of the called scenario follow, one level deeper, and returning is silent.
 *
 * Each idea has its file: machine-state (the state), machine-position (jumps, loops, calls), machine-steps (life of a
 * step, failure policy), machine-statements, machine-conditions (`wait`, `expect`), machine-handlers (`on`),
 * machine-breakpoints, machine-operator, machine-ending, machine-deferred, machine-verdict (how the outcome is decided).
 */
import type { CommandOutcome } from '#shared/protocol/observations.ts';
import { armBreakpoints, heldAtBreakpoint, heldByReadings } from './machine-breakpoints.ts';
import { startTimer, takeAwaitedEvent, takeWaitTimer, takeWatchedValues, decideWait } from './machine-conditions.ts';
import type { LostReadings, MachineEffect, MachineInput, MachineOptions, ObservedEvent, Readings } from './machine-contract.ts';
import { finishDeferred, startDeferred } from './machine-deferred.ts';
import { endStatements, proceedOrFinish } from './machine-ending.ts';
import { decideHandler, takeHandlerEvent, takeHandlerValues } from './machine-handlers.ts';
import { takeOperatorInput } from './machine-operator.ts';
import { enterScenario, returnFromEnded, statementInControl } from './machine-position.ts';
import { assignVariable, type DeferredCommand, type MachineState, type Transition } from './machine-state.ts';
import { commandFailure, continueWithReadings, finishCommand, startStatement, takeAnswer, takeNoAnswer } from './machine-statements.ts';
import { failStep, giveUpStep, pause, passStep } from './machine-steps.ts';
import { lostAfter, plainReadings } from './machine-values.ts';
import { emptyTally } from './machine-verdict.ts';
import type { Program } from './syntax.ts';

export type { DeferredCommand, MachineState } from './machine-state.ts';
export { eventMatches } from './machine-conditions.ts';

/** A machine that has not begun: feed `begin`, then `proceed` for as long as its status is `ready`. */
export function startMachine(_program: Program, options: MachineOptions): MachineState {
  return {
    version: 1,
    status: 'ready',
    phase: 'new',
    release: options.release,
    uniqueSeed: options.uniqueSeed,
    failurePolicy: options.failurePolicy,
    stepBudget: options.stepBudget,
    breakpoints: armBreakpoints(options.breakpoints),
    variables: options.variables,
    doubts: {},
    lost: {},
    frames: [],
    active: null,
    handlers: [],
    pendingHandler: null,
    deferred: [],
    executions: 0,
    lastCommand: null,
    nextReference: 1,
    nextFrame: 1,
    nextDeferred: 1,
    overallTimer: null,
    pauseRequested: false,
    startPaused: options.startPaused,
    unknownText: options.unknownText ?? null,
    stepMode: null,
    trouble: null,
    breakpointHeeded: false,
    breakpointDecided: false,
    breakpointReading: null,
    tally: emptyTally,
    ending: null,
    deferredTrouble: null,
    deferredSkipped: false,
    stops: 0,
  };
}

/**
 * A machine that only keeps promises: it runs these undo commands, the last first, and finishes. For what an interrupted
 * run still owes. `executionsBefore`: steps that the run had executed, so that execution numbers go on from there.
 */
export function startDeferredOnly(options: MachineOptions, deferred: readonly DeferredCommand[], executionsBefore = 0): MachineState {
  const state = startMachine({ root: '', scenarios: new Map() }, { ...options, startPaused: false });
  return { ...state, deferred, executions: executionsBefore, ending: { kind: 'recovery' } };
}

/** The state after an input, and what the driver must do. Neither throws nor changes the state that it is given. */
export function advance(
  program: Program,
  state: MachineState,
  input: MachineInput,
): { readonly state: MachineState; readonly effects: readonly MachineEffect[] } {
  if (state.status === 'finished') return { state, effects: [] };
  const transition: Transition = { program, state: { ...state }, effects: [] };
  takeInput(transition, input);
  decideAgain(transition);
  holdTimeout(transition, state.status === 'paused');
  return { state: transition.state, effects: transition.effects };
}

function takeInput(transition: Transition, input: MachineInput): void {
  switch (input.kind) {
    case 'begin':
      if (transition.state.phase === 'new') begin(transition);
      return;
    case 'proceed':
      proceed(transition);
      return;
    case 'command-finished':
      takeOutcome(transition, input.reference, input.outcome);
      return;
    case 'command-failed':
      takeRefusal(transition, input.reference, input.message);
      return;
    case 'readings':
      takeReadings(transition, input.reference, input.values, input.lost);
      return;
    case 'event':
      takeEvent(transition, input.reference, input.event);
      return;
    case 'timer':
      takeTimer(transition, input.reference);
      return;
    case 'answer':
    case 'no-answer': {
      const awaiting = transition.state.active?.awaiting;
      if (awaiting?.kind !== 'answer' || awaiting.reference !== input.reference) return;
      if (input.kind === 'answer') takeAnswer(transition, awaiting, input.answer);
      else takeNoAnswer(transition, awaiting, input.message);
      return;
    }
    case 'operator':
      takeOperatorInput(transition, input.input);
  }
}

function begin(transition: Transition): void {
  const { state, program } = transition;
  if (state.ending) {
    state.phase = 'deferred';
    proceedOrFinish(transition);
    return;
  }
  state.phase = 'main';
  const root = program.scenarios.get(program.root);
  if (!root) {
    endStatements(transition, { kind: 'error', message: `There is no scenario '${program.root}'.` });
    return;
  }
  enterScenario(transition, program.root, {});
  for (const { name, default: value } of root.frontMatter?.parameters ?? []) {
    if (Object.hasOwn(state.variables, name)) continue;
    if (value === null) {
      endStatements(transition, { kind: 'error', message: `The scenario '${root.name}' needs a value for '${name}', and none was given.` });
      return;
    }
    assignVariable(transition, name, value);
  }
  const timeout = root.frontMatter?.timeout ?? null;
  if (timeout !== null) state.overallTimer = startTimer(transition, timeout);
  if (state.pauseRequested) pause(transition, 'operator', null);
  else if (state.startPaused) pause(transition, 'step', null);
}

/** Starts the next step, or ends the statements. The first `proceed` also begins. */
function proceed(transition: Transition): void {
  const { state } = transition;
  if (state.status !== 'ready') return;
  if (state.phase === 'new') begin(transition);
  else if (state.phase === 'deferred') startDeferred(transition);
  else proceedInMain(transition);
}

function proceedInMain(transition: Transition): void {
  const { state } = transition;
  returnFromEnded(transition);
  const next = statementInControl(transition);
  if (!next) {
    endStatements(transition, { kind: 'completed' });
  } else if (state.executions >= state.stepBudget) {
    const message = `The run was ended after ${state.stepBudget} steps, its step budget. Does a loop never end?`;
    endStatements(transition, { kind: 'error', message });
  } else if (!heldAtBreakpoint(transition)) {
    startStatement(transition, next.statement);
  }
}

function takeOutcome(transition: Transition, reference: number, outcome: CommandOutcome): void {
  if (!awaitsCommand(transition, reference)) return;
  if (transition.state.phase === 'deferred') finishDeferred(transition, outcome, commandFailure(outcome));
  else finishCommand(transition, outcome);
}

function takeRefusal(transition: Transition, reference: number, message: string): void {
  if (!awaitsCommand(transition, reference)) return;
  if (transition.state.phase === 'deferred') finishDeferred(transition, null, { state: 'error', message });
  else failStep(transition, { state: 'error', message });
}

function awaitsCommand({ state }: Transition, reference: number): boolean {
  return state.active?.awaiting?.kind === 'command' && state.active.awaiting.reference === reference;
}

function takeReadings(transition: Transition, reference: number, given: Readings, lost: LostReadings = {}): void {
  const awaiting = transition.state.active?.awaiting;
  const values = plainReadings(given);
  transition.state.lost = lostAfter(transition.state.lost, values, lost);
  if (transition.state.breakpointReading === reference) {
    const next = statementInControl(transition);
    if (!heldByReadings(transition, values) && next) startStatement(transition, next.statement);
  } else if (awaiting?.kind === 'reading' && awaiting.reference === reference) {
    continueWithReadings(transition, values);
  } else if (awaiting?.kind === 'condition' && awaiting.watch === reference) {
    takeWatchedValues(transition, awaiting, values);
  } else {
    const handler = transition.state.handlers.find((candidate) => candidate.watch === reference);
    if (handler) takeHandlerValues(transition, handler, values);
  }
}

function takeEvent(transition: Transition, reference: number, event: ObservedEvent): void {
  const awaiting = transition.state.active?.awaiting;
  if (awaiting?.kind === 'condition' && awaiting.listen === reference) {
    takeAwaitedEvent(transition, awaiting, event);
  } else {
    const handler = transition.state.handlers.find((candidate) => candidate.listen === reference);
    if (handler) takeHandlerEvent(transition, handler);
  }
}

function takeTimer(transition: Transition, reference: number): void {
  const { state } = transition;
  const awaiting = state.active?.awaiting;
  if (reference === state.overallTimer) {
    state.overallTimer = null;
    giveUpStep(transition, 'Given up: the time for the whole scenario is over.');
    const limit = transition.program.scenarios.get(transition.program.root)?.frontMatter?.timeout ?? 0;
    endStatements(transition, { kind: 'error', message: `The run took longer than its timeout of ${limit / 1_000} s.` });
  } else if (awaiting?.kind === 'pause' && awaiting.timer === reference) {
    passStep(transition);
  } else if (awaiting?.kind === 'condition' && (awaiting.within === reference || awaiting.holding === reference)) {
    takeWaitTimer(transition, awaiting, reference);
  }
}

/** The time that a run is paused does not count towards its timeout. */
function holdTimeout({ state, effects }: Transition, wasPaused: boolean): void {
  const isPaused = state.status === 'paused';
  if (state.overallTimer === null || isPaused === wasPaused) return;
  effects.push({ kind: isPaused ? 'hold-timer' : 'continue-timer', reference: state.overallTimer });
}

/** A variable that changed may decide what waits for a condition; each is looked at once. */
function decideAgain(transition: Transition): void {
  if (!transition.effects.some((effect) => effect.kind === 'variable')) return;
  decideWait(transition);
  for (const { condition, frame } of transition.state.handlers) {
    const handler = transition.state.handlers.find((candidate) => candidate.condition === condition && candidate.frame === frame);
    if (handler) decideHandler(transition, handler);
  }
}
