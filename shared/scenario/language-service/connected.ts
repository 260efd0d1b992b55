/** Which scenarios share their variables: those that call one another, directly or through others. */
import { callsOf } from '../link.ts';
import { isMap, isScalar, isSeq, parseDocument } from 'yaml';
import type { Range } from '#shared/problem.ts';
import type { DocumentCache, ScenarioDocument } from './document.ts';
import { part } from './elements.ts';

/** Further scenarios are not looked at, for the sake of time. */
const maximumDocuments = 500;

/** `document` and every scenario that it is connected with by calls in either direction; `document` first. */
export function connectedDocuments(
  document: ScenarioDocument,
  scenarios: ReadonlyMap<string, string>,
  cache: DocumentCache,
): readonly ScenarioDocument[] {
  const all = new Map([[document.name, document]]);
  for (const [name, text] of scenarios) {
    if (all.size >= maximumDocuments) break;
    if (name !== document.name) all.set(name, cache.document(name, text));
  }
  const neighbours = callGraph(all);
  const found = new Set([document.name]);
  for (const name of found) for (const neighbour of neighbours.get(name) ?? []) found.add(neighbour);
  return [...found].flatMap((name) => all.get(name) ?? []);
}

function callGraph(documents: ReadonlyMap<string, ScenarioDocument>): ReadonlyMap<string, ReadonlySet<string>> {
  const neighbours = new Map([...documents.keys()].map((name) => [name, new Set<string>()]));
  for (const [name, { parsed }] of documents) {
    for (const { text: called } of callsOf(parsed.scenario)) {
      neighbours.get(name)?.add(called);
      neighbours.get(called)?.add(name);
    }
  }
  return neighbours;
}

/** Where the parameters of a scenario are named in its front matter. */
export function parameterPlaces(document: ScenarioDocument): ReadonlyMap<string, Range> {
  const { frontMatter } = document.parsed.scenario;
  const places = new Map<string, Range>();
  if (!frontMatter || frontMatter.parameters.length === 0) return places;
  const first = document.source[frontMatter.range.start.line + 1];
  const last = document.source[frontMatter.range.end.line];
  if (!first || !last) return places;
  const yaml = parseDocument(document.text.slice(first.offset, last.offset), {
    prettyErrors: false,
    uniqueKeys: false,
    logLevel: 'silent',
  });
  const parameters: unknown = isMap(yaml.contents) ? yaml.contents.get('parameters', true) : null;
  const keys: readonly unknown[] = isMap(parameters) ? parameters.items.map(({ key }) => key) : isSeq(parameters) ? parameters.items : [];
  for (const key of keys) {
    if (!isScalar(key) || !key.range || typeof key.value !== 'string') continue;
    const quoted = key.source === undefined || key.type === 'QUOTE_DOUBLE' || key.type === 'QUOTE_SINGLE' ? 1 : 0;
    const range = rangeFrom(document, first.offset + key.range[0] + quoted, key.value.length);
    if (range) places.set(key.value, range);
  }
  return places;
}

function rangeFrom(document: ScenarioDocument, offset: number, length: number): Range | null {
  const line = document.source.findLast((each) => each.offset <= offset);
  if (!line) return null;
  const column = offset - line.offset;
  const start = { line: line.line, column, offset };
  return part({ start, end: start }, column, length);
}
