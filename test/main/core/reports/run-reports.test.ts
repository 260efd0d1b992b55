/** Reports of an archived run through the contract: every form of it, with hostile texts in the run, written whole or not at all. */
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readXml } from '../../../e2e/read-xml.ts';
import { openConsole, type Opened } from '../open-console.ts';
import { archiveSampleRun, series, silence, startedAt } from './sample-run.ts';
import { readCsv } from './read-csv.ts';
import { readOpenMetrics } from './read-openmetrics.ts';
import type { RunId } from '#shared/identifiers.ts';

let folder: string;
let opened: Opened;
let run: RunId;
let earlier: RunId;
let silent: RunId;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'testops-reports-'));
  const archiveFolder = join(folder, 'archive');
  earlier = await archiveSampleRun(archiveFolder, { number: 1, change: { release: 'rc0' }, outcome: 'passed' });
  run = await archiveSampleRun(archiveFolder, { number: 2 });
  silent = await archiveSampleRun(archiveFolder, { number: 9, change: { release: 'rc2' }, outcome: 'passed', lost: true });
  opened = await openConsole({ archiveFolder });
});
afterAll(async () => {
  await opened.owned.dispose();
  await rm(folder, { recursive: true, force: true });
});

const text = (format: 'html' | 'junit' | 'csv' | 'openmetrics' | 'json', of = run) =>
  opened.console.request('report.text', { subject: { kind: 'run', run: of }, format });

describe('HTML', () => {
  test('one file without scripts, whose policy allows its own style sheet and nothing else', async () => {
    const { name, type, text: html } = await text('html');
    expect([name, type]).toEqual([`${run}.html`, 'text/html']);
    expect(html.startsWith('<!doctype html>')).toBe(true);
    const style = /<style>([\s\S]*?)<\/style>/.exec(html)?.[1] ?? '';
    const hash = createHash('sha256').update(style).digest('base64');
    expect(html).toContain(`content="default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'"`);
    expect(html.match(/<script|<img|<link|<iframe|javascript:|\son\w+=|\sstyle=|src=|url\(/i)).toBeNull();
    expect(html.length).toBeLessThan(2_000_000);
  });

  test('says what a reader wants to know first, and marks what the run marks', async () => {
    const html = (await text('html')).text.replace(/\s+/g, ' ');
    const wanted = [
      'FAILED',
      'rc1',
      'kill -9 MatchingEnginePrimary',
      'Three questions',
      '1 run of rc0: 1 passed',
      'call setup',
      'crashed (signal KILL)',
    ];
    expect(wanted.filter((part) => !html.includes(part))).toEqual([]);
    // From the fault to the end of the wait: 10 + 5 + 5 + 5 + 1 + 1 + 800 ms after the step began.
    expect(/kill -9 MatchingEnginePrimary<\/span>[\s\S]{0,400}recovered in 827 ms/.test(html)).toBe(true);
    expect(html).toContain('class="fault"');
    // rss of two components, cpu, and the latency.
    expect(html.match(/<svg viewBox="0 0 520 190"/g)?.length).toBe(3);
  });

  test('hostile text is inert: no markup of it, no control or direction characters', async () => {
    const { text: html } = await text('html');
    expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;&quot;&apos;&amp;');
    expect(html.match(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069]/)).toBeNull();
  });
});

