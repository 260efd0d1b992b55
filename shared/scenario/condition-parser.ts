/**
 * Conditions: `or`, `and`, `not`, parentheses, comparisons; and the events that `on`, `wait` and `expect` may name instead.
 * Nesting and length are bounded, so that whoever walks the tree may do so recursively.
 */
import type { Range } from '#shared/problem.ts';
import { readingName, simpleName } from './characters.ts';
import { quoteForMessage, replaceWith } from './diagnostics.ts';
import type { LineCursor } from './line-cursor.ts';
import { longestDuration, intendedUnit, parseQuantity, splitQuantity, unitNames, type Quantity } from './quantity.ts';
import type { ComparisonOperator, Condition, EventCondition, Name, Operand, Template } from './syntax.ts';

/** How deep parentheses and `not` may be nested. */
export const maximumConditionDepth = 32;
/** How many comparisons one condition may hold. */
export const maximumComparisons = 128;

const operators: ReadonlySet<string> = new Set(['==', '!=', '<', '<=', '>', '>=', 'contains', 'matches']);
const intendedOperators: ReadonlyMap<string, ComparisonOperator> = new Map([
  ['=', '=='],
  ['===', '=='],
  ['is', '=='],
  ['equals', '=='],
  ['eq', '=='],
  ['!==', '!='],
  ['<>', '!='],
  ['ne', '!='],
  ['=<', '<='],
  ['=>', '>='],
  ['gt', '>'],
  ['lt', '<'],
  ['ge', '>='],
  ['le', '<='],
  ['=~', 'matches'],
  ['includes', 'contains'],
  ['has', 'contains'],
  ['like', 'matches'],
]);
/** Words that end an operand's place: an operand that should be one of these is put into quotes. */
const notOperands: ReadonlySet<string> = new Set(['then', 'and', 'or', 'within', 'goto', 'contains', 'matches']);

/** Reads a condition, or null after telling what is wrong. `endings` are the words that may follow, for messages. */
export function readCondition(cursor: LineCursor): Condition | null {
  return new ConditionReader(cursor).read();
}

class ConditionReader {
  private readonly cursor: LineCursor;
  private comparisons = 0;
  private depth = 0;

  constructor(cursor: LineCursor) {
    this.cursor = cursor;
  }

  read(): Condition | null {
    return this.chain('or', () => this.chain('and', () => this.unary()));
  }

  /** `a or b or c` as a tree that leans to the left. */
  private chain(kind: 'and' | 'or', readNext: () => Condition | null): Condition | null {
    let left = readNext();
    while (left && this.takeConnective(kind)) {
      const right = readNext();
      if (!right) return null;
      left = { kind, left, right, range: spanning(left.range, right.range) };
    }
    return left;
  }

  private takeConnective(kind: 'and' | 'or'): boolean {
    const cursor = this.cursor;
    if (this.takeConditionWord(kind)) return true;
    if (cursor.atEnd()) return false;
    const start = cursor.position;
    const symbol = kind === 'and' ? '&&' : '||';
    const shouted = kind.toUpperCase();
    const found = cursor.peekOperator() === symbol ? symbol : cursor.takeWord(shouted) ? shouted : null;
    if (found === null) return false;
    cursor.position = start + found.length;
    const range = cursor.range(start, cursor.position);
    cursor.error('unknown-operator', `${quoteForMessage(found)} is not a word of conditions.`, range, {
      tip: `Write \`${kind}\`.`,
      fix: replaceWith(range, kind),
    });
    return true;
  }

  private unary(): Condition | null {
    const cursor = this.cursor;
    if (cursor.atEnd()) return this.missingOperand();
    const start = cursor.position;
    const parenthesis = cursor.text[start] === '(';
    if (!parenthesis && !this.takeConditionWord('not')) return this.comparison();
    if (this.depth >= maximumConditionDepth) return this.tooComplex(start, `nested deeper than ${maximumConditionDepth} levels`);
    this.depth += 1;
    const condition = parenthesis ? this.group(start) : this.negation(start);
    this.depth -= 1;
    return condition;
  }

