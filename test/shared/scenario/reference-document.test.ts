/** docs/scenario-language.md is true: its examples are scenarios, and it explains every diagnostic there is. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { checkScenario } from '#shared/scenario/checker.ts';
import { checkerCodes, linkerCodes, parserCodes } from '#shared/scenario/diagnostics.ts';
import { formatScenario } from '#shared/scenario/formatter.ts';
import { parseScenario } from '#shared/scenario/parser.ts';

const text = readFileSync(new URL('../../../docs/scenario-language.md', import.meta.url), 'utf8');
const examples = [...text.matchAll(/^```scenario\n(.*?)^```$/gms)].map((found) => found[1]!);

/** The codes in the first column of the tables under a heading. */
function documentedCodes(heading: string): string[] {
  const section = text.split(`### ${heading}\n`)[1]?.split(/^#/m)[0] ?? '';
  return [...section.matchAll(/^\| `([a-z-]+)` +\|/gm)].map((found) => found[1]!);
}

describe('the examples', () => {
  test('are there', () => {
    expect(examples.length).toBeGreaterThan(10);
  });

  test.each(examples.map((example, index) => [index + 1, example] as const))(
    'number %i has no problems of syntax or flow',
    (_, example) => {
      const { scenario, problems } = parseScenario('example', example);
      expect(problems).toEqual([]);
      const found = checkScenario({ root: 'example', scenarios: new Map([['example', scenario]]) }, undefined);
      expect(found.filter(({ severity }) => severity === 'error')).toEqual([]);
    },
  );

  test.each(examples.filter((example) => !example.includes(' # ')).map((example) => [example]))('%# is in canonical form', (example) => {
    expect(formatScenario(example)).toBe(example);
  });
});

describe('the diagnostics', () => {
  test.each([
    ['Of the parser', parserCodes],
    ['Of the linker', linkerCodes],
    ['Of the checker', checkerCodes],
  ])('%s', (heading, codes) => {
    expect(documentedCodes(heading)).toEqual([...codes].toSorted((left, right) => left.localeCompare(right)));
  });
});
