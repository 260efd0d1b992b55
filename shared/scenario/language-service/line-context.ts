/**
 * What may be written at the caret. The line up to it is read word by word with the parser's own cursor, since a line that
 * is being written is seldom a whole statement yet.
 */
import { isKeyword, needsWholeLine, statementWords, takesCondition, type Keyword } from '../keywords.ts';
import { LineCursor } from '../line-cursor.ts';
import { componentCommandSchema, type ComponentCommand } from '#shared/protocol/observations.ts';

/** `start` is the column from which on the completion replaces what stands there. */
export type LineContext = { readonly start: number } & (
  | { readonly kind: 'nothing' }
  /** A statement or command; `simple`: after `then` and `else`, where some statements cannot stand. */
  | { readonly kind: 'statement'; readonly simple: boolean }
  | { readonly kind: 'command' }
  /** Behind `set name`. */
  | { readonly kind: 'value-or-command' }
  | { readonly kind: 'arguments'; readonly command: string; readonly words: readonly string[]; readonly word: string }
  | { readonly kind: 'signal'; readonly component: string | null; readonly dashed: boolean }
  | { readonly kind: 'component'; readonly command: ComponentCommand | null }
  | { readonly kind: 'component-or-signal' }
  | { readonly kind: 'reference' }
  /** Behind `Component.`, in a condition or a reference. */
  | { readonly kind: 'member'; readonly component: string }
  | { readonly kind: 'operand'; readonly statement: Keyword; readonly first: boolean; readonly left: string | null }
  | { readonly kind: 'operator'; readonly left: string }
  | {
      readonly kind: 'after-condition';
      readonly statement: Keyword;
      readonly given: readonly string[];
      /** Whether `and` may follow. */ readonly joinable: boolean;
    }
  | { readonly kind: 'after-event'; readonly statement: Keyword; readonly event: string }
  | { readonly kind: 'event' }
  | { readonly kind: 'duration' }
  | { readonly kind: 'label' }
  | { readonly kind: 'scenario' }
  | { readonly kind: 'call-arguments'; readonly scenario: string; readonly given: readonly string[] }
  | { readonly kind: 'verdict' }
  | { readonly kind: 'new-name' }
);

