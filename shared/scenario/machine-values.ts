/** What names stand for in a running scenario, and texts and conditions with those values in them. */
import { interpolate, isReadingName, referencesOf, uniqueName, type Interpolated, type ValueLookup } from './interpolation.ts';
import type { Doubt } from './comparison.ts';
import { doubtOf, evaluateCondition, namesInCondition, type ConditionVerdict } from './condition.ts';
import type { LostReadings, Reading, Readings } from './machine-contract.ts';
import { currentFrame, type Frame, type MachineState, type Transition } from './machine-state.ts';
import { shortened } from './machine-text.ts';
import { filledTextsOf } from './statement-parts.ts';
import type { Condition, Statement, Template } from './syntax.ts';

/** What names stand for in a frame: its parameters hide the run's variables. */
export function lookupIn(state: MachineState, frame: Frame | undefined, readings: Readings): ValueLookup {
  return (name) => {
    if (name === 'release') return state.release;
    if (name.startsWith('unique.')) return uniqueName(name, state.uniqueSeed);
    if (isReadingName(name)) return Object.hasOwn(readings, name) ? (readings[name] ?? null) : null;
    const value = variableIn(state, frame, name);
    // The driver was asked what an unknown variable may be.
    return Object.hasOwn(readings, name) && isUnknown(state, value) ? (readings[name] ?? null) : value;
  };
}

/** Decides a condition as a frame sees it. An unknown variable has no value as long as the driver has told none. */
export function decideCondition(state: MachineState, frame: Frame | undefined, condition: Condition, readings: Readings): ConditionVerdict {
  const lookup = lookupIn(state, frame, readings);
  const known = (name: string) => {
    const value = lookup(name);
    return isUnknown(state, value) ? null : value;
  };
  return evaluateCondition(condition, known, { doubts: (name) => doubtIn(state, frame, name), lost: (name) => lostIn(state, name) });
}

/** Why nothing is known of a reading; null where its source is not lost. */
export function lostIn({ lost }: Pick<MachineState, 'lost'>, name: string): string | null {
  return Object.hasOwn(lost, name) ? (lost[name] ?? null) : null;
}

/** The readings whose source is lost, after some were told anew. */
export function lostAfter(before: LostReadings, told: Readings, lost: LostReadings): LostReadings {
  const rest = Object.entries(before).filter(([name]) => !Object.hasOwn(told, name));
  const now = Object.entries(lost).filter(([name]) => Object.hasOwn(told, name) && told[name] === null);
  return Object.fromEntries([...rest, ...now]);
}

function doubtIn(state: MachineState, frame: Frame | undefined, name: string): Doubt | null {
  const { doubts } = frame && Object.hasOwn(frame.parameters, name) ? frame : state;
  return Object.hasOwn(doubts, name) ? (doubts[name] ?? null) : null;
}

/** What is doubtful of a text, filled in as the frame in control sees it. */
export function doubtAbout({ state }: Transition, template: Template): Doubt | null {
  return doubtOf(template, (name) => doubtIn(state, currentFrame(state), name));
}

function variableIn(state: MachineState, frame: Frame | undefined, name: string): string | undefined {
  if (frame && Object.hasOwn(frame.parameters, name)) return frame.parameters[name];
  return Object.hasOwn(state.variables, name) ? state.variables[name] : undefined;
}

function isUnknown({ unknownText }: MachineState, value: Reading | undefined): boolean {
  return unknownText !== null && typeof value === 'string' && value.includes(unknownText);
}

/** The names in a condition whose values the driver must tell: its readings and, in a dry run, unknown variables. */
export function namesToTell(state: MachineState, condition: Condition): string[] {
  return namesInCondition(condition).filter(needsTelling(state));
}

function needsTelling(state: MachineState): (name: string) => boolean {
  const frame = currentFrame(state);
  return (name) => isReadingName(name) || isUnknown(state, variableIn(state, frame, name));
}

/** A text with its references filled in, as the frame in control sees them. */
export function fillIn(transition: Transition, template: Template, readings: Readings): Interpolated {
  const { state } = transition;
  const lookup = lookupIn(state, currentFrame(state), readings);
  const lost = referencesOf(template).find((name) => lookup(name) === null && lostIn(state, name) !== null);
  if (lost !== undefined) return { problem: `'${lost}' cannot stand in a text: ${lostIn(state, lost) ?? ''}.` };
  return interpolate(template, lookup);
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
export function readingsToRead(state: MachineState, statement: Statement): string[] {
  const names = new Set<string>();
  collectReadings(state, statement, names);
  return [...names];
}

function collectReadings(state: MachineState, statement: Statement, into: Set<string>): void {
  // A number of rounds must be a number, even where it is not known.
  if (statement.kind === 'repeat') for (const name of referencesOf(statement.times).filter(needsTelling(state))) into.add(name);
  for (const template of filledTextsOf(statement)) {
    for (const name of referencesOf(template)) if (isReadingName(name)) into.add(name);
  }
  if (statement.kind === 'if') {
    for (const name of namesToTell(state, statement.condition)) into.add(name);
    collectReadings(state, statement.then, into);
    if (statement.otherwise) collectReadings(state, statement.otherwise, into);
  }
  // Conditions that wait are watched instead; only one that is decided at once is read.
  if (statement.kind === 'expect' && statement.condition.kind !== 'event' && !statement.within && !statement.holdsFor) {
    for (const name of namesToTell(state, statement.condition)) into.add(name);
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
