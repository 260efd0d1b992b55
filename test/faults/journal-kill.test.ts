/** A core that is killed at any moment: what it acknowledged is there, the run is interrupted, readable, and can go on. */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cases } from '../thoroughness.ts';
import { openArchive, type Archive } from '#main/core/archive/archive.ts';
import { RunQueries } from '#main/core/archive/queries.ts';
import type { RunRecord } from '#shared/run/records.ts';
import type { RunId } from '#shared/identifiers.ts';
import type { NumberRange } from '#main/core/archive/number-ranges.ts';
import { batchOf, declarations, echo, readAll, realClock, removeFolder, runId, temporaryFolder } from '../main/core/archive/fixtures.ts';
import { eventsEvery, seriesPerFrame } from './journal-kill-writer.ts';

const writer = fileURLToPath(new URL('journal-kill-writer.ts', import.meta.url));
const kills = cases(30, 10);
const seed = 20_261_120;

/** Park and Miller's generator: the same kill points each time. */
function killPoints(): number[] {
  let state = seed;
  return Array.from({ length: kills }, () => {
    state = (state * 48_271) % 2_147_483_647;
    return Math.floor((state / 2_147_483_647) * 400);
  });
}

let folder: string;
let archive: Archive;
beforeAll(async () => {
  folder = await temporaryFolder();
  archive = await openArchive({ folder, clock: realClock });
});
afterAll(async () => {
  await archive.dispose();
  await removeFolder(folder);
});

interface Acknowledged {
  readonly record: number;
  readonly frame: number;
}

/** Starts a writer, kills it some ms after its first record, and returns the last of what it said was on disk. */
function writeAndKill(run: RunId, milliseconds: number): Promise<Acknowledged> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [writer, folder, run], { stdio: ['ignore', 'pipe', 'inherit'], cwd: path.dirname(writer) });
    let record = 1;
    let frame = 0;
    createInterface(child.stdout).on('line', (line) => {
      const [kind, number] = line.split(' ');
      if (kind === 'ready') setTimeout(() => child.kill('SIGKILL'), milliseconds);
      if (kind === 'r') record = Number(number);
      if (kind === 's') frame = Number(number);
    });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (signal === 'SIGKILL') resolve({ record, frame });
      else reject(new Error(`The writer ended by itself with status ${code}.`));
    });
  });
}

/** Frames that are in the archive, from the samples themselves: the time of each sample is the number of its frame. */
async function storedFrames(queries: RunQueries, run: RunId): Promise<number[]> {
  const [first] = await queries.samplesOf(run, 'MatchingEnginePrimary.metric_0');
  const [last] = await queries.samplesOf(run, `MatchingEnginePrimary.metric_${seriesPerFrame - 1}`);
  expect([...(first?.times ?? [])]).toEqual([...(last?.times ?? [])]);
  for (const [index, time] of (first?.times ?? []).entries()) expect(first?.values[index]).toBeCloseTo(time / 10, 6);
  return [...(first?.times ?? [])];
}

function contains(ranges: readonly NumberRange[], number: number): boolean {
  return ranges.some(([from, to]) => from <= number && number <= to);
}

/** What stands in the archive after a kill. */
async function checkInterrupted(
  queries: RunQueries,
  run: RunId,
  acknowledged: Acknowledged,
): Promise<{ records: RunRecord[]; frames: number[] }> {
  const listed = (await archive.list()).find((summary) => summary.run === run);
  expect(listed).toMatchObject({ outcome: 'interrupted', damage: null });
  expect(await archive.interrupted()).toContain(run);

  const records = await readAll(archive.read(run, 1));
  expect(records.length).toBeGreaterThanOrEqual(acknowledged.record);
  expect(records.every(({ sequence }, position) => sequence === position + 1)).toBe(true);

  const frames = await storedFrames(queries, run);
  expect(new Set(frames).size).toBe(frames.length);
  const expected = Array.from({ length: acknowledged.frame }, (_, number) => number + 1).filter((number) => number % eventsEvery !== 0);
  expect(frames.slice(0, expected.length)).toEqual(expected);
  return { records, frames };
}

/** The run goes on: the journal knows exactly what it has, takes what is missing, and nothing twice. */
async function checkRecovery(queries: RunQueries, run: RunId, records: readonly RunRecord[], frames: readonly number[]): Promise<void> {
  const journal = await archive.reopen(run);
  const next = await journal.append(echo('recovered'));
  expect(next.sequence - journal.repairs.length).toBe(records.length + 1);
  const [known] = journal.lastNumbers();
  const observed = records.filter((record) => record.kind === 'observation').map(({ number }) => number);
  const stored = new Set([...frames, ...observed]);
  expect(known?.highest ?? 0).toBe(Math.max(0, ...stored));
  for (let number = Math.min(...stored); number <= (known?.highest ?? 0); number++) {
    if (contains(known?.missing ?? [], number) === stored.has(number)) throw new Error(`number ${number} is told wrongly`);
  }
  const series = declarations(seriesPerFrame);
  for (const [from, to] of known?.missing ?? []) {
    for (let number = from; number <= to; number++) if (number % eventsEvery !== 0) journal.appendSamples(batchOf(series, number, number));
  }
  if (frames[0] !== undefined) journal.appendSamples(batchOf(series, frames[0], frames[0]));
  await journal.finish();
  const after = await storedFrames(queries, run);
  expect(new Set(after).size).toBe(after.length);
  expect(after.length).toBeGreaterThanOrEqual(frames.length);
  expect((await archive.show(run)).problems).toEqual([]);
}

test(`${kills} cores killed at random points lose nothing that they acknowledged`, { timeout: 120_000 }, async () => {
  const queries = await RunQueries.open(folder);
  const points = killPoints();
  const total = { record: 0, frame: 0 };
  const check = async (index: number): Promise<void> => {
    const run = runId(index + 1);
    const point = points[index] ?? 0;
    try {
      const acknowledged = await writeAndKill(run, point);
      const { records, frames } = await checkInterrupted(queries, run, acknowledged);
      await checkRecovery(queries, run, records, frames);
      total.record += acknowledged.record;
      total.frame += acknowledged.frame;
    } catch (failure) {
      throw new Error(`Kill ${index}, ${point} ms after the first record (seed ${seed}): ${String(failure)}`, { cause: failure });
    }
  };
  for (let index = 0; index < kills; index += 2) await Promise.all([check(index), check(index + 1)]);
  queries.dispose();
  expect(total.record).toBeGreaterThan(kills);
  expect(total.frame).toBeGreaterThan(0);
});
