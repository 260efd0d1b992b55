/**
 * Decides conditions. Pure: values come from a lookup, so the same code serves the machine, dry runs and breakpoints.
 *
 * - How two values compare is told in comparison.ts.
 * - A reading without a value meets no condition: a comparison with it is neither true nor false (`!=` included), and
 *   neither is `not` of it; `and` and `or` follow where the other side already decides.
 * - Where that leaves a condition open and the source of a missing value is lost, the condition is not "not met": it cannot be judged.
 * - A comparison that cannot be decided (a text by `<`, a failed command's number, a bad pattern) is a problem of the whole
 *   condition, whatever stands beside it: `and` and `or` look at both sides always, and `not` of a problem is that problem.
 * - `matches` looks for an RE2 pattern anywhere in the text, in time linear in the text.
 */
import { RE2JS } from 're2js';
import type { Reading, Readings } from './machine-contract.ts';
import type { ComparisonOperator, Condition, Operand, Template } from './syntax.ts';
import {
  compareValues,
  doubtful,
  isUndecidable,
  joined,
  negated,
  sentenceOf,
  undecidable,
  type Doubt,
  type Side,
  type Truth,
} from './comparison.ts';
import { isReadingName, referencesOf, unknownName, type ValueLookup } from './interpolation.ts';

/** What is doubtful about the value of a name, where something is. */
export type DoubtLookup = (name: string) => Doubt | null;

/** What else is known of the names in a condition, besides their values. */
export interface KnownOfNames {
  readonly doubts?: DoubtLookup;
  /** Why nothing is known of a reading without a value, where its source is lost. */
  readonly lost?: (name: string) => string | null;
}

export interface ConditionVerdict {
  readonly met: boolean;
  /** Every reading and variable it was decided on. */
  readonly values: Readings;
  /** Why it cannot be decided at all: an unknown variable, a text where a number must be, a bad pattern. Then it is not met, and nor is its opposite. */
  readonly problem: string | null;
  /** Why it cannot be judged at present, though it could be at another time: the source of a value that would decide is lost. */
  readonly lost: string | null;
}

/** Decides a condition with the values that the lookup gives. Never throws. */
export function evaluateCondition(condition: Condition, lookup: ValueLookup, known: KnownOfNames = {}): ConditionVerdict {
  const { doubts = () => null, lost = () => null } = known;
  const values: Record<string, Reading> = {};
  for (const name of namesInCondition(condition)) {
    const value = lookup(name);
    if (value === undefined) {
      const doubt = doubts(name);
      const problem = doubt ? `'${name}' has no value: it was to be ${doubt.why}.` : unknownName(name);
      return { met: false, values, problem, lost: null };
    }
    Object.defineProperty(values, name, { value, enumerable: true, configurable: true, writable: true });
  }
  const truth = decide(condition, { lookup: (name) => (Object.hasOwn(values, name) ? values[name] : undefined), doubts });
  if (isUndecidable(truth)) return { met: false, values, problem: truth.problem, lost: null };
  return { met: truth === true, values, problem: null, lost: truth === null ? lostAmong(values, lost) : null };
}

/** `Engine.STATE and Engine.rss are not known: the daemon MEP is lost, …`; null where no source is lost. */
function lostAmong(values: Readings, lost: (name: string) => string | null): string | null {
  const missing = Object.keys(values).filter((name) => values[name] === null && lost(name) !== null);
  const why = missing[0] === undefined ? null : lost(missing[0]);
  if (why === null) return null;
  const names = missing.filter((name) => lost(name) === why);
  return `${names.join(' and ')} ${names.length === 1 ? 'is' : 'are'} not known: ${why}`;
}

/** Every name that a condition is decided on (readings and variables), each once. */
export function namesInCondition(condition: Condition): string[] {
  const names = new Set<string>();
  collectNames(condition, names);
  return [...names];
}

/** The readings among them, as a driver must watch them. */
export function readingsInCondition(condition: Condition): string[] {
  return namesInCondition(condition).filter(isReadingName);
}

function collectNames(condition: Condition, into: Set<string>): void {
  switch (condition.kind) {
    case 'comparison':
      for (const operand of [condition.left, condition.right]) {
        if (operand.kind === 'reading') into.add(operand.name);
        if (operand.kind === 'text') for (const name of referencesOf(operand.template)) into.add(name);
      }
      return;
    case 'and':
    case 'or':
      collectNames(condition.left, into);
      collectNames(condition.right, into);
      return;
    case 'not':
      collectNames(condition.condition, into);
  }
}