  /** Reads `word` where it stands ahead; a parenthesis may follow it without a space. */
  private takeConditionWord(word: string): boolean {
    const { cursor } = this;
    if (cursor.atEnd() || !cursor.text.startsWith(word, cursor.position)) return false;
    if (!cursor.isConditionBoundary(cursor.position + word.length)) return false;
    cursor.position += word.length;
    return true;
  }

  private negation(start: number): Condition | null {
    const condition = this.unary();
    return condition && { kind: 'not', condition, range: this.cursor.range(start, condition.range.end.column) };
  }

  private group(start: number): Condition | null {
    const cursor = this.cursor;
    cursor.position = start + 1;
    const condition = this.read();
    if (!condition) return null;
    if (!cursor.atEnd() && cursor.text[cursor.position] === ')') {
      cursor.position += 1;
      return { ...condition, range: cursor.range(start, cursor.position) };
    }
    return cursor.error('missing-parenthesis', 'This parenthesis is never closed.', cursor.range(start, start + 1), {
      tip: 'Write `)` where the group ends.',
      fix: { title: 'Close the parenthesis', range: cursor.here(), replacement: ')' },
    });
  }

  private comparison(): Condition | null {
    const left = this.operand();
    if (!left) return null;
    const operator = this.operator(left);
    if (!operator) return null;
    const right = this.operand();
    if (!right) return null;
    this.comparisons += 1;
    if (this.comparisons > maximumComparisons)
      return this.tooComplex(left.range.start.column, `longer than ${maximumComparisons} comparisons`);
    return { kind: 'comparison', left, operator, right, range: spanning(left.range, right.range) };
  }

  private operator(left: Operand): ComparisonOperator | null {
    const cursor = this.cursor;
    const atEnd = cursor.atEnd();
    const start = cursor.position;
    const written = atEnd ? '' : cursor.peekOperator() || (cursor.peekWord() ?? '');
    if (operators.has(written)) {
      cursor.position = start + written.length;
      return written as ComparisonOperator;
    }
    const intended = intendedOperators.get(written.toLowerCase());
    const range = cursor.range(start, start + written.length);
    if (intended) {
      cursor.position = start + written.length;
      cursor.error('unknown-operator', `${quoteForMessage(written)} is not an operator.`, range, {
        tip: `Write \`${intended}\`.`,
        fix: replaceWith(range, intended),
      });
      return intended;
    }
    return this.missingOperator(left, written, range);
  }

  private missingOperator(left: Operand, written: string, range: Range): null {
    const { cursor } = this;
    const operandText = cursor.text.slice(left.range.start.column, left.range.end.column);
    if (/^(?:error|crash|event)$/.test(operandText) && left.kind === 'text') return eventOutOfPlace(cursor, left.range);
    if (written === '' || notOperands.has(written) || written === 'for') {
      return cursor.error('missing-operator', `${quoteForMessage(operandText)} is compared with nothing.`, left.range, {
        tip: `Say what must be true of it, for example \`${operandText.slice(0, 60)} == 'PASS'\`.`,
      });
    }
    return cursor.error('unknown-operator', `${quoteForMessage(written)} is not an operator.`, range, {
      tip: `Operators are == != < <= > >= contains matches; a text of several words needs quotes.`,
    });
  }

  private missingOperand(): null {
    return this.cursor.error('missing-operand', 'Something to compare is missing here.', this.cursor.here(), {
      tip: "Write a reading such as `Engine.STATE`, a variable such as `#{status}`, a number with its unit, or 'text'.",
    });
  }

  private tooComplex(start: number, how: string): null {
    const range = this.cursor.range(start, this.cursor.position);
    return this.cursor.error('condition-too-deep', `This condition is ${how}.`, range, {
      tip: 'Split it: keep parts of it in variables, or use several `if` or `expect` lines.',
    });
  }

