/** Reads one statement. Each statement's reader returns null after telling what is wrong; the line then counts as invalid. */
import { readCondition, readName } from './condition-parser.ts';
import { quoteForMessage, replaceWith } from './diagnostics.ts';
import type { LineCursor } from './line-cursor.ts';
import { wholeNumber } from './exact-number.ts';
import { isKeyword, needsWholeLine, takesCondition, type WholeLineKeyword } from './keywords.ts';
import { contentEnd, named, readCommand, simpleReaders, type Content } from './statement-readers.ts';
import type { SimpleStatement, Statement } from './syntax.ts';
import { literalText } from './template-parts.ts';

/** How often `repeat` may repeat. */
export const maximumRepetitions = 1_000_000;

type Reader = (cursor: LineCursor) => SimpleStatement | null;

/** Reads the statement ahead up to the comment or the end of the line. */
export function readStatement(cursor: LineCursor): Statement {
  const start = cursor.position;
  const statement = readAny(cursor);
  if (statement && expectEnd(cursor)) return statement;
  const end = contentEnd(cursor);
  return { kind: 'invalid', text: cursor.text.slice(start, end), range: cursor.range(start, end) };
}

/** The word that decides which statement it is; a parenthesis may follow `if`, `expect` … without a space. */
function peekKeyword(cursor: LineCursor): string | null {
  const word = cursor.peekWord();
  const before = word?.split('(', 1)[0] ?? '';
  return before !== word && takesCondition(before) ? before : word;
}

const wholeLineReaders: Readonly<Record<WholeLineKeyword, (cursor: LineCursor) => Content<Statement>>> = {
  if: readIf,
  label: readLabel,
  repeat: readRepeat,
  end: () => ({ kind: 'end' }),
};

function readAny(cursor: LineCursor): Statement | null {
  const start = cursor.position;
  const word = peekKeyword(cursor);
  if (!needsWholeLine(word)) return readSimple(cursor);
  return finish(cursor, start, afterWord(cursor, word, wholeLineReaders[word]));
}

function afterWord<T>(cursor: LineCursor, word: string, read: (cursor: LineCursor) => T): T {
  cursor.position += word.length;
  return read(cursor);
}

function finish<S extends Statement>(cursor: LineCursor, start: number, content: Content<S>): Statement | null {
  return content && { ...content, range: cursor.range(start, cursor.here().end.column) };
}

/** A statement that may also follow `then` and `else`. */
const readSimple: Reader = (cursor) => {
  const start = cursor.position;
  const word = peekKeyword(cursor);
  if (!isKeyword(word)) {
    const command = readCommand(cursor, null);
    return command && { kind: 'command', command, range: command.range };
  }
  if (needsWholeLine(word)) {
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
