/** Bundles: what is exported comes back equal; what someone tampered with is refused in one sentence and leaves nothing behind. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cases } from '../../../thoroughness.ts';
import { openArchive, type Archive } from '#main/core/archive/archive.ts';
import { Database, literal } from '#main/core/archive/database.ts';
import { problemOf, ProblemError } from '#shared/problem.ts';
import { craftZip, type CraftedEntry } from './crafted-zip.ts';
import { manifestOf, readAll, realClock, recordRun, removeFolder, runId, temporaryFolder } from './fixtures.ts';

const names = ['run.json', 'log.ndjson', 'series.parquet', 'samples.parquet', 'summary.parquet'] as const;
type Name = (typeof names)[number];
type Contents = Record<Name, Buffer>;

let base: string;
let source: Archive;
/** The archive that bundles are taken into; small limits, so that bombs are small too. */
let target: Archive;
let bundle: string;
let contents: Contents;

beforeAll(async () => {
  base = await temporaryFolder();
  source = await openArchive({ folder: path.join(base, 'source'), clock: realClock });
  const limits = { totalBytes: 64 * 1024 ** 2, lineBytes: 1024 ** 2 };
  target = await openArchive({ folder: path.join(base, 'target'), clock: realClock, limits });
  const journal = await source.create(manifestOf(runId()));
  await recordRun(journal, 3, 4);
  await journal.finish();
  bundle = path.join(base, 'run.testops-run');
  await source.exportRun(runId(), bundle);
  const read = async (name: Name): Promise<[Name, Buffer]> => [name, await readFile(path.join(source.folder, runId(), name))];
  contents = Object.fromEntries(await Promise.all(names.map(read))) as Contents;
});
afterAll(async () => {
  await source.dispose();
  await target.dispose();
  await removeFolder(base);
});

/** Entries of a bundle with these contents and a `bundle.json` that fits them. */
function entriesOf(changed: Partial<Contents> = {}, index: Record<string, unknown> = {}): CraftedEntry[] {
  const files = names.map((name) => ({ name, data: changed[name] ?? contents[name] }));
  const entries = files.map(({ name, data }) => ({ name, bytes: data.length, sha256: createHash('sha256').update(data).digest('hex') }));
  const described = { kind: 'testops-run', version: 1, run: runId(), entries, ...index };
  return [{ name: 'bundle.json', data: Buffer.from(JSON.stringify(described)) }, ...files];
}

async function importBytes(bytes: Buffer, into = target): Promise<'imported' | ProblemError> {
  const file = `${into.folder}.hostile`;
  await writeFile(file, bytes);
  try {
    await into.importRun(file);
    return 'imported';
  } catch (failure) {
    if (failure instanceof ProblemError) return failure;
    throw failure;
  }
}

/** What stands in an archive besides its list: runs, and what an import should have taken away. */
async function leftIn(archive: Archive): Promise<string[]> {
  return (await readdir(archive.folder)).filter((name) => name !== '.catalogue.ndjson');
}

/** Refused in one sentence, with nothing left; or imported, with the contents it should have (and removed again). */
async function expectHarmless(bytes: Buffer, expected: Contents, into = target): Promise<'imported' | 'refused'> {
  const outcome = await importBytes(bytes, into);
  const left = await leftIn(into);
  if (outcome !== 'imported') {
    if (left.length > 0) throw new Error(`A refused bundle left ${left.join(', ')}.`);
    if (/\n|\bat .*:\d+/.test(outcome.problem.message)) throw new Error(`Not one sentence: ${outcome.problem.message}`);
    return 'refused';
  }
  if (left.join() !== runId()) throw new Error(`An imported bundle left ${left.join(', ')}.`);
  for (const name of names) {
    const there = await readFile(path.join(into.folder, runId(), name));
    if (!there.equals(expected[name])) throw new Error(`${name} was imported but is not equal.`);
  }
  await into.remove(runId());
  return 'imported';
}

