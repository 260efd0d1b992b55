/** Between our places (from zero) and Monaco's (from one), and between our plain texts and its markup. */
import type { Position, Range } from '#shared/problem.ts';
import type { HoverPart } from '#shared/scenario/language-service/hover.ts';
import type { Place } from '#shared/scenario/language-service/document.ts';
import { inertText } from '../../../components/inert-text.ts';
import { escapedText } from './escaped-text.ts';
import { monaco } from './monaco.ts';

export function toMonacoRange({
  start,
  end,
}: {
  readonly start: Omit<Position, 'offset'>;
  readonly end: Omit<Position, 'offset'>;
}): monaco.Range {
  return new monaco.Range(start.line + 1, start.column + 1, end.line + 1, end.column + 1);
}

export function toPlace(position: monaco.IPosition): Place {
  return { line: position.lineNumber - 1, column: position.column - 1 };
}

/** A range within one line of a text, for Monaco. */
export function lineRange(line: number): monaco.Range {
  return new monaco.Range(line + 1, 1, line + 1, 1);
}

export function isEmpty({ start, end }: Range): boolean {
  return start.offset === end.offset;
}

/** Texts of others as markup in which nothing acts: no link, no image, no element. */
export function markdownOf(parts: readonly HoverPart[]): monaco.IMarkdownString {
  const shown = parts.map(({ kind, text }) => {
    const inert = inertText(text);
    if (kind === 'code') return `\`\`\`testops\n${inert.replaceAll('`', "'")}\n\`\`\``;
    const escaped = escapedText(inert);
    return kind === 'strong' ? `**${escaped}**` : escaped;
  });
  return { value: shown.join('\n\n'), isTrusted: false, supportHtml: false };
}