describe('a run whose daemon was lost for a while', () => {
  test('its checks are marked as judged on an old value, in words, by the questions and in the list of checks', async () => {
    const html = (await text('html', silent)).text.replace(/\s+/g, ' ');
    expect(html).toContain('Met by a value that was old:');
    const doubts = html.match(/judged on an old value: [\w-]+ was heard last at \d\d:\d\d:\d\d\.\d/g) ?? [];
    // One check: among the doubts, in the first question and in the list of checks.
    expect(doubts).toHaveLength(3);
    expect(html).toContain('? met');
    expect((await text('html')).text).not.toContain('old value');
  });

  test('its charts are hatched while it was lost, and no line leads over that time', async () => {
    const { text: html } = await text('html', silent);
    const charts = html.match(/<svg viewBox="0 0 520 190"[\s\S]*?<\/svg>/g) ?? [];
    expect(charts).toHaveLength(3);
    for (const chart of charts) {
      expect(chart).toMatch(/<title>[\w-]+ lost<\/title>/);
      expect(chart).toContain('class="hatch"');
      // Each line in two parts: what was told before, and after.
      for (const [, path] of chart.matchAll(/class="line line-\d" d="([^"]*)"/g)) expect(path?.match(/M/g)).toHaveLength(2);
    }
    const whole = (await text('html')).text;
    expect(whole).not.toContain('class="hatch"');
    for (const [, path] of whole.matchAll(/class="line line-\d" d="([^"]*)"/g)) expect(path?.match(/M/g)).toHaveLength(1);
  });

  test('the states of its components are unknown meanwhile', async () => {
    const families = readOpenMetrics((await text('openmetrics', silent)).text);
    const states = families.get('testops_component_state')?.samples ?? [];
    const unknown = states.filter(
      ({ labels }) => labels['testops_component_state'] === 'UNKNOWN' && labels['component'] === 'MatchingEnginePrimary',
    );
    const began = startedAt + 9 * 60_000;
    // It crashed before, then nobody knew, then it was known again to have crashed.
    expect(unknown.map(({ value, time }) => [value, Math.round((time ?? 0) * 1_000) - began]).slice(1)).toEqual([
      [1, silence.from],
      [0, silence.to],
    ]);
  });
});

test('JUnit: well-formed, a test case for each step and one for the verdict', async () => {
  const [suites] = readXml((await text('junit')).text);
  expect(suites?.attributes).toMatchObject({ tests: '8', failures: '2', errors: '1', skipped: '1' });
});

test('CSV: a row for the run and one for each step, with the levels of the main metrics, safe in a spreadsheet', async () => {
  const rows = readCsv((await text('csv')).text);
  const [head, whole, ...steps] = rows;
  expect(head?.slice(0, 3)).toEqual(['execution', 'number', 'scenario']);
  expect(new Set(rows.map((row) => row.length))).toEqual(new Set([head?.length]));
  expect(steps.map((row) => row[6])).toContain('kill -9 MatchingEnginePrimary');
  expect(whole?.[7]).toBe('failed');
  const rss = head?.indexOf('MatchingEnginePrimary.rss [bytes]') ?? -1;
  expect(Number(whole?.[rss])).toBeGreaterThan(9e7);
  expect(Number(whole?.[rss])).toBeLessThan(1.1e8);
  expect(rows.flat().filter((cell) => /^[=+@]/.test(cell))).toEqual([]);
});

test('JSON: the answers of the run', async () => {
  const document = JSON.parse((await text('json')).text) as Record<string, unknown>;
  expect(document).toMatchObject({ run: { run, outcome: 'failed' }, previous: { kind: 'compared', release: 'rc0', runs: [earlier] } });
});

