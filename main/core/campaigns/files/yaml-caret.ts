/**
 * Where in a YAML text a caret stands, while the text is being written and is mostly no YAML yet: by indentation, `key:`, `- `, and brackets within a line.
 */

export interface YamlCaret {
  /** Keys that lead there; `*` for an entry of a list. */
  readonly path: readonly string[];
  /** Whether a key is being written, or what stands after one. */
  readonly at: 'key' | 'value';
  /** Whether that stands as an entry of a list. */
  readonly inList: boolean;
  /** What is typed of it, and the column at which that begins. */
  readonly typed: string;
  readonly from: number;
}

interface Level {
  readonly indent: number;
  readonly key: string;
}

const keyPattern = /^("[^"]*"|'[^']*'|[^\s:#{}[\],&*!|>'"%@`][^:#{}[\],]*?):(?=\s|$)/;

/** null: within a comment. */
export function caretIn(text: string, line: number, column: number): YamlCaret | null {
  const lines = text.split(/\r?\n/);
  const before = (lines[line] ?? '').slice(0, column);
  if (/(^|\s)#/.test(before)) return null;
  const levels: Level[] = [];
  for (const each of lines.slice(0, line)) if (!/^\s*(#.*)?$/.test(each)) enter(levels, each);
  const { rest, at, inList } = enter(levels, before);
  const path = levels.map(({ key }) => key);
  if (!at) return { path, at: 'key', inList, ...typedIn(rest, before) };
  return inFlow(path, rest, before);
}

/** Keys of all mappings of a text that is written in blocks, each with its path. */
export function keysIn(text: string): readonly (readonly string[])[] {
  const levels: Level[] = [];
  return text.split(/\r?\n/).flatMap((line) => {
    if (/^\s*(#.*)?$/.test(line)) return [];
    return enter(levels, line).at ? [levels.map(({ key }) => key)] : [];
  });
}

/** Goes to the level of a line. `at`: whether a key stands in it, behind which `rest` is. */
function enter(levels: Level[], line: string): { readonly rest: string; readonly at: boolean; readonly inList: boolean } {
  let indent = line.length - line.trimStart().length;
  let rest = line.slice(indent);
  let inList = false;
  for (let dash = /^-(\s+|$)/.exec(rest); dash; dash = /^-(\s+|$)/.exec(rest)) {
    while (levels.some(({ indent: other, key }) => other > indent || (other === indent && key === '*'))) levels.pop();
    levels.push({ indent, key: '*' });
    indent += dash[0].length;
    rest = rest.slice(dash[0].length);
    inList = true;
  }
  if (!inList) while ((levels.at(-1)?.indent ?? -1) >= indent) levels.pop();
  const key = keyPattern.exec(rest);
  if (!key) return { rest, at: false, inList };
  levels.push({ indent, key: plain(key[1] ?? '') });
  return { rest: rest.slice(key[0].length), at: true, inList };
}

/** Within what stands behind a key: brackets lead further down. */
function inFlow(path: readonly string[], rest: string, before: string): YamlCaret {
  const open: { readonly kind: '{' | '['; readonly path: readonly string[] }[] = [];
  let here = path;
  let part = '';
  for (const letter of rest) {
    const around = open.at(-1);
    if (letter === '{' || letter === '[') {
      open.push({ kind: letter, path: here });
      here = letter === '[' ? [...here, '*'] : here;
      part = '';
    } else if (letter === '}' || letter === ']') {
      here = open.pop()?.path ?? path;
      part = '';
    } else if (letter === ',' && around) {
      here = around.kind === '[' ? [...around.path, '*'] : around.path;
      part = '';
    } else if (letter === ':' && around?.kind === '{' && here === around.path) {
      here = [...here, plain(part.trim())];
      part = '';
    } else part += letter;
  }
  const around = open.at(-1);
  const isKey = around?.kind === '{' && here === around.path;
  return { path: here, at: isKey ? 'key' : 'value', inList: around?.kind === '[', ...typedIn(part.trimStart(), before) };
}

function typedIn(part: string, before: string): Pick<YamlCaret, 'typed' | 'from'> {
  return { typed: part, from: before.length - part.length };
}

function plain(key: string): string {
  return key.replace(/^(["'])(.*)\1$/, '$2');
}
