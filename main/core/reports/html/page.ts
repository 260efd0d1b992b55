/**
 * The page around a report: one file that needs nothing else, runs nothing, and loads nothing. Its policy allows the one style sheet
 * in it, by its hash, and nothing besides; so even markup that should never have come in could do nothing.
 */
import { createHash } from 'node:crypto';
import { html, Markup, type MarkupPart } from './markup.ts';
import { styleSheet } from './style.ts';
import { dateAndTimeUtc } from '#shared/wording/times.ts';

export interface Page {
  readonly title: string;
  /** What made it, and when, for the foot. */
  readonly softwareVersion: string;
  /** ms since 1970 */
  readonly madeAt: number;
  readonly sections: readonly PageSection[];
  /** What stands above all sections: verdict and facts. */
  readonly head: MarkupPart;
}

export interface PageSection {
  /** Identifier in the page, letters and `-`. */
  readonly id: string;
  readonly title: string;
  readonly content: MarkupPart;
}

const hash = createHash('sha256').update(styleSheet).digest('base64');

export const contentSecurityPolicy = `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`;

/** A whole page of HTML that needs nothing from elsewhere: style and pictures are in it, programs are forbidden. */
export function page({ title, softwareVersion, madeAt, sections, head }: Page): string {
  const made = new Date(madeAt).toISOString();
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${Markup.trusted(contentSecurityPolicy)}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="referrer" content="no-referrer" />
        <meta name="color-scheme" content="light dark" />
        <meta name="generator" content="TestOps Console ${softwareVersion}" />
        <title>${title}</title>
        ${Markup.trusted(`<style>${styleSheet}</style>`)}
      </head>
      <body>
        <header>
          ${head}
          <nav aria-label="Contents">
            <ul>
              ${sections.map(({ id, title: name }) => html`<li><a href="#${id}">${name}</a></li>`)}
            </ul>
          </nav>
        </header>
        <main>
          ${sections.map(
            ({ id, title: name, content }) =>
              html`<section id="${id}" aria-labelledby="${id}-title">
                <h2 id="${id}-title">${name}</h2>
                ${content}
              </section> `,
          )}
        </main>
        <footer>
          <p>Made by TestOps Console ${softwareVersion} on <time datetime="${made}">${dateAndTimeUtc(madeAt)}</time>.</p>
        </footer>
      </body>
    </html> `.text;
}
