/** Changes of a scenario's text as records keep them: one stretch of lines became another. */

export interface TextEdit {
  /** Zero-based. */
  readonly line: number;
  readonly removed: readonly string[];
  readonly added: readonly string[];
}

/** Lines of a text; joined with line feeds they are the text again, carriage returns included. */
export function linesOf(text: string): string[] {
  return text.split('\n');
}

/** What makes `before` into `after`: the shortest single stretch of lines; null where nothing differs. */
export function editBetween(before: string, after: string): TextEdit | null {
  if (before === after) return null;
  const [old, fresh] = [linesOf(before), linesOf(after)];
  const shorter = Math.min(old.length, fresh.length);
  let line = 0;
  while (line < shorter && old[line] === fresh[line]) line++;
  let end = 0;
  while (end < shorter - line && old[old.length - 1 - end] === fresh[fresh.length - 1 - end]) end++;
  return { line, removed: old.slice(line, old.length - end), added: fresh.slice(line, fresh.length - end) };
}

/** The text after an edit. An edit that does not fit the text (of another run, of a damaged log) is applied as far as it goes. */
export function applyEdit(text: string, { line, removed, added }: TextEdit): string {
  const lines = linesOf(text);
  return [...lines.slice(0, line), ...added, ...lines.slice(line + removed.length)].join('\n');
}

/** A scenario that the run did not have before, as an edit of a text without lines. */
export function editOfNew(text: string): TextEdit {
  return { line: 0, removed: [], added: linesOf(text) };
}

/** The texts of a run after its edits, by scenario. */
export function editedTexts(
  texts: Readonly<Record<string, string>>,
  edits: readonly (TextEdit & { readonly scenario: string })[],
): Readonly<Record<string, string>> {
  const present = new Map(Object.entries(texts));
  for (const edit of edits) {
    const before = present.get(edit.scenario);
    present.set(edit.scenario, before === undefined ? edit.added.join('\n') : applyEdit(before, edit));
  }
  return Object.fromEntries(present);
}

/** Where a line of the text before stands after an edit; null where it is gone. Lines that stay in the changed stretch are followed. */
export function lineAfter(line: number, { line: from, removed, added }: TextEdit): number | null {
  if (line < from) return line;
  if (line >= from + removed.length) return line + added.length - removed.length;
  const text = removed[line - from]?.trim();
  // The same line as often as before, or it is not known which of them is meant.
  const earlier = removed.slice(0, line - from).filter((each) => each.trim() === text).length;
  const places = added.flatMap((each, index) => (each.trim() === text ? [index] : []));
  const place = places[earlier];
  return place === undefined ? null : from + place;
}
