/** Reads the YAML block between `---` lines at the top of a scenario: title, tags, timeout and parameters. */
import { isMap, isNode, isScalar, isSeq, parseDocument, type Node, type Pair } from 'yaml';
import type { Range } from '#shared/problem.ts';
import { simpleName } from './characters.ts';
import { quoteForMessage, replaceWith, scenarioError, scenarioWarning, type ProblemDetail } from './diagnostics.ts';
import { nearestName } from './nearest-name.ts';
import { longestDuration, parseDuration, parseQuantity } from './quantity.ts';
import { positionIn, type SourceLine } from './source-lines.ts';
import type { FrontMatter, ScenarioParameter, ScenarioProblem } from './syntax.ts';

/** Front matter longer than this (UTF-16 code units) is refused. */
export const maximumFrontMatterLength = 32_768;

const knownKeys = ['title', 'tags', 'timeout', 'parameters'];

/** `lineCount` lines at the top belong to the front matter; 0 where there is none. */
export interface FrontMatterBlock {
  readonly frontMatter: FrontMatter | null;
  readonly lineCount: number;
  readonly problems: readonly ScenarioProblem[];
}

/**
 * The front matter at the head of a scenario and how many lines it takes; none where the first line is no fence. Never throws: faults are
 * problems.
 */
export function readFrontMatter(text: string, source: readonly SourceLine[]): FrontMatterBlock {
  const first = source[0];
  if (!first || !isFence(first)) return { frontMatter: null, lineCount: 0, problems: [] };
  const closing = source.findIndex((line, index) => index > 0 && isFence(line));
  const last = source[closing];
  const second = source[1];
  if (!last || !second) {
    const range = { start: positionIn(first, 0), end: positionIn(first, first.text.length) };
    const tip = 'Write `---` on a line of its own after it.';
    return {
      frontMatter: null,
      lineCount: 0,
      problems: [scenarioError('unclosed-front-matter', 'The front matter is never closed.', range, { tip })],
    };
  }
  const reader = new FrontMatterReader(source, second.offset, last.offset);
  const content = reader.read(text.slice(second.offset, last.offset));
  const start = positionIn(first, first.text.indexOf('-'));
  const range = { start, end: positionIn(last, last.text.length) };
  const frontMatter = { ...content, text: text.slice(range.start.offset, range.end.offset), range };
  return { frontMatter, lineCount: closing + 1, problems: reader.problems };
}

function isFence(line: SourceLine): boolean {
  const text = line.line === 0 ? line.text.replace(/^\uFEFF+/, '') : line.text;
  return text.startsWith('---') && text.slice(3).trim() === '';
}

type Content = Omit<FrontMatter, 'text' | 'range'>;

class FrontMatterReader {
  readonly problems: ScenarioProblem[] = [];
  private readonly source: readonly SourceLine[];
  private readonly offset: number;
  private readonly end: number;

  /** The YAML stands from `offset` to `end` in the whole text. */
  constructor(source: readonly SourceLine[], offset: number, end: number) {
    this.source = source;
    this.offset = offset;
    this.end = end;
  }

  read(yaml: string): Content {
    const content = {
      title: null as string | null,
      tags: [] as string[],
      timeout: null as number | null,
      parameters: [] as ScenarioParameter[],
    };
    for (const { key, keyRange, value } of this.entriesOf(this.documentOf(yaml))) {
      if (key === 'title') content.title = this.text(value, 'The title');
      else if (key === 'tags') content.tags = this.tags(value);
      else if (key === 'timeout') content.timeout = this.timeout(value);
      else if (key === 'parameters') content.parameters = this.parameters(value);
      else this.unknownKey(key, keyRange, knownKeys);
    }
    return content;
  }

  private documentOf(yaml: string): Node | null {
    if (yaml.length > maximumFrontMatterLength) {
      this.error(`The front matter is longer than ${maximumFrontMatterLength} characters.`, this.range(0, 0), { tip: 'Shorten it.' });
      return null;
    }
    try {
      const document = parseDocument(yaml, { prettyErrors: false, uniqueKeys: false, logLevel: 'silent' });
      for (const problem of document.errors.slice(0, 10)) {
        this.error(`The front matter is not valid YAML: ${firstLine(problem.message)}.`, this.range(problem.pos[0], problem.pos[1]));
      }
      return document.errors.length > 0 ? null : document.contents;
    } catch {
      // The library gives up on absurdly deep nesting with an exception.
      this.error('The front matter cannot be read as YAML.', this.range(0, 0), {
        tip: 'Keep it simple: title, tags, timeout, parameters.',
      });
      return null;
    }
  }

  private error(message: string, range: Range, detail: ProblemDetail = {}): null {
    this.problems.push(scenarioError('bad-front-matter', message, range, detail));
    return null;
  }

  private range(start: number, end: number): Range {
    const from = Math.min(this.offset + Math.max(0, start), this.end);
    return { start: this.position(from), end: this.position(Math.min(this.offset + Math.max(start, end), this.end)) };
  }

