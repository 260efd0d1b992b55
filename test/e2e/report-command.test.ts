/** `testops report` as a user types it: what is printed, what is written, and what is said of a command line that is not clear. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { archiveSampleRun } from '../main/core/reports/sample-run.ts';
import { readCsv } from '../main/core/reports/read-csv.ts';
import { runCommand, type Ended } from './console-command.ts';
import { readXml } from './read-xml.ts';
import { comparisonSchema } from '#shared/analysis/comparison.ts';
import { releaseSheetSchema } from '#shared/analysis/trend.ts';

let folder: string;
let archive: string;
const report = (...words: string[]): Promise<Ended> => runCommand(['report', ...words], { archive });
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'testops-report-'));
  archive = join(folder, 'archive');
  for (const number of [1, 2, 3]) await archiveSampleRun(archive, { number, outcome: 'passed', change: { release: 'rc1' } });
  await archiveSampleRun(archive, { number: 4, outcome: 'failed', change: { release: 'rc2' } });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a run is printed, or written to a file', { timeout: 30_000 }, async () => {
  const printed = await report('last', '--format', 'junit');
  expect(printed.status, printed.errors).toBe(0);
  expect(readXml(printed.output)).toHaveLength(1);
  const file = join(folder, 'run.csv');
  const written = await report('last', '--format', 'csv', '--output', file);
  expect(written.output).toMatch(/run\.csv \([\d.]+ k?B\)\n$/);
  expect(readCsv(readFileSync(file, 'utf8')).length).toBe(9);
});

test('with runs or a release to compare with, it is a comparison; with a release, its sheet', { timeout: 30_000 }, async () => {
  const [first, second] = readdirSync(archive)
    .filter((name) => name.startsWith('2026'))
    .sort();
  const compared = await report('last', '--against', first ?? '', second ?? '', '--format', 'json');
  expect(compared.status, compared.errors).toBe(0);
  const comparison = comparisonSchema.parse(JSON.parse(compared.output));
  expect(comparison).toMatchObject({ verdict: 'no comparable history', candidate: { release: 'rc2' } });
  expect(comparison.baseline.map(({ run }) => run).sort()).toEqual([first, second]);
  const html = join(folder, 'changes.html');
  expect((await report('last', '--against', first ?? '', second ?? '', '--format', 'html', '--output', html)).status).toBe(0);
  expect(readFileSync(html, 'utf8')).toContain('NO COMPARABLE HISTORY');
  const sheet = await report('--release', 'rc2', '--format', 'json');
  expect(releaseSheetSchema.parse(JSON.parse(sheet.output))).toMatchObject({ release: 'rc2', answer: 'no' });
});

test.each([
  [['last', '--format', 'allure'], 'Allure results are a folder of files. Name the folder with --output, such as allure-results.'],
  [['--format', 'html'], 'Nothing is named to report on. Name a run, or a release with --release.'],
  [['last', '--release', 'rc1', '--format', 'html'], 'Both a release and a run are named.'],
  [['last', '--format', 'pdf'], 'Choose one of: html, junit, csv, openmetrics, allure, json.'],
  [['last', '--baseline', 'rc1', '--format', 'openmetrics'], 'There is no openmetrics report of a comparison. Choose html, csv or json.'],
  [['last', '--format', 'html', '--output', '/nowhere/at/all.html'], 'The report cannot be written here (ENOENT).'],
])('%s is refused in one sentence', { timeout: 30_000 }, async (words, sentence) => {
  const ended = await report(...words);
  expect(ended.status).toBe(2);
  expect(ended.output).toBe('');
  expect(ended.errors.replace(/\s+/g, ' ')).toContain(sentence);
});