async function refusalOf(entries: readonly CraftedEntry[]): Promise<string> {
  const outcome = await importBytes(craftZip(entries));
  expect(await leftIn(target)).toEqual([]);
  return outcome === 'imported' ? 'imported' : outcome.problem.message;
}

describe('export and import', () => {
  test('bring a run over unchanged, once', async () => {
    const { run, folder } = await target.importRun(bundle);
    expect(run).toBe(runId());
    for (const name of names) expect(await readFile(path.join(folder, name))).toEqual(contents[name]);
    expect(await readAll(target.read(run, 1))).toEqual(await readAll(source.read(run, 1)));
    expect(await target.list()).toEqual(await source.list());
    await expect(target.importRun(bundle)).rejects.toMatchObject({ problem: { code: 'run-exists' } });
    expect(await target.importRun(bundle, { orFind: true })).toEqual({ run, folder, found: true });
    const again = path.join(base, 'again.testops-run');
    await target.exportRun(run, again);
    expect(await readFile(again)).toEqual(await readFile(bundle));
    await target.remove(run);
  });

  test('a run that is there is found only where it is this very one', async () => {
    const { folder } = await target.importRun(bundle);
    const manifest = path.join(folder, 'run.json');
    await chmod(manifest, 0o644);
    await writeFile(manifest, `${await readFile(manifest, 'utf8')} `);
    await expect(target.importRun(bundle, { orFind: true })).rejects.toMatchObject({ problem: { code: 'run-exists' } });
    await target.remove(runId());
    expect(await target.importRun(bundle, { orFind: true })).toMatchObject({ run: runId(), found: false });
    await target.remove(runId());
  });

  test('an export that cannot be written leaves nothing and says why', async () => {
    await expect(source.exportRun(runId(), path.join(base, 'nowhere', 'x.testops-run'))).rejects.toMatchObject({
      problem: { code: 'export-failed' },
    });
  });

  test('a crafted bundle that tells the truth is taken', async () => {
    expect(await expectHarmless(craftZip(entriesOf()), contents)).toBe('imported');
  });
});

