/**
 * Fits what is chosen into the line as it stands: what is left of the word right of the caret is replaced, a reference gets exactly one
 * closing brace, whoever wrote it, and places to fill in are offered only where nothing follows yet.
 */
import type { Candidate } from './completion.ts';
import { openReferenceAt, type LineContext } from './line-context.ts';

/** What is written at last, and the column before which it replaces what stands there. */
export interface Fitted extends Candidate {
  readonly end: number;
}

/** @param column where the caret stands in the line */
export function fitted(candidate: Candidate, context: LineContext, line: string, column: number): Fitted {
  return openReferenceAt(line.slice(0, column)) === null ? inLine(candidate, context, line, column) : inReference(candidate, line, column);
}

/** Fits a key of the front matter, which keeps the value that stands behind it. */
export function fittedKey(candidate: Candidate, line: string, column: number): Fitted {
  const end = column + lengthOf(/^[A-Za-z_-]*/, line.slice(column));
  return /^\s*:/.test(line.slice(end)) ? { ...written(candidate, candidate.label), end } : { ...candidate, end };
}

const name = /^[\p{L}\p{N}_-]*/u;
/** What may follow in a reading's name: further parts, and a set of labels. */
const reading = /^[\p{L}\p{N}_.:-]*(?:\{[^{}]*\})?/u;
/** The rest of a set of labels in which the caret stands, and its brace. */
const labels = /^[^{}]*\}/;

function inReference(candidate: Candidate, line: string, column: number): Fitted {
  const rest = line.slice(column);
  const insert = candidate.insert ?? candidate.label;
  if (insert.endsWith('.') && candidate.goOn) return componentInReference(candidate, insert, line, column);
  const typed = line.slice(0, column);
  const inLabels = typed.lastIndexOf('{') > typed.lastIndexOf('#{') + 1;
  const word = lengthOf(inLabels && labels.test(rest) ? labels : reading, rest);
  return { ...candidate, insert: `${insert}}`, end: column + word + ownBrace(line, column, word) };
}

/** How far the reference's own closing brace reaches behind the word; 0 where it has none, or the brace there closes one of JSON. */
function ownBrace(line: string, column: number, word: number): number {
  const rest = line.slice(column + word);
  const brace = /^\s*\}/.exec(rest)?.[0].length ?? 0;
  const open = balance(line.slice(0, column)) - 1;
  return open > 0 && -balance(rest) <= open ? 0 : brace;
}

/** How many more braces are opened than closed. */
function balance(text: string): number {
  return text.split('{').length - text.split('}').length;
}

/** `Gateway.`: its metric comes next, or stands there already. */
function componentInReference(candidate: Candidate, insert: string, line: string, column: number): Fitted {
  const rest = line.slice(column);
  const word = lengthOf(name, rest);
  const whole = lengthOf(reading, rest);
  const metric = rest.slice(word, whole);
  const brace = ownBrace(line, column, whole);
  if (metric === '' || metric === '.') {
    // Up to the brace, without the white space before it.
    const end = column + whole + Math.max(0, brace - 1);
    return brace > 0 ? { ...candidate, end } : { ...candidate, insert: `${insert}$0}`, snippet: true, end };
  }
  const kept = insert.slice(0, -1) + (metric.startsWith('.') ? metric : '');
  return { ...written(candidate, brace > 0 ? kept : `${kept}}`), end: column + whole };
}

function inLine(candidate: Candidate, context: LineContext, line: string, column: number): Fitted {
  const rest = line.slice(column);
  const insert = candidate.insert ?? candidate.label;
  const end = column + lengthOf(wordAhead(candidate, context, insert), rest);
  const after = line.slice(end);
  if (insert.endsWith('.') && after.startsWith('.')) return { ...written(candidate, insert.slice(0, -1)), end };
  if (insert.endsWith('=') && after.startsWith('=')) return { ...written(candidate, insert), end: end + 1 };
  if (candidate.snippet && somethingFollows(after)) return { ...written(candidate, firstWord(insert)), end };
  if (insert.endsWith(' ') && /^\s/.test(after)) return { ...written(candidate, insert.trimEnd()), end };
  return { ...candidate, end };
}

/** What of the text right of the caret belongs to the word that is chosen anew. */
function wordAhead(candidate: Candidate, context: LineContext, insert: string): RegExp {
  if (insert.endsWith('=') && context.kind !== 'operator') return name;
  if (insert.endsWith('.')) return name;
  switch (context.kind) {
    case 'member':
      return reading;
    case 'operator':
      return /^[=!<>]*/;
    case 'operand':
      return candidate.kind === 'variable' ? /^(?:#\{[^{}]*\})?/ : /^[^\s'"()=<>!]*/;
    default:
      return /^[^\s'"()]*/;
  }
}

function somethingFollows(after: string): boolean {
  const text = after.trimStart();
  return text !== '' && (!text.startsWith('#') || text.startsWith('#{'));
}

function firstWord(snippet: string): string {
  return /^[^\s$]+/.exec(snippet)?.[0] ?? snippet;
}

/** The candidate with this plain text, and nothing that goes on by itself. */
function written({ goOn: _goOn, snippet: _snippet, ...candidate }: Candidate, insert: string): Candidate {
  return { ...candidate, insert };
}

function lengthOf(pattern: RegExp, text: string): number {
  return pattern.exec(text)?.[0].length ?? 0;
}