describe('OpenMetrics', () => {
  test('is valid, in families, in the core’s time, with each value once', async () => {
    const { type, text: exposition } = await text('openmetrics');
    expect(type).toContain('application/openmetrics-text');
    const families = readOpenMetrics(exposition);
    const rss = families.get('testops_rss_bytes');
    expect(rss).toMatchObject({ type: 'gauge', unit: 'bytes' });
    const primary = rss?.samples.filter(({ labels }) => labels['component'] === 'MatchingEnginePrimary') ?? [];
    expect(primary).toHaveLength(40);
    expect(primary[0]?.labels).toMatchObject({ run, release: 'rc1', environment: 'demo', scenario: 'failover', daemon: 'MEP' });
    // The daemon's clock is 50 ms ahead; the run began two minutes after the first moment.
    expect(primary.map(({ time }) => Math.round(time! * 1_000))).toEqual(
      Array.from({ length: 40 }, (_, index) => startedAt + 120_000 + (index + 1) * 100),
    );
    expect(families.get('testops_latency_p99_seconds')?.samples[0]?.value).toBeCloseTo((2 + Math.sin(1 / 5)) / 1_000, 9);
    expect(families.get('testops_cpu_ratio')?.samples[0]?.value).toBeCloseTo((50 + Math.sin(1 / 5) * 20) / 100, 9);
  });

  test('series that could be taken for one another are told apart', async () => {
    const families = readOpenMetrics((await text('openmetrics')).text);
    // A counter and a gauge of one name, and labels of their own that are called like ours.
    expect(families.get('testops_orders')).toMatchObject({ type: 'counter' });
    expect(families.get('testops_orders')?.samples[0]?.labels).toMatchObject({ side: 'buy', exported_run: 'mine', run });
    expect(families.get('testops_orders_gauge')).toMatchObject({ type: 'gauge' });
    const queues = new Set(families.get('testops_queue_depth')?.samples.map(({ labels }) => labels['metric']));
    expect(queues).toEqual(new Set(['queue.depth', 'queue:depth']));
    // A value that is missing is left out: the format knows none.
    expect(families.get('testops_queue_depth')?.samples).toHaveLength(79);
    const total = [...families.values()]
      .filter(({ name }) => !/^testops_(?:run|step|component)/.test(name))
      .flatMap(({ samples }) => samples);
    expect(total).toHaveLength(series.length * 40 - 1);
  });

  test('tells the run, its steps and the states of its components', async () => {
    const families = readOpenMetrics((await text('openmetrics')).text);
    expect(families.get('testops_run')).toMatchObject({ type: 'info', samples: [{ labels: { outcome: 'failed' } }, {}] });
    expect(families.get('testops_step_duration_seconds')?.samples).toHaveLength(7);
    const crashed = families
      .get('testops_component_state')
      ?.samples.filter(({ labels }) => labels['testops_component_state'] === 'CRASHED');
    expect(crashed).toMatchObject([{ value: 1, labels: { component: 'MatchingEnginePrimary' } }]);
  });
});

describe('written files', () => {
  const write = (file: string, format: 'html' | 'openmetrics' | 'allure' = 'html') =>
    opened.console.request('report.write', { subject: { kind: 'run', run }, format, file });

  test('take their name when they are whole, and replace what was there', async () => {
    const file = join(folder, 'run.html');
    await writeFile(file, 'old');
    const { bytes } = await write(file);
    expect(Buffer.byteLength(await readFile(file))).toBe(bytes);
    expect((await readFile(file, 'utf8')).startsWith('<!doctype html>')).toBe(true);
  });

  test('nothing is left where they cannot be written, and the reason is one sentence', async () => {
    const before = await readdir(folder);
    await expect(write(join(folder, 'nowhere', 'run.html'))).rejects.toThrow('The report cannot be written here (ENOENT).');
    await expect(write(join(folder, 'archive'))).rejects.toThrow('The report cannot be written here (it is no file).');
    await expect(write(join(folder, 'x.html'), 'html').then(() => text('html', 'no' as RunId))).rejects.toThrow(/not the id of a run/);
    await rm(join(folder, 'x.html'));
    expect(await readdir(folder)).toEqual(before);
  });

  test('a folder of Allure results is replaced by its like, and never anything else', async () => {
    const target = join(folder, 'allure-results');
    await write(target, 'allure');
    const first = (await readdir(target)).sort();
    await write(target, 'allure');
    expect((await readdir(target)).sort()).toEqual(first);
    await writeFile(join(target, 'mine.txt'), 'precious');
    await expect(write(target, 'allure')).rejects.toThrow('This folder holds something else (mine.txt); nothing was written.');
    expect(await readFile(join(target, 'mine.txt'), 'utf8')).toBe('precious');
    const empty = join(folder, 'empty');
    await mkdir(empty);
    await write(empty, 'allure');
    expect((await readdir(empty)).filter((name) => name.endsWith('-result.json'))).toHaveLength(1);
    expect((await readdir(folder)).filter((name) => name.startsWith('.'))).toEqual([]);
  });
});

