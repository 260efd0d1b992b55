/** The sample history that comes with the product is whole, and says what it is there to say: judged by the real engine. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openCore, type OpenCore } from '#main/core/core.ts';
import { sampleListFile, sampleListSchema, samplesFolder, type SampleList } from '#main/core/history/sample-list.ts';
import { minimumBaselineRuns, type Comparison } from '#shared/analysis/comparison.ts';
import type { MethodResponse } from '#shared/contract/contract.ts';
import { removeFolder, temporaryFolder } from '../main/core/archive/fixtures.ts';

const resources = join(import.meta.dirname, '..', '..', 'resources');
const folder = join(resources, samplesFolder);
/** Bytes that one bundle may have in the repository. */
const largestBundle = 300_000;

let base: string;
let core: OpenCore;
let list: SampleList;
let runs: MethodResponse<'runs.list'>['runs'];

beforeAll(async () => {
  base = await temporaryFolder();
  list = sampleListSchema.parse(JSON.parse(await readFile(join(folder, sampleListFile), 'utf8')));
  core = await openCore({ archiveFolder: join(base, 'archive'), home: join(base, 'home'), resources });
  const brought = await core.request('samples.import', {});
  if (brought.imported !== list.runs.length) throw new Error(`Only ${brought.imported} samples were imported.`);
  runs = (await core.request('runs.list', {})).runs;
}, 60_000);
afterAll(async () => {
  await core.dispose();
  await removeFolder(base);
});

const of = (release: string, scenario: string) => runs.filter((run) => run.release === release && run.scenario === scenario);

test('each bundle is small, in the list, and there once', async () => {
  const files = (await readdir(folder)).filter((name) => name !== sampleListFile);
  expect(files.sort()).toEqual(list.runs.map(({ file }) => file).sort());
  for (const file of files) expect((await stat(join(folder, file))).size).toBeLessThan(largestBundle);
  expect(new Set(list.runs.map(({ run }) => run)).size).toBe(list.runs.length);
});

test('they are whole runs of the demo, in the order of its releases, with a baseline for rc1', async () => {
  for (const { run, damage, environment, mode, totals } of runs) {
    expect({ damage, environment, mode, lost: totals?.gapsLost }).toEqual({ damage: null, environment: 'demo', mode: 'live', lost: 0 });
    expect((await core.request('runs.show', { run })).problems).toEqual([]);
  }
  const firstOf = (release: string): number => Math.min(...runs.filter((run) => run.release === release).map(({ startedAt }) => startedAt));
  expect(firstOf('rc1')).toBeLessThan(firstOf('rc2'));
  expect(firstOf('rc2')).toBeLessThan(firstOf('rc3'));
  const checks = of('rc1', 'release-check');
  expect(checks.filter(({ decision }) => decision === 'accepted').length).toBeGreaterThanOrEqual(minimumBaselineRuns + 2);
  expect(checks.filter(({ decision }) => decision === 'undecided')).toHaveLength(1);
  for (const release of ['rc2', 'rc3']) {
    expect(of(release, 'release-check')).toHaveLength(3);
    expect(runs.filter((run) => run.release === release).every(({ decision }) => decision === 'undecided')).toBe(true);
  }
  for (const release of ['rc1', 'rc2', 'rc3']) expect(of(release, 'failover').length).toBeGreaterThan(0);
});

test('nothing of the machine that they were recorded on says who recorded them', async () => {
  for (const { run } of list.runs) {
    const { manifest } = await core.request('runs.show', { run });
    expect(manifest).toMatchObject({ operator: 'demo', workspaceCommit: null });
    expect(Object.keys(manifest.conditions).sort()).toEqual(['host', 'node', 'platform']);
  }
});

test('the scenario they ran is the one that comes with the demo', async () => {
  for (const name of ['release-check', 'failover']) {
    const text = await readFile(join(resources, 'demo', 'workspace', 'scenarios', `${name}.scn`), 'utf8');
    for (const { run } of runs.filter(({ scenario }) => scenario === name)) {
      const { manifest } = await core.request('runs.show', { run });
      expect(manifest.scenario.texts[name]).toBe(text);
    }
  }
});

describe('compared with the accepted runs of rc1', () => {
  async function compared(release: string): Promise<Comparison[]> {
    const candidates = of(release, 'release-check').filter(({ decision }) => decision !== 'accepted');
    return Promise.all(
      candidates.map(({ run }) =>
        core.request('runs.compare', { candidate: run, baseline: { kind: 'accepted', release: 'rc1', last: 20 } }),
      ),
    );
  }
  const sentences = ({ findings }: Comparison): string[] =>
    findings.filter(({ status }) => status === 'confirmed').map(({ sentence }) => sentence);

  test('another run of rc1 is quiet, under the same conditions', async () => {
    const [comparison] = await compared('rc1');
    expect(comparison).toMatchObject({ verdict: 'no change' });
    expect(comparison?.conditions.filter(({ different }) => different)).toEqual([]);
  });

  test('rc2 fails over slowly and leaks: both at the top', async () => {
    for (const comparison of await compared('rc2')) {
      expect(comparison.verdict).toBe('changed');
      const top = sentences(comparison).slice(0, 12);
      expect(top.slice(0, 4).join('\n')).toMatch(/Gateway\.outage/);
      expect(top.join('\n')).toMatch(/to recover|takeover_time was \d+(\.\d+)? s|STATE == READY.*took \d+(\.\d+)? s/);
      expect(top.join('\n')).toMatch(/MatchingEngine(Primary|Secondary)\.rss (grew by|was|varied by|went up)/);
    }
  });

  test('rc3 loses orders: the failed smoke test at the top', async () => {
    for (const comparison of await compared('rc3')) {
      expect(comparison.verdict).toBe('changed');
      expect(sentences(comparison).slice(0, 4).join('\n')).toMatch(/smoke_status/);
      expect(sentences(comparison).slice(0, 4).join('\n')).toMatch(/exec_smoke printed a line .*FAIL every acknowledged order/);
      const { records } = await recordsOf(comparison.candidate.run);
      expect(records).toMatch(/FAIL every acknowledged order is known to the engine \(\d+ of \d+ lost\)/);
    }
  });

  async function recordsOf(run: Comparison['candidate']['run']): Promise<{ readonly records: string }> {
    const texts: string[] = [];
    await core.listen('run.records', { run, from: 1 }, (batch) => void texts.push(...batch.map((record) => JSON.stringify(record)))).ended;
    return { records: texts.join('\n') };
  }
});
