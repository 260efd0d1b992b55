/** One scenario's text with everything that is worked out from it once: tree, lines, structure, elements. */
import type { Range } from '#shared/problem.ts';
import { parseScenario } from '../parser.ts';
import { splitLines, type SourceLine } from '../source-lines.ts';
import { scenarioStructure, type ScenarioStructure } from '../structure.ts';
import type { ParsedScenario, ScenarioLine } from '../syntax.ts';
import { elementsOfLine, type Element } from './elements.ts';
import { RecentMap } from '../../recent-map.ts';

/** A place in a text, zero-based; `column` counts UTF-16 code units. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

export class ScenarioDocument {
  readonly name: string;
  readonly text: string;
  readonly parsed: ParsedScenario;
  readonly source: readonly SourceLine[];
  private readonly elements = new Map<number, readonly Element[]>();

  constructor(name: string, text: string) {
    this.name = name;
    this.text = text;
    this.parsed = parseScenario(name, text);
    this.source = splitLines(text);
  }

  get structure(): ScenarioStructure {
    return scenarioStructure(this.parsed.scenario);
  }

  get lines(): readonly ScenarioLine[] {
    return this.parsed.scenario.lines;
  }

  /** The text of a line without its end; empty for a line that is not there. */
  lineText(line: number): string {
    return this.source[line]?.text ?? '';
  }

  /** What a line is made of, from left to right; worked out when first asked for. */
  elementsOf(line: number): readonly Element[] {
    let elements = this.elements.get(line);
    if (!elements) {
      const parsed = this.lines[line];
      elements = parsed ? elementsOfLine(parsed, this.lineText(line)) : [];
      this.elements.set(line, elements);
    }
    return elements;
  }

  *allElements(): Generator<Element> {
    for (let line = 0; line < this.lines.length; line += 1) yield* this.elementsOf(line);
  }

  /** The element at a place; a place right behind an element counts as in it, where no other begins there. */
  elementAt({ line, column }: Place): Element | undefined {
    const elements = this.elementsOf(line);
    return (
      elements.find(({ range }) => range.start.column <= column && column < range.end.column) ??
      elements.findLast(({ range }) => range.end.column === column)
    );
  }

  inFrontMatter(line: number): boolean {
    const range = this.parsed.scenario.frontMatter?.range;
    return range !== undefined && line <= range.end.line;
  }
}

/** Whether a place is within a range of one line; both ends count. */
export function isIn(range: Range, { line, column }: Place): boolean {
  return range.start.line === line && range.start.column <= column && column <= range.end.column;
}

/** Keeps the documents of texts that were asked for last, so that a text is read once, whoever asks for it. */
export class DocumentCache {
  private readonly documents: RecentMap<string, ScenarioDocument>;

  /** @param capacity names that are kept; at least the linker's largest program is wise. */
  constructor(capacity = 600) {
    this.documents = new RecentMap(capacity);
  }

  document(name: string, text: string): ScenarioDocument {
    const known = this.documents.get(name);
    if (known?.text === text) return known;
    const document = new ScenarioDocument(name, text);
    this.documents.set(name, document);
    return document;
  }
}
