/**
 * Reads one line from left to right: words, quoted text, references, and where the statement ends.
 * Every method moves forward only, so a line is read in time proportional to its length.
 */
import type { Range } from '#shared/problem.ts';
import { isSpace, isTypographicQuote, quoteStyleOf, straightQuote, trimmedEnd, type QuoteStyle } from './characters.ts';
import { replaceWith, scenarioError, scenarioWarning, type ProblemDetail, type ScenarioProblemCode } from './diagnostics.ts';
import { rangeIn, type SourceLine } from './source-lines.ts';
import type { ScenarioProblem, Template } from './syntax.ts';
import { readParts, referenceEnd, straightenedContent } from './template-parts.ts';

/** Runs of these are read as one operator inside a condition. */
const operatorCharacters = '=!<>&|';

export class LineCursor {
  readonly source: SourceLine;
  readonly text: string;
  readonly problems: ScenarioProblem[] = [];
  /** Column of the next character to read. */
  position = 0;
  /** Set while reading what follows `then`: a bare `else` ends it. */
  stopAtElse = false;
  private failed = false;
  /** A word, its only part and the statement it makes often have the same range, and then share it. */
  private lastRange: Range | null = null;

  constructor(source: SourceLine) {
    this.source = source;
    this.text = source.text;
  }

  /** Whether an error has been told of this line; one is enough, those that follow from it would only confuse. */
  get hasError(): boolean {
    return this.failed;
  }

  error(code: ScenarioProblemCode, message: string, range: Range, detail: ProblemDetail = {}): null {
    if (!this.failed) this.problems.push(scenarioError(code, message, range, detail));
    this.failed = true;
    return null;
  }

  warning(code: ScenarioProblemCode, message: string, range: Range, detail: ProblemDetail = {}): void {
    this.problems.push(scenarioWarning(code, message, range, detail));
  }

  range(start: number, end: number): Range {
    const last = this.lastRange;
    if (last && last.start.column === start && last.end.column === end) return last;
    this.lastRange = rangeIn(this.source, start, end);
    return this.lastRange;
  }

  /** The place where something is missing: right after what was read last, one character wide where there is one. */
  here(): Range {
    const start = trimmedEnd(this.text, 0, this.position);
    return this.range(start, start);
  }

  skipSpace(): void {
    while (this.position < this.text.length && isSpace(this.text, this.position)) this.position += 1;
  }

  /** A comment begins only where a word would; `#{` is a reference. */
  private isCommentAt(index: number): boolean {
    return this.text[index] === '#' && this.text[index + 1] !== '{';
  }

  private isElseAt(index: number): boolean {
    return this.stopAtElse && this.text.startsWith('else', index) && this.isBoundary(index + 4);
  }

  private isBoundary(index: number): boolean {
    return index >= this.text.length || isSpace(this.text, index);
  }

  /** Moves to the next word; true where the statement (or the part before `else`) ends instead. */
  atEnd(): boolean {
    this.skipSpace();
    return this.position >= this.text.length || this.isCommentAt(this.position) || this.isElseAt(this.position);
  }

  /** The bare word ahead, without reading it; null at the end or before a quote. */
  peekWord(): string | null {
    if (this.atEnd() || this.quoteAhead() !== null) return null;
    let end = this.position;
    while (!this.isBoundary(end) && end - this.position < 200) end += 1;
    return this.text.slice(this.position, end);
  }

  /** Reads `word` where it stands alone ahead. */
  takeWord(word: string): boolean {
    if (this.peekWord() !== word) return false;
    this.position += word.length;
    return true;
  }

  quoteAhead(): QuoteStyle | null {
    return quoteStyleOf(this.text.charAt(this.position));
  }

  /** Reads the word ahead: quoted, or bare up to white space. Call only where `atEnd()` is false. */
  readWord(): Template {
    const quoted = this.readQuoted();
    if (quoted) {
      this.demandSpace();
      return quoted;
    }
    const start = this.position;
    const bare = this.readBare((index) => this.isBoundary(index) || this.isAssignedQuote(index, start));
    return this.isBoundary(this.position) ? bare : this.readAssigned(bare, start);
  }

  /** In `key='some words'` the quotes belong to the value; anywhere else inside a bare word a quote is an ordinary character. */
  private isAssignedQuote(index: number, wordStart: number): boolean {
    return index > wordStart && this.text[index - 1] === '=' && quoteStyleOf(this.text.charAt(index)) !== null;
  }

  private readAssigned(key: Template, start: number): Template {
    const value = this.readQuoted();
    this.demandSpace();
    return { parts: [...key.parts, ...(value?.parts ?? [])], quote: 'none', range: this.range(start, this.position) };
  }

  /** Reads an operand inside a condition: quoted, or bare up to white space, an operator or a parenthesis. */
  readConditionWord(): Template {
    return this.readQuoted() ?? this.readBare((index) => this.isConditionBoundary(index));
  }

