/**
 * Comparing runs of 5,000 series and ten steps, and listing an archive of 10,000 runs. Each figure is that of a core that has just been
 * opened: nothing is in its memory yet. What a profile holds depends on series and steps, not on samples, so runs of a few
 * samples per step stand for runs of an hour. Alone: `node test/bench/compare.ts`.
 */
import { cp, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { openArchive, type Archive } from '#main/core/archive/archive.ts';
import { summaryOf } from '#main/core/archive/catalogue.ts';
import { openCore } from '#main/core/core.ts';
import { RemarkStore } from '#main/core/archive/remark-store.ts';
import type { RunId } from '#shared/identifiers.ts';
import { batchOf, declarations, manifestOf, realClock, removeFolder, runId, runStarted, step, temporaryFolder } from '../main/core/archive/fixtures.ts'; // prettier-ignore
import { quantile, type Figure } from './figures.ts';

const seriesCount = 5_000;
const steps = 10;
const samplesPerStep = 6;
const baselineRuns = 50;
const listedRuns = 10_000;
const start = Date.UTC(2026, 10, 20, 12);

/** How every step ends. */
const passed = { state: 'passed', message: null, result: null, duration: 6_000 } as const;

/** A run of ten steps; `turn` makes its values its own. The clock is the test's, so that samples lie in their steps. */
async function record(folder: string, turn: number): Promise<RunId> {
  let now = start + turn * 3_600_000;
  const archive = await openArchive({ folder, clock: { ...realClock, now: () => now } });
  const run = runId(turn + 1);
  const journal = await archive.create(manifestOf(run, { startedAt: now, release: turn < baselineRuns ? 'rc1' : 'rc2' }));
  const series = declarations(seriesCount);
  await journal.append(runStarted(run));
  let sequence = 0;
  for (let number = 0; number < steps; number++) {
    const began = { ...step(number + 1, number), text: `wait ${number + 1}s` };
    await journal.append({ kind: 'step-started', step: began });
    for (let second = 0; second < samplesPerStep; second++) {
      now += 1_000;
      const values = series.map((_, index) => index * 10 + ((index * 7 + turn * 13 + second * 5 + number) % 17));
      journal.appendSamples(batchOf(series, ++sequence, now - 500, values));
    }
    await journal.append({ kind: 'step-finished', step: began, ...passed });
  }
  await journal.append({ kind: 'run-finished', outcome: 'passed', reason: '' });
  await journal.updateManifest({ outcome: 'passed', reason: '', finishedAt: now, duration: now - start });
  await journal.finish();
  await archive.dispose();
  if (turn < baselineRuns) {
    await new RemarkStore(folder, () => now).add(run, 'bench', { kind: 'decision', decision: 'accepted', text: '' });
  }
  return run;
}

/** ms that a comparison takes in a core that has just been opened, and was asked for the list. */
async function compare(folder: string, candidate: RunId, last: number): Promise<number> {
  const core = await openCore({ archiveFolder: folder, home: folder });
  try {
    await core.request('runs.list', {});
    const began = performance.now();
    const { baseline } = await core.request('runs.compare', { candidate, baseline: { kind: 'accepted', release: 'rc1', last } });
    const elapsed = performance.now() - began;
    if (baseline.length !== last) throw new Error(`${baseline.length} runs were compared with instead of ${last}.`);
    return elapsed;
  } finally {
    await core.dispose();
  }
}

async function medianOf(times: number, work: () => Promise<number>): Promise<number> {
  const measured: number[] = [];
  for (let turn = 0; turn < times; turn++) measured.push(await work());
  return quantile(measured, 0.5);
}

async function benchComparisons(): Promise<Figure[]> {
  const folder = await temporaryFolder();
  try {
    let candidate = runId();
    for (let turn = 0; turn <= baselineRuns; turn++) candidate = await record(folder, turn);
    const first = await compare(folder, candidate, 1);
    const two = await medianOf(5, () => compare(folder, candidate, 1));
    const cold = await compare(folder, candidate, baselineRuns);
    const fifty = await medianOf(5, () => compare(folder, candidate, baselineRuns));
    const shape = `5,000 series x ${steps} steps`;
    return [
      { figure: `compare two runs of ${shape}`, ours: two, unit: 'ms', target: '<= 100' },
      { figure: '— the first time, their profiles made of their summaries', ours: first, unit: 'ms', target: '' },
      { figure: `compare a run with ${baselineRuns} runs of ${shape}`, ours: fifty / 1_000, unit: 's', target: '<= 2' },
      { figure: `— the first time, ${baselineRuns - 1} profiles made of their summaries`, ours: cold / 1_000, unit: 's', target: '' },
    ];
  } finally {
    await removeFolder(folder);
  }
}

/** One finished run under many names; half of them decided on. */
async function manyRuns(folder: string): Promise<void> {
  const archive: Archive = await openArchive({ folder, clock: realClock });
  const journal = await archive.create(manifestOf(runId(1)));
  await journal.append(runStarted(runId(1)));
  await journal.append({ kind: 'run-finished', outcome: 'passed', reason: '' });
  await journal.updateManifest({ outcome: 'passed', reason: '', finishedAt: start, duration: 10 });
  await journal.finish();
  const { manifest } = await archive.show(runId(1));
  await archive.dispose();
  summaryOf(manifest);
  await mkdir(path.join(folder, '.remarks'));
  for (let number = 2; number <= listedRuns; number++) {
    const run = runId(number);
    await cp(path.join(folder, runId(1)), path.join(folder, run), { recursive: true, filter: (file) => !file.endsWith('run.json') });
    const release = `rc${number % 20}`;
    await writeFile(path.join(folder, run, 'run.json'), JSON.stringify({ ...manifest, run, release, startedAt: start + number * 1_000 }));
    const remark = { saidAt: start, author: 'bench', kind: 'decision', decision: 'accepted', text: '' };
    if (number % 2 === 0) await writeFile(path.join(folder, '.remarks', `${run}.ndjson`), `${JSON.stringify(remark)}\n`);
  }
}

async function list(folder: string): Promise<{ readonly open: number; readonly again: number }> {
  const core = await openCore({ archiveFolder: folder, home: folder });
  try {
    const began = performance.now();
    const { runs } = await core.request('runs.list', {});
    const open = performance.now() - began;
    if (runs.length !== listedRuns) throw new Error(`${runs.length} runs were listed instead of ${listedRuns}.`);
    const asked = performance.now();
    await core.request('runs.list', {});
    return { open, again: performance.now() - asked };
  } finally {
    await core.dispose();
  }
}

async function benchList(): Promise<Figure[]> {
  const folder = await temporaryFolder();
  try {
    await manyRuns(folder);
    // The list of runs is kept in a file from the first time on.
    await list(folder);
    const { open, again } = await list(folder);
    return [
      { figure: 'archive list of 10,000 runs, half of them decided on: in a new core', ours: open, unit: 'ms', target: '<= 300' },
      { figure: '— again in the same core', ours: again, unit: 'ms', target: '' },
    ];
  } finally {
    await removeFolder(folder);
  }
}

export async function benchCompare(): Promise<readonly Figure[]> {
  return [...(await benchComparisons()), ...(await benchList())];
}

if (import.meta.main) console.table(await benchCompare());
