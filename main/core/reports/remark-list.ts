/** What people said about a run, as reports show it. */
import { html, type Markup } from './html/markup.ts';
import { timeText } from './wording.ts';
import type { Remark } from '#shared/run/remarks.ts';

export function remarkList(remarks: readonly Remark[]): Markup {
  if (remarks.length === 0) return html`<p class="nothing">Nobody said anything about this run yet.</p>`;
  return html`${remarks.map(
    (remark) =>
      html`<div class="remark">
        <p><strong>${headline(remark)}</strong> <span class="muted">${remark.author}, ${timeText(remark.saidAt)}</span></p>
        ${'text' in remark && remark.text !== '' && html`<p>${remark.text}</p>`}
      </div>`,
  )}`;
}

function headline(remark: Remark): string {
  switch (remark.kind) {
    case 'decision':
      return remark.decision;
    case 'cause':
      return `Cause: ${remark.cause}${remark.reference === null ? '' : ` (${remark.reference})`}${remark.finding === null ? '' : `, of ${remark.finding}`}`;
    case 'note':
      return 'Note';
    case 'bookmark':
      return `Bookmark at ${timeText(remark.time)}`;
    case 'withdrawal':
      return `Took back remark ${remark.remark}`;
  }
}
