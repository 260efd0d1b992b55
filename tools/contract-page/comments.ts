/**
 * The comments in a file of schemas, by what they stand before: `runMethods`, `runMethods.run.start`,
 * `runMethods.run.start.request.texts`. What a key stands in is told by the braces around it, whatever functions are called there.
 */

/** Comments, texts, braces, names of constants and keys; everything else is passed over. */
const token =
  /\/\*\*(?<comment>[\s\S]*?)\*\/|\/\/.*|(?<brace>[{}])|\bconst (?<constant>\w+) =|(?:'(?<quoted>[^'\n]*)'|(?<bare>\b\w+))(?<colon>:(?=\s))?/g;

export function commentsIn(source: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const around: string[] = [];
  let key = '';
  let comment: string | null = null;
  for (const { groups = {} } of source.matchAll(token)) {
    const { brace, constant, quoted, bare, colon } = groups;
    if (groups['comment'] !== undefined) {
      comment = plain(groups['comment']);
    } else if (brace === '{') {
      around.push(key);
      key = '';
      comment = null;
    } else if (brace === '}') {
      key = around.pop() ?? '';
    } else if (constant !== undefined || colon !== undefined) {
      key = constant ?? quoted ?? bare ?? '';
      if (comment !== null) found.set([...around, key].join('.'), comment);
      comment = null;
    }
  }
  return found;
}

/** What a file says of itself in its first lines. */
export function introduction(source: string): string {
  return plain(/^\/\*\*([\s\S]*?)\*\//.exec(source)?.[1] ?? '');
}

function plain(comment: string): string {
  return comment
    .split('\n')
    .map((line) => line.replace(/^\s*\*? ?/, '').trim())
    .filter((line) => line !== '')
    .join(' ');
}