  isConditionBoundary(index: number): boolean {
    if (this.isBoundary(index)) return true;
    const character = this.text.charAt(index);
    if (character === '!') return this.text[index + 1] === '=';
    if (character === '&' || character === '|') return this.text[index + 1] === character;
    return character === '(' || character === ')' || character === '=' || character === '<' || character === '>';
  }

  /** The run of operator characters ahead, or an empty text. */
  peekOperator(): string {
    let end = this.position;
    while (end < this.text.length && end - this.position < 20 && operatorCharacters.includes(this.text.charAt(end))) end += 1;
    return this.text.slice(this.position, end);
  }

  private readBare(isEnd: (index: number) => boolean): Template {
    const start = this.position;
    const { parts, end } = readParts(this, start, isEnd, 'none');
    this.position = end;
    return { parts, quote: 'none', range: this.range(start, end) };
  }

  /** Reads quoted text where a quote is ahead; an unclosed one is an error and reaches to the end of the line. */
  readQuoted(): Template | null {
    const quote = this.quoteAhead();
    if (quote === null) return null;
    const start = this.position;
    const close = this.findClosingQuote(start, quote);
    const contentEnd = close ?? trimmedEnd(this.text, start + 1, this.text.length);
    const { parts } = readParts(this, start + 1, (index) => index >= contentEnd, quote);
    this.position = close === null ? this.text.length : close + 1;
    const range = this.range(start, close === null ? contentEnd : close + 1);
    if (close === null) this.reportUnclosed(start, contentEnd, quote);
    else this.warnTypographic(start, close, quote);
    return { parts, quote, range };
  }

  /** A straight quote is closed by a straight one, a typographic one by any typographic one of its kind; failing these, by the other sort. */
  private findClosingQuote(start: number, quote: QuoteStyle): number | null {
    const typographic = isTypographicQuote(this.text.charAt(start));
    let secondBest: number | null = null;
    for (let index = start + 1; index < this.text.length; index += 1) {
      const character = this.text.charAt(index);
      if (character === '\\') index += 1;
      else if (character === '#') index = (referenceEnd(this.text, index) ?? index + 1) - 1;
      else if (quoteStyleOf(character) === quote) {
        if (isTypographicQuote(character) === typographic) return index;
        secondBest ??= index;
      }
    }
    return secondBest;
  }

  private warnTypographic(start: number, close: number, quote: QuoteStyle): void {
    const straight = straightQuote[quote];
    if (this.text[start] === straight && this.text[close] === straight) return;
    const range = this.range(start, close + 1);
    this.warning('typographic-quote', 'These are typographic quotes, as slides and word processors write them.', range, {
      tip: `Write straight ones: ${straight}.`,
      fix: replaceWith(range, straight + straightenedContent(this.text.slice(start + 1, close), quote) + straight),
    });
  }

  private reportUnclosed(start: number, end: number, quote: QuoteStyle): void {
    this.error('unclosed-quote', 'This quote is never closed.', this.range(start, end), {
      tip: `Write ${straightQuote[quote]} where the text ends, on the same line.`,
      fix: { title: 'Close the quote', range: this.range(end, end), replacement: straightQuote[quote] },
    });
  }

  private demandSpace(): void {
    if (this.isBoundary(this.position)) return;
    const range = this.range(this.position, this.position);
    this.error('missing-space', 'A space is missing after the closing quote.', range, {
      tip: 'Quotes enclose a whole word; put \\ before a quote that belongs to the text.',
      fix: { title: 'Insert a space', range, replacement: ' ' },
    });
  }

  /** Reads everything up to the comment, `else` or the end of the line as one text; quoted where quotes enclose all of it. */
  readRest(): Template {
    this.skipSpace();
    return this.readQuotedRest() ?? this.readBareRest();
  }

  private readQuotedRest(): Template | null {
    const start = this.position;
    const quote = this.quoteAhead();
    const close = quote && this.findClosingQuote(start, quote);
    if (close === null) return null;
    this.position = close + 1;
    const alone = this.isBoundary(this.position) && this.atEnd();
    this.position = start;
    return alone ? this.readQuoted() : null;
  }

  private readBareRest(): Template {
    const start = this.position;
    const isEnd = (index: number) =>
      index >= this.text.length ||
      ((index === start || isSpace(this.text, index - 1)) && (this.isCommentAt(index) || this.isElseAt(index)));
    let trimmed = start;
    const { parts, end } = readParts(this, start, isEnd, 'none', (last) => (trimmed = trimmedEnd(this.text, start, last)));
    this.position = end;
    return { parts, quote: 'none', range: this.range(start, trimmed) };
  }

  /** The comment ahead with its `#`, or null; everything up to the end of the line. */
  readComment(): { text: string; range: Range } | null {
    this.skipSpace();
    if (!this.isCommentAt(this.position)) return null;
    const start = this.position;
    const end = trimmedEnd(this.text, start, this.text.length);
    this.position = this.text.length;
    return { text: this.text.slice(start, end), range: this.range(start, end) };
  }
}
