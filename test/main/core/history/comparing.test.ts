/** The past through the contract, on the sample history: profiles, comparisons, evidence, decisions, release sheets, trends. */
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, afterEach, describe, expect, test } from 'vitest';
import { openArchive, type Archive } from '#main/core/archive/archive.ts';
import { Database, literal } from '#main/core/archive/database.ts';
import { RunQueries } from '#main/core/archive/queries.ts';
import { openCore, type OpenCore } from '#main/core/core.ts';
import { decodeProfile, encodeProfile } from '#main/core/history/profile-file.ts';
import { Profiles, profilesFolder } from '#main/core/history/profiles.ts';
import { systemClock } from '#platform/clock.ts';
import type { RunProfile } from '#shared/analysis/profile.ts';
import type { Core } from '#shared/contract/contract.ts';
import { runIdSchema, type RunId } from '#shared/identifiers.ts';
import { manifestOf, recordRun, runId } from '../archive/fixtures.ts';

const resources = path.join(import.meta.dirname, '..', '..', '..', '..', 'resources');
const scenario = 'release-check';

/** An archive that holds the sample history; each test works on a copy. */
let original: string;
let folder: string;

const temporary = () => mkdtemp(path.join(tmpdir(), 'testops-past-'));

beforeAll(async () => {
  original = await temporary();
  const core = await openCore({ archiveFolder: original, home: original, resources });
  await core.request('samples.import', {});
  await core.dispose();
}, 60_000);
afterAll(() => rm(original, { recursive: true, force: true }));

