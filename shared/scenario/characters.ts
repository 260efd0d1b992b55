/** Which characters mean what: white space, straight and typographic quotes, and the shapes of names. */

/** Any Unicode white space separates words; slides like to carry no-break spaces. */
export function isSpace(text: string, index: number): boolean {
  const code = text.charCodeAt(index);
  if (code <= 0x7f) return code === 0x20 || (code >= 0x09 && code <= 0x0d);
  return code === 0xa0 || code === 0xfeff || (code >= 0x1680 && /\s/.test(text.charAt(index)));
}

/** Length of `text` up to `end` without the white space before it. */
export function trimmedEnd(text: string, start: number, end: number): number {
  let trimmed = end;
  while (trimmed > start && isSpace(text, trimmed - 1)) trimmed -= 1;
  return trimmed;
}

export type QuoteStyle = 'single' | 'double';

export const straightQuote: Readonly<Record<QuoteStyle, string>> = { single: "'", double: '"' };

const typographicQuotes: Readonly<Record<QuoteStyle, string>> = { single: '‘’‚‛', double: '“”„‟' };

/** What kind of quote `character` is, or null where it is none. */
export function quoteStyleOf(character: string): QuoteStyle | null {
  if (character === '') return null;
  if (character === "'" || typographicQuotes.single.includes(character)) return 'single';
  if (character === '"' || typographicQuotes.double.includes(character)) return 'double';
  return null;
}

export function isTypographicQuote(character: string): boolean {
  return quoteStyleOf(character) !== null && character !== "'" && character !== '"';
}

/** Names of variables, labels, parameters, scenarios and events. */
export const simpleName = /^[\p{L}_][\p{L}\p{N}_-]*$/u;

/** `Component.STATE`, `Component.metric`, `Component.metric{label="value"}`. */
export const readingName = /^[A-Za-z][A-Za-z0-9_-]*\.[A-Za-z_:][A-Za-z0-9_.:]*(?:\{[^{}]*\})?$/;

/** What may stand in `#{…}`: a variable, `unique.name`, or a reading. */
export function isReferenceName(name: string): boolean {
  return simpleName.test(name) || readingName.test(name);
}