  private operand(): Operand | null {
    const { cursor } = this;
    if (cursor.atEnd()) return this.missingOperand();
    const reading = this.reading();
    if (reading) return reading;
    const start = cursor.position;
    if (cursor.quoteAhead() === null && cursor.isConditionBoundary(start)) return this.missingOperand();
    const template = cursor.readConditionWord();
    const written = cursor.text.slice(start, cursor.position);
    if (notOperands.has(written) || (written === 'else' && cursor.stopAtElse)) {
      cursor.position = start;
      return this.missingOperand();
    }
    const text = { kind: 'text', template, range: template.range } as const;
    return template.quote === 'none' && !template.parts.some((part) => part.kind === 'reference') ? this.bareOperand(text) : text;
  }

  /** A reading may carry a label set, whose braces, quotes and spaces belong to it. */
  private reading(): Operand | null {
    const { cursor } = this;
    bareReading.lastIndex = cursor.position;
    const found = bareReading.exec(cursor.text)?.[0];
    if (found === undefined || !cursor.isConditionBoundary(cursor.position + found.length) || !readingName.test(found)) return null;
    const start = cursor.position;
    cursor.position += found.length;
    return { kind: 'reading', name: found, range: cursor.range(start, cursor.position) };
  }

  /** `500 MB` is told of where it stands; the unit would otherwise pass for the next word of the condition. */
  private number(written: string, quantity: Quantity, range: Range): Operand | null {
    const { cursor } = this;
    const next = quantity.unit === 'none' ? cursor.peekWord() : null;
    if (next === null || !unitNames.includes(next)) return { kind: 'number', text: written, ...quantity, range };
    return spaceBeforeUnit(cursor, range, written + next, cursor.range(cursor.position, cursor.position + next.length));
  }

  private bareOperand(operand: Operand & { kind: 'text' }): Operand | null {
    const { cursor } = this;
    const { range } = operand;
    const written = cursor.text.slice(range.start.column, range.end.column);
    const quantity = parseQuantity(written);
    if (quantity) return this.number(written, quantity, range);
    const parts = splitQuantity(written);
    const intended = parts && intendedUnit(parts.unit);
    if (!parts || !intended) return operand;
    const mended = `${parts.number}${intended}`;
    return cursor.error('unknown-unit', `${quoteForMessage(parts.unit)} is not a unit.`, range, {
      tip: `Write \`${mended}\`, or put quotes round it if it is a text.`,
      fix: replaceWith(range, mended),
    });
  }
}

const bareReading = /[A-Za-z][A-Za-z0-9_-]*\.[A-Za-z_:][A-Za-z0-9_.:]*(?:\{[^{}]*\})?/y;

/** Told of `if error from X`, `not crash of X`, `a == b and error`. */
function eventOutOfPlace(cursor: LineCursor, range: Range): null {
  return cursor.error('combined-event', 'An event cannot stand here.', range, {
    tip: 'It stands alone after `wait`, `expect`, `on` or `off`; it cannot be negated, combined, or asked for by `if`.',
  });
}

function spaceBeforeUnit(cursor: LineCursor, number: Range, mended: string, unit: Range): null {
  const range = spanning(number, unit);
  return cursor.error('missing-unit', 'A number and its unit are written together.', range, {
    tip: `Write \`${mended}\`.`,
    fix: replaceWith(range, mended),
  });
}

/** From the start of the first to the end of the last. */
export function spanning(first: Range, last: Range): Range {
  return { start: first.start, end: last.end };
}

/** Reads what `on`, `wait`, `expect` and `off` listen for: an event or a condition. */
export function readTrigger(cursor: LineCursor): Condition | EventCondition | null {
  const event = readEvent(cursor);
  if (event === null) return readCondition(cursor);
  if (event === 'failed') return null;
  const next = cursor.peekWord();
  if (next === 'and' || next === 'or') {
    return eventOutOfPlace(cursor, event.range);
  }
  return event;
}

