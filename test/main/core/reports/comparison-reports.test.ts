/** Reports of comparisons and releases: what is told, in which order, and that the largest of them can still be read. */
import { expect, test } from 'vitest';
import { comparisonReport } from '#main/core/reports/comparison-report.ts';
import { comparisonSummary } from '#main/core/reports/comparison-summary.ts';
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

test('it begins with a summary in words, with what explains, and without identifiers', () => {
  const comparison = sampleComparison();
  const page = (...remarks: readonly Remark[]): string =>
    squeezed(
      comparisonReport({
        comparison,
        evidence: new Map([['metric 0', { lines: sampleEvidence().lines.slice(0, 8) }]]),
        units,
        remarks,
        ...made,
      }),
    );
  const summary = (html: string): string[] =>
    [...html.matchAll(/<span class="sentence">(.*?)<\/span>/g)].map(([, sentence]) => sentence ?? '');
  const open = summary(page());
  expect(open).toHaveLength(6);
  expect(open[0]).toBe('This run of failover on rc2 differs from 10 runs of rc1: 7 differences are confirmed.');
  expect(open[1]).toContain('expect Engine.rss &lt; 600MB is not met');
  expect(open[5]).toBe('None of the 7 differences is explained yet.');
  const html = page(cause);
  expect(summary(html)[5]).toBe('1 of 7 differences is explained (expected change (CR-17)); 6 not yet.');
  expect(summary(page({ ...cause, finding: null }))[5]).toBe('All 7 differences are explained: expected change (CR-17).');
  expect(summary(page({ ...cause, cause: 'unknown' }))[5]).toBe('None of the 7 differences is explained yet.');
  const head = html.slice(html.indexOf('<h1>'), html.indexOf('id="findings"'));
  expect(head).toContain('expected change (CR-17)</dd>');
  expect(head).not.toContain(comparison.candidate.run);
  expect(html).not.toContain('of metric 0');
  const wanted = [
    'about 1 in 8,000 runs would be as far off',
    'at most about 1 in 300 findings as strong as this is a false alarm',
    '10 of 10 baseline runs have this number',
    'baseline (lines of 7 of its 10 runs)',
    'of: Engine.metric_0 is higher',
  ];
  expect(wanted.filter((part) => !html.includes(part))).toEqual([]);
});

test('a run that nothing differs in, or that cannot be judged, is summed up as such', () => {
  const quiet = { ...sampleComparison(0), findings: [], verdict: 'no change' as const };
  expect(comparisonSummary(quiet, [])).toEqual(['This run of failover on rc2 shows no confirmed difference from 10 runs of rc1.']);
  const few = { ...quiet, verdict: 'no comparable history' as const, reason: 'Only 3 runs.' };
  expect(comparisonSummary(few, [])).toEqual(['This run of failover on rc2 cannot be judged: Only 3 runs.']);
});

test('of many confirmed differences the first are told, and how many more there are', () => {
  expect(comparisonSummary(sampleComparison(), []).slice(-3)).toEqual([
    expect.stringContaining('Engine.metric_1 is higher') as string,
    'And 4 more.',
    'None of the 7 differences is explained yet.',
  ]);
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
  const numbers = [31798.813250000007, 0.1 + 0.2, 12, -3.00000000004, 0.000_012_345_678_9, 1.23456789e-12, 0, 4.5e15, 123_456.123_456_7];
  const wanted = ['31798.81325', '0.3', '12', '-3', '0.0000123457', '1.23457e-12', '0', '4500000000000000', '123456.123457'];
  expect(readCsv(csvText([numbers]))).toEqual([wanted]);
});

test('the sheet of a release: the answer, why, and what is open', () => {
  const html = squeezed(releaseReport({ sheet: sampleSheet(), ...made }));
  const wanted = ['go on?', 'NO</span>', 'Open questions', 'unexplained', 'expected change', 'and 4 more', 'It was not run'];
  expect(wanted.filter((part) => !html.includes(part))).toEqual([]);
  expect(html.match(/<script|[\u202a-\u202e\u0007]/i)).toBeNull();
  expect(readCsv(releaseCsv(sampleSheet()))).toHaveLength(2);
});
