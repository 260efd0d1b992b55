/**
 * `wait` and `expect`: conditions and events of the running step.
 * A condition that must become true or hold is watched; one that is decided at once was read before. What cannot be judged because the source
 * of its values is lost is an error of the step, never "not met"; while there is time, it is waited for like any other value.
 */
import type { EventTrigger, ObservedEvent, Readings } from './machine-contract.ts';
import type { ConditionForm, ConditionState } from './machine-words.ts';
import { releaseAwaiting, stopTimer } from './machine-release.ts';
import { awaitAnswer, currentFrame, newReference, type ConditionWait, type StatementPart, type Transition } from './machine-state.ts';
import { failStep, passStep } from './machine-steps.ts';
import { statementAt } from './machine-position.ts';
import type { ConditionVerdict } from './condition.ts';
import { decideCondition, describeValues, lostIn, namesToTell } from './machine-values.ts';
import { conditionText } from './machine-text.ts';
import type { Condition, EventCondition, Statement } from './syntax.ts';

type WaitStatement = Extract<Statement, { kind: 'wait' | 'expect' }>;

/** `failover:4`: names the condition of a statement by scenario and zero-based line; `:then` and `:else` tell the branches of an `if`. */
export function conditionName(scenario: string, line: number, part: StatementPart): string {
  return part === 'whole' ? `${scenario}:${line}` : `${scenario}:${line}:${part}`;
}

/** What an event condition listens for. */
export function triggerOf(condition: EventCondition): EventTrigger {
  return { event: condition.event.text, component: condition.component?.text ?? null };
}

/** Whether an event is one that a trigger listens for. */
export function eventMatches(trigger: EventTrigger, event: ObservedEvent): boolean {
  if (trigger.component !== null && trigger.component !== event.component) return false;
  if (trigger.event === 'error') return event.severity === 'error' || event.severity === 'fatal';
  return trigger.event === event.name;
}

/** Says what became of the running statement's condition. */
export function tellCondition(
  transition: Transition,
  form: ConditionForm,
  condition: Condition | EventCondition,
  state: ConditionState,
  values: Readings,
  lost: string | null = null,
): void {
  const { active } = transition.state;
  if (!active) return;
  const name = conditionName(active.step.scenario, active.step.line, active.part);
  const told = lost === null ? {} : { lost };
  transition.effects.push({ kind: 'condition', condition: name, form, text: conditionText(condition), state, values, ...told });
}

/** Ends the running step in error, since the source of a value that its condition needs is lost. */
export function failUnjudged(
  transition: Transition,
  form: ConditionForm,
  condition: Condition | EventCondition,
  { values, lost }: Pick<ConditionVerdict, 'values' | 'lost'>,
  sentence: string,
): void {
  tellCondition(transition, form, condition, 'pending', values, lost);
  failStep(transition, { state: 'error', message: `${sentence}: ${lost ?? 'the source of a value is lost'}.` });
}

/** Starts a `wait` or an `expect`. */
export function startWait(transition: Transition, statement: WaitStatement, readings: Readings): void {
  if (statement.condition.kind === 'event') {
    startListening(transition, statement, statement.condition);
  } else if (statement.kind === 'expect' && !statement.within && !statement.holdsFor) {
    const { state } = transition;
    const verdict = decideCondition(state, currentFrame(state), statement.condition, readings);
    if (verdict.problem !== null) failStep(transition, { state: 'error', message: verdict.problem });
    else if (verdict.met) meet(transition, statement, verdict.values);
    else if (verdict.lost !== null) failUnjudged(transition, 'expect', statement.condition, verdict, 'The condition cannot be judged');
    else miss(transition, statement, verdict.values, 'The condition is not met');
  } else {
    startWatching(transition, statement, statement.condition);
  }
}

function startListening(transition: Transition, statement: WaitStatement, condition: EventCondition): void {
  if (statement.kind === 'expect' && statement.holdsFor) {
    failStep(transition, { state: 'error', message: "An event happens at a moment and cannot hold 'for' a time; use 'within'." });
    return;
  }
  tellCondition(transition, statement.kind, condition, 'pending', {});
  const listen = newReference(transition);
  const since = transition.state.lastCommand;
  transition.effects.push({ kind: 'listen', reference: listen, trigger: triggerOf(condition), since });
  const source = sourceOf(condition);
  const watch = source === null ? null : newReference(transition);
  if (source !== null && watch !== null) transition.effects.push({ kind: 'watch', reference: watch, names: [source] });
  // Past events are told at once, so an `expect` without `within` is decided when the shortest timer ends.
  const patience = statement.within?.milliseconds ?? (statement.kind === 'expect' ? 0 : null);
  const within = patience === null ? null : startTimer(transition, patience);
  awaitAnswer(transition, { kind: 'condition', form: statement.kind, watch, listen, within, holding: null, values: null });
}

function startWatching(transition: Transition, statement: WaitStatement, condition: Condition): void {
  tellCondition(transition, statement.kind, condition, 'pending', {});
  const names = namesToTell(transition.state, condition);
  const watch = names.length > 0 ? newReference(transition) : null;
  if (watch !== null) transition.effects.push({ kind: 'watch', reference: watch, names });
  const within = statement.within ? startTimer(transition, statement.within.milliseconds) : null;
  const values = watch === null ? {} : null;
  awaitAnswer(transition, { kind: 'condition', form: statement.kind, watch, listen: null, within, holding: null, values });
  decideWait(transition);
}

