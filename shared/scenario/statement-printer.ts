/** Writes a statement in its canonical form: single spaces, the fewest parentheses, limits in the order `within`, `for`. */
import type { Range } from '#shared/problem.ts';
import type { Command, Condition, EventCondition, Operand, Statement, Template } from './syntax.ts';

/** How the smallest parts are written: as in the source text, for a formatter. */
export interface LeafWriter {
  template(template: Template): string;
  /** A text that reaches to the end of the statement; its inner white space belongs to it. */
  rest(template: Template): string;
  /** A number or a duration with its unit. */
  quantity(range: Range): string;
}

export function printStatement(statement: Statement, leaves: LeafWriter): string {
  switch (statement.kind) {
    case 'invalid':
      return statement.text;
    case 'command':
      return printCommand(statement.command, leaves);
    case 'set-command':
      return `set ${statement.name.text} ${printCommand(statement.command, leaves)}`;
    case 'set-value':
      return `set ${statement.name.text} = ${leaves.template(statement.value)}`;
    case 'label':
    case 'goto':
      return `${statement.kind} ${statement.kind === 'label' ? statement.name.text : statement.label.text}`;
    case 'echo':
    case 'note':
      return joined(statement.kind, leaves.rest(statement.text));
    case 'repeat':
      return `repeat ${leaves.template(statement.times)}`;
    case 'end':
      return 'end';
    case 'defer':
      return `defer ${printCommand(statement.command, leaves)}`;
    case 'exit':
      return joined('exit', statement.verdict ?? '', statement.reason ? leaves.rest(statement.reason) : '');
    case 'if': {
      const start = `if ${printCondition(statement.condition, leaves)} then ${printStatement(statement.then, leaves)}`;
      return statement.otherwise ? `${start} else ${printStatement(statement.otherwise, leaves)}` : start;
    }
    default:
      return printEventDriven(statement, leaves);
  }
}

type EventDriven = Extract<Statement, { kind: 'wait-duration' | 'wait' | 'expect' | 'on' | 'off' | 'prompt' | 'call' }>;

function printEventDriven(statement: EventDriven, leaves: LeafWriter): string {
  const limit = (word: string, duration: { readonly range: Range } | null) =>
    duration ? `${word} ${leaves.quantity(duration.range)}` : '';
  switch (statement.kind) {
    case 'wait-duration':
      return `wait ${leaves.quantity(statement.duration.range)}`;
    case 'wait':
      return joined('wait', printTrigger(statement.condition, leaves), limit('within', statement.within));
    case 'expect':
      return joined(
        'expect',
        printTrigger(statement.condition, leaves),
        limit('within', statement.within),
        limit('for', statement.holdsFor),
      );
    case 'on':
      return `on ${printTrigger(statement.trigger, leaves)} goto ${statement.label.text}`;
    case 'off':
      return joined('off', statement.trigger ? printTrigger(statement.trigger, leaves) : '');
    case 'prompt': {
      const choices = statement.choices.map((choice) => leaves.template(choice));
      const fallback = statement.fallback ? `default ${leaves.template(statement.fallback)}` : '';
      return joined('prompt', statement.name.text, leaves.template(statement.question), ...choices, fallback);
    }
    case 'call': {
      const given = statement.arguments.map(({ name, value }) => `${name.text}=${leaves.template(value)}`);
      return joined('call', statement.scenario.text, ...given);
    }
  }
}

function joined(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join(' ');
}

function printCommand(command: Command, leaves: LeafWriter): string {
  return command.words.map((word) => leaves.template(word)).join(' ');
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
