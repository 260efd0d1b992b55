/** What can be folded away: `repeat` … `end` blocks, the front matter, and runs of comment lines; and the outline of labels. */
import type { Range } from '#shared/problem.ts';
import type { ScenarioDocument } from './document.ts';

export interface Fold {
  /** Zero-based; the first line stays visible. */
  readonly start: number;
  /** Included. */
  readonly end: number;
  readonly kind: 'block' | 'front matter' | 'comment';
}

/** What can be folded: front matter, blocks, comments of several lines; by lines, the outer before the inner. */
export function foldsOf(document: ScenarioDocument): Fold[] {
  return [...frontMatterFold(document), ...blockFolds(document), ...commentFolds(document)].toSorted(
    (left, right) => left.start - right.start || right.end - left.end,
  );
}

function frontMatterFold({ parsed }: ScenarioDocument): Fold[] {
  const range = parsed.scenario.frontMatter?.range;
  return range ? [{ start: range.start.line, end: range.end.line, kind: 'front matter' }] : [];
}

function blockFolds({ structure }: ScenarioDocument): Fold[] {
  const lineOf = (index: number): number => structure.statements[index]?.line ?? 0;
  return [...structure.endOfRepeat].map(([repeat, end]) => ({ start: lineOf(repeat), end: lineOf(end), kind: 'block' }));
}

function commentFolds({ lines }: ScenarioDocument): Fold[] {
  const folds: Fold[] = [];
  let start: number | null = null;
  for (const line of [...lines, null]) {
    const only = line !== null && line.comment !== null && line.statement === null;
    if (only) start ??= line.line;
    else if (start !== null) {
      const end = (line?.line ?? lines.length) - 1;
      if (end > start) folds.push({ start, end, kind: 'comment' });
      start = null;
    }
  }
  return folds;
}

export interface OutlineEntry {
  readonly name: string;
  readonly kind: 'label' | 'block';
  /** The name's place. */
  readonly range: Range;
  /** First line to last line (included) that belongs to it: up to the next label of its block, or the block's end. */
  readonly lines: { readonly from: number; readonly to: number };
}

/** Labels and repeated blocks, in the order of their lines. */
export function outlineOf(document: ScenarioDocument): OutlineEntry[] {
  const { statements, endOfRepeat } = document.structure;
  const last = document.lines.length - 1;
  const labels = statements.filter(({ statement }) => statement.kind === 'label');
  const entries: OutlineEntry[] = [];
  for (const { index, line, statement } of statements) {
    if (statement.kind === 'label') {
      const next = labels.find((label) => label.line > line);
      entries.push({
        name: statement.name.text,
        kind: 'label',
        range: statement.name.range,
        lines: { from: line, to: (next?.line ?? last + 1) - 1 },
      });
    } else if (statement.kind === 'repeat') {
      const end = statements[endOfRepeat.get(index) ?? -1]?.line ?? last;
      entries.push({
        name: document.lineText(line).slice(statement.range.start.column, statement.range.end.column),
        kind: 'block',
        range: statement.range,
        lines: { from: line, to: end },
      });
    }
  }
  return entries;
}
