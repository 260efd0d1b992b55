/** Splits text into literal parts and `#{…}` references, and takes the escapes out of quoted text. */
import type { Range } from '#shared/problem.ts';
import { isReferenceName, isTypographicQuote, quoteStyleOf, straightQuote, type QuoteStyle } from './characters.ts';
import { quoteForMessage, type ProblemDetail, type ScenarioProblemCode } from './diagnostics.ts';
import type { Template, TemplatePart } from './syntax.ts';

/** The line the parts stand in, and where problems are told. */
export interface PartSource {
  readonly text: string;
  range(start: number, end: number): Range;
  error(code: ScenarioProblemCode, message: string, range: Range, detail?: ProblemDetail): null;
}

/** A reference may hold one label set in braces: `#{Gateway.orders{side="buy"}}`. No two parts of the pattern can match the same text, so it is linear. */
const reference = /#\{([^{}]*(?:\{[^{}]*\}[^{}]*)?)\}/y;

/** Where the reference that begins at `index` ends, or null where none begins there. */
export function referenceEnd(text: string, index: number): number | null {
  if (text[index] !== '#' || text[index + 1] !== '{') return null;
  reference.lastIndex = index;
  return reference.test(text) ? reference.lastIndex : null;
}

/**
 * Reads parts from column `start` until `isEnd`; a reference is always read whole. `trim` may move the end back over white
 * space that does not belong to the text.
 */
export function readParts(
  source: PartSource,
  start: number,
  isEnd: (index: number) => boolean,
  quote: Template['quote'],
  trim: (end: number) => number = (end) => end,
): { parts: TemplatePart[]; end: number } {
  const parts: TemplatePart[] = [];
  let pieceStart = start;
  let index = start;
  const closeText = (end: number) => {
    if (end > pieceStart) parts.push(textPart(source, pieceStart, end, quote));
  };
  while (!isEnd(index) && index < source.text.length) {
    const close = referenceEnd(source.text, index);
    if (close !== null) {
      closeText(index);
      parts.push(referencePart(source, index, close));
      index = close;
      pieceStart = close;
    } else index += lengthOfPiece(source, index, quote);
  }
  closeText(Math.max(pieceStart, trim(index)));
  return { parts, end: index };
}

/** One character, or two where the first is a backslash in quoted text. Tells of a `#{` that is not closed. */
function lengthOfPiece(source: PartSource, index: number, quote: Template['quote']): number {
  if (quote !== 'none' && source.text[index] === '\\') return Math.min(2, source.text.length - index);
  if (source.text.startsWith('#{', index)) {
    source.error('unclosed-reference', 'This `#{` is never closed.', source.range(index, index + 2), {
      tip: 'Write `}` after the name. For a literal `#{` write `\\#{` inside quotes.',
    });
    return 2;
  }
  return 1;
}

function textPart(source: PartSource, start: number, end: number, quote: Template['quote']): TemplatePart {
  const raw = source.text.slice(start, end);
  return { kind: 'text', text: quote === 'none' ? raw : withoutEscapes(raw, quote), range: source.range(start, end) };
}

function withoutEscapes(raw: string, quote: 'single' | 'double'): string {
  if (!raw.includes('\\')) return raw;
  return raw.replace(/\\(\\|#\{|['"‘’‚‛“”„‟])/g, (whole, escaped: string) =>
    escaped === '\\' || escaped === '#{' || quoteStyleOf(escaped) === quote ? escaped : whole,
  );
}

function referencePart(source: PartSource, start: number, end: number): TemplatePart {
  const range = source.range(start, end);
  const name = source.text.slice(start + 2, end - 1).trim();
  if (isReferenceName(name)) return { kind: 'reference', name, range };
  const message = name === '' ? 'This reference names nothing.' : `${quoteForMessage(name)} cannot be the name of a variable or a reading.`;
  source.error('bad-reference', message, range, {
    tip: 'Write `#{variable}`, `#{Component.STATE}` or `#{Component.metric}`; for a literal `#{` write `\\#{` inside quotes.',
  });
  return { kind: 'text', text: source.text.slice(start, end), range };
}

/** `content` of a quoted text as it must be written between straight quotes of its kind. */
export function straightenedContent(content: string, quote: 'single' | 'double'): string {
  const straight = straightQuote[quote];
  let result = '';
  let index = 0;
  while (index < content.length) {
    const close = referenceEnd(content, index);
    const character = content.charAt(index);
    if (close !== null) {
      result += content.slice(index, close);
      index = close;
    } else if (character === '\\' && index + 1 < content.length) {
      const next = content.charAt(index + 1);
      // An escaped typographic quote needs no escape between straight ones.
      result += isTypographicQuote(next) && quoteStyleOf(next) === quote ? next : character + next;
      index += 2;
    } else {
      result += character === straight ? `\\${straight}` : character;
      index += 1;
    }
  }
  return result;
}

/**
 * Where the quoted value begins in a bare word such as `key='some words'`, or null in other words. Elsewhere inside a
 * bare word a quote is an ordinary character.
 */
export function assignedQuote(word: string): { readonly index: number; readonly quote: QuoteStyle } | null {
  let index = referenceEnd(word, 0) ?? 1;
  while (index < word.length) {
    const quote = word[index - 1] === '=' ? quoteStyleOf(word.charAt(index)) : null;
    if (quote) return { index, quote };
    index = referenceEnd(word, index) ?? index + 1;
  }
  return null;
}

/** The text of a template without references; null where its value is only known at run time. */
export function literalText(template: Template): string | null {
  let text = '';
  for (const part of template.parts) {
    if (part.kind === 'reference') return null;
    text += part.text;
  }
  return text;
}
