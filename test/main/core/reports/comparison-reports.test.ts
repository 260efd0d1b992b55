/** Reports of comparisons and releases: what is told, in which order, and that the largest of them can still be read. */
import { expect, test } from 'vitest';
import { comparisonReport } from '#main/core/reports/comparison-report.ts';
import { comparisonCsv, csvText, releaseCsv } from '#main/core/reports/open-formats/csv.ts';
import { releaseReport } from '#main/core/reports/release-report.ts';
import type { Remark } from '#shared/run/remarks.ts';
import { startedAt } from './sample-run.ts';
import { readCsv } from './read-csv.ts';
import { sampleComparison, sampleEvidence, sampleSheet } from './sample-comparison.ts';

const units = new Map([['Engine.metric_0', 'ms' as const]]);
const made = { softwareVersion: '0.1.0', madeAt: startedAt };
const cause: Remark = {
  kind: 'cause',
  cause: 'expected change',
  reference: 'CR-17',
  text: 'the new journal',
  finding: 'metric 0',
  number: 1,
  saidAt: startedAt,
  author: 'kim',
};
const squeezed = (html: string): string => html.replace(/\s+/g, ' ');

test('findings come with their evidence, the first with pictures, the others in a table', () => {
  const comparison = sampleComparison();
  const evidence = new Map(comparison.findings.slice(0, 25).map(({ id }) => [id, sampleEvidence()]));
  const html = squeezed(comparisonReport({ comparison, evidence, units, remarks: [cause], ...made }));
  expect(html.match(/<article/g)).toHaveLength(25);
  // A distribution and an overlay of eleven lines for each metric among them; the failed check has neither.
  expect(html.match(/class="pictures"/g)).toHaveLength(24);
  expect(html.match(/class="line past" d="M[\d.]+ [\d.]+L/g)).toHaveLength(24 * 10);
  expect(html.match(/class="line candidate" d="M[\d.]+ [\d.]+L/g)).toHaveLength(24);
  const wanted = [
    'CHANGED',
    'Cause: expected change (CR-17)',
    'only in the candidate',
    'only in the baseline',
    '92 ms to 117 ms',
    'Benjamini–Hochberg',
  ];
  const rows = html.match(/<caption> Further findings/g);
  expect(rows).toHaveLength(1);
  expect(wanted.filter((part) => !html.includes(part))).toEqual([]);
  expect(html.match(/<script|\son\w+=|\sstyle=|[\u202a-\u202e\u0007]/i)).toBeNull();
});

test('the largest comparison is a page of less than two megabytes', () => {
  const comparison = sampleComparison(5_000);
  const evidence = new Map(comparison.findings.slice(0, 25).map(({ id }) => [id, sampleEvidence(400)]));
  const html = comparisonReport({ comparison, evidence, units, remarks: [], ...made });
  expect(Buffer.byteLength(html)).toBeLessThan(2_000_000);
  expect(squeezed(html)).toContain('4,476 further findings');
});

test('nothing that differs is told as such', () => {
  const comparison = { ...sampleComparison(0), findings: [], verdict: 'no change' as const };
  const html = squeezed(comparisonReport({ comparison, evidence: new Map(), units, remarks: [], ...made }));
  expect(html).toContain('NO CHANGE');
  expect(html).toContain('Nothing differs.');
});

test('a comparison as CSV: one row for each finding, in its order', () => {
  const [head, ...rows] = readCsv(comparisonCsv(sampleComparison()));
  expect(rows).toHaveLength(31);
  const column = (name: string): number => head?.indexOf(name) ?? -1;
  expect(rows[1]?.[column('subject')]).toBe('Engine.metric_0 level');
  expect(rows[1]?.[column('baseline median')]).toBe('104.5');
  expect(rows.map((row) => row[column('rank')])).toEqual(rows.map((_, index) => String(index + 1)));
});

test('numbers of a CSV have six digits beyond the point at most, small ones six significant digits', () => {
  const numbers = [31798.813250000007, 0.1 + 0.2, 12, -3.00000000004, 0.000_012_345_678_9, 1.23456789e-12, 0, 4.5e15, 123456789.123456789];
  const wanted = ['31798.81325', '0.3', '12', '-3', '0.0000123457', '1.23457e-12', '0', '4500000000000000', '123456789.123457'];
  expect(readCsv(csvText([numbers]))).toEqual([wanted]);
});

test('the sheet of a release: the answer, why, and what is open', () => {
  const html = squeezed(releaseReport({ sheet: sampleSheet(), ...made }));
  const wanted = ['go on?', 'NO</span>', 'Open questions', 'unexplained', 'expected change', 'It was not run'];
  expect(wanted.filter((part) => !html.includes(part))).toEqual([]);
  expect(html.match(/<script|[\u202a-\u202e\u0007]/i)).toBeNull();
  expect(readCsv(releaseCsv(sampleSheet()))).toHaveLength(2);
});
