/** The sample history in an archive: brought once, decided once, never against the user's will. */
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openArchive, type Archive } from '#main/core/archive/archive.ts';
import { RemarkStore } from '#main/core/archive/remark-store.ts';
import { samplesAuthor, SampleRuns } from '#main/core/history/sample-runs.ts';
import type { SampleList } from '#main/core/history/sample-list.ts';
import type { Clock } from '#platform/clock.ts';
import type { Problem } from '#shared/problem.ts';
import { decisionOf } from '#shared/run/remarks.ts';
import { manifestOf, realClock, recordRun, removeFolder, runId, temporaryFolder } from '../archive/fixtures.ts';

const count = 4;
let base: string;
let resources: string;
let archive: Archive;
let remarks: RemarkStore;
let problems: Problem[];
let changes: number;
let opened: SampleRuns[];
/** Calls that wait for their time. */
let waiting: (() => void)[];

const manualClock: Clock = {
  ...realClock,
  after: (_, callback) => {
    waiting.push(callback);
    return () => {
      waiting = waiting.filter((each) => each !== callback);
    };
  },
};

const sampleOf = (number: number): SampleList['runs'][number] => ({
  file: `${runId(number)}.testops-run`,
  run: runId(number),
  ...(number < count && { accepted: `Good run ${number}.` }),
});

async function writeList(runs: readonly unknown[]): Promise<void> {
  await writeFile(path.join(resources, 'samples', 'samples.json'), JSON.stringify({ version: 1, runs }));
}

beforeEach(async () => {
  base = await temporaryFolder();
  resources = path.join(base, 'resources');
  await mkdir(path.join(resources, 'samples'), { recursive: true });
  const source = await openArchive({ folder: path.join(base, 'source'), clock: realClock });
  for (let number = 1; number <= count; number++) {
    const journal = await source.create(manifestOf(runId(number)));
    await recordRun(journal, 2, 2);
    await journal.finish();
    await source.exportRun(runId(number), path.join(resources, 'samples', sampleOf(number).file));
  }
  await source.dispose();
  await writeList([1, 2, 3, 4].map(sampleOf));
  archive = await openArchive({ folder: path.join(base, 'archive'), clock: realClock });
  remarks = new RemarkStore(archive.folder, () => Date.now());
  [problems, changes, opened, waiting] = [[], 0, [], []];
});
afterEach(async () => {
  for (const each of opened) await each.dispose();
  await archive.dispose();
  await removeFolder(base);
});

/** As another start of the console has it. */
function samples(where: string | null = resources): SampleRuns {
  const made = new SampleRuns({
    archive,
    remarks,
    clock: manualClock,
    resources: where,
    report: (problem) => problems.push(problem),
    changed: () => changes++,
  });
  opened.push(made);
  return made;
}

/** The import that comes with a demo, to its end. */
async function automatic(from = samples()): Promise<void> {
  const over = from.importSoon();
  expect(waiting).toHaveLength(1);
  waiting.pop()?.();
  await over;
}

const present = async (): Promise<string[]> => (await archive.list()).map(({ run }) => run).sort();
const all = [1, 2, 3, 4].map((number) => runId(number));

test('all are brought, those that were accepted are accepted, and again means nothing more', async () => {
  const made = samples();
  expect(await made.import()).toEqual({ imported: count, already: 0 });
  expect(await present()).toEqual(all);
  expect(changes).toBe(1);
  expect(await remarks.of(runId(2))).toMatchObject([
    { kind: 'decision', decision: 'accepted', text: 'Good run 2.', author: samplesAuthor },
  ]);
  expect(await remarks.of(runId(4))).toEqual([]);
  expect(await made.import()).toEqual({ imported: 0, already: count });
  expect(await samples().import()).toEqual({ imported: 0, already: count });
  expect(await remarks.of(runId(2))).toHaveLength(1);
  expect(changes).toBe(1);
});

test('two that ask at once bring each run once', async () => {
  const [one, other] = [samples(), samples()];
  const results = await Promise.all([one.import(), one.import(), other.import()]);
  expect(results.reduce((sum, { imported }) => sum + imported, 0)).toBe(count);
  expect(await present()).toEqual(all);
  for (const run of all.slice(0, 3)) expect(decisionOf(await remarks.of(run))).toBe('accepted');
});

