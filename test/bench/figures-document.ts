/** The measured figures as they stand in docs/benchmarks.md: a section for each benchmark, each with the day on which it was measured. */

const marker = '<!-- figures -->';

/**
 * The document with new sections in the place of those of the same benchmarks; the others stay as they are.
 * @param order names of all benchmarks; sections of others are left out
 * @param measured text of a section by name
 */
export function withFigures(document: string, order: readonly string[], measured: ReadonlyMap<string, string>): string {
  const [before = '', after = ''] = document.split(marker);
  const sections = new Map(sectionsIn(after));
  for (const [name, text] of measured) sections.set(name, text);
  const written = order.flatMap((name) => {
    const text = sections.get(name);
    return text === undefined ? [] : [`### ${name}\n\n${text.trim()}\n`];
  });
  return `${before}${marker}\n\n${written.join('\n')}`;
}

function sectionsIn(text: string): [name: string, text: string][] {
  return text
    .split(/^### /m)
    .slice(1)
    .map((section) => {
      const end = section.indexOf('\n');
      return [section.slice(0, end).trim(), section.slice(end + 1)];
    });
}
