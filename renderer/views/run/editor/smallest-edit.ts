/** The one stretch in which two texts differ. */

export interface StretchEdit {
  /** Offsets in the text before. */
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
}

/** Null where the texts are the same. Never cuts a surrogate pair or a line end of two characters in half. */
export function smallestEdit(before: string, after: string): StretchEdit | null {
  if (before === after) return null;
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before.charCodeAt(start) === after.charCodeAt(start)) start += 1;
  let same = 0;
  while (same < shorter - start && before.charCodeAt(before.length - 1 - same) === after.charCodeAt(after.length - 1 - same)) same += 1;
  while (start > 0 && isPair(before, start)) start -= 1;
  while (same > 0 && isPair(before, before.length - same)) same -= 1;
  return { start, end: before.length - same, replacement: after.slice(start, after.length - same) };
}

/** Whether the characters on both sides of an offset belong together. */
function isPair(text: string, offset: number): boolean {
  const left = text.charCodeAt(offset - 1);
  return (left >= 0xd800 && left <= 0xdbff) || left === 0x0d;
}
