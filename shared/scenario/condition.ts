/**
 * Decides conditions. Pure: values come from a lookup, so the same code serves the machine, dry runs and limits.
 *
 * - Numbers are compared where both sides are numeric; a text that looks like a number or a quantity (`500MB`, `30s`,
 *   `15%`) is numeric and counts in its base unit (bytes, ms, %). Otherwise texts are compared, character by character.
 * - A reading without a value meets no condition: a comparison with it is neither true nor false (`!=` included), and
 *   neither is `not` of it; `and` and `or` follow where the other side already decides.
 * - `matches` looks for an RE2 pattern anywhere in the text, in time linear in the text.
 */
import { RE2JS } from 're2js';
import type { Reading, Readings } from './machine-contract.ts';
import type { ComparisonOperator, Condition, Operand } from './syntax.ts';
import { isReadingName, referencesOf, unknownName, type ValueLookup } from './interpolation.ts';
import { parseQuantity } from './quantity.ts';

export interface ConditionVerdict {
  readonly met: boolean;
  /** Every reading and variable it was decided on. */
  readonly values: Readings;
  /** Why it cannot be decided at all: an unknown variable, a bad pattern. Then it is not met. */
  readonly problem: string | null;
}

/** Decides a condition with the values that the lookup gives. Never throws. */
export function evaluateCondition(condition: Condition, lookup: ValueLookup): ConditionVerdict {
  const values: Record<string, Reading> = {};
  for (const name of namesInCondition(condition)) {
    const value = lookup(name);
    if (value === undefined) return { met: false, values, problem: unknownName(name) };
    Object.defineProperty(values, name, { value, enumerable: true, configurable: true, writable: true });
  }
  const truth = decide(condition, (name) => (Object.hasOwn(values, name) ? values[name] : undefined));
  return typeof truth === 'object' && truth !== null
    ? { met: false, values, problem: truth.problem }
    : { met: truth === true, values, problem: null };
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

/** True, false, null (a value is missing), or the problem that keeps it from being decided. */
type Truth = boolean | null | { readonly problem: string };

function decide(condition: Condition, lookup: ValueLookup): Truth {
  switch (condition.kind) {
    case 'comparison':
      return compare(valueOf(condition.left, lookup), condition.operator, valueOf(condition.right, lookup));
    case 'not': {
      const inner = decide(condition.condition, lookup);
      return typeof inner === 'boolean' ? !inner : inner;
    }
    case 'and':
    case 'or':
      return join(condition.kind, decide(condition.left, lookup), decide(condition.right, lookup));
  }
}

function join(kind: 'and' | 'or', left: Truth, right: Truth): Truth {
  if (isProblem(left)) return left;
  if (isProblem(right)) return right;
  const deciding = kind === 'or';
  if (left === deciding || right === deciding) return deciding;
  return left === null || right === null ? null : !deciding;
}

function isProblem(truth: Truth): truth is { readonly problem: string } {
  return typeof truth === 'object' && truth !== null;
}

function valueOf(operand: Operand, lookup: ValueLookup): Reading {
  switch (operand.kind) {
    case 'number':
      return operand.value;
    case 'reading':
      return lookup(operand.name) ?? null;
    case 'text': {
      const only = operand.template.parts.length === 1 ? operand.template.parts[0] : undefined;
      if (only?.kind === 'reference') return lookup(only.name) ?? null;
      let text = '';
      for (const part of operand.template.parts) {
        const value = part.kind === 'text' ? part.text : (lookup(part.name) ?? null);
        if (value === null) return null;
        text += String(value);
      }
      return text;
    }
  }
}

function compare(left: Reading, operator: ComparisonOperator, right: Reading): Truth {
  // A bad pattern is told even while there is nothing to match yet.
  if (operator === 'matches' && right !== null) return matches(left === null ? null : String(left), String(right));
  if (left === null || right === null) return null;
  if (operator === 'contains') return String(left).includes(String(right));
  const leftNumber = numberOf(left);
  const rightNumber = numberOf(right);
  if (leftNumber !== null && rightNumber !== null) return ordered(leftNumber, operator, rightNumber);
  return ordered(String(left), operator, String(right));
}

function ordered<Value extends string | number>(left: Value, operator: ComparisonOperator, right: Value): boolean {
  switch (operator) {
    case 'contains':
    case 'matches':
      return false;
    case '==':
      return left === right;
    case '!=':
      return left !== right;
    case '<':
      return left < right;
    case '<=':
      return left <= right;
    case '>':
      return left > right;
    case '>=':
      return left >= right;
  }
}

/** The number that a value is, or that its text looks like; null where it is none. */
export function numberOf(value: string | number): number | null {
  if (typeof value === 'number') return value;
  return parseQuantity(value.trim())?.value ?? null;
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
  if ('problem' in compiled) return compiled;
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
