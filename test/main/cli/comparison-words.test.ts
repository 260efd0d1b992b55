/** A comparison as lines for a terminal. */
import { expect, test } from 'vitest';
import { sampleComparison } from '../core/reports/sample-comparison.ts';
import { comparisonWords } from '#main/cli/comparison-words.ts';
import { Terminal } from '#main/cli/terminal.ts';
import type { Comparison } from '#shared/analysis/comparison.ts';

const { colours } = new Terminal();
const withPlaces = (places: number): Comparison => {
  const comparison = sampleComparison(1);
  const [place] = comparison.findings[1]!.also;
  const findings = comparison.findings.map((each, index) =>
    index === 1 ? { ...each, also: Array.from({ length: places }, () => place!) } : each,
  );
  return { ...comparison, findings };
};

test.each([
  [3, ''],
  [4, 'and in 1 more place'],
  [5, 'and in 2 more places'],
])('a finding in %d other places', (places, words) => {
  const more = comparisonWords(withPlaces(places), colours, false).filter((line) => line.includes('and in '));
  expect(more.map((line) => line.trim())).toEqual(words === '' ? [] : [words]);
});