beforeEach(async () => {
  folder = await temporary();
  await cp(original, folder, { recursive: true, preserveTimestamps: true });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function withCore<Result>(work: (core: OpenCore) => Promise<Result>): Promise<Result> {
  const core = await openCore({ archiveFolder: folder, home: folder, resources, operator: 'kim' });
  try {
    return await work(core);
  } finally {
    await core.dispose();
  }
}

async function withProfiles<Result>(work: (profiles: Profiles, archive: Archive) => Promise<Result>): Promise<Result> {
  const archive = await openArchive({ folder, clock: systemClock });
  const queries = await RunQueries.open(folder);
  try {
    return await work(new Profiles({ archive, queries: async () => queries }), archive);
  } finally {
    queries.dispose();
    await archive.dispose();
  }
}

async function runsOf(core: Core, release: string, name = scenario) {
  const { runs } = await core.request('runs.list', { release, scenario: name });
  return runs;
}

/** The newest run of a release. */
async function newest(core: Core, release: string, name = scenario): Promise<RunId> {
  const [first] = await runsOf(core, release, name);
  if (!first) throw new Error(`The sample history has no run of ${release}.`);
  return first.run;
}

const accepted = (release: string | null, last = 20) => ({ kind: 'accepted', release, last }) as const;

describe('profiles', () => {
  test('say what the summary says', async () => {
    const run = await withCore((core) => newest(core, 'rc2'));
    const profile = await withProfiles((profiles) => profiles.of(run));
    const database = await Database.open({ memory: '128MB', threads: 1 });
    const rows = await database.rows(
      `SELECT execution::INTEGER, component || '.' || metric, count::INTEGER, p50, p95 - p05, slope, min, max
       FROM read_parquet(${literal(path.join(folder, run, 'summary.parquet'))})`,
    );
    database.dispose();
    const own = rowsOf(profile);
    expect(own.size).toBeGreaterThan(100);
    const stepped = new Set([0, ...profile.steps.map(({ execution }) => execution)]);
    const expected = rows.filter(([execution]) => stepped.has(Number(execution)));
    expect(own.size).toBe(expected.length);
    for (const [execution, name, ...numbers] of expected) {
      expect(own.get(`${String(execution)} ${String(name)}`)).toEqual(numbers.map((value) => (value === null ? Number.NaN : value)));
    }
  });

  test('know steps, faults, checks and components as the log does', async () => {
    const run = await withCore((core) => newest(core, 'rc3'));
    const profile = await withProfiles((profiles) => profiles.of(run));
    expect(profile).toMatchObject({ run, scenario, release: 'rc3', outcome: 'failed' });
    expect(profile.steps.find(({ text }) => text.startsWith('kill -9'))).toMatchObject({ occurrence: 1, state: 'passed' });
    expect(new Set(profile.steps.map(({ key }) => key)).size).toBe(profile.steps.length);
    expect(profile.faults).toMatchObject([{ text: 'kill -9 MatchingEnginePrimary' }]);
    expect(profile.faults[0]?.recovered).toBeGreaterThan(0);
    expect(profile.checks.filter(({ state }) => state === 'not met')).toMatchObject([{ text: '#{smoke_status} == PASS' }]);
    expect(profile.components.find(({ component }) => component === 'MatchingEnginePrimary')).toMatchObject({
      state: 'CRASHED',
      crashes: 1,
    });
    expect(profile.templates.length).toBeGreaterThan(0);
  });

  test('are read from their file the second time, and made anew when it is damaged, of another run, or gone', async () => {
    const run = await withCore((core) => newest(core, 'rc1'));
    const first = await withProfiles((profiles) => profiles.of(run));
    const file = path.join(folder, profilesFolder, `${run}.profile`);
    const bytes = await readFile(file);
    expect(await withProfiles((profiles) => profiles.of(run))).toEqual(first);
    for (const damaged of [
      bytes.subarray(0, bytes.length - 8),
      Buffer.alloc(0),
      Buffer.from('TESTOPS PROFILE\n{'),
      bytes.map((byte) => byte ^ 1),
      bytes.map((byte, index) => (index === bytes.length - 100 ? byte ^ 1 : byte)),
    ]) {
      await writeFile(file, damaged);
      expect(await withProfiles((profiles) => profiles.of(run))).toEqual(first);
    }
    await rm(file);
    expect(await withProfiles((profiles) => profiles.of(run))).toEqual(first);
    expect((await readFile(file)).equals(bytes)).toBe(true);
  });

  test('a file is the same after the way through bytes, and belongs to one stamp', async () => {
    const run = await withCore((core) => newest(core, 'rc1'));
    const profile = await withProfiles((profiles) => profiles.of(run));
    const bytes = encodeProfile(profile, 'a stamp');
    expect(bytes && decodeProfile(bytes, 'a stamp')).toEqual(profile);
    expect(bytes && decodeProfile(bytes, 'another stamp')).toBeNull();
    // A part of a larger buffer need not begin where numbers may begin.
    const shifted = bytes && Buffer.concat([Buffer.from('x'), bytes]).subarray(1);
    expect(shifted && decodeProfile(shifted, 'a stamp')).toEqual(profile);
  });

  test('those of deleted runs are removed, also when another core deleted them', async () => {
    const [run, elsewhere] = await withCore(async (core) => {
      const candidate = await newest(core, 'rc2');
      await core.request('runs.compare', { candidate, baseline: accepted('rc1') });
      const file = path.join(folder, profilesFolder, `${candidate}.profile`);
      const bytes = await readFile(file);
      await core.request('runs.delete', { run: candidate });
      expect(await readdir(path.join(folder, profilesFolder))).not.toContain(`${candidate}.profile`);
      await writeFile(file, bytes);
      return [candidate, await newest(core, 'rc2')];
    });
    expect(elsewhere).not.toBe(run);
    await withCore(async (core) => core.request('runs.compare', { candidate: await newest(core, 'rc2'), baseline: accepted('rc1') }));
    expect(await readdir(path.join(folder, profilesFolder))).not.toContain(`${run}.profile`);
  });
});

/** Numbers of a profile's rows by execution and series. */
function rowsOf({ metrics, steps }: RunProfile): Map<string, number[]> {
  const rows = new Map<string, number[]>();
  for (let row = 0; row < metrics.step.length; row++) {
    const step = metrics.step[row] ?? -1;
    const execution = step < 0 ? 0 : steps[step]?.execution;
    const { count, level, spread, trend, minimum, maximum } = metrics;
    const numbers = [count, level, spread, trend, minimum, maximum].map((column) => column[row] ?? Number.NaN);
    rows.set(`${execution} ${metrics.series[metrics.seriesOf[row] ?? 0]?.name}`, numbers);
  }
  return rows;
}

describe('comparing', () => {
  test('with the accepted runs of the newest release up to its own, unless told otherwise, and says why', async () => {
    await withCore(async (core) => {
      const candidate = await newest(core, 'rc2');
      const comparison = await core.request('runs.compare', { candidate, baseline: accepted(null) });
      expect(comparison).toMatchObject({ verdict: 'changed', candidate: { run: candidate, release: 'rc2' } });
      expect(comparison.baseline.every(({ release, decision }) => release === 'rc1' && decision === 'accepted')).toBe(true);
      expect(comparison.baselineName).toBe(`rc1, last ${comparison.baseline.length} accepted runs`);
      const count = comparison.baseline.length;
      expect(comparison.baselineReason).toBe(`${count} accepted runs of rc1, an earlier release; no other release has accepted runs`);
      const { runs, baseline } = await core.request('scenario.history', { scenario, limit: 1, of: candidate });
      expect(runs).toHaveLength(11);
      expect(baseline).toMatchObject({ release: 'rc1', reason: comparison.baselineReason });
      expect(baseline?.runs.map(({ run }) => run)).toEqual(comparison.baseline.map(({ run }) => run));
      const few = await core.request('runs.compare', { candidate, baseline: accepted('rc1', 3) });
      expect(few).toMatchObject({ verdict: 'no comparable history' });
      expect(few.baseline).toHaveLength(3);
    });
  });

  test('a run of the first release is compared with its own, never with itself', async () => {
    await withCore(async (core) => {
      const candidates = await runsOf(core, 'rc1');
      const own = candidates.find(({ decision }) => decision === 'accepted');
      if (!own) throw new Error('No run of rc1 is accepted.');
      const comparison = await core.request('runs.compare', { candidate: own.run, baseline: accepted(null) });
      expect(comparison.baseline.map(({ run }) => run)).not.toContain(own.run);
      expect(comparison.baseline.every(({ release }) => release === 'rc1')).toBe(true);
      const history = await core.request('scenario.history', { scenario, limit: 1, of: own.run });
      expect(history.baseline?.reason).toBe(comparison.baselineReason);
      expect(history.baseline?.runs.map(({ run }) => run)).toEqual(comparison.baseline.map(({ run }) => run));
      // Before a run of rc1 there is the same to compare with; in another environment nothing.
      const before = { scenario, limit: 1, environment: comparison.candidate.environment, release: 'rc1' };
      expect((await core.request('scenario.history', before)).baseline?.reason).toMatch(/of rc1, the release under test itself; no other/);
      expect((await core.request('scenario.history', { ...before, environment: 'elsewhere' })).baseline).toBeNull();
    });
  });

  test('a decision counts at once: what is rejected is no baseline any more', async () => {
    await withCore(async (core) => {
      const candidate = await newest(core, 'rc2');
      const before = await core.request('runs.compare', { candidate, baseline: accepted('rc1') });
      const [gone] = before.baseline;
      if (!gone) throw new Error('There is no baseline.');
      await core.request('runs.remark', { run: gone.run, remark: { kind: 'decision', decision: 'rejected', text: 'noise' } });
      const after = await core.request('runs.compare', { candidate, baseline: accepted('rc1') });
      expect(after.baseline.map(({ run }) => run)).toEqual(before.baseline.slice(1).map(({ run }) => run));
      const named = await core.request('runs.compare', { candidate, baseline: { kind: 'run', run: gone.run } });
      expect(named.baseline).toMatchObject([{ run: gone.run, decision: 'rejected' }]);
      expect(named.verdict).toBe('no comparable history');
    });
  });

  test('what cannot be compared is refused in one sentence', async () => {
    const unfinished = runIdSchema.parse('20261121T120000Z-release-check-ffff');
    const archive = await openArchive({ folder, clock: systemClock });
    const journal = await archive.create(manifestOf(unfinished, { scenario: { ...manifestOf(unfinished).scenario, name: scenario } }));
    const dry = await archive.create(manifestOf(runId(7), { mode: 'dry' }));
    await recordRun(dry);
    await dry.finish();
    await withCore(async (core) => {
      const candidate = await newest(core, 'rc2');
      const compare = (run: RunId, baseline: ReturnType<typeof accepted> | { kind: 'run'; run: RunId }) =>
        core.request('runs.compare', { candidate: run, baseline });
      await expect(compare(unfinished, accepted(null))).rejects.toThrow('not finished');
      await expect(compare(runId(7), accepted(null))).rejects.toThrow('was a dry run');
      await expect(compare(runId(99), accepted(null))).rejects.toThrow('is not in the archive');
      await expect(compare(candidate, { kind: 'run', run: runId(7) })).rejects.toThrow('was a dry run');
      await expect(compare(candidate, { kind: 'run', run: unfinished })).rejects.toThrow('has not finished');
      await expect(compare(candidate, { kind: 'run', run: candidate })).rejects.toThrow('cannot be compared with itself');
      await expect(compare(candidate, accepted('rc7'))).rejects.toThrow('There is no run of a release rc7; there are: rc1, rc2, rc3.');
    });
    await journal.suspend();
    await archive.dispose();
  });

  test('a baseline run whose samples are damaged is left out, and the others are compared', async () => {
    await withCore(async (core) => {
      const candidate = await newest(core, 'rc2');
      const before = await core.request('runs.compare', { candidate, baseline: accepted('rc1') });
      const [damaged] = before.baseline;
      if (!damaged) throw new Error('There is no baseline.');
      const summary = path.join(folder, damaged.run, 'summary.parquet');
      await rm(summary);
      await writeFile(summary, 'no parquet');
      await rm(path.join(folder, profilesFolder), { recursive: true, force: true });
      const again = await withCore((other) => other.request('runs.compare', { candidate, baseline: accepted('rc1') }));
      expect(again.baseline.map(({ run }) => run)).toEqual(before.baseline.slice(1).map(({ run }) => run));
      expect(again.verdict).toBe('changed');
    });
  });

  test('evidence: each run’s line begins with the step', async () => {
    await withCore(async (core) => {
      const candidate = await newest(core, 'rc2');
      const { steps, baseline } = await core.request('runs.compare', { candidate, baseline: accepted('rc1') });
      const step = steps.find(({ text }) => text === 'wait 10s')?.key ?? '';
      const runs = [candidate, ...baseline.map(({ run }) => run)];
      const request = { runs, series: 'MatchingEngineSecondary.rss', step, columns: 400 };
      const { lines } = await core.request('runs.evidence', request);
      expect(lines.map(({ run }) => run)).toEqual(runs);
      for (const { times, values, duration } of lines) {
        expect(times[0]).toBeGreaterThanOrEqual(0);
        expect(times.at(-1)).toBeLessThan(duration ?? 0);
        expect(duration).toBeGreaterThan(9_900);
        expect(values.every((value) => value === null || value > 1e6)).toBe(true);
      }
      const whole = await core.request('runs.evidence', { ...request, step: null });
      expect(whole.lines[0]?.times.length).toBeGreaterThan(lines[0]?.times.length ?? 0);
      expect((await core.request('runs.evidence', { ...request, series: 'Nobody.nothing' })).lines).toEqual([]);
    });
  });

  test('a run that is deleted while it is compared is told as gone, and harms nothing', async () => {
    await withCore(async (core) => {
      const candidate = await newest(core, 'rc3');
      const compared = core.request('runs.compare', { candidate, baseline: accepted('rc1') }).then(
        ({ verdict }) => verdict,
        (failure: unknown) => String(failure),
      );
      await core.request('runs.delete', { run: candidate });
      expect(await compared).toMatch(/^changed$|There is no run|not in the archive|cannot be read/);
      await expect(core.request('runs.compare', { candidate, baseline: accepted('rc1') })).rejects.toThrow('is not in the archive');
    });
  });
});

describe('deciding', () => {
  test('only what has ended and is whole can be accepted; the operator is recorded', async () => {
    const unfinished = runIdSchema.parse('20261121T120000Z-release-check-ffff');
    const archive = await openArchive({ folder, clock: systemClock });
    const journal = await archive.create(manifestOf(unfinished));
    const dry = await archive.create(manifestOf(runId(7), { mode: 'dry' }));
    await recordRun(dry);
    await dry.finish();
    await withCore(async (core) => {
      const accept = (run: RunId) => core.request('runs.remark', { run, remark: { kind: 'decision', decision: 'accepted', text: '' } });
      await expect(accept(unfinished)).rejects.toThrow('has not been finished');
      await expect(accept(runId(7))).rejects.toThrow('was a dry run');
      await expect(accept(runId(99))).rejects.toThrow('There is no run');
      const run = await newest(core, 'rc2');
      expect((await accept(run)).remark).toMatchObject({ author: 'kim', decision: 'accepted' });
      const [listed] = await runsOf(core, 'rc2');
      expect(listed).toMatchObject({ run, decision: 'accepted', remarks: 1 });
      expect((await core.request('runs.remarks', { run })).remarks).toHaveLength(1);
    });
    await journal.suspend();
    await archive.dispose();
  });

  test('what was said about a run goes with the run', async () => {
    await withCore(async (core) => {
      const run = await newest(core, 'rc2');
      await core.request('runs.remark', { run, remark: { kind: 'note', time: null, text: 'look at this' } });
      await core.request('runs.delete', { run });
      expect(await readdir(path.join(folder, '.remarks'))).not.toContain(`${run}.ndjson`);
    });
  });
});

describe('release candidates and trends', () => {
  test('releases, newest first, with their runs and decisions', async () => {
    const { releases } = await withCore((core) => core.request('releases.list', {}));
    expect(releases.map(({ release }) => release)).toEqual(['rc3', 'rc2', 'rc1']);
    expect(releases[2]).toMatchObject({ failed: 0, rejected: 0 });
    expect(releases[2]?.accepted).toBeGreaterThanOrEqual(8);
  });

  test('rc3 may not go on, and the sheet says why', async () => {
    // No run of rc2 was accepted, so the sheet looks further back.
    const sheet = await withCore((core) => core.request('releases.sheet', { release: 'rc3', previous: null }));
    expect(sheet).toMatchObject({ release: 'rc3', previous: 'rc1', answer: 'no' });
    const check = sheet.scenarios.find((each) => each.scenario === scenario);
    expect(check?.comparison).toMatchObject({ verdict: 'changed' });
    expect(check?.comparison?.top.some(({ sentence }) => sentence.includes('smoke_status'))).toBe(true);
    await expect(withCore((core) => core.request('releases.sheet', { release: 'rc9', previous: null }))).rejects.toThrow(
      'no run of the release rc9',
    );
  });

  test('a trend has each run’s durations, stopwatches and chosen metrics, oldest first', async () => {
    const series = ['MatchingEngineSecondary.rss'];
    const trend = await withCore((core) => core.request('scenario.trend', { scenario, series, limit: 100 }));
    const starts = trend.runs.map(({ startedAt }) => startedAt);
    expect(starts).toEqual(starts.toSorted((left, right) => left - right));
    const fault = trend.lines.find(({ kind }) => kind === 'fault');
    const of = (release: string) => trend.runs.flatMap((run, index) => (run.release === release ? [fault?.values[index] ?? 0] : []));
    expect(Math.min(...of('rc2'))).toBeGreaterThan(3 * Math.max(...of('rc1')));
    expect(trend.lines.find(({ kind }) => kind === 'metric')?.values.every((value) => value !== null && value > 1e6)).toBe(true);
    const few = await withCore((core) => core.request('scenario.trend', { scenario, series, limit: 3 }));
    expect(few.runs.map(({ run }) => run)).toEqual(trend.runs.slice(-3).map(({ run }) => run));
  });
});