test('what was deleted comes back only when it is asked for; what was decided stays decided', async () => {
  await automatic();
  expect(await present()).toEqual(all);
  await remarks.add(runId(1), 'kim', { kind: 'decision', decision: 'rejected', text: 'not mine' });
  await archive.remove(runId(1));
  await archive.remove(runId(4));
  await automatic();
  expect(await present()).toEqual([runId(2), runId(3)]);
  expect(await samples().import()).toEqual({ imported: 2, already: 2 });
  expect(await present()).toEqual(all);
  expect(decisionOf(await remarks.of(runId(1)))).toBe('rejected');
  // One that was deleted with all that was said about it comes back as it came first.
  await archive.remove(runId(2));
  await remarks.remove(runId(2));
  expect(await samples().import()).toEqual({ imported: 1, already: 3 });
  expect(decisionOf(await remarks.of(runId(2)))).toBe('accepted');
  expect(problems).toEqual([]);
});

test('a core that ends meanwhile leaves whole runs; the next one brings the rest and its decisions', async () => {
  const first = samples();
  const importing = first.import();
  await first.dispose();
  const { imported } = await importing;
  expect(imported).toBeLessThan(count);
  // Ended between run and decision: the run is there, nobody has accepted it.
  if (imported === 0) await archive.importRun(path.join(resources, 'samples', sampleOf(1).file));
  else await rm(path.join(archive.folder, '.samples.json'));
  await rm(path.join(archive.folder, '.remarks'), { recursive: true, force: true });
  await automatic();
  expect(await present()).toEqual(all);
  for (const run of all.slice(0, 3)) expect(decisionOf(await remarks.of(run))).toBe('accepted');
});

test('nothing is brought before its time, nor after the core has ended', async () => {
  const made = samples();
  const over = made.importSoon();
  expect(await present()).toEqual([]);
  await made.dispose();
  await over;
  expect(waiting).toEqual([]);
});

describe('what is damaged', () => {
  test('is told, and the other samples are no worse for it', async () => {
    const bundle = path.join(resources, 'samples', sampleOf(2).file);
    const bytes = await readFile(bundle);
    await writeFile(bundle, bytes.subarray(0, bytes.length / 2));
    await expect(samples().import()).rejects.toMatchObject({ problem: { code: 'bundle-refused' } });
    expect(await present()).toEqual([runId(1), runId(3), runId(4)]);
    await automatic();
    expect(problems).toMatchObject([{ code: 'bundle-refused', severity: 'warning' }]);
    await writeFile(bundle, bytes);
    expect(await samples().import()).toEqual({ imported: 1, already: 3 });
    expect(decisionOf(await remarks.of(runId(2)))).toBe('accepted');
  });

  test('another run of the same name is not taken for the sample', async () => {
    const journal = await archive.create(manifestOf(runId(3), { operator: 'somebody' }));
    await recordRun(journal, 1, 1);
    await journal.finish();
    await cp(path.join(resources, 'samples', sampleOf(1).file), path.join(resources, 'samples', sampleOf(2).file));
    await expect(samples().import()).rejects.toMatchObject({ problem: { code: 'samples-damaged' } });
    expect((await archive.show(runId(3))).manifest.operator).toBe('somebody');
    expect(await present()).toEqual([runId(1), runId(3), runId(4)]);
  });

  test.each([
    ['no list', () => rm(path.join(resources, 'samples', 'samples.json')), 'no-samples'],
    ['no JSON', () => writeFile(path.join(resources, 'samples', 'samples.json'), '{'), 'samples-damaged'],
    ['a file elsewhere', () => writeList([{ ...sampleOf(1), file: '../../elsewhere.testops-run' }]), 'samples-damaged'],
  ])('a list that is %s brings nothing', async (_, damage, code) => {
    await damage();
    await expect(samples().import()).rejects.toMatchObject({ problem: { code } });
    expect(await present()).toEqual([]);
  });

  test('a console that came without samples says so', async () => {
    await expect(samples(null).import()).rejects.toMatchObject({ problem: { code: 'no-samples' } });
  });
});