describe('a bundle is refused', () => {
  function manifestWith(change: Record<string, unknown>, totals: Record<string, unknown> = {}): Buffer {
    const manifest = JSON.parse(contents['run.json'].toString()) as { totals: object };
    return Buffer.from(JSON.stringify({ ...manifest, totals: { ...manifest.totals, ...totals }, ...change }));
  }

  function lengths(bytes: number) {
    return names.map((name) => ({ name, bytes, sha256: '0'.repeat(64) }));
  }

  function renamed(index: number, change: Partial<CraftedEntry>): CraftedEntry[] {
    return entriesOf().map((entry, position) => (position === index ? { ...entry, ...change } : entry));
  }

  test.each([
    ['a name that climbs', () => renamed(2, { name: '../log.ndjson' }), /damaged|leads out/],
    ['an absolute name', () => renamed(2, { name: '/tmp/log.ndjson' }), /damaged|leads out/],
    ['a drive letter', () => renamed(2, { name: 'C:/log.ndjson' }), /damaged|leads out/],
    ['a backslash', () => renamed(2, { name: '..\\log.ndjson' }), /damaged|leads out/],
    ['an unknown name', () => renamed(2, { name: 'autorun.sh' }), /belongs to no run/],
    ['another case', () => renamed(2, { name: 'LOG.NDJSON' }), /belongs to no run/],
    ['the same name twice', () => renamed(3, { name: 'run.json' }), /twice/],
    ['the same name in another case', () => renamed(3, { name: 'RUN.json' }), /twice/],
    ['another order', () => entriesOf().toReversed(), /stands where bundle.json belongs/],
    ['a link', () => renamed(2, { mode: 0o120_777 }), /no plain file/],
    ['a folder', () => renamed(2, { mode: 0o040_755 }), /no plain file/],
    ['encryption', () => renamed(2, { flags: 1 }), /encrypted/],
    ['an unknown packing', () => renamed(2, { method: 12 }), /packed in an unknown way/],
    ['two headers that contradict each other', () => renamed(2, { localName: 'log.ndjsom' }), /contradict/],
    ['a false length', () => renamed(2, { claimedSize: 10 }), /cannot be unpacked|bytes/],
    ['too many entries', () => [...entriesOf(), ...['more', 'and more'].map((name) => ({ name, data: Buffer.alloc(1) }))], /8 entries/],
    ['an entry of another name at its end', () => [...entriesOf(), { name: 'more', data: Buffer.alloc(1) }], /belongs to no run/],
    ['a missing entry', () => entriesOf().slice(0, 5), /summary.parquet is missing/],
    ['entries that share bytes', () => renamed(4, { sharesDataOf: 3, localName: 'series.parquet' }), /contradict|overlaps/],
    ['an unknown version', () => entriesOf({}, { version: 2 }), /bundle.json is not understood/],
    ['another run in its manifest', () => entriesOf({}, { run: runId(2) }), /another run/],
    ['a path as its run', () => entriesOf({}, { run: '../../etc' }), /bundle.json is not understood/],
    ['an index that is not JSON', () => renamed(0, { data: Buffer.from('{') }), /not JSON/],
    ['an index that is too large', () => renamed(0, { data: Buffer.alloc(70_000, 32) }), /larger than/],
    ['a manifest that is not JSON', () => entriesOf({ 'run.json': Buffer.from('nothing') }), /manifest is damaged/],
    ['a log line that is no record', () => entriesOf({ 'log.ndjson': Buffer.from('{"sequence":1}\n') }), /line 1 of its log is damaged/],
    ['an endless log line', () => entriesOf({ 'log.ndjson': Buffer.alloc(2 * 1024 ** 2, 97) }), /longer than/],
    [
      'a log with a record less',
      () => entriesOf({ 'log.ndjson': contents['log.ndjson'].subarray(contents['log.ndjson'].indexOf(10) + 1) }),
      /line 1/,
    ],
    ['a name of two lines', () => renamed(2, { name: 'log\n.ndjson' }), /belongs to no run|damaged/],
    ['a name that ends early', () => renamed(2, { name: 'log.ndjson\0.txt' }), /leads out|damaged/],
    ['an endless name', () => renamed(2, { name: 'x'.repeat(60_000) }), /belongs to no run/],
    ['an index of other types', () => entriesOf({}, { entries: 'all' }), /bundle.json is not understood/],
    ['lengths that are no lengths', () => entriesOf({}, { entries: lengths(-1) }), /bundle.json is not understood/],
    ['lengths that no disk has', () => entriesOf({}, { entries: lengths(2 ** 52) }), /unpacks to more than/],
    ['a manifest of other types', () => entriesOf({ 'run.json': manifestWith({ scenario: 5, startedAt: 'now' }) }), /manifest is damaged/],
    ['a manifest that is a list', () => entriesOf({ 'run.json': Buffer.from('[]') }), /manifest is damaged/],
    ['a manifest without an end', () => entriesOf({ 'run.json': manifestWith({ totals: null, outcome: null }) }), /was not finished/],
    [
      'a manifest that counts wrongly',
      () => entriesOf({ 'run.json': manifestWith({}, { samples: 1e15 }) }),
      /rows where its manifest says/,
    ],
    [
      'a record of other types',
      () => entriesOf({ 'log.ndjson': Buffer.from('{"sequence":"1","time":[],"kind":{}}\n') }),
      /line 1 of its log/,
    ],
    ['a log that is a list in a list', () => entriesOf({ 'log.ndjson': Buffer.from(`${'['.repeat(900_000)}\n`) }), /line 1 of its log/],
    ['samples that are no Parquet', () => entriesOf({ 'samples.parquet': Buffer.from('PAR1PAR1') }), /no whole Parquet/],
    ['samples with a broken inside', () => entriesOf({ 'samples.parquet': Buffer.from(`PAR1${'x'.repeat(200)}PAR1`) }), /cannot be read/],
    ['samples with other columns', () => entriesOf({ 'samples.parquet': contents['series.parquet'] }), /columns/],
  ] as const)('for %s', async (_, entries, reason) => {
    expect(await refusalOf(entries())).toMatch(reason);
  });

  test('for contents that were changed', async () => {
    const changed = Buffer.from(contents['log.ndjson'].toString().replace('PASS', 'FAIL'));
    const entries = entriesOf().map((entry) => (entry.name === 'log.ndjson' ? { ...entry, data: changed } : entry));
    expect(await refusalOf(entries)).toMatch(/its hash differs/);
  });

  test('for unpacking to far more than it is', async () => {
    const zeros = Buffer.alloc(48 * 1024 ** 2);
    const before = process.memoryUsage.rss();
    expect(await refusalOf(entriesOf({ 'log.ndjson': zeros }))).toMatch(/times its packed size/);
    expect(await refusalOf(entriesOf({ 'log.ndjson': Buffer.concat([zeros, zeros]) }))).toMatch(/more than \d+ bytes/);
    // A header that hides the size does not help: bytes are counted while they are unpacked.
    const hidden = entriesOf({ 'log.ndjson': zeros }).map((entry) =>
      entry.name === 'log.ndjson' ? { ...entry, claimedSize: 1_000 } : entry,
    );
    expect(await refusalOf(hidden)).toMatch(/cannot be unpacked|times its packed size/);
    expect(process.memoryUsage.rss() - before).toBeLessThan(400 * 1024 ** 2);
  });

  test('for being no zip file, or not there', async () => {
    expect(await importBytes(Buffer.alloc(0))).toMatchObject({ problem: { code: 'bundle-refused' } });
    await expect(target.importRun(path.join(base, 'missing'))).rejects.toMatchObject({ problem: { code: 'no-bundle' } });
    await mkdir(path.join(base, 'folder'), { recursive: true });
    await expect(target.importRun(path.join(base, 'folder'))).rejects.toMatchObject({ problem: { code: 'no-bundle' } });
    await rm(path.join(base, 'folder'), { recursive: true });
  });

  test.skipIf(process.platform === 'win32')('for being a device or a pipe, without waiting for what comes out of it', async () => {
    const pipe = path.join(base, 'pipe');
    execFileSync('mkfifo', [pipe]);
    for (const file of ['/dev/zero', pipe]) await expect(target.importRun(file)).rejects.toMatchObject({ problem: { code: 'no-bundle' } });
    await rm(pipe);
  });

  test('for Parquet of other types, and for endless values in it', async () => {
    const database = await Database.open({ memory: '256MB', threads: 1 });
    const made = async (select: string): Promise<Buffer> => {
      const file = path.join(base, 'made.parquet');
      await database.run(`COPY (${select}) TO ${literal(file)} (FORMAT parquet)`);
      return readFile(file);
    };
    try {
      const texts = await made("SELECT '1' AS series, 'now' AS time, 'x' AS value");
      expect(await refusalOf(entriesOf({ 'samples.parquet': texts }))).toMatch(/columns/);
      const nested = await made("SELECT [1::UINTEGER] AS series, TIMESTAMP '2026-01-01' AS time, {'a': 1.0} AS value");
      expect(await refusalOf(entriesOf({ 'samples.parquet': nested }))).toMatch(/columns/);
      const more = await made(
        'SELECT 1::UINTEGER AS series, make_timestamp_ms(range)::TIMESTAMP_MS AS time, 0.0::DOUBLE AS value FROM range(1000000)',
      );
      const before = process.memoryUsage.rss();
      expect(await refusalOf(entriesOf({ 'samples.parquet': more }))).toMatch(/columns|rows where its manifest says/);
      expect(process.memoryUsage.rss() - before).toBeLessThan(400 * 1024 ** 2);
      await rm(path.join(base, 'made.parquet'));
    } finally {
      database.dispose();
    }
  });
});

