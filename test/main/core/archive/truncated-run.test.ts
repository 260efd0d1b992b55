/**
 * Runs whose files were cut at any byte, by a disk that was full, a copy that was broken off, a stick that was pulled out: what is
 * left is shown up to the last whole record, it is told what is missing, and the other runs of the archive are no worse for it.
 */
import { chmod, cp, mkdir, readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cases } from '../../../thoroughness.ts';
import { openArchive } from '#main/core/archive/archive.ts';
import { openCore, type OpenCore } from '#main/core/core.ts';
import type { RunId } from '#shared/identifiers.ts';
import { problemOf, type Problem } from '#shared/problem.ts';
import type { RunRecord } from '#shared/run/records.ts';
import { manifestOf, realClock, recordRun, removeFolder, runId, temporaryFolder } from './fixtures.ts';

const names = ['run.json', 'log.ndjson', 'series.parquet', 'samples.parquet', 'summary.parquet'] as const;
type Name = (typeof names)[number];
const cuts = cases(200, 60);
const seed = 20_261_121;
const series = 'MatchingEnginePrimary.metric_0';
/** The run that is cut, and one that is not. */
const [cut, whole] = [runId(1), runId(2)];

let base: string;
let core: OpenCore;
/** The folder of the run as it was. */
let original: string;
let records: RunRecord[];
let manifestLength: number;

beforeAll(async () => {
  base = await temporaryFolder();
  const archive = await openArchive({ folder: path.join(base, 'archive'), clock: realClock });
  for (const run of [cut, whole]) {
    const journal = await archive.create(manifestOf(run));
    await recordRun(journal, 20, 5);
    await journal.finish();
  }
  await archive.dispose();
  original = path.join(base, 'original');
  await cp(path.join(base, 'archive', cut), original, { recursive: true });
  manifestLength = (await stat(path.join(original, 'run.json'))).size;
  core = await openCore({ archiveFolder: path.join(base, 'archive'), home: path.join(base, 'home') });
  records = (await read(cut)).records;
});
afterAll(async () => {
  await core.dispose();
  await removeFolder(base);
});

/** The records of a run as a console is given them, and what it is told at their end. */
async function read(run: RunId): Promise<{ readonly records: RunRecord[]; readonly problem: Problem | null }> {
  const got: RunRecord[] = [];
  const stream = core.listen('run.records', { run, from: 1 }, (batch) => void got.push(...batch));
  const problem = await stream.ended.then(() => null, problemOf);
  return { records: got, problem };
}

async function restore(): Promise<void> {
  for (const name of names) {
    const file = path.join(cutFolder(), name);
    await chmod(file, 0o644).catch(() => undefined);
    await cp(path.join(original, name), file, { force: true });
  }
}
const cutFolder = (): string => path.join(base, 'archive', cut);

async function cutAt(name: Name, length: number): Promise<void> {
  await chmod(path.join(cutFolder(), name), 0o644);
  await truncate(path.join(cutFolder(), name), length);
}

const points = (run: RunId) => core.request('runs.points', { run, series: [series], columns: 100 });

