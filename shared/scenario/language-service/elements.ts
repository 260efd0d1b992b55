/**
 * What the lines of a scenario are made of: keywords, commands, components, variables, labels … each with its place. Taken
 * from the syntax tree; colours, hovers, definitions, references and renaming are all made of this one list.
 */
import type { Range } from '#shared/problem.ts';
import { componentCommandSchema } from '#shared/protocol/observations.ts';
import { isKeyword } from '../keywords.ts';
import { comparisonsOf, splitReading } from '../check-conditions.ts';
import { partsOf, type WrittenPart } from '../statement-parts.ts';
import type { Command, Condition, EventCondition, Name, Operand, ScenarioLine, Statement, Template } from '../syntax.ts';
import { literalText } from '../template-parts.ts';

export type Element = { readonly range: Range } & (
  | { readonly kind: 'keyword' | 'operator'; readonly text: string }
  /** The first word of a command. */
  | { readonly kind: 'command'; readonly name: string; readonly command: Command }
  /** A literal word of a command, `position` counted from 0 behind its name; `component` and `signal` have kinds of their own. */
  | { readonly kind: 'argument'; readonly command: Command; readonly position: number; readonly text: string | null }
  | { readonly kind: 'component'; readonly name: string }
  | { readonly kind: 'signal'; readonly text: string }
  /** `Component.STATE`, `Component.metric`, bare or in `#{…}`; `name.length` characters from `nameStart` (a column) on. */
  | { readonly kind: 'reading'; readonly name: string; readonly component: string; readonly metric: string; readonly nameStart: number }
  /** `#{name}`, or the name after `set` and `prompt`; the name stands from column `nameStart` on. */
  | { readonly kind: 'variable'; readonly name: string; readonly role: 'definition' | 'use'; readonly nameStart: number }
  | { readonly kind: 'label'; readonly name: string; readonly role: 'definition' | 'use' }
  | { readonly kind: 'scenario'; readonly name: string }
  /** `name` in `call scenario name=value`. */
  | { readonly kind: 'parameter'; readonly name: string; readonly scenario: string }
  | { readonly kind: 'state'; readonly name: string; readonly component: string }
  | { readonly kind: 'event'; readonly name: string }
  | { readonly kind: 'text'; readonly quoted: boolean }
  | { readonly kind: 'number' | 'comment' | 'step-number' }
);

/** Elements of one line from left to right; they do not overlap. `source` is the line's text. */
export function elementsOfLine(line: ScenarioLine, source: string): readonly Element[] {
  const collector = new Collector(source);
  if (line.number) collector.add({ kind: 'step-number', range: line.number.range });
  if (line.statement) collector.statement(line.statement);
  if (line.comment) collector.add({ kind: 'comment', range: line.comment.range });
  return collector.finish(line.statement);
}

const operatorWords: ReadonlySet<string> = new Set(['and', 'or', 'not', 'contains', 'matches']);

class Collector {
  private readonly elements: Element[] = [];
  private readonly source: string;

  constructor(source: string) {
    this.source = source;
  }

  add(element: Element): void {
    if (element.range.end.column > element.range.start.column) this.elements.push(element);
  }

  /** Orders the elements, and finds keywords and operators in what is left between them. */
  finish(statement: Statement | null): readonly Element[] {
    this.sort();
    if (statement && statement.kind !== 'invalid') {
      this.addKeywords(statement.range);
      this.sort();
    }
    return this.elements;
  }

  private sort(): void {
    this.elements.sort((left, right) => left.range.start.column - right.range.start.column);
  }

  /** Between the parts of a sound statement stand only words and signs of the language. */
  private addKeywords(range: Range): void {
    const words: Element[] = [];
    let column = range.start.column;
    for (const element of this.elements) {
      if (element.range.start.column >= range.end.column) break;
      if (element.range.end.column <= range.start.column) continue;
      words.push(...this.wordsBetween(range, column, element.range.start.column));
      column = Math.max(column, element.range.end.column);
    }
    this.elements.push(...words, ...this.wordsBetween(range, column, range.end.column));
  }

  private wordsBetween(line: Range, from: number, to: number): Element[] {
    return [...this.source.slice(from, to).matchAll(/[\p{L}_]+|[=<>!]+/gu)].map((found) => {
      const text = found[0];
      const kind = operatorWords.has(text) || !/^\p{L}/u.test(text) ? 'operator' : 'keyword';
      return { kind, text, range: part(line, from + found.index, text.length) };
    });
  }

  statement(statement: Statement): void {
    for (const part of partsOf(statement)) this.part(part, statement);
  }

