/** Cuts a text into lines, remembering where each began, so that every part of the syntax tree can name its place. */
import type { Position, Range } from '#shared/problem.ts';

export interface SourceLine {
  /** Zero-based. */
  readonly line: number;
  /** Offset of its first character in the whole text. */
  readonly offset: number;
  /** Without the line end. */
  readonly text: string;
}

/**
 * Lines end with LF, CR LF or CR, as in editors. A text always has at least one line; after a final line end stands an empty one.
 * Beyond `maximum` lines nothing is cut any more: all the rest of the text is one last line.
 */
export function splitLines(text: string, maximum = Number.POSITIVE_INFINITY): SourceLine[] {
  const lines: SourceLine[] = [];
  const lineEnd = /\r\n|\n|\r/g;
  let start = 0;
  for (let found = lineEnd.exec(text); found && lines.length < maximum; found = lineEnd.exec(text)) {
    lines.push({ line: lines.length, offset: start, text: text.slice(start, found.index) });
    start = lineEnd.lastIndex;
  }
  lines.push({ line: lines.length, offset: start, text: text.slice(start) });
  return lines;
}

/** The place of a column (UTF-16 code units) of a line within the whole text. */
export function positionIn(line: SourceLine, column: number): Position {
  return { line: line.line, column, offset: line.offset + column };
}

/** The stretch of `line` from column `start` up to column `end`. */
export function rangeIn(line: SourceLine, start: number, end: number): Range {
  return { start: positionIn(line, start), end: positionIn(line, end) };
}

/** What stands at `range` in the text it was made from. */
export function sliceOf(text: string, range: Range): string {
  return text.slice(range.start.offset, range.end.offset);
}
