/** What people said about a run, as reports show it. */
import { html, type Markup } from './html/markup.ts';
import type { Remark } from '#shared/run/remarks.ts';
import { dateAndTimeUtc } from '#shared/wording/times.ts';

/** @param findings sentences of findings that causes are about, by their ids */
export function remarkList(remarks: readonly Remark[], findings: ReadonlyMap<string, string> = new Map()): Markup {
  if (remarks.length === 0) return html`<p class="nothing">Nobody said anything about this run yet.</p>`;
  return html`${remarks.map(
    (remark) =>
      html`<div class="remark">
        <p><strong>${headline(remark, findings)}</strong> <span class="muted">${remark.author}, ${dateAndTimeUtc(remark.saidAt)}</span></p>
        ${'text' in remark && remark.text !== '' && html`<p>${remark.text}</p>`}
      </div>`,
  )}`;
}

function about(sentence: string | undefined): string {
  return sentence === undefined ? ', of one difference from earlier runs' : `, of: ${sentence}`;
}

function headline(remark: Remark, findings: ReadonlyMap<string, string>): string {
  switch (remark.kind) {
    case 'decision':
      return remark.decision;
    case 'cause':
      return `Cause: ${remark.cause}${remark.reference === null ? '' : ` (${remark.reference})`}${remark.finding === null ? '' : about(findings.get(remark.finding))}`;
    case 'note':
      return 'Note';
    case 'bookmark':
      return `Bookmark at ${dateAndTimeUtc(remark.time)}`;
    case 'withdrawal':
      return `Took back remark ${remark.remark}`;
  }
}
