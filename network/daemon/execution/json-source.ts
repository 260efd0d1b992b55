/**
 * The text of a value inside a JSON text, as the program wrote it: a number keeps all its digits, which it would lose on
 * its way through a JavaScript number. Reads texts that `JSON.parse` has accepted, in time linear in their length.
 */

/** The source of the value at a path of keys and indexes, or the `length` of a list; undefined where there is none. The last of equal keys counts. */
export function jsonSourceAt(text: string, path: readonly string[]): string | undefined {
  let start = skipSpace(text, 0);
  for (const [index, key] of path.entries()) {
    if (key === 'length' && text[start] === '[') return index === path.length - 1 ? String(lengthOf(text, start)) : undefined;
    const found = text[start] === '{' ? memberAt(text, start, key) : text[start] === '[' ? itemAt(text, start, key) : undefined;
    if (found === undefined) return undefined;
    start = found;
  }
  return text.slice(start, skipValue(text, start));
}

/** A JSON text without the white space between its parts; texts in it are written as `JSON.stringify` does, numbers as they were. */
export function compactJson(source: string): string {
  const parts: string[] = [];
  let position = skipSpace(source, 0);
  while (position < source.length) {
    const end = source[position] === '"' ? skipString(source, position) : skipPlain(source, position);
    const part = source.slice(position, end);
    parts.push(part.startsWith('"') ? JSON.stringify(JSON.parse(part)) : part);
    position = skipSpace(source, end);
  }
  return parts.join('');
}

function memberAt(text: string, start: number, key: string): number | undefined {
  let found: number | undefined;
  let position = skipSpace(text, start + 1);
  while (text[position] === '"') {
    const end = skipString(text, position);
    const value = skipSpace(text, skipSpace(text, end) + 1);
    if (JSON.parse(text.slice(position, end)) === key) found = value;
    position = afterSeparator(text, skipValue(text, value));
  }
  return found;
}

function itemAt(text: string, start: number, key: string): number | undefined {
  let position = skipSpace(text, start + 1);
  for (let index = 0; position < text.length && text[position] !== ']'; index++) {
    if (key === String(index)) return position;
    position = afterSeparator(text, skipValue(text, position));
  }
  return undefined;
}

function lengthOf(text: string, start: number): number {
  let length = 0;
  let position = skipSpace(text, start + 1);
  for (; position < text.length && text[position] !== ']'; length++) position = afterSeparator(text, skipValue(text, position));
  return length;
}

/** Where the next part begins, or the bracket that ends the whole. */
function afterSeparator(text: string, end: number): number {
  const position = skipSpace(text, end);
  return text[position] === ',' ? skipSpace(text, position + 1) : position;
}

function skipSpace(text: string, start: number): number {
  let position = start;
  while (position < text.length && ' \t\r\n'.includes(text.charAt(position))) position++;
  return position;
}

function skipString(text: string, start: number): number {
  let position = start + 1;
  while (position < text.length && text[position] !== '"') position += text[position] === '\\' ? 2 : 1;
  return position + 1;
}

/** Behind a bracket, comma, colon, number or word. */
function skipPlain(text: string, start: number): number {
  if ('{}[],:'.includes(text.charAt(start))) return start + 1;
  let position = start;
  while (position < text.length && !'{}[],:" \t\r\n'.includes(text.charAt(position))) position++;
  return position;
}

function skipValue(text: string, start: number): number {
  let depth = 0;
  let position = start;
  do {
    const character = text.charAt(position);
    if (character === '{' || character === '[') depth++;
    if (character === '}' || character === ']') depth--;
    position = character === '"' ? skipString(text, position) : skipPlain(text, position);
    if (depth > 0) position = skipSpace(text, position);
  } while (depth > 0 && position < text.length);
  return position;
}
