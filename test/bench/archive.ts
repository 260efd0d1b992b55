/**
 * Measures the archive: bytes per sample and reading times for 5,000 series over an hour at 1 Hz, appends to the log, and taking in
 * samples as fast as a full network sends them. Each figure is measured in a process of its own, so that memory is its own too.
 * Alone: `node test/bench/archive.ts`.
 */
import { fork } from 'node:child_process';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { openArchive } from '#main/core/archive/archive.ts';
import { Database, literal } from '#main/core/archive/database.ts';
import { RunQueries } from '#main/core/archive/queries.ts';
import type { SampleBatch } from '#main/core/ports.ts';
import {
  batchOf,
  daemon,
  declarations,
  echo,
  epoch,
  manifestOf,
  realClock,
  removeFolder,
  runId,
  temporaryFolder,
} from '../main/core/archive/fixtures.ts';
import type { Figure } from './figures.ts';
import { randomFrom } from '../repeatable-random.ts';

const seriesCount = 5_000;
const hour = 3_600;
const startTime = Date.UTC(2026, 10, 20, 12);

/**
 * What an exchange's hosts report, by share of the series: 35 % counters that grow by whole numbers (half of them rarely), 25 % random
 * walks in tenths or whole numbers (CPU, queue lengths), 20 % constants and settings, 10 % memory in pages that changes now and
 * then, 10 % latencies with noise in every digit that is measured (µs).
 */
export function realisticValues(): (second: number) => Float64Array {
  const random = randomFrom(20_261_120);
  const values = Float64Array.from({ length: seriesCount }, () => Math.round(random() * 1_000));
  return () => {
    for (let index = 0; index < seriesCount; index++) {
      const share = index % 100;
      const before = values[index] ?? 0;
      if (share < 18) values[index] = before + Math.floor(random() * 50);
      else if (share < 35) values[index] = before + (random() < 0.05 ? 1 : 0);
      else if (share < 48) values[index] = Math.max(0, Math.round(before * 10 + (random() - 0.5) * 20) / 10);
      else if (share < 60) values[index] = Math.max(0, before + Math.round((random() - 0.5) * 4));
      else if (share < 80) values[index] = before;
      else if (share < 90) values[index] = random() < 0.1 ? before + 4_096 * Math.round((random() - 0.4) * 20) : before;
      else values[index] = Math.round(200_000 * (1 + random() ** 4)) / 1_000;
    }
    return values.slice();
  };
}

function frame(series: SampleBatch['series'], sequence: number, time: number, values: Float64Array): SampleBatch {
  return { daemon, epoch, sequence, time, series, values };
}

