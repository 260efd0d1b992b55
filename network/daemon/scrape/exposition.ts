/**
 * Reads the text that Prometheus exporters answer with, the older form and OpenMetrics alike. One pass, no regular
 * expression over the whole; a line that cannot be read is counted and left out, never an error.
 */
import type { SeriesDeclaration } from '#shared/telemetry/series.ts';

export interface ExposedSample {
  /** Metric with its label set, labels in order of their names: `http_requests_total{code="200",method="get"}`. */
  readonly series: string;
  /** Metric without labels. */
  readonly metric: string;
  /** May be NaN or infinite. */
  readonly value: number;
  readonly kind: SeriesDeclaration['kind'];
  readonly help: string | undefined;
  /** As the exporter tells (`# UNIT`), undefined mostly. */
  readonly unit: string | undefined;
}

export interface Exposition {
  readonly samples: readonly ExposedSample[];
  /** Lines that are neither samples nor comments. */
  readonly unreadable: number;
  /** Samples beyond the limit that was asked for. */
  readonly omitted: number;
}

export interface ExpositionOptions {
  /** Whether a metric (without labels) is wanted; all are by default. */
  readonly wants?: (metric: string) => boolean;
  readonly maximumSamples?: number;
}

interface Family {
  type?: string;
  help?: string;
  unit?: string;
}

/** Longest name of a series with labels, as readers accept it. */
const maximumSeriesLength = 256;
/** Endings that members of a family have besides its own name. */
const memberEndings = ['_total', '_bucket', '_sum', '_count', '_created', '_info'];

export function parseExposition(text: string, options: ExpositionOptions = {}): Exposition {
  const { wants = () => true, maximumSamples = Number.MAX_SAFE_INTEGER } = options;
  const families = new Map<string, Family>();
  const samples: ExposedSample[] = [];
  let [unreadable, omitted] = [0, 0];
  for (let start = 0; start < text.length;) {
    const feed = text.indexOf('\n', start);
    const end = feed < 0 ? text.length : feed;
    const line = text.slice(start, end).trim();
    start = end + 1;
    if (line === '' || line === '# EOF') continue;
    if (line.startsWith('#')) {
      readComment(line, families);
      continue;
    }
    const parsed = readSample(line);
    if (!parsed || parsed.series.length > maximumSeriesLength) unreadable++;
    else if (wants(parsed.metric)) {
      if (samples.length >= maximumSamples) omitted++;
      else samples.push({ ...parsed, ...describe(parsed.metric, families) });
    }
  }
  return { samples, unreadable, omitted };
}

/** `# TYPE name counter`, `# HELP name text`, `# UNIT name bytes`; any other comment says nothing. */
function readComment(line: string, families: Map<string, Family>): void {
  const [, keyword, name, ...rest] = line.split(/[ \t]+/, 4);
  if (!name || (keyword !== 'TYPE' && keyword !== 'HELP' && keyword !== 'UNIT')) return;
  const family = families.get(name) ?? {};
  families.set(name, family);
  if (keyword === 'TYPE') family.type = rest[0] ?? '';
  else if (keyword === 'UNIT') family.unit = rest[0] ?? '';
  else family.help = unescapeText(line.slice(line.indexOf(name, 6) + name.length).trim());
}

function describe(metric: string, families: ReadonlyMap<string, Family>): Pick<ExposedSample, 'kind' | 'help' | 'unit'> {
  const own = families.get(metric);
  const ending = memberEndings.find((each) => metric.endsWith(each));
  const family = own ?? (ending ? families.get(metric.slice(0, -ending.length)) : undefined);
  return { kind: kindOf(family?.type, ending), help: family?.help, unit: family?.unit };
}

function kindOf(type: string | undefined, ending: string | undefined): SeriesDeclaration['kind'] {
  if (ending === '_created') return 'gauge';
  if (type === 'counter') return 'counter';
  const cumulative = ending === '_bucket' || ending === '_sum' || ending === '_count';
  return cumulative && (type === 'histogram' || type === 'summary') ? 'counter' : 'gauge';
}

/** `name{label="value",…} value [timestamp] [# exemplar]` */
function readSample(line: string): { readonly series: string; readonly metric: string; readonly value: number } | undefined {
  let index = 0;
  while (index < line.length && isNameCharacter(line.charCodeAt(index), index === 0)) index++;
  if (index === 0) return undefined;
  const metric = line.slice(0, index);
  index = skipBlanks(line, index);
  let labels = '';
  if (line[index] === '{') {
    const read = readLabels(line, index + 1);
    if (!read) return undefined;
    labels = read.labels;
    index = skipBlanks(line, read.end);
  } else if (index === metric.length) return undefined;
  const value = readValue(/^[^ \t]+/.exec(line.slice(index, index + 64))?.[0]);
  return value === undefined ? undefined : { series: metric + labels, metric, value };
}

/** From after `{`; the end is after `}`. */
function readLabels(line: string, from: number): { readonly labels: string; readonly end: number } | undefined {
  const labels: string[] = [];
  let index = skipBlanks(line, from);
  while (line[index] !== '}') {
    const nameStart = index;
    while (index < line.length && isNameCharacter(line.charCodeAt(index), index === nameStart)) index++;
    const name = line.slice(nameStart, index);
    index = skipBlanks(line, index);
    if (name === '' || line[index] !== '=') return undefined;
    index = skipBlanks(line, index + 1);
    const end = endOfQuoted(line, index);
    if (end === undefined) return undefined;
    labels.push(`${name}=${normalQuotes(line.slice(index, end))}`);
    index = skipBlanks(line, end);
    if (line[index] === ',') index = skipBlanks(line, index + 1);
    else if (line[index] !== '}') return undefined;
  }
  return { labels: labels.length > 0 ? `{${labels.sort().join(',')}}` : '', end: index + 1 };
}

/** Index after the closing quote of the text that opens at the index. */
function endOfQuoted(line: string, start: number): number | undefined {
  if (line[start] !== '"') return undefined;
  for (let index = start + 1; index < line.length; index++) {
    if (line[index] === '\\') index++;
    else if (line[index] === '"') return index + 1;
  }
  return undefined;
}

/** Only the escapes that the format knows stay escaped, so that one value has one form. */
function normalQuotes(quoted: string): string {
  if (!quoted.includes('\\')) return quoted;
  return quoted.replaceAll(/\\(.)/gs, (escaped, character: string) => ('\\"n'.includes(character) ? escaped : character));
}

function readValue(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text) || /^[+-]?0[xX][0-9a-fA-F]+$/.test(text)) return Number(text);
  switch (text.toLowerCase()) {
    case 'nan':
    case '+nan':
    case '-nan':
      return Number.NaN;
    case '+inf':
    case 'inf':
    case '+infinity':
    case 'infinity':
      return Number.POSITIVE_INFINITY;
    case '-inf':
    case '-infinity':
      return Number.NEGATIVE_INFINITY;
    default:
      return undefined;
  }
}

function unescapeText(text: string): string {
  return text.replaceAll(/\\(n|\\|")/g, (_, character: string) => (character === 'n' ? ' ' : character));
}

function skipBlanks(line: string, index: number): number {
  let at = index;
  while (line[at] === ' ' || line[at] === '\t') at++;
  return at;
}

/** Letters, `_` and `:`; digits from the second on; `.` as OpenMetrics exporters of dotted names write them. */
function isNameCharacter(code: number, first: boolean): boolean {
  const letter = (code >= 65 && code <= 90) || (code >= 97 && code <= 122) || code === 95 || code === 58;
  return letter || (!first && ((code >= 48 && code <= 57) || code === 46));
}
