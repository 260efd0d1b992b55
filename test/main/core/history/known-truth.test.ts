/** Comparing end to end on recorded runs of which the truth is known: through journal, summary, profile and contract. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openArchive } from '#main/core/archive/archive.ts';
import { openCore, type OpenCore } from '#main/core/core.ts';
import { RunQueries } from '#main/core/archive/queries.ts';
import { makeProfile, mostSteps } from '#main/core/history/run-profile.ts';
import { RemarkStore } from '#main/core/archive/remark-store.ts';
import type { RunId } from '#shared/identifiers.ts';
import { batchOf, daemon, declarations, epoch, manifestOf, realClock, removeFolder, runId, runStarted, step, temporaryFolder } from '../archive/fixtures.ts'; // prettier-ignore

const baselineRuns = 10;
const series = declarations(40);
const shifted = 'MatchingEnginePrimary.metric_7';
const start = Date.UTC(2026, 10, 20, 12);
/** ms by which the daemon's clock is ahead. */
const ahead = 3_000;

let folder: string;
let core: OpenCore;

/** Pseudo-random numbers from 0 to 1, the same each time (a linear congruence, Numerical Recipes' constants). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

interface Truth {
  readonly release: string;
  /** Added to metric 7 in the second step. */
  readonly shift: number;
  /** ms that the second step takes longer. */
  readonly slower: number;
}

async function record(number: number, { release, shift, slower }: Truth): Promise<RunId> {
  let now = start + number * 600_000;
  const random = randomFrom(number * 7_919);
  // What differs from run to run, whatever the release.
  const own = series.map(() => random() * 2);
  const archive = await openArchive({ folder, clock: { ...realClock, now: () => now } });
  const run = runId(number);
  const journal = await archive.create(manifestOf(run, { startedAt: now, release }));
  await journal.append(runStarted(run));
  await journal.append({ kind: 'presence', daemon, state: 'present', epoch, clockOffset: ahead });
  let sequence = 0;
  for (const [index, text] of ['wait 10s', 'wait 20s'].entries()) {
    const began = { ...step(index + 1, index), text };
    const duration = 10_000 + Math.round(random() * 200) + (index === 1 ? slower : 0);
    const end = now + duration;
    await journal.append({ kind: 'step-started', step: began });
    for (let time = now + 250; time < end; time += 500) {
      const values = series.map((_, at) => 100 + at + (own[at] ?? 0) + random() + (index === 1 && at === 7 ? shift : 0));
      journal.appendSamples(batchOf(series, ++sequence, time + ahead, values));
    }
    now = end;
    await journal.append({ kind: 'step-finished', step: began, state: 'passed', message: null, result: null, duration });
  }
  await journal.append({ kind: 'run-finished', outcome: 'passed', reason: 'echo PASS' });
  await journal.updateManifest({ outcome: 'passed', reason: 'echo PASS', finishedAt: now, duration: 20_000 });
  await journal.finish();
  await archive.dispose();
  return run;
}

beforeAll(async () => {
  folder = await temporaryFolder();
  const remarks = new RemarkStore(folder, () => start);
  for (let number = 1; number <= baselineRuns; number++) {
    const run = await record(number, { release: 'rc1', shift: 0, slower: 0 });
    await remarks.add(run, 'kim', { kind: 'decision', decision: 'accepted', text: '' });
  }
  await record(20, { release: 'rc2', shift: 0, slower: 0 });
  await record(21, { release: 'rc2', shift: 25, slower: 4_000 });
  core = await openCore({ archiveFolder: folder, home: folder });
}, 60_000);
afterAll(async () => {
  await core.dispose();
  await removeFolder(folder);
});

const compare = (number: number) =>
  core.request('runs.compare', { candidate: runId(number), baseline: { kind: 'accepted', release: null, last: 20 } });

test('a run like the others has not changed', async () => {
  const comparison = await compare(20);
  expect(comparison).toMatchObject({ verdict: 'no change', baselineName: `rc1, last ${baselineRuns} accepted runs` });
  expect(comparison.findings.filter(({ status }) => status === 'confirmed')).toEqual([]);
  expect(comparison.tested.numbers).toBeGreaterThan(100);
});