  private position(offset: number) {
    let low = 0;
    let high = this.source.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.source[middle]?.offset ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    const line = this.source[low] ?? { line: 0, offset: 0, text: '' };
    return positionIn(line, Math.min(offset - line.offset, line.text.length));
  }

  private rangeOf(node: unknown): Range {
    const range = isNode(node) ? node.range : null;
    return range ? this.range(range[0], range[1]) : this.range(0, 0);
  }

  /** Keys and values of a mapping; anything else is a problem. */
  private entriesOf(node: unknown, what = 'The front matter'): { key: string; keyRange: Range; value: unknown }[] {
    if (isEmpty(node)) return [];
    if (!isMap(node)) {
      this.error(`${what} is not a mapping.`, this.rangeOf(node), { tip: 'Write lines such as `title: Failover of the matching engine`.' });
      return [];
    }
    const seen = new Set<string>();
    return node.items.flatMap((pair: Pair) => {
      const key = scalarText(pair.key);
      const keyRange = this.rangeOf(pair.key);
      if (key === null || seen.has(key)) {
        this.error(key === null ? 'A key must be a plain word.' : `${quoteForMessage(key)} is given twice.`, keyRange);
        return [];
      }
      seen.add(key);
      return [{ key, keyRange, value: pair.value }];
    });
  }

  private unknownKey(key: string, range: Range, known: readonly string[]): void {
    const nearest = nearestName(key, known);
    const detail = nearest
      ? { tip: `Did you mean \`${nearest}\`?`, fix: replaceWith(range, nearest) }
      : { tip: `Known are ${known.join(', ')}.` };
    this.problems.push(scenarioWarning('unknown-front-matter-key', `${quoteForMessage(key)} means nothing here.`, range, detail));
  }

  private text(node: unknown, what: string): string | null {
    if (isEmpty(node)) return null;
    return scalarText(node) ?? this.error(`${what} must be a text.`, this.rangeOf(node));
  }

  private tags(node: unknown): string[] {
    if (isEmpty(node)) return [];
    const items: readonly unknown[] = isSeq(node) ? node.items : [node];
    return items.flatMap((item) => {
      const tag = scalarText(item);
      if (tag !== null) return [tag];
      this.error('A tag must be a text.', this.rangeOf(item), { tip: 'For example `tags: [smoke, nightly]`.' });
      return [];
    });
  }

  private timeout(node: unknown): number | null {
    if (isEmpty(node)) return null;
    const written = scalarText(node) ?? '';
    const quantity = parseQuantity(written);
    const milliseconds = quantity?.unit === 'none' ? quantity.value * 1_000 : parseDuration(written);
    if (milliseconds !== null && milliseconds > 0 && milliseconds <= longestDuration) return milliseconds;
    return this.error('The timeout is not a duration.', this.rangeOf(node), {
      tip: 'Write `timeout: 10m`, or a number of seconds; at most 576h.',
    });
  }

  private parameters(node: unknown): ScenarioParameter[] {
    if (isEmpty(node)) return [];
    if (!isSeq(node)) {
      return this.entriesOf(node, '`parameters`').flatMap(({ key, keyRange, value }) => this.parameter(key, keyRange, value));
    }
    const seen = new Set<string>();
    return node.items.flatMap((item) => {
      const name = scalarText(item);
      if (name !== null && !seen.has(name)) {
        seen.add(name);
        return this.parameter(name, this.rangeOf(item), null);
      }
      const message = name === null ? 'In a list of parameters only names can stand.' : `${quoteForMessage(name)} is given twice.`;
      this.error(message, this.rangeOf(item), { tip: 'For defaults write `parameters:` and below it `name: default`.' });
      return [];
    });
  }

  private parameter(name: string, nameRange: Range, value: unknown): ScenarioParameter[] {
    if (!simpleName.test(name) || name.length > 64) {
      this.error(`${quoteForMessage(name)} cannot be the name of a parameter.`, nameRange, {
        tip: 'A name begins with a letter and holds letters, digits, _ and - (64 at most).',
      });
      return [];
    }
    if (!isMap(value)) return [{ name, default: this.text(value, `The default of ${quoteForMessage(name)}`), help: null }];
    const parameter = { name, default: null as string | null, help: null as string | null };
    for (const entry of this.entriesOf(value)) {
      if (entry.key === 'default') parameter.default = this.text(entry.value, `The default of ${quoteForMessage(name)}`);
      else if (entry.key === 'help') parameter.help = this.text(entry.value, `The help of ${quoteForMessage(name)}`);
      else this.unknownKey(entry.key, entry.keyRange, ['default', 'help']);
    }
    return [parameter];
  }
}

function isEmpty(node: unknown): boolean {
  return node === null || node === undefined || (isScalar(node) && node.value === null);
}

/** A scalar as it was written, so that `1.10` stays `1.10`; null for everything that is no scalar. */
function scalarText(node: unknown): string | null {
  if (!isScalar(node) || node.value === null) return null;
  if (typeof node.value === 'string') return node.value;
  return node.source ?? null;
}

function firstLine(message: string): string {
  return (message.split('\n')[0] ?? '').replace(/[.:]$/, '');
}
