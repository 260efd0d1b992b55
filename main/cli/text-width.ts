/** How many columns a text takes in a terminal; a status line must not be wider than its line, or it cannot be rewritten. */

/** Combining marks, joiners and variation selectors stand on the character before them. */
const withoutWidth = /\p{Mn}|\p{Me}|[\u200b-\u200d]/u;
/** East Asian wide characters and pictures. */
const twoColumns =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Extended_Pictographic}/u;

function characterWidth(character: string): number {
  if (withoutWidth.test(character)) return 0;
  return character > '\u2000' && twoColumns.test(character) ? 2 : 1;
}

/** Columns of a text without escape sequences. */
export function textWidth(text: string): number {
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

/** As much of the text as fits, with `…` where something was cut off. */
export function fitText(text: string, columns: number): string {
  if (textWidth(text) <= columns) return text;
  let fitting = '';
  let width = 0;
  for (const character of text) {
    width += characterWidth(character);
    if (width > columns - 1) break;
    fitting += character;
  }
  return columns < 1 ? '' : `${fitting}…`;
}
