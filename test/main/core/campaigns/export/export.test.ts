/** What is written of a campaign for others: files that strict readers and the real `allure` take, whatever tests and evidence are called. */
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { exportCampaign, type ExportFormat } from '#main/core/campaigns/export/export.ts';
import { FileBlobs } from '#main/core/delivery/file-blobs.ts';
import { systemClock } from '#platform/clock.ts';
import { campaignRecordSchema, type CampaignRecord } from '#shared/campaign/records.ts';
import { CampaignState } from '#shared/campaign/campaign-state.ts';
import { MadeCampaign, suitePlan, verdictOf } from '../../../../shared/campaign/made-campaign.ts';
import { root } from '../../../../e2e/console-command.ts';
import { readAllureFolder } from './read-allure.ts';
import { readJunit } from './read-junit.ts';
import { evidenceOf, hostile, quarantineEnds, sampleCampaign } from './sample-campaign.ts';

let folder = '';
let blobs: FileBlobs;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'testops-export-'));
  blobs = await FileBlobs.open({ folder: join(folder, 'blobs'), clock: systemClock });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function write(records: readonly CampaignRecord[], format: ExportFormat, now = 0): Promise<{ path: string; files: number }> {
  const path = join(folder, format);
  return exportCampaign({ records: () => batches(records), blobs, now }, format, path);
}

async function* batches(records: readonly CampaignRecord[]): AsyncIterable<readonly CampaignRecord[]> {
  for (let from = 0; from < records.length; from += 7) yield records.slice(from, from + 7);
}

describe('NDJSON', () => {
  test('is the ledger, a record a line, of which the same campaign comes again', async () => {
    const { records, state } = sampleCampaign();
    const { path, files } = await write(records, 'ndjson');
    const text = await readFile(path, 'utf8');
    const read = text
      .trimEnd()
      .split('\n')
      .map((line) => campaignRecordSchema.parse(JSON.parse(line)));
    expect(files).toBe(1);
    expect(read).toEqual(records);
    expect(CampaignState.of(read).totals()).toEqual(state.totals());
  });
});

describe('JUnit', () => {
  test('has a file per suite, each test once, with its other attempts as reruns and what is quarantined skipped', async () => {
    const { path, files } = await write(sampleCampaign().records, 'junit');
    const names = (await readdir(path)).filter((name) => name.endsWith('.xml')).toSorted();
    expect(names).toEqual(['TEST-Checks-2.xml', 'TEST-checks.xml', 'TEST-unlisted.xml']);
    expect(files).toBe(3);
    const checks = readJunit(await readFile(join(path, 'TEST-checks.xml'), 'utf8'));
    expect(checks).toMatchObject({
      name: 'checks',
      tests: 7,
      failures: 1,
      errors: 3,
      skipped: 1,
      properties: { revision: 'rc1', adapter: 'pytest' },
    });
    expect(checks.cases.map(({ name, told }) => `${name}: ${told.map(({ element }) => element).join(' ')}`)).toEqual([
      'ok: ',
      'second: flakyFailure',
      'bad: failure rerunFailure',
      'error: error rerunError',
      'off: skipped',
      'silent: error rerunError',
      'lost: error',
    ]);
    const other = readJunit(await readFile(join(path, 'TEST-Checks-2.xml'), 'utf8'));
    expect(other).toMatchObject({ tests: 3, failures: 1, errors: 0, skipped: 2 });
    expect(other.cases[0]?.told[0]?.message).toContain('in quarantine by bo, a known race');
    const unlisted = readJunit(await readFile(join(path, 'TEST-unlisted.xml'), 'utf8'));
    expect(unlisted).toMatchObject({ tests: 1, errors: 1, cases: [{ told: [{ element: 'error', message: 'No <module> named "x".' }] }] });
  });

  test('says that a quarantine which is over excuses nothing', async () => {
    const { path } = await write(sampleCampaign().records, 'junit', quarantineEnds);
    expect(readJunit(await readFile(join(path, 'TEST-Checks-2.xml'), 'utf8'))).toMatchObject({ failures: 2, skipped: 1 });
  });
});

