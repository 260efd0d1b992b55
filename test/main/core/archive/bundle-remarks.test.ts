/** What a bundle may have besides a run as it is written today: what was said about the run, and a summary of an early build. */
import { createHash } from 'node:crypto';
import { appendFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openArchive, type Archive } from '#main/core/archive/archive.ts';
import { Database, literal } from '#main/core/archive/database.ts';
import { RunQueries } from '#main/core/archive/queries.ts';
import { checkRemarks } from '#main/core/archive/bundle-remarks.ts';
import { remarksIn, RemarkStore } from '#main/core/archive/remark-store.ts';
import { ProblemError } from '#shared/problem.ts';
import { craftZip, type CraftedEntry } from './crafted-zip.ts';
import { batchOf, declarations, manifestOf, realClock, removeFolder, runId, runStarted, temporaryFolder } from './fixtures.ts';

const names = ['run.json', 'log.ndjson', 'series.parquet', 'samples.parquet', 'summary.parquet'];
const note = Buffer.from('{"saidAt":1,"author":"kim","kind":"note","time":null,"text":"slow start"}\n');
const withdrawal = (remark: number): Buffer => Buffer.from(`{"saidAt":2,"author":"lee","kind":"withdrawal","remark":${remark}}\n`);

let base: string;
let source: Archive;
let target: Archive;
/** What was said in each archive. */
let said: RemarkStore;
let taken: RemarkStore;

beforeEach(async () => {
  base = await temporaryFolder();
  source = await openArchive({ folder: path.join(base, 'source'), clock: realClock });
  target = await openArchive({ folder: path.join(base, 'target'), clock: realClock });
  said = new RemarkStore(source.folder, () => 5_000);
  taken = new RemarkStore(target.folder, () => 6_000);
  const journal = await source.create(manifestOf(runId()));
  await journal.append(runStarted(runId()));
  const series = declarations(3);
  for (let frame = 1; frame <= 4; frame++) journal.appendSamples(batchOf(series, frame, Date.UTC(2026, 10, 20) + frame * 1_000));
  await journal.append({ kind: 'run-finished', outcome: 'passed', reason: '' });
  await journal.updateManifest({ outcome: 'passed', reason: '', finishedAt: Date.now(), duration: 12 });
  await journal.finish();
});
afterEach(async () => {
  await source.dispose();
  await target.dispose();
  await removeFolder(base);
});

/** A bundle of the run, with these entries in place of its own or after them, and a `bundle.json` that fits. */
async function bundleWith(changed: Readonly<Record<string, Buffer>>): Promise<CraftedEntry[]> {
  const read = async (name: string) => ({ name, data: changed[name] ?? (await readFile(path.join(source.folder, runId(), name))) });
  const files = await Promise.all(names.map(read));
  for (const [name, data] of Object.entries(changed)) if (!names.includes(name)) files.push({ name, data });
  const entries = files.map(({ name, data }) => ({ name, bytes: data.length, sha256: createHash('sha256').update(data).digest('hex') }));
  const described = { kind: 'testops-run', version: 1, run: runId(), entries };
  return [{ name: 'bundle.json', data: Buffer.from(JSON.stringify(described)) }, ...files];
}

const withRemarks = (data: Buffer) => bundleWith({ 'remarks.ndjson': data });

async function take(entries: readonly CraftedEntry[]): Promise<string> {
  const file = path.join(base, 'crafted.testops-run');
  await writeFile(file, craftZip(entries));
  try {
    await target.importRun(file);
    return 'imported';
  } catch (failure) {
    if (failure instanceof ProblemError) return failure.problem.message;
    throw failure;
  }
}

async function exported(archive: Archive, name: string): Promise<string> {
  const file = path.join(base, name);
  await archive.exportRun(runId(), file);
  return file;
}

describe('what was said about a run', () => {
  beforeEach(async () => {
    await said.add(runId(), 'kim', { kind: 'bookmark', time: 1_000, text: 'here it begins' });
    await appendFile(path.join(source.folder, '.remarks', `${runId()}.ndjson`), 'no remark\n');
    await said.add(runId(), 'kim', { kind: 'decision', decision: 'accepted', text: 'good' });
    await said.add(runId(), 'lee', { kind: 'withdrawal', remark: 3 });
  });

  test('goes with it, with its numbers, and the same bytes come out again', async () => {
    const file = await exported(source, 'said.testops-run');
    const { folder } = await target.importRun(file);
    expect(await taken.of(runId())).toEqual(await said.of(runId()));
    expect((await taken.of(runId())).map(({ number }) => number)).toEqual([1, 3, 4]);
    expect((await readdir(folder)).sort()).toEqual(names.toSorted());
    expect(await readFile(await exported(target, 'again.testops-run'))).toEqual(await readFile(file));
  });

  test('does not replace what was said in this archive', async () => {
    const file = await exported(source, 'said.testops-run');
    await mkdir(path.join(target.folder, '.remarks'));
    const kept = path.join(target.folder, '.remarks', `${runId()}.ndjson`);
    await writeFile(kept, note);
    await target.importRun(file);
    expect(await readFile(kept)).toEqual(note);
    await taken.add(runId(), 'kim', { kind: 'note', time: null, text: 'later' });
    expect(await target.importRun(file, { orFind: true })).toMatchObject({ found: true });
    expect(await taken.of(runId())).toHaveLength(2);
  });

  test('is told when it cannot be kept; the run is there', async () => {
    await writeFile(path.join(target.folder, '.remarks'), 'a file where the folder should be');
    await expect(target.importRun(await exported(source, 'said.testops-run'))).rejects.toMatchObject({
      problem: { code: 'remarks-not-imported' },
    });
    expect(await target.list()).toHaveLength(1);
  });
});