/** Changes bytes as transmission errors and attackers do. `places` and `bytes` are taken modulo what there is. */
function mutate(original: Buffer, kind: string, places: readonly number[], bytes: Uint8Array): Buffer {
  const changed = Buffer.from(original);
  const [first = 0, second = 0] = places.map((place) => place % original.length);
  switch (kind) {
    case 'bytes':
      for (const [index, place] of places.entries()) changed[place % changed.length] = bytes[index % bytes.length] ?? 0;
      return changed;
    case 'end':
      // Most structure of a zip file stands at its end.
      for (const [index, place] of places.entries()) changed[changed.length - 1 - (place % 600)] = bytes[index % bytes.length] ?? 0;
      return changed;
    case 'cut':
      return changed.subarray(0, first);
    case 'insert':
      return Buffer.concat([changed.subarray(0, first), bytes, changed.subarray(first)]);
    case 'remove':
      return Buffer.concat([changed.subarray(0, first), changed.subarray(first + bytes.length)]);
    default:
      return Buffer.concat([
        changed.subarray(0, first),
        changed.subarray(Math.min(first, second), Math.max(first, second)),
        changed.subarray(first),
      ]);
  }
}

const mutation = fc.tuple(
  fc.constantFrom('bytes', 'bytes', 'end', 'end', 'cut', 'insert', 'remove', 'repeat'),
  fc.array(fc.nat(), { minLength: 2, maxLength: 6 }),
  fc.uint8Array({ minLength: 1, maxLength: 8 }),
);

