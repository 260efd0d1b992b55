/**
 * The demo's environment file in a workspace that lasts: what says where the environment is now (its name, router, operator,
 * release) is put in at each start; everything else, and how it is written, is the user's. So it is with other files that name ports.
 */
import { isMap, isScalar, isSeq, parseDocument, type Document } from 'yaml';
import { ProblemError } from '#shared/problem.ts';

/** Where the environment is that was brought up. */
export interface Whereabouts {
  readonly environment: string;
  readonly router: string;
  readonly operator: { readonly name: string; readonly key: string };
  /** Null: the environment file says it. */
  readonly release: string | null;
}

type Place = readonly [path: readonly (string | number)[], value: string];

/** The user's text with what is true now. Rejects a text that is no YAML any more: it is not thrown away. */
export function withWhereabouts(text: string, whereabouts: Whereabouts, file: string): string {
  const { environment, router, operator, release } = whereabouts;
  const places: readonly Place[] = [
    [['environment'], environment],
    [['router'], router],
    [['operator', 'name'], operator.name],
    [['operator', 'key'], operator.key],
    ...(release === null ? [] : ([[['release'], release]] as const)),
  ];
  parsed(text, file);
  const spliced = places.reduce(splice, text);
  const document = parsed(spliced, file);
  if (places.every(([path, value]) => document.getIn(path) === value)) return spliced;
  return rewritten(document, places);
}

function parsed(text: string, file: string): Document {
  const document = parseDocument(text, { version: '1.2', prettyErrors: true });
  const [error] = document.errors;
  if (!error && isMap(document.contents)) return document;
  const line = error?.linePos?.[0].line;
  throw new ProblemError({
    code: 'demo-environment-unreadable',
    message: `The environment file of the demo's workspace is no YAML that describes an environment${line === undefined ? '' : ` (line ${line})`}.`,
    tip: 'Mend it, or delete it, and start the demo again: then it is laid down anew.',
    file,
  });
}

/**
 * The user's text with the values that the product's text names in double braces, each where it still stands; what was taken out
 * stays out, and a text that is no YAML is left to who wrote it.
 */
export function withPlacesFilled(text: string, shipped: string, fill: (value: string) => string): string {
  const places: Place[] = [];
  const look = (value: unknown, path: Place[0]): void => {
    if (isMap(value)) for (const { key, value: inner } of value.items) look(inner, [...path, String(isScalar(key) ? key.value : key)]);
    else if (isSeq(value)) for (const [index, inner] of value.items.entries()) look(inner, [...path, index]);
    else if (isScalar(value) && typeof value.value === 'string' && value.value.includes('{{')) places.push([path, fill(value.value)]);
  };
  look(parseDocument(shipped, { version: '1.2' }).contents, []);
  return parseDocument(text, { version: '1.2' }).errors.length > 0 ? text : places.reduce(splice, text);
}

/** Replaces a value where it stands, so that nothing around it moves; leaves the text as it is where that cannot be done. */
function splice(text: string, [path, value]: Place): string {
  const document = parseDocument(text, { version: '1.2' });
  const node = document.getIn(path, true);
  if (document.getIn(path) === value || !isScalar(node) || !node.range || node.type?.startsWith('BLOCK_')) return text;
  const [start, end] = node.range;
  const candidate = `${text.slice(0, start)}'${value.replaceAll("'", "''")}'${text.slice(end)}`;
  const after = parseDocument(candidate, { version: '1.2' });
  return after.errors.length === 0 && after.getIn(path) === value ? candidate : text;
}

function rewritten(document: Document, places: readonly Place[]): string {
  for (const [path, value] of places) {
    const [key = '', ...rest] = path;
    if (document.getIn(path) === value) continue;
    // A group that is not there, or is something else, becomes one.
    if (rest.length > 0 && !isMap(document.get(key))) document.set(key, document.createNode({}));
    document.setIn(path, value);
  }
  return document.toString({ lineWidth: 0 });
}
