/**
 * For the fault tests of the whole system: a console on a core in this process, with a router and a daemon as processes
 * of their own, a log file that grows under load, and what an archived run must look like afterwards.
 */
import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, vi } from 'vitest';
import { Database, literal } from '#main/core/archive/database.ts';
import { NumberRanges } from '#main/core/archive/number-ranges.ts';
import { parseNumbers } from '#main/core/archive/segment-writer.ts';
import { trustFolder } from '../trusted-folder.ts';
import { openCore, type CoreOptions } from '#main/core/core.ts';
import { connectInProcess } from '#main/core/contract/in-process.ts';
import type { Core, MethodRequest } from '#shared/contract/contract.ts';
import { Ownership } from '#shared/disposable.ts';
import type { RunId } from '#shared/identifiers.ts';
import type { RunManifest } from '#shared/run/manifest.ts';
import type { RecordKind, RecordOf, RunRecord } from '#shared/run/records.ts';

export function only<Kind extends RecordKind>(records: readonly RunRecord[], kind: Kind): RecordOf<Kind>[] {
  return records.filter((record): record is RecordOf<Kind> => record.kind === kind);
}

/** daemon.yaml of a daemon that forwards every line of a log and looks at its host ten times a second. */
export function observingDaemon(log: string, more: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  const rules = [{ match: '^over$', event: { name: 'over', severity: 'info' } }];
  const logs = [{ files: [log], from: 'start', forward: 'all', rules }];
  return { host: { component: 'System', interval: '100ms' }, logs, ...more };
}

/** A log file that grows by numbered lines (`line 1`, `line 2` …) until it is told to end with the line `over`. */
export class GrowingLog {
  readonly file: string;
  /** Lines written. */
  written = 0;
  private readonly perTick: number;
  private growing = true;
  private work: Promise<void> = Promise.resolve();

  private constructor(file: string, perTick: number) {
    this.file = file;
    this.perTick = perTick;
  }

  static async create(folder: string, linesPerSecond: number): Promise<GrowingLog> {
    const log = new GrowingLog(join(folder, 'load.log'), Math.max(1, linesPerSecond / 50));
    await writeFile(log.file, '');
    return log;
  }

  start(): void {
    this.work = this.grow();
  }

  /** Ends the load and says so in the log. */
  async end(): Promise<void> {
    this.growing = false;
    await this.work;
    await appendFile(this.file, 'over\n');
  }

  /** Ends the load without a word. */
  async stop(): Promise<void> {
    this.growing = false;
    await this.work;
  }

  private async grow(): Promise<void> {
    while (this.growing) {
      let text = '';
      for (let count = 0; count < this.perTick; count++) text += `line ${++this.written}\n`;
      await appendFile(this.file, text);
      await pause(20);
    }
  }
}

/** A core in this process with a console on it. Everything is given back by `dispose`. */
export class System {
  readonly folder: string;
  readonly archiveFolder: string;
  readonly core: Awaited<ReturnType<typeof openCore>>;
  readonly console: Core;
  readonly owned: Ownership;

  private constructor(folder: string, archiveFolder: string, core: System['core'], console: Core, owned: Ownership) {
    this.folder = folder;
    this.archiveFolder = archiveFolder;
    this.core = core;
    this.console = console;
    this.owned = owned;
  }

  static async open(options: Partial<CoreOptions> = {}): Promise<System> {
    const owned = new Ownership();
    const folder = await mkdtemp(join(tmpdir(), 'testops-system-'));
    owned.own(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }));
    const archiveFolder = options.archiveFolder ?? join(folder, 'archive');
    await trustFolder(folder, options.home);
    const core = await openCore({ ...options, archiveFolder });
    owned.own(core);
    const console = connectInProcess(core);
    owned.own(console);
    return new System(folder, archiveFolder, core, console, owned);
  }

  /** Starts a run of a scenario given as text, and gathers its records. */
  async run(text: string, environmentFile: string, more: Partial<MethodRequest<'run.start'>> = {}): Promise<GatheredRun> {
    const scenarioFile = join(this.folder, 'fault.scn');
    await writeFile(scenarioFile, text);
    const request = { scenarioFile, environmentFile, policy: 'abort', attended: false, ...more } as const;
    const { run, folder } = await this.console.request('run.start', request);
    const records: RunRecord[] = [];
    const stream = this.console.listen('run.records', { run, from: 1 }, (batch) => void records.push(...batch));
    return { run, folder, records, ended: stream.ended };
  }

  /** The manifest when the run is sealed. */
  async finished(run: RunId): Promise<RunManifest> {
    const manifest = async (): Promise<RunManifest> => (await this.console.request('runs.show', { run })).manifest;
    return vi.waitFor(
      async () => {
        const found = await manifest();
        if (found.totals === null) throw new Error(`The run ${run} was not sealed.`);
        return found;
      },
      { timeout: 30_000, interval: 50 },
    );
  }

  dispose(): Promise<void> {
    return this.owned.dispose();
  }
}