  private part(part: WrittenPart, statement: Statement): void {
    switch (part.kind) {
      case 'word':
        // Words and signs are found between the other parts.
        break;
      case 'command':
        this.command(part.command);
        break;
      case 'trigger':
        this.trigger(part.trigger);
        break;
      case 'duration':
        this.add({ kind: 'number', range: part.duration.range });
        break;
      case 'text':
        this.template(part.template);
        break;
      case 'variable':
        this.variable(part.name);
        break;
      case 'label':
        this.add({ kind: 'label', name: part.name.text, role: part.role, range: part.name.range });
        break;
      case 'scenario':
        this.add({ kind: 'scenario', name: part.name.text, range: part.name.range });
        break;
      case 'argument':
        this.add({ kind: 'parameter', name: part.name.text, scenario: part.scenario.text, range: part.name.range });
        this.template(part.value);
        break;
      case 'branch':
        this.statement(part.statement);
        break;
      case 'source':
        this.firstWord(part.text, statement.range);
    }
  }

  /** A statement that is being written keeps its first word's colour. */
  private firstWord(text: string, range: Range): void {
    const word = /^[a-z]+/.exec(text)?.[0] ?? null;
    if (isKeyword(word)) this.add({ kind: 'keyword', text: word, range: part(range, range.start.column, word.length) });
  }

  private variable({ text, range }: Name): void {
    this.add({ kind: 'variable', name: text, role: 'definition', nameStart: range.start.column, range });
  }

  private command(command: Command): void {
    const [first, ...words] = command.words;
    if (!first) return;
    const name = literalText(first);
    if (name === null) this.template(first);
    else this.add({ kind: 'command', name, command, range: first.range });
    const places = isComponentCommand(name) ? componentWords(name, words) : null;
    for (const [position, word] of words.entries()) {
      const text = literalText(word);
      if (text === null) this.template(word);
      else if (word === places?.component) this.add({ kind: 'component', name: text, range: word.range });
      else if (places?.signal.includes(word)) this.add({ kind: 'signal', text, range: word.range });
      else this.add({ kind: 'argument', command, position, text, range: word.range });
    }
  }

  private trigger(trigger: Condition | EventCondition): void {
    if (trigger.kind === 'event') {
      const plain = trigger.event.text === 'error' || trigger.event.text === 'crash';
      if (plain) this.add({ kind: 'keyword', text: trigger.event.text, range: trigger.event.range });
      else this.add({ kind: 'event', name: trigger.event.text, range: trigger.event.range });
      if (trigger.component) this.add({ kind: 'component', name: trigger.component.text, range: trigger.component.range });
      return;
    }
    for (const { left, right } of comparisonsOf(trigger)) {
      this.operand(left, right);
      this.operand(right, left);
    }
  }

  private operand(operand: Operand, other: Operand): void {
    if (operand.kind === 'number') return this.add({ kind: 'number', range: operand.range });
    if (operand.kind === 'reading') return this.reading(operand.name, operand.range, operand.range.start.column);
    const state = stateComponent(other);
    const text = literalText(operand.template);
    if (state !== null && text !== null) this.add({ kind: 'state', name: text, component: state, range: operand.range });
    else this.template(operand.template);
  }

  private reading(name: string, range: Range, nameStart: number): void {
    const { component, metric } = splitReading(name);
    this.add({ kind: 'reading', name, component, metric, nameStart, range });
  }

  /** References, and the text between them. */
  private template(template: Template): void {
    const quoted = template.quote !== 'none';
    let column = template.range.start.column;
    const text = (to: number): void => {
      if (to > column) this.add({ kind: 'text', quoted, range: part(template.range, column, to - column) });
    };
    for (const piece of template.parts) {
      if (piece.kind === 'text') continue;
      text(piece.range.start.column);
      const nameStart = this.source.indexOf(piece.name, piece.range.start.column + 2);
      const variable = !piece.name.includes('.') || piece.name.startsWith('unique.');
      if (variable) this.add({ kind: 'variable', name: piece.name, role: 'use', nameStart, range: piece.range });
      else this.reading(piece.name, piece.range, nameStart);
      column = piece.range.end.column;
    }
    text(template.range.end.column);
  }
}

function isComponentCommand(name: string | null): name is string {
  return componentCommandSchema.safeParse(name).success;
}

/** Which words of `kill -9 X`, `kill -s KILL X`, `signal HUP X` … are the signal and the component. */
export function componentWords(
  name: string,
  words: readonly Template[],
): { readonly signal: readonly Template[]; readonly component: Template | undefined } {
  const [first, second, third] = words;
  if (name === 'signal') return { signal: first ? [first] : [], component: second };
  const text = first ? literalText(first) : null;
  if (name !== 'kill' || !first || text?.startsWith('-') !== true) return { signal: [], component: first };
  if (text === '-s') return { signal: second ? [first, second] : [first], component: third };
  return { signal: [first], component: second };
}

/** The component whose state an operand is, or null. */
function stateComponent(operand: Operand): string | null {
  if (operand.kind !== 'reading') return null;
  const { component, metric } = splitReading(operand.name);
  return metric === 'STATE' ? component : null;
}

/** The stretch of `length` from `column` on, in the line of `range`. */
export function part(range: Range, column: number, length: number): Range {
  const { line, offset, column: origin } = range.start;
  const place = (at: number) => ({ line, column: at, offset: offset + at - origin });
  return { start: place(column), end: place(column + length) };
}