describe('Allure', () => {
  test('has a result for each attempt, of one identity per test, with evidence, cause and surroundings', async () => {
    await blobs.put(Buffer.from('what was printed'));
    const evidence = [evidenceOf('../out put.TXT', 'what was printed'), evidenceOf('gone.png', 'nobody has it', 'image/png')];
    const { path, files } = await write(sampleCampaign(evidence).records, 'allure');
    const read = await readAllureFolder(path);
    expect(read.names.length).toBe(files);
    const of = (name: string) =>
      read.results.filter((each) => each.fullName === `checks: ${name}`).toSorted((one, other) => one.start - other.start);
    expect(
      of('second')
        .map(({ status }) => status)
        .toSorted(),
    ).toEqual(['failed', 'passed']);
    expect(of('second').find(({ status }) => status === 'passed')?.statusDetails).toMatchObject({ flaky: true });
    expect(new Set(of('second').map(({ historyId }) => historyId)).size).toBe(1);
    expect(new Set(read.results.map(({ uuid }) => uuid)).size).toBe(read.results.length);
    const bad = of('bad').find(({ attachments }) => attachments.length > 0);
    expect(bad).toMatchObject({
      status: 'failed',
      attachments: [{ name: '../out put.TXT', type: 'text/plain' }],
      description: 'gone.png is not kept any more.',
    });
    expect(await readFile(join(path, bad?.attachments[0]?.source ?? ''), 'utf8')).toBe('what was printed');
    expect(of('lost')).toMatchObject([
      { status: 'broken', statusDetails: { trace: expect.stringContaining('Cause: infrastructure.') as string } },
    ]);
    expect(of('ok')[0]?.labels).toEqual(
      expect.arrayContaining([
        { name: 'host', value: 'box-1' },
        { name: 'suite', value: 'checks' },
      ]),
    );
    expect(read.results.filter(({ statusDetails }) => statusDetails.muted)).toHaveLength(1);
    expect(read.executor).toMatchObject({ name: 'TestOps Console', buildName: '20261120T221735Z-nightly-3f9a' });
    expect(read.categories.map(({ name }) => name)).toEqual(['Infrastructure', 'Environment', 'Product', 'Test']);
    const lost = of('lost')[0]?.statusDetails.trace ?? '';
    expect(read.categories.filter(({ traceRegex }) => new RegExp(`^${traceRegex}$`).test(lost)).map(({ name }) => name)).toEqual([
      'Infrastructure',
    ]);
    expect(read.properties).toContain('revision=rc1\n');
  });

  test('takes no name of a test or of evidence for the name of a file', async () => {
    await blobs.put(Buffer.from('x'));
    const { path } = await write(
      sampleCampaign([evidenceOf('a/../../b.sh\u0000', 'x'), evidenceOf(hostile.slice(0, 12), 'x')]).records,
      'allure',
    );
    for (const name of await readdir(path))
      expect(name).toMatch(
        /^(?:[0-9a-f-]{36}-result\.json|[0-9a-f]{64}-attachment(?:\.[a-z0-9]{1,10})?|[a-z]+\.(?:json|properties)|\.testops-report\.json)$/,
      );
    expect((await readdir(folder)).toSorted()).toEqual(['allure', 'blobs']);
  });

  test('is rendered by allure itself, with earlier attempts as retries', { timeout: 120_000 }, async () => {
    const { path } = await write(sampleCampaign().records, 'allure');
    const output = join(folder, 'report');
    const allure = join(root, 'node_modules', '.bin', 'allure');
    await promisify(execFile)(allure, ['generate', path, '--output', output, '--cwd', folder], {
      env: { ...process.env, ALLURE_NO_ANALYTICS: '1' },
    });
    const data = join(output, 'data', 'test-results');
    const rendered = await Promise.all(
      (await readdir(data)).map(
        async (name) =>
          JSON.parse(await readFile(join(data, name), 'utf8')) as { name: string; status: string; isRetry?: boolean; retries?: unknown[] },
      ),
    );
    const shown = rendered.filter(({ isRetry }) => !isRetry);
    expect(shown.length).toBe(10);
    expect(shown.find(({ name }) => name === 'second')).toMatchObject({ status: 'passed', retries: [expect.anything()] });
    expect(shown.find(({ name }) => name === 'bad')).toMatchObject({ status: 'failed', retries: [expect.anything()] });
  });

  test('replaces a folder of its own, and nothing else', async () => {
    const { records } = sampleCampaign();
    const { path } = await write(records, 'allure');
    await write(records, 'allure');
    await writeFile(join(path, 'mine.txt'), 'precious');
    await expect(write(records, 'allure')).rejects.toThrow('This folder holds something else (mine.txt); nothing was written.');
    expect(await readFile(join(path, 'mine.txt'), 'utf8')).toBe('precious');
  });
});

test('nothing is left of a campaign whose ledger cannot be read to its end', async () => {
  const { records } = sampleCampaign();
  const path = join(folder, 'half');
  async function* broken(): AsyncIterable<readonly CampaignRecord[]> {
    yield records.slice(0, 20);
    throw new Error('the disk is gone');
  }
  for (const format of ['ndjson', 'junit', 'allure'] as const) {
    await expect(exportCampaign({ records: broken, blobs, now: 0 }, format, path)).rejects.toThrow('the disk is gone');
  }
  expect(await readdir(folder)).toEqual(['blobs']);
});

test('20,000 results are written piece by piece', { timeout: 120_000 }, async () => {
  const tests = 20_000;
  const made = new MadeCampaign({ suites: [suitePlan('s')] }, { checked: false });
  made.plan(Array.from({ length: tests }, () => ({})));
  for (let unit = 0; unit < tests; unit += 1)
    made.settle(made.lease(unit), 'done', [verdictOf(`t${unit}`, unit % 50 === 0 ? 'failed' : 'passed', { message: 'x'.repeat(200) })]);
  const { path } = await write(made.records, 'junit');
  const read = readJunit(await readFile(join(path, 'TEST-s.xml'), 'utf8'));
  expect(read).toMatchObject({ tests, failures: tests / 50 });
  expect(read.cases).toHaveLength(tests);
});