interface Known {
  readonly lookup: ValueLookup;
  readonly doubts: DoubtLookup;
}

function decide(condition: Condition, known: Known): Truth {
  switch (condition.kind) {
    case 'comparison':
      return compare(sideOf(condition.left, known), condition.operator, sideOf(condition.right, known));
    case 'not':
      return negated(decide(condition.condition, known));
    case 'and':
    case 'or':
      return joined(condition.kind, decide(condition.left, known), decide(condition.right, known));
  }
}

function sideOf(operand: Operand, { lookup, doubts }: Known): Side {
  switch (operand.kind) {
    case 'number':
      return { value: operand.text, name: null, doubt: null };
    case 'reading':
      return { value: present(lookup(operand.name)), name: operand.name, doubt: null };
    case 'text': {
      const { template } = operand;
      const only = template.parts.length === 1 ? template.parts[0] : undefined;
      const doubt = doubtOf(template, doubts);
      if (only?.kind === 'reference') return { value: present(lookup(only.name)), name: only.name, doubt };
      const names = referencesOf(template);
      return { value: textOf(template, lookup), name: names.length === 0 ? null : names.join(', '), doubt };
    }
  }
}

function textOf(template: Template, lookup: ValueLookup): string | null {
  let text = '';
  for (const part of template.parts) {
    const value = part.kind === 'text' ? part.text : present(lookup(part.name));
    if (value === null) return null;
    text += String(value);
  }
  return text;
}

/** What no program can have measured (`NaN`, an infinity) is no value. */
function present(value: Reading | undefined): Reading {
  return value === undefined || (typeof value === 'number' && !Number.isFinite(value)) ? null : value;
}

/** What is doubtful of a text: the first doubt about a variable in it. Only the bare variable still is the exit status that it may be. */
export function doubtOf(template: Template, doubts: DoubtLookup): Doubt | null {
  for (const name of referencesOf(template)) {
    const doubt = doubts(name);
    if (doubt) return template.parts.length === 1 ? doubt : { ...doubt, exitStatus: false };
  }
  return null;
}

function compare(left: Side, operator: ComparisonOperator, right: Side): Truth {
  if (operator !== 'contains' && operator !== 'matches') return compareValues(left, operator, right);
  if (right.value !== null && right.name !== null && String(right.value) === '') {
    return undecidable(`'${right.name}' is empty, and every text ${operator} an empty one.`);
  }
  const found = search(left.value, operator, right.value);
  const failed = [left, right].find(({ doubt }) => doubt !== null);
  // What a failed command did not print, it might have printed.
  return found === false && failed ? doubtful(sentenceOf(failed)) : found;
}

function search(left: Reading, operator: 'contains' | 'matches', right: Reading): Truth {
  // A bad pattern is told even while there is nothing to match yet.
  if (operator === 'matches' && right !== null) return matches(left === null ? null : String(left), String(right));
  return left === null || right === null ? null : String(left).includes(String(right));
}

const patterns = new Map<string, RE2JS | { readonly problem: string }>();
const maximumPatterns = 200;

function matches(text: string | null, pattern: string): Truth {
  let compiled = patterns.get(pattern);
  if (compiled === undefined) {
    compiled = compilePattern(pattern);
    // A memory of compiled patterns; emptied when full, since scenarios have few.
    if (patterns.size >= maximumPatterns) patterns.clear();
    patterns.set(pattern, compiled);
  }
  if ('problem' in compiled) return undecidable(compiled.problem);
  return text === null ? null : compiled.matcher(text).find();
}

function compilePattern(pattern: string): RE2JS | { readonly problem: string } {
  const tip = "Patterns are RE2's: no backreferences and no look-around.";
  if (pattern.length > 1_000) return { problem: `The pattern after 'matches' is longer than 1000 characters. ${tip}` };
  try {
    return RE2JS.compile(pattern);
  } catch (thrown) {
    return { problem: `The pattern '${pattern}' cannot be used: ${thrown instanceof Error ? thrown.message : String(thrown)}. ${tip}` };
  }
}
