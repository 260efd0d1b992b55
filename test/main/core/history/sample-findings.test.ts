/** What the shipped sample history says: rc1 against rc1 is quiet, and what is wrong with rc2 and rc3 stands at the top. */
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openCore, type OpenCore } from '#main/core/core.ts';
import { connectInProcess } from '#main/core/contract/in-process.ts';
import type { Comparison, ComparedRun } from '#shared/analysis/comparison.ts';
import { removeFolder, temporaryFolder } from '../archive/fixtures.ts';

const scenario = 'release-check';
let folder: string;
let core: OpenCore;
let console: ReturnType<typeof connectInProcess>;
let runs: readonly ComparedRun[];

beforeAll(async () => {
  folder = await temporaryFolder();
  const resources = path.join(import.meta.dirname, '..', '..', '..', '..', 'resources');
  core = await openCore({ archiveFolder: path.join(folder, 'archive'), home: path.join(folder, 'home'), resources });
  console = connectInProcess(core);
  await console.request('samples.import', {});
  ({ runs } = await console.request('scenario.trend', { scenario, series: [], limit: 100 }));
});

afterAll(async () => {
  await console.dispose();
  await core.dispose();
  await removeFolder(folder);
});

/** A run of the samples against all others of rc1. */
async function withFirst(candidate: ComparedRun): Promise<Comparison> {
  const others = runs.filter(({ run, release }) => release === 'rc1' && run !== candidate.run).map(({ run }) => run);
  return console.request('runs.compare', { candidate: candidate.run, baseline: { kind: 'runs', runs: others } });
}

const of = (release: string): readonly ComparedRun[] => runs.filter((run) => run.release === release);
const subjects = (comparison: Comparison): string[] =>
  comparison.findings.map(({ subject }) => (subject.kind === 'metric' ? `${subject.kind} ${subject.series}` : subject.kind));

test('runs of rc1 are quiet against each other: at most one in ten shows a change', async () => {
  expect(of('rc1').length).toBeGreaterThan(8);
  let changed = 0;
  for (const run of of('rc1')) {
    const { verdict, findings } = await withFirst(run);
    if (verdict === 'changed') changed += 1;
    expect(findings.filter(({ status }) => status === 'confirmed').length).toBeLessThan(3);
    // What is not confirmed is worth a look at the most, and does not fill the list.
    expect(findings.length).toBeLessThan(12);
    expect(findings.filter(({ sentence }) => sentence.includes(' printed '))).toEqual([]);
  }
  expect(changed / of('rc1').length).toBeLessThanOrEqual(0.1);
});

test("rc2: the outage check, the slower failover and the standby's leak are at the top", async () => {
  expect(of('rc2').length).toBeGreaterThan(0);
  for (const run of of('rc2')) {
    const comparison = await withFirst(run);
    const top = subjects(comparison).slice(0, 9);
    expect(top.slice(0, 4)).toEqual(['outcome', 'check', 'check', 'fault']);
    expect(top).toContain('metric MatchingEngineSecondary.takeover_time');
    const leak = comparison.findings
      .slice(0, 9)
      .find(({ subject }) => subject.kind === 'metric' && subject.series === 'MatchingEngineSecondary.rss');
    expect(leak?.sentence).toMatch(/^MatchingEngineSecondary\.rss grew by 2\.\d+ MB\/s during /);
    expect(leak?.status).toBe('confirmed');
  }
});

test('a report of a run tells the values of its conditions with their units', async () => {
  const run = of('rc3').at(-1)?.run;
  if (!run) throw new Error('rc3 has no run');
  const { text } = await console.request('report.text', { subject: { kind: 'run', run }, format: 'html' });
  expect(text).toMatch(/Gateway\.outage = \d+(\.\d+)? ms/);
  expect(text).toMatch(/recovered in \d+ ms/);
});

test('nothing that cannot be negative is expected below nothing', async () => {
  let checked = 0;
  for (const run of runs.filter(({ release }) => release !== 'rc1')) {
    for (const { subject, unit, expected, sentence } of (await withFirst(run)).findings) {
      if (!expected || unit === 'none' || (subject.kind === 'metric' && subject.feature === 'trend')) continue;
      expect(expected.low, sentence).toBeGreaterThanOrEqual(0);
      checked += 1;
    }
  }
  expect(checked).toBeGreaterThan(10);
});

test('rc3: the smoke test that misses orders, and the standby that is behind', async () => {
  expect(of('rc3').length).toBeGreaterThan(0);
  for (const run of of('rc3')) {
    const comparison = await withFirst(run);
    expect(comparison.findings[1]).toMatchObject({ status: 'confirmed', subject: { kind: 'check', text: '#{smoke_status} == PASS' } });
    // What the smoke test printed says what went wrong: right behind what failed, before all that was measured.
    const printed = comparison.findings.findIndex(({ sentence }) => sentence.includes('every acknowledged order'));
    expect(subjects(comparison).slice(0, printed)).toEqual(['outcome', 'check']);
    const line = comparison.findings[printed];
    expect(line?.sentence).toMatch(
      /^exec_smoke printed a line that is new, once: “FAIL every acknowledged order is known to the engine \(\d+ of \d+ lost\)”\.$/,
    );
    expect(line).toMatchObject({
      status: 'confirmed',
      subject: { kind: 'log', component: 'exec_smoke', severity: 'error', change: 'new' },
    });
    expect(line?.step).toContain('exec_smoke');
    expect(subjects(comparison).slice(0, 6)).toContain('metric MatchingEngineSecondary.replication_behind');
  }
});
