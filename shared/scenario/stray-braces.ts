/** Finds braces that close nothing beside a reference: `#{status}}` shows the value with a brace that nobody wanted. */
import { referenceEnd } from './template-parts.ts';

/**
 * Columns of the closing braces before `end` that close neither a reference nor a brace that was opened on the same
 * line, as those of JSON are. Empty for a line without references, where a brace is just a character; one reading of the line.
 */
export function strayBraces(text: string, end: number): readonly number[] {
  const stray: number[] = [];
  let references = 0;
  let open = 0;
  let index = 0;
  while (index < end) {
    const close = referenceEnd(text, index);
    if (close !== null) {
      references += 1;
      index = close;
      continue;
    }
    const character = text[index];
    if (character === '{') open += 1;
    else if (character === '}' && open > 0) open -= 1;
    else if (character === '}') stray.push(index);
    index += character === '\\' ? 2 : 1;
  }
  return references === 0 ? [] : stray;
}
