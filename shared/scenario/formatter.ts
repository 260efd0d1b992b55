/**
 * The formatter: canonical spacing, straight quotes, indentation inside `repeat`. Comments, step numbers, front matter and
 * up to two blank lines in a row stay; a line with an error stays exactly as it was written. Formatting a formatted text
 * changes nothing, and the syntax tree is the same before and after. A scenario too long to be read stays as it is.
 */
import type { Range } from '#shared/problem.ts';
import { straightQuote } from './characters.ts';
import { parseEveryProblem } from './parser.ts';
import { sliceOf, splitLines, type SourceLine } from './source-lines.ts';
import { printStatement, type LeafWriter } from './statement-printer.ts';
import type { ScenarioLine, Template } from './syntax.ts';
import { assignedQuote, straightenedContent } from './template-parts.ts';

/** Blank lines in a row that are kept. */
const maximumBlankLines = 2;
/** Deeper blocks are not indented further, which bounds the length of the result. */
const maximumIndentation = 12;

/** The scenario in canonical form. Never throws. */
export function formatScenario(text: string): string {
  const { scenario, problems } = parseEveryProblem('', text);
  if (problems.some(({ code }) => code === 'too-many-lines')) return text;
  const source = splitLines(text);
  const lineEnd = /\r\n|\n/.exec(text)?.[0] ?? '\n';
  const kept = new Set(problems.filter(({ severity }) => severity === 'error').map(({ range }) => range.start.line));
  const formatter = new LineFormatter(text);
  const body: string[] = [];
  let blankLines = 0;
  for (const line of scenario.lines.slice(scenario.frontMatter ? scenario.frontMatter.range.end.line + 1 : 0)) {
    const asWritten = kept.has(line.line) || line.statement?.kind === 'invalid';
    const formatted = formatter.format(line, asWritten ? withoutMark(source[line.line]) : null);
    blankLines = formatted === '' ? blankLines + 1 : 0;
    if (blankLines <= maximumBlankLines) body.push(formatted);
  }
  while (body.at(-1) === '') body.pop();
  const all = scenario.frontMatter ? [scenario.frontMatter.text, ...body] : body;
  return all.map((line) => line + lineEnd).join('');
}

/** The line as it stands, but without a byte order mark at the start of the text. */
function withoutMark(source: SourceLine | undefined): string {
  const text = source?.text ?? '';
  return source?.line === 0 ? text.replace(/^\uFEFF+/, '') : text;
}

class LineFormatter {
  private readonly text: string;
  private readonly leaves: LeafWriter;
  private depth = 0;

  constructor(text: string) {
    this.text = text;
    this.leaves = {
      template: (template) => this.word(template),
      rest: (template) => this.rest(template),
      quantity: (range) => sliceOf(text, range),
    };
  }

  /** One line; `asWritten` is given for those that stay as they are. */
  format(line: ScenarioLine, asWritten: string | null): string {
    if (line.statement?.kind === 'end') this.depth = Math.max(0, this.depth - 1);
    const formatted = asWritten ?? this.canonical(line);
    if (line.statement?.kind === 'repeat') this.depth += 1;
    return formatted;
  }

  private canonical(line: ScenarioLine): string {
    const indentation = '  '.repeat(Math.min(this.depth, maximumIndentation));
    const number = line.number ? this.slice(line.number.range) : '';
    const statement = line.statement ? printStatement(line.statement, this.leaves) : '';
    const content = statement === '' ? number : `${number}${number && ' '}${indentation}${statement}`;
    if (!line.comment) return content;
    return content === '' ? indentation + line.comment.text : `${content}  ${line.comment.text}`;
  }

  private slice(range: Range): string {
    return sliceOf(this.text, range);
  }

  /** A word as it was written, except that typographic quotes become straight. */
  private word(template: Template): string {
    if (template.quote !== 'none') return this.rest(template);
    const written = this.slice(template.range);
    const assigned = assignedQuote(written);
    return assigned ? written.slice(0, assigned.index) + quoted(written.slice(assigned.index), assigned.quote) : written;
  }

  private rest(template: Template): string {
    const written = this.slice(template.range);
    return template.quote === 'none' ? written : quoted(written, template.quote);
  }
}

function quoted(written: string, quote: 'single' | 'double'): string {
  const straight = straightQuote[quote];
  return straight + straightenedContent(written.slice(1, -1), quote) + straight;
}
