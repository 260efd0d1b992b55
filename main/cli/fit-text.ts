/** A status line must not be wider than its line, or it cannot be rewritten. */
import stringWidth from 'string-width';

const characters = new Intl.Segmenter('en');

/** As much of the text as fits, with `…` where something was cut off. */
export function fitText(text: string, columns: number): string {
  if (stringWidth(text) <= columns) return text;
  let fitting = '';
  let width = 0;
  for (const { segment } of characters.segment(text)) {
    width += stringWidth(segment);
    if (width > columns - 1) break;
    fitting += segment;
  }
  return columns < 1 ? '' : `${fitting}…`;
}