test('Allure results: steps nested as they were called, undo as tear-down, an identity that releases share', async () => {
  const results = await Promise.all(
    [earlier, run].map(async (of) => {
      const target = join(folder, `allure-${of}`);
      await opened.console.request('report.write', { subject: { kind: 'run', run: of }, format: 'allure', file: target });
      const names = await readdir(target);
      const read = async (end: string): Promise<Record<string, unknown>> =>
        JSON.parse(await readFile(join(target, names.find((name) => name.endsWith(end)) ?? ''), 'utf8')) as Record<string, unknown>;
      return { names, result: await read('-result.json'), container: await read('-container.json') };
    }),
  );
  const [before, now] = results;
  expect(now?.result['historyId']).toBe(before?.result['historyId']);
  expect(now?.result['uuid']).not.toBe(before?.result['uuid']);
  expect(before?.result['status']).toBe('passed');
  expect(now?.result).toMatchObject({
    status: 'failed',
    steps: [
      { name: '1 call setup', status: 'passed', steps: [{ name: '0 echo hello', status: 'passed' }] },
      { name: '3 kill -9 MatchingEnginePrimary' },
      { status: 'passed' },
      { status: 'failed', statusDetails: { message: expect.stringContaining('too much') } },
      { status: 'skipped' },
    ],
  });
  expect(now?.result['labels']).toEqual(
    expect.arrayContaining([
      { name: 'suite', value: 'failover' },
      { name: 'release', value: 'rc1' },
      { name: 'environment', value: 'demo' },
      { name: 'tag', value: 'smoke' },
    ]),
  );
  expect(now?.container).toMatchObject({ children: [now?.result['uuid']], afters: [{ status: 'broken' }] });
  const attachments = (now?.result['attachments'] ?? []) as { source: string }[];
  expect(attachments).toHaveLength(4);
  for (const { source } of attachments) expect(now?.names).toContain(source);
});

test('a run that is damaged has a report of what can be read, which says so', async () => {
  const archiveFolder = join(folder, 'archive');
  const damaged = await archiveSampleRun(archiveFolder, { number: 3 });
  await writeFile(join(archiveFolder, damaged, 'samples.parquet'), 'PAR1 no more');
  const log = join(archiveFolder, damaged, 'log.ndjson');
  const whole = await readFile(log, 'utf8');
  await writeFile(log, whole.slice(0, whole.length / 2));
  const other = await openConsole({ archiveFolder });
  try {
    const subject = { kind: 'run', run: damaged } as const;
    const html = (await other.console.request('report.text', { subject, format: 'html' })).text.replace(/\s+/g, ' ');
    const wanted = ['kill -9 MatchingEnginePrimary', 'The samples of a run cannot be read', 'class="warning"'];
    expect(wanted.filter((part) => !html.includes(part))).toEqual([]);
    expect(html.match(/class="warning"/g)).toHaveLength(2);
    expect((await other.console.request('report.text', { subject, format: 'junit' })).text).toContain('<testsuites');
    expect(readCsv((await other.console.request('report.text', { subject, format: 'csv' })).text).length).toBeGreaterThan(2);
    await expect(other.console.request('report.text', { subject, format: 'openmetrics' })).rejects.toThrow(
      'The samples of a run cannot be read',
    );
    const file = join(folder, 'damaged.txt');
    await expect(other.console.request('report.write', { subject, format: 'openmetrics', file })).rejects.toThrow(/cannot be read/);
    expect((await readdir(folder)).filter((name) => name.includes('damaged.txt'))).toEqual([]);
  } finally {
    await other.owned.dispose();
    await rm(join(archiveFolder, damaged), { recursive: true });
  }
});

test('what there is no report of is refused in one sentence', async () => {
  const subject = { kind: 'comparison', candidate: run, baseline: { kind: 'run', run: earlier } } as const;
  await expect(opened.console.request('report.text', { subject, format: 'junit' })).rejects.toThrow(
    'There is no junit report of a comparison.',
  );
});
