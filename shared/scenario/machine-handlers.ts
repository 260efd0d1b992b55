/** `on … goto label` and `off`: what reacts while other steps run. */
import { readingsInCondition } from './condition.ts';
import type { Readings } from './machine-contract.ts';
import { conditionName, triggerOf } from './machine-conditions.ts';
import { jump, statementAt, structureOf, unwindTo } from './machine-position.ts';
import { releaseAwaiting, releaseHandlers } from './machine-release.ts';
import { currentFrame, machineLimits, newReference, type Handler, type MachineState, type Transition } from './machine-state.ts';
import { failStep, giveUpStep, passStep, settle } from './machine-steps.ts';
import { decideCondition } from './machine-values.ts';
import { conditionText, handlerProblem, triggerKey } from './machine-text.ts';
import type { Condition, EventCondition, Statement } from './syntax.ts';

type OnStatement = Extract<Statement, { kind: 'on' }>;

/**
 * Puts a handler in force. Executing the same `on` again in the same frame changes nothing, so a handler that jumps
 * back before its own `on` does not fire again for what has already fired it.
 */
export function registerHandler(transition: Transition, statement: OnStatement): void {
  const { state } = transition;
  const frame = currentFrame(state);
  const { active } = state;
  if (!frame || !active) return;
  const condition = conditionName(active.step.scenario, active.step.line, active.part);
  const isThis = (handler: Handler) => handler.condition === condition && handler.frame === frame.identifier;
  if (state.handlers.some(isThis)) {
    passStep(transition, { message: 'Already in force.' });
    return;
  }
  const problem = registrationProblem(transition, statement);
  if (problem !== null) {
    failStep(transition, { state: 'error', message: problem });
    return;
  }
  const text = conditionText(statement.trigger);
  transition.effects.push({ kind: 'condition', condition, form: 'on', text, state: 'pending', values: {} });
  const origin = { condition, frame: frame.identifier, line: active.step.line, part: active.part, label: statement.label.text, text };
  state.handlers = [...state.handlers, { ...origin, ...subscribe(transition, statement.trigger), met: false, problem: null, lost: null }];
  passStep(transition);
  const registered = state.handlers.find(isThis);
  if (registered) decideHandler(transition, registered);
}

function registrationProblem({ state, program }: Transition, statement: OnStatement): string | null {
  const frame = currentFrame(state);
  if (state.handlers.length >= machineLimits.handlers) return `No more than ${machineLimits.handlers} handlers can be in force at a time.`;
  if (!structureOf(program, frame?.scenario ?? '')?.labels.has(statement.label.text)) return unknownLabel(statement.label.text);
  if (statement.trigger.kind === 'event') return null;
  return decideCondition(state, frame, statement.trigger, {}).problem;
}

/** The sentence for a label that the scenario does not have. */
export function unknownLabel(label: string): string {
  return `This scenario has no label '${label}'. Add the line 'label ${label}', or correct the name.`;
}

function subscribe(transition: Transition, trigger: Condition | EventCondition): Pick<Handler, 'watch' | 'listen' | 'values'> {
  if (trigger.kind === 'event') {
    const listen = newReference(transition);
    transition.effects.push({ kind: 'listen', reference: listen, trigger: triggerOf(trigger), since: null });
    return { watch: null, listen, values: null };
  }
  const names = readingsInCondition(trigger);
  if (names.length === 0) return { watch: null, listen: null, values: {} };
  const watch = newReference(transition);
  transition.effects.push({ kind: 'watch', reference: watch, names });
  return { watch, listen: null, values: null };
}

/** Removes the handlers of the frame in control: all, or those with this trigger. */
export function removeHandlers(transition: Transition, statement: Extract<Statement, { kind: 'off' }>): void {
  const frame = currentFrame(transition.state);
  const key = statement.trigger && triggerKey(statement.trigger);
  const keyOf = (handler: Handler) => {
    const trigger = triggerAt(transition, handler, frame?.scenario);
    return trigger && triggerKey(trigger);
  };
  const before = transition.state.handlers.length;
  releaseHandlers(transition, (handler) => handler.frame === frame?.identifier && (key === null || keyOf(handler) === key));
  const removed = before - transition.state.handlers.length;
  passStep(transition, { message: removed === 0 ? 'No such handler was in force.' : null });
}

