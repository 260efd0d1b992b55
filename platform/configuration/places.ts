/** Where a value stands in the file: paths such as components, A, interval become ranges of the YAML text. */
import { isMap, isNode, isPair, isScalar, isSeq, type Document, type LineCounter } from 'yaml';
import type { Position, Range } from '#shared/problem.ts';

export type Path = readonly PropertyKey[];

export class Places {
  private readonly document: Document;
  private readonly lines: LineCounter;

  constructor(document: Document, lines: LineCounter) {
    this.document = document;
    this.lines = lines;
  }

  /** Range of the value at the path. Where it is absent, that of the key that should have held it; where it begins on a later line, that of its own key. */
  value(path: Path): Range {
    for (let length = path.length; length >= 0; length--) {
      const found = this.walk(path.slice(0, length));
      if (!found) continue;
      const away = length < path.length || (found.key && found.key.start.line < found.value.start.line);
      return away && found.key ? found.key : found.value;
    }
    return this.range(0, 0);
  }

  /** Range of a key itself. */
  key(path: Path): Range {
    return this.walk(path)?.key ?? this.value(path);
  }

  range(start: number, end: number): Range {
    return { start: this.position(start), end: this.position(end) };
  }

  private position(offset: number): Position {
    const { line, col } = this.lines.linePos(offset);
    return { line: Math.max(0, line - 1), column: Math.max(0, col - 1), offset };
  }

  private walk(path: Path): { readonly key: Range | undefined; readonly value: Range } | undefined {
    let node: unknown = this.document.contents;
    let key: unknown;
    for (const part of path) {
      if (isMap(node)) {
        const pair = node.items.find((item) => isPair(item) && String(isScalar(item.key) ? item.key.value : item.key) === String(part));
        if (!pair) return undefined;
        key = pair.key;
        node = pair.value;
      } else if (isSeq(node)) {
        key = undefined;
        node = node.items[Number(part)];
      } else return undefined;
    }
    const value = this.rangeOf(node) ?? this.rangeOf(key);
    return value && { key: this.rangeOf(key), value };
  }

  private rangeOf(node: unknown): Range | undefined {
    return isNode(node) && node.range ? this.range(node.range[0], node.range[1]) : undefined;
  }
}
