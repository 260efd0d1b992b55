/** Reads the statements that may also follow `then` and `else`, each behind its first word, and commands. */
import { readDuration, readName, readTrigger } from './condition-parser.ts';
import { quoteForMessage, replaceWith } from './diagnostics.ts';
import { isKeyword, type Keyword, type WholeLineKeyword } from './keywords.ts';
import type { LineCursor } from './line-cursor.ts';
import { parseQuantity } from './quantity.ts';
import type { Command, Duration, Name, SimpleStatement, Statement, Template } from './syntax.ts';

/** What a reader makes of its words; the range is added when the statement has been read. */
type WithoutRange<S> = S extends unknown ? Omit<S, 'range'> : never;
export type Content<S extends Statement> = WithoutRange<S> | null;

export const simpleReaders: Readonly<Record<Exclude<Keyword, WholeLineKeyword>, (cursor: LineCursor) => Content<SimpleStatement>>> = {
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

export function named<T, R>(value: T | null, make: (value: T) => R): R | null {
  return value === null ? null : make(value);
}

/** An invalid statement reaches to the comment, if one follows where reading stopped, else to the end of the line. */
export function contentEnd(cursor: LineCursor): number {
  cursor.stopAtElse = false;
  cursor.readRest();
  return cursor.here().end.column;
}

/** Reads a command's words; `owner` is the statement it belongs to, which takes no other statement. */
export function readCommand(cursor: LineCursor, owner: 'set' | 'defer' | null): Command | null {
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
