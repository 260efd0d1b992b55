/** Names in a sentence. A choice that is to be typed (`Known are: a, b.`) is no sentence: there, commas alone part the names. */

/** British English: no comma before the last. */
const list = new Intl.ListFormat('en-GB', { type: 'conjunction' });

/** `A, B and C`; of more than `most`: `A, B and 3 more`. Empty where there are none. */
export function listed(names: readonly string[], most = Number.POSITIVE_INFINITY): string {
  if (names.length <= most) return list.format(names);
  return list.format([...names.slice(0, most), `${names.length - most} more`]);
}

/** A step's or line's text within a sentence. */
export function quoted(text: string): string {
  return `“${text.length > 80 ? `${text.slice(0, 79)}…` : text}”`;
}
