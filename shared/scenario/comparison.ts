/**
 * How two values compare, for whoever decides conditions: the machine, breakpoints, limits, dry runs.
 *
 * - `<` `<=` `>` `>=` are defined for numbers, sizes, durations and shares, exactly and whatever their form (`1e3`, `0.5GB`).
 *   With anything else, and with what a failed command left, the comparison is a problem: neither met nor not met.
 * - `==` and `!=` compare numbers where both sides are such, else texts, character by character. Where nothing can be said
 *   against equality but that a command failed or an answer is empty, `==` is not met, and saying the opposite (`!=`, `not`) is a problem.
 * - Numbers with units of different kinds (`5s`, `3MB`) are not compared at all; one without unit counts in the other's base unit.
 * - A missing value is neither equal nor different, smaller nor larger.
 */
import { compareNumbers } from './exact-number.ts';
import type { Reading } from './machine-contract.ts';
import { readQuantity, type ExactQuantity } from './quantity.ts';
import type { ComparisonOperator } from './syntax.ts';

/** Why a value is not what it seems: the command that should have given it did not succeed. */
export interface Doubt {
  /** Continues "the value of 'lost' is …": "what its command left, which …". */
  readonly why: string;
  /** The value is the exit status itself, which a command tells by failing. */
  readonly exitStatus: boolean;
}

/** One side of a comparison. */
export interface Side {
  readonly value: Reading;
  /** How messages call it: `'lost'`; null where it is written in the condition. */
  readonly name: string | null;
  readonly doubt: Doubt | null;
}

/** Why a condition cannot be decided. */
export interface Undecidable {
  readonly kind: 'undecidable';
  readonly problem: string;
}

/** Not met, but the opposite cannot be said either: then it is the problem. */
export interface Doubtful {
  readonly kind: 'doubtful';
  readonly problem: string;
}

/** True, false, null (a value is missing), or what keeps it from being one of them. */
export type Truth = boolean | null | Doubtful | Undecidable;

export type OrderOperator = '<' | '<=' | '>' | '>=';

/** Whether an operator asks for an order, which texts do not have. */
export function isOrder(operator: ComparisonOperator): operator is OrderOperator {
  return operator === '<' || operator === '<=' || operator === '>' || operator === '>=';
}

/** Decides `left operator right` for the operators that compare whole values. */
export function compareValues(left: Side, operator: OrderOperator | '==' | '!=', right: Side): Truth {
  if (operator === '==') return equal(left, right, operator);
  if (operator === '!=') return negated(equal(left, right, operator));
  return ordered(left, operator, right);
}

/** `not` of a truth. */
export function negated(truth: Truth): Truth {
  if (typeof truth === 'boolean') return !truth;
  return truth?.kind === 'doubtful' ? undecidable(truth.problem) : truth;
}

/** `and` and `or`: what cannot be decided on one side cannot be decided at all, whatever the other side is. */
export function joined(kind: 'and' | 'or', left: Truth, right: Truth): Truth {
  for (const truth of [left, right]) if (isUndecidable(truth)) return truth;
  const deciding = kind === 'or';
  if (left === deciding || right === deciding) return deciding;
  for (const truth of [left, right]) if (typeof truth === 'object' && truth !== null) return truth;
  return left === null || right === null ? null : !deciding;
}

/** Whether a comparison came to nothing, neither met nor its opposite: the step is an error. */
export function isUndecidable(truth: Truth): truth is Undecidable {
  return typeof truth === 'object' && truth?.kind === 'undecidable';
}

/** A comparison that came to nothing, with what stood in the way as a sentence. */
export function undecidable(problem: string): Undecidable {
  return { kind: 'undecidable', problem };
}

/** Not met because of something that `what` says, which proves nothing of the opposite. */
export function doubtful(problem: string): Doubtful {
  return { kind: 'doubtful', problem };
}

function ordered(left: Side, operator: OrderOperator, right: Side): Truth {
  for (const side of [left, right]) {
    const problem = orderProblem(side, operator);
    if (problem !== null) return undecidable(problem);
  }
  const one = quantityOf(left.value);
  const other = quantityOf(right.value);
  if (!one || !other) return null;
  const order = orderOf(left, one, right, other);
  if (typeof order === 'object') return order;
  switch (operator) {
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '>=':
      return order >= 0;
  }
}

function orderProblem({ value, name, doubt }: Side, operator: OrderOperator): string | null {
  if (value === null) return null;
  const what = `\`${operator}\` compares`;
  if (doubt) return `${described(value, name)} cannot be compared by \`${operator}\`: it is ${doubt.why}.`;
  if (quantityOf(value)) return null;
  return `${described(value, name)} is no number, and ${what} numbers, sizes, durations and shares only.`;
}

