/**
 * The parser: text in, tree and problems out. It never throws and always yields a tree; a line that it cannot understand
 * becomes an `invalid` statement, and the lines after it are not affected. Its time grows with the length of the text.
 */
import { readTrigger } from './condition-parser.ts';
import { replaceWith, scenarioError } from './diagnostics.ts';
import { readFrontMatter } from './front-matter.ts';
import { LineCursor } from './line-cursor.ts';
import { rangeIn, splitLines, type SourceLine } from './source-lines.ts';
import { readStatement } from './statement-parser.ts';
import { strayBraces } from './stray-braces.ts';
import type { Condition, EventCondition, ParsedScenario, ScenarioLine, ScenarioProblem, Template } from './syntax.ts';
import { countText } from '#shared/wording/counts.ts';

/** Problems told of one text; further ones are only counted. */
export const maximumProblems = 1_000;

/**
 * Lines of one scenario that are read; what follows is one problem. A tree costs half a kilobyte a line and more, so that
 * a megabyte of short lines would take seconds, mostly to gather what was made; no scenario that people read is this long.
 */
export const maximumLines = 100_000;

/** Parses the scenario `name` from its text. */
export function parseScenario(name: string, text: string): ParsedScenario {
  return parseLines(name, text, maximumProblems);
}

/** As `parseScenario`, but tells every problem, however many there are. */
export function parseEveryProblem(name: string, text: string): ParsedScenario {
  return parseLines(name, text, Number.POSITIVE_INFINITY);
}

function parseLines(name: string, text: string, problemLimit: number): ParsedScenario {
  const source = splitLines(text, maximumLines);
  const unread = source.length > maximumLines ? source.pop() : undefined;
  const { frontMatter, lineCount, problems } = readFrontMatter(text, source);
  const collected = new ProblemCollection(problemLimit);
  collected.add(problems);
  const lines = source.map((line) => (line.line < lineCount ? blankLine(line) : parseLine(line, collected)));
  // A last line end makes an empty line, which says nothing that could be missed.
  const tooLong = unread !== undefined && unread.text !== '' ? [longerThanRead(unread)] : [];
  return { scenario: { name, frontMatter, lines }, problems: [...collected.finish(), ...tooLong] };
}

function longerThanRead(unread: SourceLine): ScenarioProblem {
  const message = `The scenario is longer than ${countText(maximumLines)} lines; the rest is not read.`;
  return scenarioError('too-many-lines', message, rangeIn(unread, 0, 0), { tip: 'Repeat with `repeat`, or `call` parts of it.' });
}

/** Lines of the front matter are kept as blank ones, so that `lines[n]` is always line n of the file. */
function blankLine(source: SourceLine): ScenarioLine {
  return { line: source.line, number: null, statement: null, comment: null };
}

class ProblemCollection {
  private readonly problems: ScenarioProblem[] = [];
  private readonly limit: number;
  private omitted = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  add(found: readonly ScenarioProblem[]): void {
    for (const problem of found) {
      if (this.problems.length < this.limit) this.problems.push(problem);
      else this.omitted += 1;
    }
  }

  finish(): readonly ScenarioProblem[] {
    const last = this.problems.at(-1);
    if (this.omitted === 0 || !last) return this.problems;
    const message = `There are ${this.omitted} more problems after this one; they are not listed.`;
    return [...this.problems, scenarioError('too-many-problems', message, last.range, { tip: 'Is this text a scenario at all?' })];
  }
}

const leadingNumber = /[0-9]+(?=\s|$)/y;

function parseLine(source: SourceLine, problems: ProblemCollection): ScenarioLine {
  const cursor = new LineCursor(source);
  const number = readNumber(cursor);
  const statement = cursor.atEnd() ? null : readStatement(cursor);
  warnOfStrayBraces(cursor);
  const comment = cursor.readComment();
  if (number && !statement && !cursor.hasError) {
    cursor.warning('empty-step', 'This step number has no statement.', number.range, {
      tip: 'Write a statement after it, or remove the number.',
    });
  }
  problems.add(cursor.problems);
  return { line: source.line, number, statement, comment };
}

/** Of what was read so far; said of a whole statement only, since a `#{` that is not closed explains the others. */
function warnOfStrayBraces(cursor: LineCursor): void {
  if (cursor.hasError) return;
  for (const column of strayBraces(cursor.text, cursor.position)) {
    const range = cursor.range(column, column + 1);
    cursor.warning('stray-brace', 'This `}` closes nothing; it is written as it stands.', range, {
      tip: 'A reference ends with its own `}`: remove this one, or write the `{` that belongs to it.',
      fix: replaceWith(range, ''),
    });
  }
}

function readNumber(cursor: LineCursor): ScenarioLine['number'] {
  cursor.skipSpace();
  leadingNumber.lastIndex = cursor.position;
  const digits = leadingNumber.exec(cursor.text)?.[0];
  if (digits === undefined) return null;
  const range = cursor.range(cursor.position, cursor.position + digits.length);
  cursor.position += digits.length;
  const value = Number(digits);
  if (value <= 999_999_999) return { value, range };
  cursor.error('bad-number', 'This step number is too large.', range, {
    tip: 'Step numbers have nine digits at most, and may be left out.',
  });
  return { value: 999_999_999, range };
}

/** What became of a piece of text parsed by itself; positions count from its start. */
export interface ParsedPart<T> {
  /** Null where there is an error. */
  readonly value: T | null;
  readonly problems: readonly ScenarioProblem[];
}

/** Parses a condition or an event, as after `wait`: for limits, alerts and watch expressions outside of scenarios. */
export function parseCondition(text: string): ParsedPart<Condition | EventCondition> {
  return parsePart(text, readTrigger);
}

/** Parses a text with `#{…}` references in it, as after `echo`. */
export function parseTemplate(text: string): ParsedPart<Template> {
  return parsePart(text, (cursor) => cursor.readRest());
}

function parsePart<T>(text: string, read: (cursor: LineCursor) => T | null): ParsedPart<T> {
  const cursor = new LineCursor({ line: 0, offset: 0, text: text.replace(/[\r\n]/g, ' ') });
  const value = read(cursor);
  warnOfStrayBraces(cursor);
  if (value !== null && !cursor.atEnd()) {
    cursor.error('unexpected-text', 'There is more text than expected.', cursor.range(cursor.position, cursor.text.length), {
      tip: 'Remove it.',
    });
  }
  return { value: cursor.hasError ? null : value, problems: cursor.problems };
}