/** New readings for a handler's condition. */
export function takeHandlerValues(transition: Transition, handler: Handler, values: Readings): void {
  decideHandler(transition, replaceHandler(transition, { ...handler, values: { ...handler.values, ...values } }));
}

/** Decides a handler's condition; it fires when that has become true. Where it cannot be decided, the running step ends in error. */
export function decideHandler(transition: Transition, handler: Handler): void {
  const { state } = transition;
  const frame = state.frames.find((candidate) => candidate.identifier === handler.frame);
  const trigger = triggerAt(transition, handler, frame?.scenario);
  if (handler.values === null || !trigger || trigger.kind === 'event') return;
  const { met: isMet, values, problem, lost } = decideCondition(state, frame, trigger, handler.values);
  // While nobody knows, nothing has become of it: what was so before it was lost does not come true once more.
  const met = lost === null ? isMet : handler.met;
  if (met === handler.met && problem === handler.problem && lost === handler.lost) return;
  replaceHandler(transition, { ...handler, met, problem, lost });
  if (problem !== null) {
    failForHandlers(transition);
    return;
  }
  const { condition, text } = handler;
  if (lost !== null) {
    transition.effects.push({ kind: 'condition', condition, form: 'on', text, state: 'pending', values, lost });
    return;
  }
  if (met === handler.met && handler.lost === null) return;
  transition.effects.push({ kind: 'condition', condition, form: 'on', text, state: met ? 'met' : 'not met', values });
  if (met && !handler.met) fire(transition, handler);
}

/**
 * A handler whose condition cannot be decided ends the running step in error and is out of force. Between two steps it waits
 * for the next one. Returns whether a step was ended.
 */
export function failForHandlers(transition: Transition): boolean {
  const { state } = transition;
  const troubled = state.handlers.find(({ problem }) => problem !== null);
  if (!troubled || !state.active || state.phase !== 'main') return false;
  releaseHandlers(transition, (handler) => handler === troubled);
  releaseAwaiting(transition, state.active.awaiting);
  failStep(transition, { state: 'error', message: handlerProblem(troubled) });
  return true;
}

/** An event that a handler listens for has come. */
export function takeHandlerEvent(transition: Transition, handler: Handler): void {
  const { condition, text } = handler;
  transition.effects.push({ kind: 'condition', condition, form: 'on', text, state: 'met', values: {} });
  fire(transition, handler);
}

function fire(transition: Transition, handler: Handler): void {
  const { state } = transition;
  // Of several that fire while the run is paused, the first one is taken.
  if (state.status === 'paused') state.pendingHandler ??= handlerTarget(handler);
  else takeHandler(transition, handlerTarget(handler));
}

/** Gives up what runs and moves control to the handler's label, in the scenario that registered it. */
export function takeHandler(transition: Transition, target: NonNullable<MachineState['pendingHandler']>): void {
  const { state, program, effects } = transition;
  const { condition, label } = target;
  giveUpStep(transition, `Given up, because a handler fired: on ${target.text} goto ${label}.`);
  effects.push({ kind: 'handler-fired', condition, label });
  unwindTo(transition, target.frame);
  const line = structureOf(program, currentFrame(state)?.scenario ?? '')?.labels.get(label);
  if (line !== undefined) jump(transition, line);
  settle(transition);
}

function handlerTarget({ condition, frame, text, label }: Handler): NonNullable<MachineState['pendingHandler']> {
  return { condition, frame, text, label };
}

function replaceHandler(transition: Transition, replacement: Handler): Handler {
  const { state } = transition;
  const same = (handler: Handler) => handler.condition === replacement.condition && handler.frame === replacement.frame;
  state.handlers = state.handlers.map((handler) => (same(handler) ? replacement : handler));
  return replacement;
}

function triggerAt(transition: Transition, handler: Handler, scenario: string | undefined): Condition | EventCondition | undefined {
  if (scenario === undefined) return undefined;
  const statement = statementAt(transition.program, scenario, handler.line, handler.part);
  return statement?.kind === 'on' ? statement.trigger : undefined;
}