test('nothing said, no entry', async () => {
  const file = await exported(source, 'silent.testops-run');
  await target.importRun(file);
  expect(await readdir(target.folder)).not.toContain('.remarks');
});

test('crafted remarks that tell the truth are taken', async () => {
  expect(await take(await withRemarks(Buffer.concat([note, Buffer.from('\n'), withdrawal(1)])))).toBe('imported');
  expect(await taken.of(runId())).toHaveLength(2);
});

test.each([
  ['an entry that its index does not name', async () => [...(await bundleWith({})), entry(note)], /does not name remarks.ndjson/],
  ['an index that names what is not there', async () => (await withRemarks(note)).slice(0, -1), /does not name remarks.ndjson/],
  ['lines that are no remarks', () => withRemarks(Buffer.from('{"kind":"note"}\n')), /line 1 of what was said about its run is no remark/],
  ['a line that ends in the middle', () => withRemarks(note.subarray(0, -1)), /ends in the middle/],
  ['nothing', () => withRemarks(Buffer.alloc(0)), /nothing was said/],
  ['too many', () => withRemarks(Buffer.from(note.toString().repeat(10_001))), /more than 10000 things were said/],
  ['what takes back what comes later', () => withRemarks(Buffer.concat([withdrawal(2), note])), /takes back what was not said/],
  ['more bytes than are read', () => withRemarks(Buffer.alloc(8_000_001, 10)), /remarks.ndjson is larger than/],
  [
    'a hash that differs',
    async () => [...(await withRemarks(note)).slice(0, -1), entry(withdrawal(1))],
    /bytes where|hash differs|larger than/,
  ],
] as const)('remarks are refused for %s', async (_, entries, reason) => {
  expect(await take(await entries())).toMatch(reason);
  expect((await readdir(target.folder)).filter((name) => name !== '.catalogue.ndjson')).toEqual([]);
});

test('whatever stands in the entry: it is refused in one sentence, or every line of it is a remark or empty', async () => {
  const file = path.join(base, 'remarks.ndjson');
  const line = fc.oneof(fc.constant(note.toString().trim()), fc.integer({ min: 1, max: 9 }).map((number) => withdrawal(number).toString().trim()), fc.constant(''), fc.string(), fc.json()); // prettier-ignore
  const outcomes = { taken: 0, refused: 0 };
  await fc.assert(
    fc.asyncProperty(fc.array(line, { maxLength: 8 }), fc.boolean(), async (lines, ended) => {
      const text = `${lines.join('\n')}${ended ? '\n' : ''}`;
      await writeFile(file, text);
      try {
        const bytes = await checkRemarks('x.testops-run', file);
        expect(bytes.toString()).toBe(text);
        expect(remarksIn(text)).toHaveLength(text.split('\n').filter((each) => each !== '').length);
        outcomes.taken++;
      } catch (failure) {
        if (!(failure instanceof ProblemError)) throw failure;
        expect(failure.problem.message).toMatch(/^x\.testops-run was not imported: [^\n]+\.$/);
        outcomes.refused++;
      }
    }),
    { seed: 20261121, numRuns: 1_000 },
  );
  expect(outcomes.taken).toBeGreaterThan(20);
  expect(outcomes.refused).toBeGreaterThan(200);
});

function entry(data: Buffer): CraftedEntry {
  return { name: 'remarks.ndjson', data };
}

test('a summary of an early build, which has no slopes, is taken and read', async () => {
  const database = await Database.open({ memory: '64MB', threads: 1 });
  const file = path.join(base, 'early.parquet');
  const summary = literal(path.join(source.folder, runId(), 'summary.parquet'));
  await database.run(`COPY (SELECT * EXCLUDE (slope) FROM read_parquet(${summary})) TO ${literal(file)} (FORMAT parquet)`);
  database.dispose();
  expect(await take(await bundleWith({ 'summary.parquet': await readFile(file) }))).toBe('imported');
  await rm(file);
  const [before, now] = await Promise.all([RunQueries.open(target.folder), RunQueries.open(source.folder)]);
  const [early, full] = await Promise.all([before.summaryTable(runId()), now.summaryTable(runId())]);
  expect({ ...early, slope: null }).toEqual({ ...full, slope: null });
  expect(early.slope.every(Number.isNaN)).toBe(true);
  expect([...full.slope].every((slope) => Math.abs(slope - 0.1) < 1e-9)).toBe(true);
  expect(await before.summaryOf(runId())).toHaveLength(early.execution.length);
  before.dispose();
  now.dispose();
});