type Mutation = typeof mutation extends fc.Arbitrary<infer T> ? T : never;
const seed = 20_261_120;
const mutated = cases(10_000, 1_000);
const crafted = cases(500, 100);

/** Tries many cases, several at a time, each lane with an archive of its own; a failure names its case. */
async function inLanes(count: number, attempt: (change: Mutation, index: number, into: Archive) => Promise<'imported' | 'refused'>) {
  const cases = fc.sample(mutation, { numRuns: count, seed });
  const outcomes = { imported: 0, refused: 0 };
  let next = 0;
  const lane = async (number: number): Promise<void> => {
    const into = await openArchive({ folder: path.join(base, `lane-${number}`), clock: realClock });
    for (let index = next++; index < cases.length; index = next++) {
      const change = cases[index]!;
      try {
        outcomes[await attempt(change, index, into)]++;
      } catch (failure) {
        const shown = JSON.stringify([change[0], change[1], [...change[2]]]);
        throw new Error(`Case ${index} of seed ${seed}, ${shown}: ${problemOf(failure).message}`, { cause: failure });
      }
    }
    await into.dispose();
  };
  const ended = await Promise.allSettled(Array.from({ length: 8 }, (_, number) => lane(number)));
  for (const end of ended) if (end.status === 'rejected') throw end.reason;
  return outcomes;
}

test(`${mutated} mutated bundles are refused, or imported equal`, { timeout: 240_000 }, async () => {
  const original = await readFile(bundle);
  const before = (await readdir(base)).filter((name) => !name.startsWith('lane-'));
  const memory = process.memoryUsage.rss();
  const outcomes = await inLanes(mutated, ([kind, places, bytes], _, into) =>
    expectHarmless(mutate(original, kind, places, bytes), contents, into),
  );
  expect(outcomes.refused + outcomes.imported).toBe(mutated);
  expect(outcomes.refused).toBeGreaterThan(0.9 * mutated);
  expect(outcomes.imported).toBeGreaterThan(0);
  // Each needs little, and nothing of it stays.
  expect(process.memoryUsage.rss() - memory).toBeLessThan(600 * 1024 ** 2);
  expect((await readdir(base)).filter((name) => !name.startsWith('lane-'))).toEqual(before);
});

test(`${crafted} bundles whose contents were changed and whose hashes fit do no harm`, { timeout: 240_000 }, async () => {
  const outcomes = await inLanes(crafted, ([kind, places, bytes], index, into) => {
    const name = names[index % names.length]!;
    const changed = { ...contents, [name]: mutate(contents[name], kind, places, bytes) };
    return expectHarmless(craftZip(entriesOf(changed)), changed, into);
  });
  expect(outcomes.refused).toBeGreaterThan(crafted / 5);
});