/** Starts a timer; returns its reference. */
export function startTimer(transition: Transition, milliseconds: number): number {
  const reference = newReference(transition);
  transition.effects.push({ kind: 'start-timer', reference, milliseconds });
  return reference;
}

/** New readings for the running step's condition. */
export function takeWatchedValues(transition: Transition, wait: ConditionWait, values: Readings): void {
  awaitAnswer(transition, { ...wait, values: { ...wait.values, ...values } });
  decideWait(transition);
}

/** Decides the running step's condition again, after a reading or a variable changed. */
export function decideWait(transition: Transition): void {
  const { state } = transition;
  const wait = state.active?.awaiting;
  const statement = runningWait(transition);
  if (wait?.kind !== 'condition' || wait.values === null || !statement || statement.condition.kind === 'event') return;
  const verdict = decideCondition(state, currentFrame(state), statement.condition, wait.values);
  if (verdict.problem !== null) {
    releaseAwaiting(transition, wait);
    failStep(transition, { state: 'error', message: verdict.problem });
  } else if (verdict.met) {
    becomeTrue(transition, statement, wait, verdict.values);
  } else if (statement.kind === 'expect' && wait.within === null) {
    // Nothing is left to wait for: it held and no longer does, or had to hold from the start.
    const holding = wait.holding !== null;
    releaseAwaiting(transition, wait);
    if (verdict.lost !== null) {
      const sentence = holding ? 'Whether the condition held cannot be judged' : 'The condition cannot be judged';
      failUnjudged(transition, 'expect', statement.condition, verdict, sentence);
    } else miss(transition, statement, verdict.values, holding ? 'The condition did not hold' : 'The condition is not met');
  }
}

function becomeTrue(transition: Transition, statement: WaitStatement, wait: ConditionWait, values: Readings): void {
  const holdsFor = statement.kind === 'expect' ? statement.holdsFor : null;
  if (holdsFor === null) {
    releaseAwaiting(transition, wait);
    meet(transition, statement, values);
  } else if (wait.holding === null) {
    stopTimer(transition, wait.within);
    const holding = startTimer(transition, holdsFor.milliseconds);
    awaitAnswer(transition, { ...wait, within: null, holding });
  }
}

/** The event that the running step listens for has come. */
export function takeAwaitedEvent(transition: Transition, wait: ConditionWait, event: ObservedEvent): void {
  const statement = runningWait(transition);
  if (!statement) return;
  releaseAwaiting(transition, wait);
  meet(transition, statement, {}, event.text);
}

/** A timer of the running step's condition has ended. */
export function takeWaitTimer(transition: Transition, wait: ConditionWait, reference: number): void {
  const statement = runningWait(transition);
  if (!statement) return;
  const { values, lost } = decidedOn(transition, statement, wait);
  if (reference === wait.holding) {
    releaseAwaiting(transition, { ...wait, holding: null });
    meet(transition, statement, values);
    return;
  }
  releaseAwaiting(transition, { ...wait, within: null });
  const patience = statement.within?.milliseconds ?? 0;
  const within = patience === 0 ? '' : ` within ${patience / 1_000} s`;
  if (lost !== null) {
    const what = wait.listen === null ? 'The condition could not be judged' : 'Whether the event came cannot be known';
    failUnjudged(transition, statement.kind, statement.condition, { values, lost }, `${what}${within}`);
  } else
    miss(
      transition,
      statement,
      values,
      `${wait.listen === null ? 'The condition did not become true' : 'The event did not come'}${within}`,
    );
}

function decidedOn(transition: Transition, { condition }: WaitStatement, wait: ConditionWait): Pick<ConditionVerdict, 'values' | 'lost'> {
  const { state } = transition;
  if (condition.kind === 'event') {
    const source = sourceOf(condition);
    return { values: {}, lost: source === null ? null : lostIn(state, source) };
  }
  return decideCondition(state, currentFrame(state), condition, wait.values ?? {});
}

/** The reading that tells whether the daemon is there which would tell of an event; null where any daemon might. */
function sourceOf({ component }: EventCondition): string | null {
  return component === null ? null : `${component.text}.STATE`;
}

function meet(transition: Transition, statement: WaitStatement, values: Readings, message: string | null = null): void {
  const { state } = transition;
  tellCondition(transition, statement.kind, statement.condition, 'met', values);
  if (statement.kind === 'expect') state.tally = { ...state.tally, checks: state.tally.checks + 1 };
  passStep(transition, { message: message ?? (describeValues(values) || null) });
}

function miss(transition: Transition, statement: WaitStatement, values: Readings, sentence: string): void {
  tellCondition(transition, statement.kind, statement.condition, 'not met', values);
  const described = describeValues(values);
  const message = described === '' ? `${sentence}.` : `${sentence}: ${described}.`;
  const check = statement.kind === 'expect';
  failStep(transition, { state: check ? 'failed' : 'timed out', check, message });
}

/** The `wait` or `expect` that the running step executes. */
function runningWait(transition: Transition): WaitStatement | undefined {
  const { active } = transition.state;
  if (!active) return undefined;
  const statement = statementAt(transition.program, active.step.scenario, active.step.line, active.part);
  return statement?.kind === 'wait' || statement?.kind === 'expect' ? statement : undefined;
}