async function millisecondsOf(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

async function medianOf(times: number, work: (turn: number) => Promise<unknown>): Promise<number> {
  const measured: number[] = [];
  for (let turn = 0; turn < times; turn++) measured.push(await millisecondsOf(() => work(turn)));
  return measured.sort((one, other) => one - other)[Math.floor(times / 2)] ?? 0;
}

function rounded(value: number, digits = 2): number {
  return Number(value.toFixed(digits));
}

/** Peak resident memory of this process since its start, bytes. */
function peakMemory(): number {
  return process.resourceUsage().maxRSS * 1_024;
}

async function benchCompression(): Promise<Figure[]> {
  const folder = await temporaryFolder();
  const archive = await openArchive({ folder, clock: realClock });
  const run = runId();
  const journal = await archive.create(manifestOf(run));
  const series = declarations(seriesCount);
  const next = realisticValues();
  for (let second = 0; second < hour; second++) {
    // About a second of a full network at once, then time for the commit, as if it were live.
    journal.appendSamples(frame(series, second + 1, startTime + second * 1_000, next(second)));
    if (second % 100 === 99) await journal.commitSamples();
  }
  const finishing = await millisecondsOf(() => journal.finish());
  const samples = seriesCount * hour;
  const size = (await stat(path.join(folder, run, 'samples.parquet'))).size;
  const all = (await archive.show(run)).manifest.totals?.bytes ?? 0;
  const queries = await RunQueries.open(folder);
  await queries.samplesOf(run, 'MatchingEnginePrimary.metric_1');
  const one = await medianOf(21, (turn) => queries.samplesOf(run, `MatchingEnginePrimary.metric_${(turn * 233) % seriesCount}`));
  queries.dispose();
  const database = await Database.open({ memory: '512MB', threads: 2 });
  const file = literal(path.join(folder, run, 'samples.parquet'));
  const query = `SELECT series, quantile_cont(value, [0.05, 0.5, 0.95, 0.99]) FROM read_parquet(${file}) GROUP BY series`;
  const quantiles = await medianOf(3, () => database.rows(query));
  database.dispose();
  await archive.dispose();
  await removeFolder(folder);
  return [
    { figure: 'archive: samples.parquet, 5,000 series x 1 h', ours: rounded(size / samples, 3), target: '<= 2.0', unit: 'bytes/sample' },
    { figure: 'archive: whole finished folder', ours: rounded(all / samples, 3), target: '<= 2.0', unit: 'bytes/sample' },
    { figure: 'archive: one series of 5,000 (3,600 samples), p50', ours: rounded(one), target: '<= 10', unit: 'ms' },
    { figure: 'archive: quantiles of every series', ours: rounded(quantiles, 0), target: '<= 2000', unit: 'ms' },
    { figure: 'archive: finishing 18 M samples', ours: rounded(finishing / 1_000), target: '-', unit: 's' },
    { figure: 'archive: peak memory while finishing', ours: rounded(peakMemory() / 1e6, 0), target: '-', unit: 'MB' },
  ];
}

async function benchJournal(): Promise<Figure[]> {
  const folder = await temporaryFolder();
  const archive = await openArchive({ folder, clock: realClock });
  const journal = await archive.create(manifestOf(runId()));
  const count = 200_000;
  const pipelined = await millisecondsOf(async () => {
    let last: Promise<unknown> = Promise.resolve();
    for (let index = 0; index < count; index++) {
      last = journal.append(echo(`order ${index} accepted`));
      // As it arrives: many small pieces of work, not one long loop.
      if (index % 200 === 199) await new Promise(setImmediate);
    }
    await last;
  });
  const alone = await medianOf(200, () => journal.append(echo('alone')));
  await journal.suspend();
  await removeFolder(folder);
  return [
    { figure: 'journal: appends, pipelined', ours: rounded((count / pipelined) * 1_000, 0), target: '>= 20000', unit: 'records/s' },
    { figure: 'journal: one append until it is on disk, p50', ours: rounded(alone), target: '-', unit: 'ms' },
  ];
}

/** ms between two ticks of five frames with 1,000 values each: 520,000 samples/s. */
const tickLength = 5_000 / 520;

/** Takes in 520,000 samples/s for a minute, with events between the frames. */
async function benchIngest(seconds: number): Promise<Figure[]> {
  const folder = await temporaryFolder();
  const archive = await openArchive({ folder, clock: realClock });
  const journal = await archive.create(manifestOf(runId()));
  const columns = Array.from({ length: 5 }, (_, part) => declarations(1_000, `Component${part}`));
  const next = realisticValues();
  const ticks = Math.round((seconds * 1_000) / tickLength);
  let sequence = 0;
  let slowest = 0;
  let ready = next(0);
  const cpu = process.cpuUsage();
  const start = performance.now();
  for (let tick = 0; tick < ticks; tick++) {
    if (tick % 20 === 0) ready = next(tick);
    for (let part = 0; part < 5; part++) {
      const batch = batchOf(columns[part]!, ++sequence, startTime + Math.round(tick * tickLength), []);
      journal.appendSamples({ ...batch, values: ready.slice(part * 1_000, part * 1_000 + 1_000) });
    }
    if (tick % 10 === 0) void journal.append({ kind: 'observation', daemon, epoch, number: ++sequence, events: [] });
    const due = start + (tick + 1) * tickLength;
    slowest = Math.max(slowest, performance.now() - due);
    const wait = due - performance.now();
    await new Promise((resolve) => (wait > 0 ? setTimeout(resolve, wait) : setImmediate(resolve)));
  }
  await journal.commitSamples();
  const elapsed = (performance.now() - start) / 1_000;
  const used = process.cpuUsage(cpu);
  const peak = peakMemory();
  const samples = ticks * 5_000;
  await journal.finish();
  const stored = (await archive.show(runId())).manifest.totals?.samples ?? 0;
  if (stored !== samples) throw new Error(`${stored} samples were stored of ${samples}.`);
  await removeFolder(folder);
  return [
    {
      figure: `samples: paced intake for ${seconds} s, all stored`,
      ours: rounded(samples / elapsed, 0),
      target: '>= 500000',
      unit: 'samples/s',
    },
    { figure: 'samples: peak memory during intake', ours: rounded(peak / 1e6, 0), target: '< 600', unit: 'MB' },
    {
      figure: 'samples: processor time during intake',
      ours: rounded((used.user + used.system) / 1e4 / elapsed, 0),
      target: '-',
      unit: '% of a core',
    },
    { figure: 'samples: longest delay of the event loop', ours: rounded(slowest, 0), target: '-', unit: 'ms' },
  ];
}
/** Takes in samples as fast as they can be committed. */
async function benchFullSpeed(): Promise<Figure[]> {
  const folder = await temporaryFolder();
  const archive = await openArchive({ folder, clock: realClock });
  const journal = await archive.create(manifestOf(runId()));
  const series = declarations(seriesCount);
  const values = realisticValues()(0);
  const frames = 4_000;
  const elapsed = await millisecondsOf(async () => {
    for (let sequence = 1; sequence <= frames; sequence++) {
      journal.appendSamples(frame(series, sequence, startTime + sequence, values));
      if (sequence % 200 === 0) await journal.commitSamples();
    }
  });
  await journal.suspend();
  await removeFolder(folder);
  const speed = rounded((frames * seriesCount * 1_000) / elapsed, 0);
  return [{ figure: 'samples: intake at full speed', ours: speed, target: '-', unit: 'samples/s' }];
}

const parts: Readonly<Record<string, () => Promise<Figure[]>>> = {
  compression: benchCompression,
  journal: benchJournal,
  ingest: () => benchIngest(Number(process.env['TESTOPS_BENCH_SECONDS'] ?? 60)),
  'full-speed': benchFullSpeed,
};

function inOwnProcess(part: string): Promise<Figure[]> {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(import.meta.url), [part], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    let rows: Figure[] | null = null;
    child.on('message', (message) => {
      rows = message as Figure[];
    });
    child.on('error', reject);
    child.on('exit', (code) => {
      if (rows) resolve(rows);
      else reject(new Error(`The measurement "${part}" ended with status ${code}.`));
    });
  });
}

/** All figures of the archive. */
export async function benchArchive(): Promise<Figure[]> {
  const rows: Figure[] = [];
  for (const part of Object.keys(parts)) rows.push(...(await inOwnProcess(part)));
  return rows;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const part = parts[process.argv[2] ?? ''];
  if (part) process.send?.(await part());
  else console.table(await benchArchive());
}
