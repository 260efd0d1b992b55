/** Text within HTML and XML. */
import { inertLines } from './inert-text.ts';

/** A text for element content and for quoted attribute values: inert, and escaped, whatever it holds. */
export function markupText(text: string): string {
  return (
    inertLines(text)
      // XML 1.0 allows these two characters nowhere.
      .replace(/[\ufffe\uffff]/g, '\uFFFD')
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
      .replaceAll("'", '&apos;')
  );
}
