/** Reads one statement. Each statement's reader returns null after telling what is wrong; the line then counts as invalid. */
import { isKeyword, type Keyword } from './characters.ts';
import { readCondition, readDuration, readName, readTrigger } from './condition-parser.ts';
import { quoteForMessage, replaceWith } from './diagnostics.ts';
import type { LineCursor } from './line-cursor.ts';
import { wholeNumber } from './exact-number.ts';
import { parseQuantity } from './quantity.ts';
import type { Command, Duration, Name, SimpleStatement, Statement, Template } from './syntax.ts';
import { literalText } from './template-parts.ts';

/** How often `repeat` may repeat. */
export const maximumRepetitions = 1_000_000;

type Reader = (cursor: LineCursor) => SimpleStatement | null;

/** What a reader makes of its words; the range is added when the statement has been read. */
type WithoutRange<S> = S extends unknown ? Omit<S, 'range'> : never;
type Content<S extends Statement> = WithoutRange<S> | null;

/** Reads the statement ahead up to the comment or the end of the line. */
export function readStatement(cursor: LineCursor): Statement {
  const start = cursor.position;
  const statement = readAny(cursor);
  if (statement && expectEnd(cursor)) return statement;
  const end = contentEnd(cursor);
  return { kind: 'invalid', text: cursor.text.slice(start, end), range: cursor.range(start, end) };
}

/** An invalid statement reaches to the comment, if one follows where reading stopped, else to the end of the line. */
function contentEnd(cursor: LineCursor): number {
  cursor.stopAtElse = false;
  cursor.readRest();
  return cursor.here().end.column;
}

