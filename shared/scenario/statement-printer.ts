/** Writes a statement in its canonical form: single spaces, the fewest parentheses, limits in the order `within`, `for`. */
import type { Range } from '#shared/problem.ts';
import { partsOf, type WrittenPart } from './statement-parts.ts';
import type { Condition, EventCondition, Operand, Statement, Template } from './syntax.ts';

/** How the smallest parts are written: as in the source text, for a formatter. */
export interface LeafWriter {
  template(template: Template): string;
  /** A text that reaches to the end of the statement; its inner white space belongs to it. */
  rest(template: Template): string;
  /** A number or a duration with its unit. */
  quantity(range: Range): string;
}

export function printStatement(statement: Statement, leaves: LeafWriter): string {
  return joined(...partsOf(statement).map((part) => printPart(part, leaves)));
}

function printPart(part: WrittenPart, leaves: LeafWriter): string {
  switch (part.kind) {
    case 'word':
    case 'source':
      return part.text;
    case 'command':
      return part.command.words.map((word) => leaves.template(word)).join(' ');
    case 'trigger':
      return printTrigger(part.trigger, leaves);
    case 'duration':
      return leaves.quantity(part.duration.range);
    case 'text':
      return part.rest ? leaves.rest(part.template) : leaves.template(part.template);
    case 'variable':
    case 'label':
    case 'scenario':
      return part.name.text;
    case 'argument':
      return `${part.name.text}=${leaves.template(part.value)}`;
    case 'branch':
      return printStatement(part.statement, leaves);
  }
}

function joined(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join(' ');
}

export function printTrigger(trigger: Condition | EventCondition, leaves: LeafWriter): string {
  if (trigger.kind !== 'event') return printCondition(trigger, leaves);
  const { event, component } = trigger;
  const form = event.text === 'error' || event.text === 'crash' ? event.text : `event ${event.text}`;
  return joined(form, component ? `${event.text === 'crash' ? 'of' : 'from'} ${component.text}` : '');
}

const strength = { or: 1, and: 2, not: 3, comparison: 4 } as const;

/** `and` and `or` lean to the left in the tree; parentheses stand only where the tree needs them. */
export function printCondition(condition: Condition, leaves: LeafWriter): string {
  const inner = (part: Condition, weakest: number) => {
    const text = printCondition(part, leaves);
    return strength[part.kind] < weakest ? `(${text})` : text;
  };
  switch (condition.kind) {
    case 'comparison':
      return `${printOperand(condition.left, leaves)} ${condition.operator} ${printOperand(condition.right, leaves)}`;
    case 'not':
      return `not ${inner(condition.condition, strength.not)}`;
    case 'and':
    case 'or': {
      const own = strength[condition.kind];
      return `${inner(condition.left, own)} ${condition.kind} ${inner(condition.right, own + 1)}`;
    }
  }
}

function printOperand(operand: Operand, leaves: LeafWriter): string {
  switch (operand.kind) {
    case 'text':
      return leaves.template(operand.template);
    case 'number':
      return leaves.quantity(operand.range);
    case 'reading':
      return operand.name;
  }
}
