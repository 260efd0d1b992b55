/**
 * HTML as values. A text that is put into a template is escaped and made inert, whatever it holds; only what was made by a template
 * goes in as it is. So no report can be written that forgets to escape.
 */
import { markupText } from '#shared/markup-text.ts';

/** Markup that was made here and may stand in a page as it is. */
export class Markup {
  readonly text: string;

  private constructor(text: string) {
    this.text = text;
  }

  /** Only for text that this program wrote itself, such as its style sheet. */
  static trusted(text: string): Markup {
    return new Markup(text);
  }
}

export type MarkupPart = Markup | string | number | null | undefined | false | readonly MarkupPart[];

/** Template tag: markup around values. Attribute values must stand in double quotes. */
export function html(strings: TemplateStringsArray, ...parts: readonly MarkupPart[]): Markup {
  return Markup.trusted(strings.reduce((text, string, index) => text + string + (index < parts.length ? rendered(parts[index]) : ''), ''));
}

/** Markup of nothing, of one part, or of many after one another. */
function rendered(part: MarkupPart): string {
  if (part instanceof Markup) return part.text;
  if (part === null || part === undefined || part === false) return '';
  if (typeof part === 'string') return markupText(part);
  if (typeof part === 'number') return String(part);
  return part.map(rendered).join('');
}

/** One column of a table: its heading, and whether it holds numbers. */
export interface Column {
  readonly title: string;
  readonly numeric?: boolean;
}

export interface Row {
  readonly cells: readonly MarkupPart[];
  /** Class of the row, such as `failed`. */
  readonly kind?: string;
}

/** A table with a caption; the first cell of each row is its heading. Without rows the sentence stands instead. */
export function table(caption: string, columns: readonly Column[], rows: readonly Row[], empty: string): Markup {
  if (rows.length === 0) return html`<p class="nothing">${empty}</p>`;
  const cell = (part: MarkupPart, index: number): Markup => {
    const numeric = columns[index]?.numeric ? Markup.trusted(' class="number"') : null;
    return index === 0 ? html`<th scope="row" ${numeric}>${part}</th>` : html`<td${numeric}>${part}</td>`;
  };
  return html`<div class="wide" tabindex="0" role="group" aria-label="${caption}">
    <table>
      <caption>
        ${caption}
      </caption>
      <thead>
        <tr>
          ${columns.map(({ title, numeric }) => html`<th scope="col" ${numeric ? Markup.trusted(' class="number"') : null}>${title}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(({ cells, kind }) => html`<tr${kind === undefined ? null : html` class="${kind}"`}>${cells.map(cell)}</tr>\n`)}
      </tbody>
    </table>
  </div>`;
}

/** Names with their values. */
export function facts(pairs: readonly (readonly [name: string, value: MarkupPart])[]): Markup {
  return html`<dl class="facts">
    ${pairs.map(
      ([name, value]) =>
        html`<div>
          <dt>${name}</dt>
          <dd>${value}</dd>
        </div>`,
    )}
  </dl>`;
}

/** A part of the page that can be folded; printed unfolded. */
export function folded(title: MarkupPart, content: MarkupPart, open = false): Markup {
  return html`<details${open ? Markup.trusted(' open') : null}><summary>${title}</summary>${content}</details>`;
}
