/** Finding a text in all scenarios of the workspace, as they stand in the editor. Pure. */

export interface Finding {
  readonly path: string;
  /** Zero-based. */
  readonly line: number;
  readonly column: number;
  readonly length: number;
  /** The line, without white space around it. */
  readonly text: string;
  /** Where in `text` the finding begins. */
  readonly start: number;
}

/** More are not looked for; a search that finds more is to be made narrower. */
export const maximumFindings = 500;

/** Every place of a text, upper and lower case being the same; in the order of paths and lines. */
export function searchTexts(texts: ReadonlyMap<string, string>, wanted: string): Finding[] {
  const needle = wanted.toLowerCase();
  const findings: Finding[] = [];
  if (needle.trim() === '') return findings;
  for (const [path, text] of [...texts].toSorted(([left], [right]) => left.localeCompare(right))) {
    for (const [line, source] of text.split(/\r\n|\r|\n/).entries()) {
      for (
        let column = source.toLowerCase().indexOf(needle);
        column >= 0;
        column = source.toLowerCase().indexOf(needle, column + needle.length)
      ) {
        const indentation = source.length - source.trimStart().length;
        findings.push({ path, line, column, length: wanted.length, text: source.trim(), start: Math.max(0, column - indentation) });
        if (findings.length >= maximumFindings) return findings;
      }
    }
  }
  return findings;
}