export interface GatheredRun {
  readonly run: RunId;
  readonly folder: string;
  /** Those that came so far. */
  readonly records: readonly RunRecord[];
  readonly ended: Promise<void>;
}

/** Numbers of the lines that were told, in order of the log of the run; lines of one epoch only where one is given. */
export function linesTold(records: readonly RunRecord[], epoch?: string): number[] {
  return only(records, 'observation')
    .filter((record) => epoch === undefined || record.epoch === epoch)
    .flatMap(({ events }) => events.flatMap((event) => (event.kind === 'log' ? [/^line (\d+)$/.exec(event.text)?.[1]] : [])))
    .flatMap((number) => (number === undefined ? [] : [Number(number)]));
}

export function upTo(last: number): number[] {
  return Array.from({ length: last }, (_, index) => index + 1);
}

/** Epochs in the order in which they were first heard of. */
export function epochsOf(records: readonly RunRecord[]): string[] {
  return [...new Set(only(records, 'observation').map(({ epoch }) => epoch as string))];
}

/** What a finished run keeps of samples: the numbers of frames by epoch, and the samples of the host that stand twice. */
async function samplesIn(folder: string): Promise<{ readonly frames: ReadonlyMap<string, NumberRanges>; readonly doubled: number }> {
  const database = await Database.open({ memory: '256MB', threads: 1 });
  const table = (name: string): string => `read_parquet(${literal(join(folder, name))})`;
  try {
    const [[text]] = (await database.rows(
      `SELECT decode(value) FROM parquet_kv_metadata(${literal(join(folder, 'samples.parquet'))}) WHERE decode(key) = 'testops_numbers'`,
    )) as [[string]];
    const host = `FROM ${table('samples.parquet')} AS samples JOIN ${table('series.parquet')} AS series_names USING (series) WHERE component = 'System'`;
    const doubled = await database.number(`SELECT count(*) FROM (SELECT series, time ${host} GROUP BY series, time HAVING count(*) > 1)`);
    return { frames: new Map(parseNumbers(text).map(({ epoch, numbers }) => [epoch as string, numbers])), doubled };
  } finally {
    database.dispose();
  }
}

/**
 * Every number of every epoch, from the first that the run has to the last, stands exactly once: as an observation or as a
 * frame of samples; or, where that is asked for, in a gap that is declared lost. Returns first and last number by epoch.
 */
export async function expectEveryNumberOnce(run: GatheredRun, { lostMayBe = false } = {}): Promise<Map<string, [number, number]>> {
  const { frames, doubled } = await samplesIn(run.folder);
  expect(doubled).toBe(0);
  const lost = only(run.records, 'gap').filter(({ state }) => state === 'lost');
  if (!lostMayBe) expect(lost).toEqual([]);
  const bounds = new Map<string, [number, number]>();
  for (const epoch of new Set([...epochsOf(run.records), ...frames.keys()])) {
    const observed = only(run.records, 'observation').flatMap((record) => (record.epoch === epoch ? [record.number] : []));
    expect(observed).toEqual([...new Set(observed)].toSorted((one, other) => one - other));
    const all = NumberRanges.of(frames.get(epoch)?.toArray() ?? []);
    for (const number of observed) all.add(number);
    for (const gap of lost) if (gap.epoch === epoch) all.add(gap.from, gap.to);
    expect(all.toArray().length, `numbers of ${epoch}: ${JSON.stringify(all.toArray().slice(0, 10))}`).toBe(1);
    bounds.set(epoch, [all.lowest, all.highest]);
  }
  return bounds;
}
