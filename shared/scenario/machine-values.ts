/** What names stand for in a running scenario, and texts and conditions with those values in them. */
import { interpolate, isReadingName, referencesOf, uniqueName, type Interpolated, type ValueLookup } from './interpolation.ts';
import { readingsInCondition } from './condition.ts';
import type { Reading, Readings } from './machine-contract.ts';
import { currentFrame, type Frame, type MachineState, type Transition } from './machine-state.ts';
import { shortened } from './machine-text.ts';
import type { Statement, Template } from './syntax.ts';

/** What names stand for in a frame: its parameters hide the run's variables. */
export function lookupIn(state: MachineState, frame: Frame | undefined, readings: Readings): ValueLookup {
  return (name) => {
    if (name === 'release') return state.release;
    if (name.startsWith('unique.')) return uniqueName(name, state.uniqueSeed);
    if (isReadingName(name)) return Object.hasOwn(readings, name) ? (readings[name] ?? null) : null;
    if (frame && Object.hasOwn(frame.parameters, name)) return frame.parameters[name];
    return Object.hasOwn(state.variables, name) ? state.variables[name] : undefined;
  };
}

/** A text with its references filled in, as the frame in control sees them. */
export function fillIn(transition: Transition, template: Template, readings: Readings): Interpolated {
  return interpolate(template, lookupIn(transition.state, currentFrame(transition.state), readings));
}

/** Several texts, or the first problem. */
export function fillInAll(
  transition: Transition,
  templates: readonly Template[],
  readings: Readings,
): { readonly texts: string[] } | { readonly problem: string } {
  const texts: string[] = [];
  for (const template of templates) {
    const filled = fillIn(transition, template, readings);
    if ('problem' in filled) return filled;
    texts.push(filled.text);
  }
  return { texts };
}

/** The readings that must be known before a statement can be executed, each once. */
export function readingsToRead(statement: Statement): string[] {
  const names = new Set<string>();
  collectReadings(statement, names);
  return [...names];
}

function collectReadings(statement: Statement, into: Set<string>): void {
  for (const template of templatesOf(statement)) {
    for (const name of referencesOf(template)) if (isReadingName(name)) into.add(name);
  }
  if (statement.kind === 'if') {
    for (const name of readingsInCondition(statement.condition)) into.add(name);
    collectReadings(statement.then, into);
    if (statement.otherwise) collectReadings(statement.otherwise, into);
  }
  // Conditions that wait are watched instead; only one that is decided at once is read.
  if (statement.kind === 'expect' && statement.condition.kind !== 'event' && !statement.within && !statement.holdsFor) {
    for (const name of readingsInCondition(statement.condition)) into.add(name);
  }
}

function templatesOf(statement: Statement): readonly Template[] {
  switch (statement.kind) {
    case 'command':
    case 'set-command':
    case 'defer':
      return statement.command.words;
    case 'set-value':
      return [statement.value];
    case 'echo':
    case 'note':
      return [statement.text];
    case 'prompt':
      return [statement.question, ...statement.choices, ...(statement.fallback ? [statement.fallback] : [])];
    case 'call':
      return statement.arguments.map((argument) => argument.value);
    case 'exit':
      return statement.reason ? [statement.reason] : [];
    case 'repeat':
      return [statement.times];
    case 'goto':
    case 'wait-duration':
    case 'wait':
    case 'expect':
    case 'on':
    case 'off':
    case 'if':
    case 'label':
    case 'end':
    case 'invalid':
      return [];
  }
}

/** Readings as the state can hold them: a number that JSON does not know counts as no value. */
export function plainReadings(values: Readings): Readings {
  const isPlain = (value: Reading) => typeof value !== 'number' || (Number.isFinite(value) && !Object.is(value, -0));
  if (Object.values(values).every(isPlain)) return values;
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, isPlain(value) ? value : value === 0 ? 0 : null]));
}

/** `MatchingEnginePrimary.STATE = READY, limit = 3`, for messages. */
export function describeValues(values: Readings): string {
  return Object.entries(values)
    .map(([name, value]) => (value === null ? `${name} has no value` : `${name} = ${shortened(String(value), 200)}`))
    .join(', ');
}
