/**
 * Values with which a condition is met, for dry runs, of its readings and of variables that nobody knows: they are taken from the condition itself (the other side of each
 * comparison, a little more, a little less) and tried with the evaluator that live runs use.
 */
import { quantityOf } from '#shared/scenario/comparison.ts';
import { evaluateCondition } from '#shared/scenario/condition.ts';
import { compareNumbers } from '#shared/scenario/exact-number.ts';
import type { ValueLookup } from '#shared/scenario/interpolation.ts';
import type { Reading, Readings } from '#shared/scenario/machine-contract.ts';
import { parseQuantity } from '#shared/scenario/quantity.ts';
import type { Condition, Operand } from '#shared/scenario/syntax.ts';

/** Combinations that are tried before a condition is given up. */
const maximumTries = 2_000;

/** Values of these names in a condition under which it is met, or null when none were found; `lookup` tells the others. */
export function satisfyingReadings(condition: Condition, names: readonly string[], lookup: ValueLookup): Readings | null {
  const candidates = new Map<string, Set<Reading>>(names.map((name) => [name, new Set<Reading>()]));
  collect(condition, lookup, candidates);
  // Once more, since one may depend on what was offered to another behind it.
  collect(condition, lookup, candidates);
  const lists = names.map((name) => [...(candidates.get(name) ?? []), 0]);
  let tries = 0;
  const attempt = (index: number, chosen: Readonly<Record<string, Reading>>): Readings | null => {
    const name = names[index];
    if (name === undefined) {
      tries++;
      const known: ValueLookup = (wanted) => (Object.hasOwn(chosen, wanted) ? chosen[wanted] : lookup(wanted));
      return evaluateCondition(condition, known).met ? chosen : null;
    }
    for (const value of lists[index] ?? []) {
      if (tries >= maximumTries) return null;
      const found = attempt(index + 1, { ...chosen, [name]: value });
      if (found) return found;
    }
    return null;
  };
  return attempt(0, {});
}

function collect(condition: Condition, lookup: ValueLookup, into: Map<string, Set<Reading>>): void {
  switch (condition.kind) {
    case 'and':
    case 'or':
      collect(condition.left, lookup, into);
      collect(condition.right, lookup, into);
      break;
    case 'not':
      collect(condition.condition, lookup, into);
      break;
    case 'comparison':
      offer(condition.left, condition.right, lookup, into);
      offer(condition.right, condition.left, lookup, into);
      if (condition.operator === 'matches') offerPattern(condition.left, condition.right, lookup, into);
      break;
  }
}

/** A pattern without its anchors often matches itself. */
function offerPattern(side: Operand, pattern: Operand, lookup: ValueLookup, into: Map<string, Set<Reading>>): void {
  const text = valueOf(pattern, lookup, into);
  if (text !== null) into.get(nameOf(side) ?? '')?.add(String(text).replace(/^\^/, '').replace(/\$$/, ''));
}

/** Offers a name on one side the values near the other side's. */
function offer(side: Operand, other: Operand, lookup: ValueLookup, into: Map<string, Set<Reading>>): void {
  const values = into.get(nameOf(side) ?? '');
  if (!values) return;
  const value = valueOf(other, lookup, into);
  if (value !== null) return offerNear(value, values);
  values.add(1).add('1');
  // Two that are compared with one another: what the other may be so far.
  const offered = new Set(into.get(nameOf(other) ?? ''));
  for (const each of offered) if (each !== null) offerNear(each, values);
}

function offerNear(value: string | number, values: Set<Reading>): void {
  const quantity = quantityOf(value);
  values.add(value);
  if (!quantity) {
    values.add(`${value}~`).add('');
    return;
  }
  const near = typeof value === 'number' ? value : (parseQuantity(value.trim())?.value ?? Number.NaN);
  if (Math.abs(near) < Number.MAX_SAFE_INTEGER) {
    values.add(near + 1).add(near - 1);
  } else {
    // No JavaScript number is next to this one, but one digit more is more, whatever its sign.
    const more = `1e${quantity.number.exponent + 1n}`;
    values.add(more).add(`-${more}`).add(1).add(0);
  }
}

function nameOf(operand: Operand): string | null {
  if (operand.kind === 'reading') return operand.name;
  const only = operand.kind === 'text' && operand.template.parts.length === 1 ? operand.template.parts[0] : undefined;
  return only?.kind === 'reference' ? only.name : null;
}

function valueOf(operand: Operand, lookup: ValueLookup, guessed: ReadonlyMap<string, unknown>): string | number | null {
  if (operand.kind === 'number') return plainNumber(operand);
  if (operand.kind === 'reading') return null;
  let text = '';
  for (const part of operand.template.parts) {
    const value = part.kind === 'text' ? part.text : guessed.has(part.name) ? null : lookup(part.name);
    if (value === null || value === undefined) return null;
    text += String(value);
  }
  return text;
}

/** A quantity in its base unit where a JavaScript number is exactly that; else as it was written. */
function plainNumber({ text, value }: Operand & { kind: 'number' }): string | number {
  const [exact, near] = [quantityOf(text), quantityOf(value)];
  const isSafe = Math.abs(value) <= Number.MAX_SAFE_INTEGER;
  return isSafe && exact && near && compareNumbers(exact.number, near.number) === 0 ? value : text;
}