interface Word {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** `text` is the line up to the caret. */
export function contextOf(text: string): LineContext {
  const reference = openReference(text);
  if (reference !== null) return reference;
  const read = readWords(text);
  if (read.comment || read.inQuotes) return nothing(text.length);
  const { words } = read;
  const [first] = words;
  if (first && /^[0-9]+$/.test(first.text) && first.end < text.length) words.shift();
  const last = words.at(-1);
  // A sign of comparison is whole as it stands: what comes next is the other side.
  const sign = last !== undefined && read.conditional && /^(?:[=!<>]+|\()$/.test(last.text);
  const touching = last && last.end === text.length && !sign ? words.pop() : undefined;
  const start = touching?.start ?? text.length;
  return statementContext(words, touching?.text ?? '', start, false);
}

function nothing(start: number): LineContext {
  return { kind: 'nothing', start };
}

/** Column of the `#{` in which the caret stands, at the end of this text; null where it stands in none. */
export function openReferenceAt(text: string): number | null {
  const open = text.lastIndexOf('#{');
  if (open < 0 || (open > 0 && text[open - 1] === '\\')) return null;
  const inside = text.slice(open + 2);
  // A label set has braces of its own.
  return inside.split('}').length > inside.split('{').length ? null : open;
}

/** `#{Comp` up to the caret, not closed yet. */
function openReference(text: string): LineContext | null {
  const open = openReferenceAt(text);
  if (open === null) return null;
  const inside = text.slice(open + 2);
  return memberOrNull(inside.trimStart(), text.length) ?? { kind: 'reference', start: text.length - inside.trimStart().length };
}

/** Whether what is typed is `Component.` and perhaps the beginning of a metric. */
function memberOrNull(typed: string, end: number): LineContext | null {
  const dot = typed.indexOf('.');
  if (dot <= 0 || !/^[A-Za-z]/.test(typed) || typed.startsWith('unique.')) return null;
  return { kind: 'member', component: typed.slice(0, dot), start: end - (typed.length - dot - 1) };
}

const operatorSigns = /^[=!<>]+/;

/** Words as conditions separate them: `a==b` is three. For other statements that makes no difference at their beginnings. */
function readWords(text: string): { words: Word[]; comment: boolean; inQuotes: boolean; conditional: boolean } {
  const cursor = new LineCursor({ line: 0, offset: 0, text });
  const words: Word[] = [];
  let conditional = false;
  while (!cursor.atEnd()) {
    const start = cursor.position;
    if (conditional && (text[start] === '(' || text[start] === ')')) cursor.position += 1;
    else if (conditional && operatorSigns.test(text.slice(start))) cursor.position += cursor.peekOperator().length;
    else if (conditional) cursor.readConditionWord();
    else cursor.readWord();
    // A sign that belongs to no word must not keep the reading where it is.
    if (cursor.position === start) cursor.position += 1;
    const word = { text: text.slice(start, cursor.position), start, end: cursor.position };
    words.push(word);
    conditional ||= words.length <= 2 && takesCondition(word.text);
    if (word.text === 'then') conditional = false;
  }
  const inQuotes = cursor.problems.some(({ code }) => code === 'unclosed-quote');
  return { words, comment: cursor.position < text.length, inQuotes, conditional };
}

/** `words` are whole; `typed` is the one under way, from `start` on. */
function statementContext(words: readonly Word[], typed: string, start: number, simple: boolean): LineContext {
  const [first, ...rest] = words.map(({ text }) => text);
  if (first === undefined) return { kind: 'statement', simple, start };
  if (simple && needsWholeLine(first)) return nothing(start);
  if (!isKeyword(first)) return commandContext(first, rest, typed, start);
  return behindKeyword(first, rest, words, typed, start);
}

function behindKeyword(first: Keyword, rest: readonly string[], words: readonly Word[], typed: string, start: number): LineContext {
  const { takes } = statementWords[first];
  switch (takes) {
    case 'value or command':
      if (rest.length === 0) return { kind: 'new-name', start };
      if (rest.length === 1) return { kind: 'value-or-command', start };
      return rest[1] === '=' ? nothing(start) : commandContext(rest[1] ?? '', rest.slice(2), typed, start);
    case 'command':
      return rest.length === 0 ? { kind: 'command', start } : commandContext(rest[0] ?? '', rest.slice(1), typed, start);
    case 'scenario':
      return rest.length === 0 ? { kind: 'scenario', start } : callContext(rest, typed, start);
    case 'condition':
      return ifContext(first, words, typed, start);
    case 'condition or event':
      return conditionContext(first, rest, typed, start);
    case 'label':
    case 'verdict':
      return rest.length === 0 ? { kind: takes, start } : nothing(start);
    case 'new name':
      return rest.length === 0 ? { kind: 'new-name', start } : nothing(start);
    case 'free text':
    case 'nothing':
      return nothing(start);
  }
}

function ifContext(first: Keyword, words: readonly Word[], typed: string, start: number): LineContext {
  const otherwise = words.findLastIndex(({ text }) => text === 'else');
  const then = words.findIndex(({ text }) => text === 'then');
  const branch = otherwise > then && then >= 0 ? otherwise : then;
  if (branch >= 0) return statementContext(words.slice(branch + 1), typed, start, true);
  return conditionContext(
    first,
    words.slice(1).map(({ text }) => text),
    typed,
    start,
  );
}

function callContext(rest: readonly string[], typed: string, start: number): LineContext {
  if (typed.includes('=')) return nothing(start);
  const given = rest.slice(1).map((word) => word.split('=')[0] ?? '');
  return { kind: 'call-arguments', scenario: rest[0] ?? '', given, start };
}

function commandContext(command: string, words: readonly string[], typed: string, start: number): LineContext {
  const known = componentCommandSchema.safeParse(command);
  if (!known.success) return { kind: 'arguments', command, words, word: typed, start };
  if (command === 'signal') {
    if (words.length === 0) return { kind: 'signal', component: null, dashed: false, start };
    return words.length === 1 ? { kind: 'component', command: 'signal', start } : nothing(start);
  }
  if (command === 'kill') {
    if (words.length === 0)
      return typed.startsWith('-') ? { kind: 'signal', component: null, dashed: true, start } : { kind: 'component-or-signal', start };
    const before = words[0] === '-s' ? 2 : words[0]?.startsWith('-') ? 1 : 0;
    if (words[0] === '-s' && words.length === 1) return { kind: 'signal', component: null, dashed: false, start };
    return words.length === before ? { kind: 'component', command: 'kill', start } : nothing(start);
  }
  return words.length === 0 ? { kind: 'component', command: known.data, start } : nothing(start);
}

const connectives: ReadonlySet<string> = new Set(['and', 'or', 'not', '(']);
const operators: ReadonlySet<string> = new Set(['==', '!=', '<', '<=', '>', '>=', 'contains', 'matches']);

/** Goes through the words of a condition or event; what they leave open is what may come next. */
function conditionContext(statement: Keyword, words: readonly string[], typed: string, start: number): LineContext {
  const event = words[0] === 'error' || words[0] === 'crash' || words[0] === 'event' ? words[0] : null;
  const begins =
    statementWords[statement].takes === 'condition or event' && event !== null && (words[1] === undefined || !operators.has(words[1]));
  if (begins) return eventContext(statement, event, words.slice(1), typed, start);
  let left: string | null = null;
  let operator: string | null = null;
  let complete = false;
  for (const [index, word] of words.entries()) {
    if (['within', 'for', 'goto'].includes(word)) return tailContext(statement, words.slice(index), typed, start);
    if (word === ')') continue;
    if (connectives.has(word)) [left, operator, complete] = [null, null, false];
    else if (left === null) left = word;
    else if (operator === null) operator = word;
    else complete = true;
  }
  if (complete) return { kind: 'after-condition', statement, given: [], joinable: true, start };
  if (left !== null && operator === null) return { kind: 'operator', left, start };
  const member = memberOrNull(typed, start + typed.length);
  if (member) return member;
  return { kind: 'operand', statement, first: words.length === 0, left: operator === null ? null : left, start };
}

function eventContext(statement: Keyword, event: string, words: readonly string[], typed: string, start: number): LineContext {
  const rest = event === 'event' ? words.slice(1) : words;
  if (event === 'event' && words.length === 0) return { kind: 'event', start };
  if (rest.length === 0) return { kind: 'after-event', statement, event, start };
  const named = rest[0] === 'from' || rest[0] === 'of';
  if (named && rest.length === 1) return { kind: 'component', command: null, start };
  return tailContext(statement, named ? rest.slice(2) : rest, typed, start);
}

/** Behind a whole condition or event: limits and `goto`. */
function tailContext(statement: Keyword, words: readonly string[], _typed: string, start: number): LineContext {
  const last = words.at(-1);
  if (last === 'within' || last === 'for') return { kind: 'duration', start };
  if (last === 'goto') return { kind: 'label', start };
  if (words.includes('goto')) return nothing(start);
  return { kind: 'after-condition', statement, given: words.filter((word) => word === 'within' || word === 'for'), joinable: false, start };
}