/** `error [from X]`, `crash [of X]`, `event name [from X]`; null, with nothing read, where a condition stands instead. */
function readEvent(cursor: LineCursor): EventCondition | 'failed' | null {
  const word = cursor.peekWord();
  if (word !== 'error' && word !== 'crash' && word !== 'event') return null;
  const start = cursor.position;
  cursor.position = start + word.length;
  if (cursor.atEnd() ? word === 'event' : !followsEvent(cursor, word)) {
    cursor.position = start;
    return null;
  }
  const event = word === 'event' ? readName(cursor, 'event') : { text: word, range: cursor.range(start, start + word.length) };
  if (!event) return 'failed';
  const component = cursor.takeWord(word === 'crash' ? 'of' : 'from') ? readName(cursor, 'component') : undefined;
  if (component === null) return 'failed';
  return { kind: 'event', event, component: component ?? null, range: spanning(cursor.range(start, start), (component ?? event).range) };
}

/** `error == …` compares a text; `error from X` is an event. */
function followsEvent(cursor: LineCursor, word: string): boolean {
  const next = cursor.peekWord();
  if (next === null || operators.has(next) || cursor.peekOperator() !== '') return false;
  return word === 'event' || ['from', 'of', 'goto', 'within', 'for', 'and', 'or'].includes(next);
}

/** Reads the name of a variable, label, component …; null after telling what is wrong. */
export function readName(cursor: LineCursor, what: string): Name | null {
  if (cursor.atEnd()) {
    return cursor.error('missing-name', `The name of the ${what} is missing here.`, cursor.here(), { tip: `Write it as the next word.` });
  }
  const start = cursor.position;
  const word: Template = cursor.readWord();
  const text = cursor.text.slice(start, word.range.end.column);
  if (word.quote === 'none' && text.length <= 64 && simpleName.test(text)) return { text, range: word.range };
  return cursor.error('bad-name', `${quoteForMessage(text)} cannot be the name of a ${what}.`, word.range, {
    tip: 'A name begins with a letter and holds letters, digits, _ and - (64 at most), without quotes.',
  });
}

/** Reads `30s` after `within`, `for` or `wait`, in ms; null after telling what is wrong. */
export function readDuration(cursor: LineCursor, after: string): { milliseconds: number; range: Range } | null {
  if (cursor.atEnd()) {
    return cursor.error('missing-duration', `A duration is missing after \`${after}\`.`, cursor.here(), {
      tip: `For example \`${after} 30s\`.`,
    });
  }
  const { range } = cursor.readWord();
  const written = cursor.text.slice(range.start.column, range.end.column);
  const quantity = parseQuantity(written);
  if (quantity?.unit === 'ms' && quantity.value >= 0 && quantity.value <= longestDuration) return { milliseconds: quantity.value, range };
  if (quantity?.unit === 'ms') {
    return cursor.error('duration-out-of-range', `${quoteForMessage(written)} is not a possible duration.`, range, {
      tip: 'A duration lies between 0ms and 576h (24 days).',
    });
  }
  return badDuration(cursor, written, quantity !== null && quantity.unit === 'none', range);
}

function badDuration(cursor: LineCursor, written: string, plainNumber: boolean, range: Range): null {
  const next = plainNumber ? cursor.peekWord() : null;
  if (next !== null && ['ms', 's', 'm', 'h'].includes(next)) {
    return spaceBeforeUnit(cursor, range, written + next, cursor.range(cursor.position, cursor.position + next.length));
  }
  const intended = intendedUnit(splitQuantity(written)?.unit ?? '');
  const mended = plainNumber ? `${written}s` : intended ? `${splitQuantity(written)?.number ?? ''}${intended}` : null;
  const message = plainNumber ? `${quoteForMessage(written)} has no unit.` : `${quoteForMessage(written)} is not a duration.`;
  const tip = `Durations are written like \`250ms\`, \`30s\`, \`5m\`, \`1.5h\`${written.includes('#{') ? '; they cannot come from a variable' : ''}.`;
  const fix = mended !== null && /(?:ms|s|m|h)$/.test(mended) ? { fix: replaceWith(range, mended) } : {};
  return cursor.error(plainNumber ? 'missing-unit' : 'missing-duration', message, range, { tip, ...fix });
}
