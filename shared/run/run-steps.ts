/** The part of a run's state that follows its steps: their list, the position, and the promised undo commands. */
import { append, itemAt, replaceAt } from './recent-list.ts';
import type { RecordOf } from './records.ts';
import { forgiveConditions } from './run-conditions.ts';
import { kept, type RunDeferred, type RunPosition, type RunState, type RunStep } from './run-model.ts';

/** A step begins: the position moves to it, and what is executed from now on belongs to it. */
export function startStep(state: RunState, { step, time }: RecordOf<'step-started'>): RunState {
  const entry: RunStep = { step, state: 'running', startedAt: time, duration: null, message: null, result: null, commands: [] };
  const position = { scenario: step.scenario, line: step.line, depth: step.depth, execution: step.execution };
  return {
    ...state,
    steps: append(state.steps, entry, kept.steps),
    running: state.steps.total,
    position,
    callStack: stackWith(state.callStack, position),
    deferred: step.phase === 'deferred' ? markDeferred(state.deferred, step, 'started') : state.deferred,
    counters: { ...state.counters, steps: state.counters.steps + 1 },
  };
}

/** A step ended, whether its beginning was seen or not. */
export function finishStep(state: RunState, record: RecordOf<'step-finished'>): RunState {
  const { step, message, result, duration } = record;
  const index = indexOfExecution(state, step.execution);
  const begun = index === null ? undefined : itemAt(state.steps, index);
  const finished: RunStep = {
    step,
    state: record.state,
    startedAt: begun?.startedAt ?? record.time - duration,
    duration,
    message,
    result,
    commands: begun?.commands ?? [],
  };
  const end = record.state === 'waiting' || record.state === 'running' ? 'started' : record.state;
  return {
    ...state,
    steps: index === null ? append(state.steps, finished, kept.steps) : replaceAt(state.steps, index, finished),
    running: null,
    prompt: null,
    deferred: step.phase === 'deferred' ? markDeferred(state.deferred, step, end) : state.deferred,
  };
}

/** The operator had a step executed again: what the try before left behind is history. */
export function replaceTry(state: RunState, execution: number, by: number): RunState {
  const index = indexOfExecution(state, execution);
  const entry = index === null ? undefined : itemAt(state.steps, index);
  const steps = entry && index !== null ? replaceAt(state.steps, index, { ...entry, replacedBy: by }) : state.steps;
  return { ...state, steps, conditions: forgiveConditions(state.conditions, execution) };
}

/** The core died: what ran then has no known end. */
export function loseRunningStep(state: RunState): RunState {
  const running = state.running === null ? undefined : itemAt(state.steps, state.running);
  if (!running || state.running === null) return state;
  const lost: RunStep = { ...running, state: 'error', message: 'The core died while this step ran; how it ended is not known.' };
  return { ...state, steps: replaceAt(state.steps, state.running, lost), running: null, prompt: null };
}

/** Notes that a step gave a command. */
export function attachCommand(state: RunState, execution: number, command: string): RunState {
  const index = indexOfExecution(state, execution);
  const entry = index === null ? undefined : itemAt(state.steps, index);
  if (!entry || index === null || entry.commands.length >= kept.commandsOfStep) return state;
  return { ...state, steps: replaceAt(state.steps, index, { ...entry, commands: [...entry.commands, command] }) };
}

/** The operator moved the position within the scenario in control. */
export function movePosition(state: RunState, line: number): RunState {
  if (!state.position) return state;
  const position = { ...state.position, line, execution: null };
  return { ...state, position, callStack: stackWith(state.callStack, position) };
}

/** A pause says which step comes next: that is where control stands, though nothing was executed there yet. */
export function placePosition(state: RunState, next: { readonly scenario: string; readonly line: number } | undefined): RunState {
  const { position: before, callStack } = state;
  if (!next || (before?.scenario === next.scenario && before.line === next.line)) return state;
  const frame = callStack.findLast(({ scenario }) => scenario === next.scenario);
  const depth = frame?.depth ?? (before ? before.depth + 1 : 0);
  const position = { ...next, depth, execution: null };
  return { ...state, position, callStack: stackWith(callStack, position) };
}

/** Executions are looked for near the end of the list, where the running one is. */
function indexOfExecution(state: RunState, execution: number): number | null {
  const { steps } = state;
  const oldest = Math.max(steps.first, steps.total - 8);
  for (let index = steps.total - 1; index >= oldest; index -= 1) {
    if (itemAt(steps, index)?.step.execution === execution) return index;
  }
  return null;
}

function stackWith(stack: readonly RunPosition[], position: RunPosition): readonly RunPosition[] {
  return [...stack.slice(0, Math.min(position.depth, kept.commandsOfStep * 4)), position];
}

type DeferredStep = Pick<RunStep['step'], 'deferred' | 'scenario' | 'line'>;

function markDeferred(deferred: readonly RunDeferred[], step: DeferredStep, to: RunDeferred['state']): readonly RunDeferred[] {
  const open = ({ state }: RunDeferred) => state === 'promised' || state === 'started';
  const index = deferred.findLastIndex((entry) =>
    step.deferred === undefined
      ? open(entry) && entry.scenario === step.scenario && entry.line === step.line
      : entry.identifier === step.deferred,
  );
  const entry = deferred[index];
  return entry ? deferred.with(index, { ...entry, state: to }) : deferred;
}