function equal(left: Side, right: Side, operator: '==' | '!='): Truth {
  if (left.value === null || right.value === null) return null;
  const one = quantityOf(left.value);
  const other = quantityOf(right.value);
  if (one && other) return sameNumber(left, one, right, other, operator);
  if (one || other) return one ? isNot(left, right) : isNot(right, left);
  return sameText(left, String(left.value), right, String(right.value));
}

function sameNumber(left: Side, one: ExactQuantity, right: Side, other: ExactQuantity, operator: '==' | '!='): Truth {
  for (const { value, name, doubt } of [left, right]) {
    // A command says by its exit status how it went, so that one may be looked at.
    if (value === null || !doubt || doubt.exitStatus) continue;
    return undecidable(`${described(value, name)} cannot be compared by \`${operator}\` with a number: it is ${doubt.why}.`);
  }
  const order = orderOf(left, one, right, other);
  return typeof order === 'object' ? order : order === 0;
}

/** A number beside a text that is none. An empty answer, or one of a failed command, is not thereby another number. */
function isNot(number: Side, { value, name, doubt }: Side): Truth {
  const sentence = `${described(value ?? '', name)} is no number to be compared with ${described(number.value ?? '', number.name)}`;
  if (doubt) return doubtful(`${sentence}: it is ${doubt.why}.`);
  return value === '' ? doubtful(`${sentence}.`) : false;
}

function sameText(left: Side, one: string, right: Side, other: string): Truth {
  const failed = [left, right].filter(({ doubt }) => doubt !== null);
  if (one === other) {
    if (failed.length === 2) return undecidable(bothFailed(left, right));
    if (one !== '' || left.name === null || right.name === null) return true;
    // Two commands that say nothing do not thereby agree; that a value is empty is asked for with ''.
    return undecidable(
      failed[0] ? sentenceOf(failed[0]) : `'${left.name}' and '${right.name}' are both empty, so there is nothing to compare.`,
    );
  }
  const empty = failed.find(({ value }) => value === '');
  return empty ? doubtful(sentenceOf(empty)) : false;
}

function bothFailed(left: Side, right: Side): string {
  return `${described(left.value ?? '', left.name)} and ${described(right.value ?? '', right.name)} both come of commands that failed, so it says nothing that they are the same.`;
}

/** Says of a value that its command left it so. */
export function sentenceOf(side: Side | undefined): string {
  if (!side?.doubt) return 'A value is in doubt.';
  return `${described(side.value ?? '', side.name)} cannot be relied on: it is ${side.doubt.why}.`;
}

/** How two numbers stand to one another, or the problem that there is no telling. */
function orderOf(left: Side, one: ExactQuantity, right: Side, other: ExactQuantity): -1 | 0 | 1 | Undecidable {
  if (one.unit !== other.unit && one.unit !== 'none' && other.unit !== 'none') {
    const [first, second] = [described(left.value ?? '', left.name), described(right.value ?? '', right.name)];
    return undecidable(`${first} is in ${one.unit} and ${second} in ${other.unit}; values in different units cannot be compared.`);
  }
  const blurred = isBlurred(left.value, right.value) ? left : isBlurred(right.value, left.value) ? right : null;
  if (blurred) {
    return undecidable(`${described(blurred.value ?? '', blurred.name)} is too large for a metric to be known to the last digit.`);
  }
  return compareNumbers(one.number, other.number);
}

/** A metric is a double: beyond 2^53 it stands for several whole numbers, and cannot tell which of them it is. */
function isBlurred(metric: Reading, other: Reading): boolean {
  if (typeof metric !== 'number' || Math.abs(metric) <= Number.MAX_SAFE_INTEGER) return false;
  const nearest = typeof other === 'number' ? other : approximated(other ?? '');
  return nearest === metric;
}

function approximated(text: string): number {
  const quantity = readQuantity(text.trim());
  if (!quantity) return Number.NaN;
  const { sign, digits, exponent } = quantity.number;
  return Number(`${sign < 0 ? '-' : ''}0.${digits || '0'}e${exponent}`);
}

/** The quantity that a value is or that its text reads as, in its base unit; null where it is none. */
export function quantityOf(value: Reading): ExactQuantity | null {
  if (value === null) return null;
  return readQuantity(typeof value === 'number' ? String(value) : value.trim());
}

/** `'lost' (5)`, `'lost' (empty)`, `'abc'`: a value and where it is from. */
function described(value: string | number, name: string | null): string {
  const text = String(value);
  const shown = text.length > 80 ? `${text.slice(0, 79)}…` : text;
  if (name === null) return text === '' ? 'An empty text' : `'${shown}'`;
  return text === '' ? `'${name}' (empty)` : `'${name}' (${shown})`;
}