function expectOneSentence({ message }: { readonly message: string }): void {
  expect(message).not.toMatch(/\n|\bat .*:\d+:\d+|undefined|\[object/);
  expect(message.length).toBeLessThan(500);
}

/** Nothing of it depends on the run that was cut. */
async function expectOthersUnharmed(): Promise<void> {
  const { runs } = await core.request('runs.list', {});
  expect(runs.map(({ run }) => run).sort()).toEqual([cut, whole]);
  expect(runs.find(({ run }) => run === whole)).toMatchObject({ damage: null, outcome: 'passed' });
  expect((await core.request('runs.show', { run: whole })).problems).toEqual([]);
  const { points: found } = await points(whole);
  expect(found).toHaveLength(1);
}

const expectation: Readonly<Record<Name, (length: number) => Promise<void>>> = {
  'run.json': async (length) => {
    // Only the last line feed is missing: the manifest is whole.
    if (length === manifestLength - 1) return expect((await core.request('runs.show', { run: cut })).problems).toEqual([]);
    const { runs } = await core.request('runs.list', {});
    expect(runs.find(({ run }) => run === cut)?.damage).toMatch(/manifest/);
    // What its log knows is shown all the same, with its samples.
    const { manifest, problems } = await core.request('runs.show', { run: cut });
    expect(problems[0]).toMatchObject({ code: 'run-damaged', severity: 'error' });
    problems.forEach(expectOneSentence);
    expect(manifest).toMatchObject({ release: 'rc1', operator: 'kim', outcome: 'passed', reason: 'echo PASS', totals: null });
    expect(manifest.scenario).toMatchObject({ name: 'failover', texts: { failover: 'echo PASS\n' } });
    expect(await read(cut)).toEqual({ records, problem: null });
    expect((await points(cut)).points).toHaveLength(1);
  },
  'log.ndjson': async (length) => {
    const { problems } = await core.request('runs.show', { run: cut });
    expect(problems).toMatchObject([{ code: 'run-damaged', message: expect.stringMatching(/^The log ends/) }]);
    const got = await read(cut);
    const kept = (await readFile(path.join(original, 'log.ndjson'))).subarray(0, length).toString('latin1').split('\n').length - 1;
    expect(got.records).toEqual(records.slice(0, kept));
    expect(got.problem).toMatchObject({ code: 'log-damaged', message: `The log ends after ${kept} of ${records.length} records.` });
    expect((await points(cut)).points).toHaveLength(1);
  },
  'series.parquet': async () => expectSamplesTold('series.parquet'),
  'samples.parquet': async () => expectSamplesTold('samples.parquet'),
  'summary.parquet': async () => {
    await expectTold('summary.parquet');
    expect((await points(cut)).points).toHaveLength(1);
  },
};

async function expectTold(name: Name): Promise<void> {
  const { manifest, problems } = await core.request('runs.show', { run: cut });
  expect(manifest.run).toBe(cut);
  expect(problems).toMatchObject([{ code: 'run-damaged', message: expect.stringContaining(name) }]);
  expect(await read(cut)).toEqual({ records, problem: null });
}

async function expectSamplesTold(name: Name): Promise<void> {
  await expectTold(name);
  const failure = await points(cut).then(() => null, problemOf);
  expect(failure?.code).toBe('samples-unreadable');
  if (failure) expectOneSentence(failure);
}

/** What is asked of many runs at once leaves the cut one out, or says so in a sentence. */
async function expectHistoryHolds(): Promise<void> {
  const asked: readonly (() => Promise<unknown>)[] = [
    () => core.request('scenario.history', { scenario: 'failover', limit: 10 }),
    () => core.request('scenario.trend', { scenario: 'failover', series: [series], limit: 10 }),
    () => core.request('releases.list', {}),
    () => core.request('runs.compare', { candidate: whole, baseline: { kind: 'run', run: cut } }),
    () => core.request('runs.compare', { candidate: whole, baseline: { kind: 'runs', runs: [cut] } }),
    () => core.request('retention.preview', { rules: { keepLast: 0, maximumAge: null } }),
    () => core.request('runs.export', { run: cut, file: path.join(base, 'cut.testops-run') }),
  ];
  for (const ask of asked) {
    const failure = await ask().then(() => null, problemOf);
    if (failure) expectOneSentence(failure);
  }
}

test(`${cuts} cuts at random bytes (seed ${seed})`, { timeout: 180_000 }, async () => {
  const places = fc.sample(fc.tuple(fc.constantFrom(...names), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })), {
    numRuns: cuts,
    seed,
  });
  for (const [index, [name, share]] of places.entries()) {
    const { size } = await stat(path.join(original, name));
    const length = Math.floor(share * size);
    await cutAt(name, length);
    try {
      await expectation[name](length);
      await expectOthersUnharmed();
      if (index % 10 === 0) await expectHistoryHolds();
    } catch (failure) {
      throw new Error(`Case ${index} of seed ${seed}, ${name} cut to ${length} of ${size} bytes: ${problemOf(failure).message}`, {
        cause: failure,
      });
    }
    await restore();
  }
  expect((await core.request('runs.show', { run: cut })).problems).toEqual([]);
  expect(await read(cut)).toEqual({ records, problem: null });
});

describe('a half-copied run', () => {
  test.each([
    ['only its manifest', ['run.json']],
    ['only its log', ['log.ndjson']],
    ['nothing', []],
    ['everything but its samples', ['run.json', 'log.ndjson', 'series.parquet', 'summary.parquet']],
  ] as const)('of which %s is there is told as such, and can be removed', async (_, present) => {
    const run = runId(3);
    const folder = path.join(base, 'archive', run);
    await mkdir(folder);
    for (const name of present) {
      const bytes = await readFile(path.join(original, name));
      await writeFile(path.join(folder, name), bytes.toString('latin1').replaceAll(cut, run), 'latin1');
    }
    const { runs } = await core.request('runs.list', {});
    const listed = runs.find((each) => each.run === run);
    const shown = await core.request('runs.show', { run }).catch(problemOf);
    const problems = 'problems' in shown ? shown.problems : [shown];
    expect(problems.length).toBeGreaterThan(0);
    problems.forEach((problem) => expectOneSentence(problem));
    if (!(present as readonly string[]).includes('run.json')) expect(listed?.damage).toMatch(/missing/);
    await expectOthersUnharmedBeside(run);
    await core.request('runs.delete', { run });
    expect(await readdir(path.join(base, 'archive'))).not.toContain(run);
  });

  async function expectOthersUnharmedBeside(run: RunId): Promise<void> {
    const { runs } = await core.request('runs.list', {});
    expect(runs.map((each) => each.run).sort()).toEqual([cut, whole, run]);
    expect((await core.request('runs.show', { run: whole })).problems).toEqual([]);
    expect(await read(cut)).toEqual({ records, problem: null });
  }
});
