/**
 * How statements and conditions read in steps, messages and logs: in canonical form, on one line. The tree does not hold
 * the source text, so texts and durations are written anew from their values (`30s`); numbers in conditions stay as written.
 */
import type { Range } from '#shared/problem.ts';
import { straightQuote } from './characters.ts';
import type { StepReference } from './machine-contract.ts';
import type { Handler } from './machine-state.ts';
import { partsOf } from './statement-parts.ts';
import { printStatement, printTrigger, type LeafWriter } from './statement-printer.ts';
import { readQuantity } from './quantity.ts';
import type { Condition, EventCondition, Operand, Statement, Template } from './syntax.ts';

/** How the message of a step begins whose command was called off, and of one whose command did not succeed. */
export const commandCancelled = 'The command was cancelled.';
export const commandEnded = 'The command ended ';

const statementTexts = new WeakMap<Statement, string>();
const conditionTexts = new WeakMap<Condition | EventCondition, string>();

/** The statement without its step number and comment. */
export function statementText(statement: Statement): string {
  let text = statementTexts.get(statement);
  if (text === undefined) {
    const leaves = leafWriter((quantities) => collectFromStatement(statement, quantities));
    text = shortened(printStatement(statement, leaves), maximumShownLength);
    statementTexts.set(statement, text);
  }
  return text;
}

/** The condition or event as it stands after `wait`, `expect`, `on` or `if`. */
export function conditionText(condition: Condition | EventCondition): string {
  let text = conditionTexts.get(condition);
  if (text === undefined) {
    const leaves = leafWriter((quantities) => collectFromCondition(condition, quantities));
    text = shortened(printTrigger(condition, leaves), maximumShownLength);
    conditionTexts.set(condition, text);
  }
  return text;
}

/** Equal for conditions that say the same in other forms of their numbers: `A.x > 1s` and `A.x > 1000ms`. */
export function triggerKey(condition: Condition | EventCondition): string {
  return printTrigger(
    condition,
    leafWriter((quantities) => collectFromCondition(condition, quantities, exactText)),
  );
}

function exactText({ text }: NumberOperand): string {
  const quantity = readQuantity(text);
  if (!quantity) return text;
  const { sign, digits, exponent } = quantity.number;
  return `${sign}:${digits}e${exponent}${quantity.unit}`;
}

/** The sentence for a handler whose condition cannot be decided. */
export function handlerProblem({ text, label, problem }: Handler): string {
  return `The reaction \`on ${shortened(text, 200)} goto ${label}\` cannot be decided: ${problem ?? 'it is not known why.'}`;
}

/** The sentence part for the result of a step's command that failed: "the result of a command that failed (…)". */
export function failedResult({ line, scenario, text }: StepReference, message: string): string {
  const reason = message === '' ? '' : `: ${message.charAt(0).toLowerCase()}${message.slice(1).replace(/\.$/, '')}`;
  return `the result of a command that failed (line ${line + 1} of ${scenario}, \`${shortened(text, 100)}\`${shortened(reason, 300)})`;
}

/** Longer statements are cut off where they are shown. */
const maximumShownLength = 2_000;

/** A text that may be of any length, for showing. */
export function shortened(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}

/** What stands at the place of each number and duration. */
type Quantities = Map<Range, string>;
type NumberOperand = Operand & { readonly kind: 'number' };

function leafWriter(collect: (quantities: Quantities) => void): LeafWriter {
  const quantities: Quantities = new Map();
  collect(quantities);
  return { template: templateText, rest: templateText, quantity: (range) => quantities.get(range) ?? '' };
}

function templateText({ parts, quote }: Template): string {
  const text = parts.map((part) => (part.kind === 'text' ? part.text : `#{${part.name}}`)).join('');
  return quote === 'none' ? text : straightQuote[quote] + text + straightQuote[quote];
}

function collectFromStatement(statement: Statement, into: Quantities): void {
  for (const part of partsOf(statement)) {
    if (part.kind === 'trigger') collectFromCondition(part.trigger, into);
    if (part.kind === 'duration') into.set(part.duration.range, durationText(part.duration.milliseconds));
    if (part.kind === 'branch') collectFromStatement(part.statement, into);
  }
}

function collectFromCondition(
  condition: Condition | EventCondition,
  into: Quantities,
  write: (operand: NumberOperand) => string = ({ text }) => text,
): void {
  switch (condition.kind) {
    case 'event':
      return;
    case 'not':
      collectFromCondition(condition.condition, into, write);
      return;
    case 'and':
    case 'or':
      collectFromCondition(condition.left, into, write);
      collectFromCondition(condition.right, into, write);
      return;
    case 'comparison':
      for (const operand of [condition.left, condition.right]) {
        if (operand.kind === 'number') into.set(operand.range, write(operand));
      }
  }
}

/** Units from large to small. */
const timeUnits = [
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
  ['ms', 1],
] as const;

/** In the largest unit of which a duration is a whole number. */
function durationText(milliseconds: number): string {
  const [name, factor] = timeUnits.find(([, size]) => milliseconds !== 0 && milliseconds % size === 0) ?? ['ms', 1];
  return `${milliseconds / factor}${name}`;
}