/** The word that decides which statement it is; a parenthesis may follow `if`, `expect` … without a space. */
function peekKeyword(cursor: LineCursor): string | null {
  const word = cursor.peekWord();
  return word?.includes('(') ? (/^(?:if|wait|expect|on|off)(?=\()/.exec(word)?.[0] ?? word) : word;
}

function readAny(cursor: LineCursor): Statement | null {
  const start = cursor.position;
  const word = peekKeyword(cursor);
  switch (word) {
    case 'if':
      return finish(cursor, start, afterWord(cursor, word, readIf));
    case 'label':
      return finish(cursor, start, afterWord(cursor, word, readLabel));
    case 'repeat':
      return finish(cursor, start, afterWord(cursor, word, readRepeat));
    case 'end':
      return finish(
        cursor,
        start,
        afterWord(cursor, word, () => ({ kind: 'end' })),
      );
    default:
      return readSimple(cursor);
  }
}

function afterWord<T>(cursor: LineCursor, word: string, read: (cursor: LineCursor) => T): T {
  cursor.position += word.length;
  return read(cursor);
}

function finish<S extends Statement>(cursor: LineCursor, start: number, content: Content<S>): Statement | null {
  return content && { ...content, range: cursor.range(start, cursor.here().end.column) };
}

const simpleReaders: Readonly<
  Record<Exclude<Keyword, 'if' | 'label' | 'repeat' | 'end'>, (cursor: LineCursor) => Content<SimpleStatement>>
> = {
  set: readSet,
  goto: (cursor) => named(readName(cursor, 'label'), (label) => ({ kind: 'goto', label })),
  echo: (cursor) => ({ kind: 'echo', text: cursor.readRest() }),
  note: readNote,
  wait: readWait,
  expect: readExpect,
  on: readOn,
  off: readOff,
  defer: (cursor) => named(readCommand(cursor, 'defer'), (command) => ({ kind: 'defer', command })),
  prompt: readPrompt,
  call: readCall,
  exit: readExit,
};

function named<T, R>(value: T | null, make: (value: T) => R): R | null {
  return value === null ? null : make(value);
}

/** A statement that may also follow `then` and `else`. */
const readSimple: Reader = (cursor) => {
  const start = cursor.position;
  const word = peekKeyword(cursor);
  if (!isKeyword(word)) {
    const command = readCommand(cursor, null);
    return command && { kind: 'command', command, range: command.range };
  }
  if (word === 'if' || word === 'label' || word === 'repeat' || word === 'end') {
    return cursor.error(
      'nested-statement',
      `\`${word}\` cannot stand inside another statement.`,
      cursor.range(start, start + word.length),
      {
        tip: 'Use `goto` and a label for what should happen there.',
      },
    );
  }
  const content = afterWord(cursor, word, simpleReaders[word]);
  return finish(cursor, start, content) as SimpleStatement | null;
};

/** Reads a command's words; `owner` is the statement it belongs to, which takes no other statement. */
function readCommand(cursor: LineCursor, owner: 'set' | 'defer' | null): Command | null {
  if (cursor.atEnd()) {
    return cursor.error('missing-command', 'A command is missing here.', cursor.here(), {
      tip: owner === 'set' ? 'Write `set name command` or `set name = value`.' : 'Write `defer command`.',
    });
  }
  const start = cursor.position;
  const word = cursor.peekWord();
  if (owner && isKeyword(word)) {
    return cursor.error(
      'keyword-as-command',
      `\`${owner}\` takes a command; \`${word}\` is a statement.`,
      cursor.range(start, start + word.length),
      {
        tip: `If there is a command of this name, write it in quotes: \`'${word}'\`.`,
      },
    );
  }
  if (word?.startsWith('---')) {
    return cursor.error('bad-front-matter', 'Front matter is only possible in the very first lines.', cursor.range(start, start + 3), {
      tip: 'Move the block between the `---` lines to the top of the file.',
    });
  }
  const words: Template[] = [];
  while (!cursor.atEnd()) words.push(cursor.readWord());
  return { words, range: cursor.range(start, cursor.here().end.column) };
}

function readSet(cursor: LineCursor): Content<SimpleStatement> {
  const name = readVariable(cursor);
  if (!name) return null;
  const equals = !cursor.atEnd() && cursor.text[cursor.position] === '=' && cursor.text[cursor.position + 1] !== '=';
  if (!equals) return named(readCommand(cursor, 'set'), (command) => ({ kind: 'set-command', name, command }));
  cursor.position += 1;
  if (cursor.atEnd()) {
    return cursor.error('missing-value', `\`${name.text}\` is given no value.`, cursor.here(), { tip: "For an empty text write ''." });
  }
  const start = cursor.position;
  const value = cursor.readWord();
  if (!cursor.atEnd()) reportSeveralWords(cursor, start);
  return { kind: 'set-value', name, value };
}

/** The name after `set`; `set x=5` has no space before the equals sign. */
function readVariable(cursor: LineCursor): Name | null {
  if (cursor.atEnd()) return readName(cursor, 'variable');
  const start = cursor.position;
  const end = cursor.text.indexOf('=', start);
  const text = end < 0 || end - start > 64 ? '' : cursor.text.slice(start, end);
  if (text === '' || !plainName.test(text)) return readName(cursor, 'variable');
  cursor.position = end;
  return { text, range: cursor.range(start, end) };
}

const plainName = /^[\p{L}_][\p{L}\p{N}_-]*$/u;

function reportSeveralWords(cursor: LineCursor, start: number): void {
  const rest = cursor.text.slice(start, contentEnd(cursor));
  const range = cursor.range(start, start + rest.length);
  cursor.error('unexpected-text', 'A value of several words needs quotes.', range, {
    tip: 'To keep the result of a command, leave the `=` out.',
    ...(/['"\\]/.test(rest) ? {} : { fix: { title: 'Put quotes round it', range, replacement: `'${rest}'` } }),
  });
}

function readNote(cursor: LineCursor): Content<SimpleStatement> {
  if (cursor.atEnd())
    return cursor.error('missing-text', 'The text of the note is missing.', cursor.here(), { tip: 'Write it after `note`.' });
  return { kind: 'note', text: cursor.readRest() };
}

function readWait(cursor: LineCursor): Content<SimpleStatement> {
  if (cursor.atEnd()) {
    return cursor.error('missing-condition', '`wait` does not say for what.', cursor.here(), {
      tip: 'Write `wait 5s` or `wait Engine.STATE == READY within 30s`.',
    });
  }
  if (waitsForTime(cursor)) return named(readDuration(cursor, 'wait'), (duration) => ({ kind: 'wait-duration', duration }));
  const condition = readTrigger(cursor);
  if (!condition) return null;
  const within = readLimit(cursor, 'within');
  return within === undefined ? null : { kind: 'wait', condition, within };
}

/** A number or a reference with nothing to compare it with must be meant as a time. */
function waitsForTime(cursor: LineCursor): boolean {
  const word = cursor.peekWord();
  if (word === null || !/^[+\-\u2212]?[0-9.#]/.test(word)) return false;
  const start = cursor.position;
  const quantity = parseQuantity(word);
  cursor.position += word.length;
  const next = cursor.peekWord();
  const time = next === null ? cursor.atEnd() : quantity?.unit === 'none' && ['ms', 's', 'm', 'h'].includes(next);
  cursor.position = start;
  return time && !/[=<>!]/.test(word);
}

/** `within 30s` or `for 10s` where it is written, null where it is not, undefined after telling what is wrong with it. */
function readLimit(cursor: LineCursor, word: 'within' | 'for'): Duration | null | undefined {
  if (!cursor.takeWord(word)) return null;
  return readDuration(cursor, word) ?? undefined;
}

function readExpect(cursor: LineCursor): Content<SimpleStatement> {
  if (cursor.atEnd()) {
    return cursor.error('missing-condition', '`expect` does not say what.', cursor.here(), {
      tip: "For example `expect #{status} == 'PASS'` or `expect Engine.STATE == READY within 30s`.",
    });
  }
  const condition = readTrigger(cursor);
  if (!condition) return null;
  const holdsFirst = readLimit(cursor, 'for');
  const within = readLimit(cursor, 'within');
  const holdsLast = holdsFirst === null ? readLimit(cursor, 'for') : null;
  if (holdsFirst === undefined || within === undefined || holdsLast === undefined) return null;
  return { kind: 'expect', condition, within, holdsFor: holdsFirst ?? holdsLast };
}

function readOn(cursor: LineCursor): Content<SimpleStatement> {
  if (cursor.atEnd()) {
    return cursor.error('missing-condition', '`on` does not say what to react to.', cursor.here(), {
      tip: 'For example `on error from Engine goto lost` or `on Engine.STATE == DOWN goto lost`.',
    });
  }
  const trigger = readTrigger(cursor);
  if (!trigger) return null;
  const start = cursor.position;
  const then = cursor.takeWord('then');
  if (then) {
    const range = cursor.range(start, cursor.position);
    cursor.error('unexpected-text', '`on` has no `then`.', range, { tip: 'Write `on … goto label`.', fix: replaceWith(range, '') });
  }
  if (cursor.takeWord('goto')) return named(readName(cursor, 'label'), (label) => ({ kind: 'on', trigger, label }));
  return cursor.error('missing-goto', '`on` does not say where to go on.', cursor.here(), {
    tip: 'Write `goto` and the name of a label after the condition.',
  });
}

function readOff(cursor: LineCursor): Content<SimpleStatement> {
  if (cursor.atEnd()) return { kind: 'off', trigger: null };
  return named(readTrigger(cursor), (trigger) => ({ kind: 'off', trigger }));
}

function readPrompt(cursor: LineCursor): Content<SimpleStatement> {
  const name = readName(cursor, 'variable');
  if (!name) return null;
  if (cursor.atEnd()) {
    return cursor.error('missing-text', 'The question is missing.', cursor.here(), {
      tip: "For example `prompt answer 'Is the book empty?' yes no default yes`.",
    });
  }
  const question = cursor.readWord();
  const choices: Template[] = [];
  while (!cursor.atEnd()) {
    if (cursor.takeWord('default')) {
      if (!cursor.atEnd()) return { kind: 'prompt', name, question, choices, fallback: cursor.readWord() };
      return cursor.error('missing-value', 'The value after `default` is missing.', cursor.here(), {
        tip: "For a choice called default write 'default' in quotes.",
      });
    }
    choices.push(cursor.readWord());
  }
  return { kind: 'prompt', name, question, choices, fallback: null };
}

function readCall(cursor: LineCursor): Content<SimpleStatement> {
  const scenario = readName(cursor, 'scenario');
  if (!scenario) return null;
  const given: { name: Name; value: Template }[] = [];
  while (!cursor.atEnd()) {
    const argument = readNamedArgument(cursor);
    if (!argument) return null;
    given.push(argument);
  }
  return { kind: 'call', scenario, arguments: given };
}

const assignment = /[\p{L}_][\p{L}\p{N}_-]{0,63}=/uy;

function readNamedArgument(cursor: LineCursor): { name: Name; value: Template } | null {
  const start = cursor.position;
  assignment.lastIndex = start;
  const found = assignment.exec(cursor.text)?.[0];
  if (found === undefined) {
    const word = cursor.readWord();
    return cursor.error(
      'unexpected-text',
      `${quoteForMessage(cursor.text.slice(start, word.range.end.column))} gives no parameter its value.`,
      word.range,
      {
        tip: 'Write `name=value`, without spaces round the equals sign.',
      },
    );
  }
  const end = start + found.length - 1;
  const name: Name = { text: found.slice(0, -1), range: cursor.range(start, end) };
  cursor.position = end + 1;
  const before = cursor.position;
  if (!cursor.atEnd() && cursor.position === before) return { name, value: cursor.readWord() };
  return cursor.error('missing-value', `\`${name.text}\` is given no value.`, cursor.range(start, end + 1), {
    tip: "For an empty text write ''.",
  });
}

function readExit(cursor: LineCursor): Content<SimpleStatement> {
  const verdict = cursor.takeWord('pass') ? 'pass' : cursor.takeWord('fail') ? 'fail' : null;
  return { kind: 'exit', verdict, reason: cursor.atEnd() ? null : cursor.readRest() };
}

function readIf(cursor: LineCursor): Content<Statement> {
  if (cursor.atEnd() || cursor.peekWord() === 'then') {
    return cursor.error('missing-condition', '`if` has no condition.', cursor.here(), {
      tip: "For example `if #{status} == 'PASS' then goto pass`.",
    });
  }
  const condition = readCondition(cursor);
  if (!condition) return null;
  if (!cursor.takeWord('then')) return reportMissingThen(cursor);
  cursor.stopAtElse = true;
  const then = readBranch(cursor, 'then');
  cursor.stopAtElse = false;
  if (!then) return null;
  const otherwise = cursor.takeWord('else') ? readBranch(cursor, 'else') : undefined;
  // oxlint-disable-next-line unicorn/no-thenable -- the tree calls the branch by its keyword; it is data and never awaited.
  return otherwise === null ? null : { kind: 'if', condition, then, otherwise: otherwise ?? null };
}

function readBranch(cursor: LineCursor, word: 'then' | 'else'): SimpleStatement | null {
  if (!cursor.atEnd()) return readSimple(cursor);
  return cursor.error('missing-statement', `Nothing is to be done after \`${word}\`.`, cursor.here(), {
    tip: `For example \`${word} goto label\`.`,
  });
}

function reportMissingThen(cursor: LineCursor): null {
  const next = cursor.peekWord();
  const start = cursor.position;
  if (next?.toLowerCase() === 'then') {
    const range = cursor.range(start, start + next.length);
    return cursor.error('missing-then', `${quoteForMessage(next)} must be written in small letters.`, range, {
      fix: replaceWith(range, 'then'),
    });
  }
  const range = next === null ? cursor.here() : cursor.range(start, start + next.length);
  const statement = isKeyword(next);
  return cursor.error('missing-then', '`then` is missing after the condition.', range, {
    tip: 'Write `if condition then statement`; conditions are joined with `and` and `or`.',
    ...(statement ? { fix: { title: 'Insert `then`', range: cursor.range(start, start), replacement: 'then ' } } : {}),
  });
}

function readLabel(cursor: LineCursor): Content<Statement> {
  return named(readName(cursor, 'label'), (name) => ({ kind: 'label', name }));
}

function readRepeat(cursor: LineCursor): Content<Statement> {
  if (cursor.atEnd())
    return cursor.error('missing-value', '`repeat` does not say how often.', cursor.here(), { tip: 'For example `repeat 3` … `end`.' });
  const times = cursor.readWord();
  const literal = literalText(times);
  if (literal === null || wholeNumber(literal, maximumRepetitions) !== null) return { kind: 'repeat', times };
  return cursor.error('bad-number', `${quoteForMessage(literal)} is not a number of repetitions.`, times.range, {
    tip: `Write a whole number from 0 to ${maximumRepetitions}, or a variable such as \`#{times}\`.`,
  });
}

/** Tells of words after a statement that is complete without them. */
function expectEnd(cursor: LineCursor): boolean {
  if (cursor.atEnd()) return true;
  const start = cursor.position;
  const word = cursor.peekWord();
  const range = cursor.range(start, contentEnd(cursor));
  const text = cursor.text.slice(start, range.end.column);
  const known = word !== null && ['within', 'for', 'and', 'or', 'then', 'goto'].find((each) => each === word.toLowerCase());
  const tip =
    known && known !== word
      ? `Keywords are written in small letters: \`${known}\`.`
      : 'Remove it, or put quotes round a text of several words.';
  cursor.error('unexpected-text', `${quoteForMessage(text)} is not expected here: the statement is already complete.`, range, { tip });
  return false;
}