test('what was changed is found, where it was changed, and nothing else', async () => {
  const comparison = await compare(21);
  expect(comparison.verdict).toBe('changed');
  const confirmed = comparison.findings.filter(({ status }) => status === 'confirmed');
  const metric = confirmed.find(({ subject }) => subject.kind === 'metric');
  expect(metric).toMatchObject({ subject: { series: shifted }, direction: 'up' });
  const places = [metric?.step, ...(metric?.also ?? []).map((also) => also.step)];
  expect(places).toContain(comparison.steps.find(({ text }) => text === 'wait 20s')?.key);
  expect(places).not.toContain(comparison.steps.find(({ text }) => text === 'wait 10s')?.key);
  expect(confirmed.some(({ subject }) => subject.kind === 'step duration')).toBe(true);
  const others = confirmed.flatMap(({ subject }) => (subject.kind === 'metric' && subject.series !== shifted ? [subject.series] : []));
  expect(others).toEqual([]);
});

test('the evidence lies in the core’s time, each run from the beginning of its step', async () => {
  const { steps } = await compare(21);
  const step = steps.find(({ text }) => text === 'wait 20s')?.key ?? '';
  const request = { runs: [runId(21), runId(1), runId(2)], series: shifted, step, columns: 500 };
  const { lines } = await core.request('runs.evidence', request);
  expect(lines.map(({ run, times }) => [run, times[0], times[1]])).toEqual([
    [runId(21), 250, 750],
    [runId(1), 250, 750],
    [runId(2), 250, 750],
  ]);
  const middle = lines.map(({ values }) => values[10] ?? 0);
  expect(middle[0]).toBeGreaterThan(130);
  expect(Math.max(middle[1] ?? 0, middle[2] ?? 0)).toBeLessThan(111);
  const withGone = await core.request('runs.evidence', { ...request, runs: [runId(21), runId(99)] });
  expect(withGone.lines.map(({ run }) => run)).toEqual([runId(21)]);
  await expect(core.request('runs.evidence', { ...request, runs: [runId(99)] })).rejects.toThrow('There is no run');
});

test('of a run of very many steps the first ones are compared, under their own keys', { timeout: 60_000 }, async () => {
  const archive = await openArchive({ folder, clock: realClock });
  const journal = await archive.create(manifestOf(runId(30), { release: 'rc3', startedAt: start + 60_000_000 }));
  await journal.append(runStarted(runId(30)));
  let last: Promise<unknown> = Promise.resolve();
  for (let execution = 1; execution <= mostSteps + 500; execution++) {
    const began = { ...step(execution, 0), text: 'echo loop' };
    void journal.append({ kind: 'step-started', step: began });
    last = journal.append({ kind: 'step-finished', step: began, state: 'passed', message: null, result: null, duration: 1 });
    if (execution % 500 === 0) await last;
  }
  await last;
  await journal.append({ kind: 'run-finished', outcome: 'passed', reason: '' });
  await journal.updateManifest({ outcome: 'passed', reason: '', finishedAt: start + 60_001_000, duration: 1_000 });
  await journal.finish();
  const queries = await RunQueries.open(folder);
  const { steps } = await makeProfile(archive, queries, runId(30));
  queries.dispose();
  await archive.dispose();
  expect(steps).toHaveLength(mostSteps);
  expect(steps[0]).toMatchObject({ execution: 1, key: 'echo loop#1', state: 'passed' });
  expect(steps.at(-1)).toMatchObject({ execution: mostSteps, occurrence: mostSteps, state: 'passed' });
});

test('a trend over them has each run’s level of a chosen series', async () => {
  const trend = await core.request('scenario.trend', { scenario: 'failover', series: [shifted, 'Nobody.nothing'], limit: 1_000 });
  expect(trend.runs.length).toBeGreaterThanOrEqual(baselineRuns + 2);
  const line = trend.lines.filter(({ kind }) => kind === 'metric');
  expect(line.map(({ id }) => id)).toEqual([`metric:${shifted}`]);
  expect(line[0]?.values.slice(0, baselineRuns).every((value) => value !== null && value > 107 && value < 111)).toBe(true);
});
