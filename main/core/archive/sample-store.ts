/**
 * Keeps the samples of an open run: gathers them in memory and commits them about every second as a segment. DuckDB's work runs
 * beside the event loop; commits and merges come one after the other.
 */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Problem } from '#shared/problem.ts';
import type { SampleBatch } from '../ports.ts';
import type { Clock } from '#platform/clock.ts';
import { Database } from './database.ts';
import { replaceFile, type ArchiveFiles } from './files.ts';
import type { LogTally } from './log-tally.ts';
import { NumberRanges } from './number-ranges.ts';
import { SampleColumns, type FrameNumbers } from './sample-columns.ts';
import { SegmentWriter, readSegments, type KnownSegment } from './segment-writer.ts';
import { mergeable, readSampleFolder, removeFiles, seriesName, type SampleFolder, type Segment } from './segments.ts';
import { SeriesDictionary } from './series-dictionary.ts';
import type { Standstill } from './standstill.ts';

/** ms from the first sample of a segment to its commit. */
const commitInterval = 1_000;
/** Rows at which a segment is committed without waiting. */
const segmentRows = 1_000_000;
/** Samples that wait for a disk that is full; later ones are lost, and the log says which. */
export const maximumPendingSamples = 8_000_000;
/** Segments are merged up to this many rows, so that a merge never holds up a commit for long. */
const maximumMergedRows = 4_000_000;
const nameInProblems = 'Samples';

export interface SampleStoreOptions {
  readonly folder: string;
  readonly files: ArchiveFiles;
  readonly clock: Clock;
  readonly standstill: Standstill;
  /** What the log holds; told which frames are on the disk. */
  readonly tally: LogTally;
  /** Called for each frame that was dropped because too many wait. */
  readonly dropped: (batch: SampleBatch) => void;
}

export class SampleStore {
  readonly dictionary = new SeriesDictionary();
  readonly repairs: Problem[] = [];
  private readonly options: SampleStoreOptions;
  private readonly database: Database;
  private readonly writer: SegmentWriter;
  private segments: KnownSegment[] = [];
  private nextCommit = 1;
  /** Full columns and the ones being filled, oldest first. */
  private columns: SampleColumns[] = [];
  private pending = 0;
  /** Frames taken, on the disk or not: none is taken twice. */
  private readonly taken = new Map<string, NumberRanges>();
  private working: Promise<void> | null = null;
  private cancelTimer: (() => void) | null = null;
  private failure: unknown = null;

  private constructor(options: SampleStoreOptions, database: Database) {
    this.options = options;
    this.database = database;
    this.writer = new SegmentWriter(database, options.files, options.folder);
  }

  /** Opens the samples of a run, and mends what a killed core left. */
  static async open(options: SampleStoreOptions): Promise<SampleStore> {
    await mkdir(options.folder, { recursive: true });
    const database = await Database.open({ memory: '192MB', threads: 2 });
    try {
      const store = new SampleStore(options, database);
      await store.load(await readSampleFolder(options.folder));
      return store;
    } catch (failure) {
      database.dispose();
      throw failure;
    }
  }

  /** Samples on the disk. */
  get rows(): number {
    return this.segments.reduce((sum, { rows }) => sum + rows, 0);
  }

  /** Samples that are not on the disk yet. */
  get waitingSamples(): number {
    return this.pending;
  }

  get files(): readonly string[] {
    return this.segments.map(({ file }) => file);
  }

  get frames(): readonly FrameNumbers[] {
    return this.join(this.segments.flatMap(({ frames }) => frames));
  }

  /** ms since 1970, core's clock: the latest sample on the disk, never later than it was taken; null: there is none. */
  async lastTime(): Promise<number | null> {
    const last = this.segments.at(-1);
    if (!last) return null;
    const latest = await this.writer.latest(last);
    const ahead = last.frames.map(({ daemon }) => this.options.tally.clockOffset(daemon));
    return latest === null ? null : latest - Math.max(...ahead, 0);
  }

  append(batch: SampleBatch): void {
    const key = `${batch.daemon} ${batch.epoch}`;
    let taken = this.taken.get(key);
    if (!taken) this.taken.set(key, (taken = new NumberRanges()));
    if (taken.has(batch.sequence)) return;
    if (this.pending + batch.values.length > maximumPendingSamples) {
      this.options.dropped(batch);
      return;
    }
    taken.add(batch.sequence);
    let columns = this.columns.at(-1);
    if (!columns || columns.length >= segmentRows) this.columns.push((columns = new SampleColumns()));
    const series = this.dictionary.numbersOf(batch.daemon, batch.series);
    columns.add(batch.daemon, batch.epoch, batch.sequence, batch.time, series, batch.values);
    this.pending += batch.values.length;
    if (columns.length >= segmentRows) void this.work();
    else this.schedule();
  }

  /** Resolves when everything appended so far is on the disk; rejects when it was given up. */
  async commit(): Promise<void> {
    while (this.working || this.columns.length > 0) await this.work();
    if (this.failure) throw this.failure as Error;
  }

  async close(): Promise<void> {
    this.cancelTimer?.();
    this.cancelTimer = null;
    await this.working;
    this.database.dispose();
  }

  private schedule(): void {
    if (this.cancelTimer || this.working) return;
    this.cancelTimer = this.options.clock.after(commitInterval, () => {
      this.cancelTimer = null;
      void this.work();
    });
  }

  /** Commits what waits now; never rejects. */
  private work(): Promise<void> {
    this.working ??= this.commitPending()
      .catch((failure: unknown) => {
        this.failure = failure;
        this.columns = [];
        this.pending = 0;
      })
      .then(() => {
        this.working = null;
        if (this.columns.length > 0) this.schedule();
      });
    return this.working;
  }

  private async commitPending(): Promise<void> {
    this.cancelTimer?.();
    this.cancelTimer = null;
    for (let count = this.columns.length; count > 0; count--) {
      const columns = this.columns.shift();
      if (columns) await this.commitColumns(columns);
    }
    await this.mergeSegments();
  }

  private async commitColumns(columns: SampleColumns): Promise<void> {
    const commit = this.nextCommit;
    const { standstill, files, folder } = this.options;
    const fresh = this.dictionary.takeFresh();
    const segment = await standstill.insist(nameInProblems, async () => {
      // First the names, then the samples that use them: a crash between the two leaves names that nobody uses.
      if (fresh.length > 0) {
        await replaceFile(files, path.join(folder, seriesName(commit)), fresh.map((one) => `${JSON.stringify(one)}\n`).join(''));
      }
      return this.writer.write(commit, columns, this.join(columns.frames.values()));
    });
    this.nextCommit = commit + 1;
    this.pending -= columns.length;
    this.segments.push(segment);
    this.settle(segment.frames);
  }

  private async mergeSegments(): Promise<void> {
    for (;;) {
      const names = new Set(mergeable(this.segments).map(({ file }) => file));
      const chosen = this.segments.filter(({ file }) => names.has(file));
      const rows = chosen.reduce((sum, segment) => sum + segment.rows, 0);
      if (chosen.length === 0 || rows > maximumMergedRows) return;
      let merged: KnownSegment;
      try {
        merged = await this.writer.merge(chosen, this.join(chosen.flatMap(({ frames }) => frames)));
      } catch {
        // Merging only saves files; what it could not merge is as good as before and is tried again later.
        return;
      }
      this.segments = [...this.segments.filter(({ file }) => !names.has(file)), merged];
      await removeFiles([...names]).catch(() => {});
    }
  }

  /** Joins the frames of each epoch, together with the records that the log holds between them, so that few ranges remain. */
  private join(frames: Iterable<FrameNumbers>): FrameNumbers[] {
    const joined = new Map<string, FrameNumbers>();
    for (const { daemon, epoch, numbers } of frames) {
      const key = `${daemon} ${epoch}`;
      let entry = joined.get(key);
      if (!entry) joined.set(key, (entry = { daemon, epoch, numbers: new NumberRanges() }));
      for (const [from, to] of numbers.toArray()) entry.numbers.add(from, to);
    }
    for (const { daemon, epoch, numbers } of joined.values()) {
      const { lowest, highest } = numbers;
      for (const [from, to] of this.options.tally.numbersOf(daemon, epoch).toArray()) {
        if (to >= lowest && from <= highest) numbers.add(Math.max(from, lowest), Math.min(to, highest));
      }
    }
    return [...joined.values()];
  }

  private settle(frames: Iterable<FrameNumbers>): void {
    for (const { daemon, epoch, numbers } of frames) {
      const known = this.options.tally.numbersOf(daemon, epoch);
      for (const [from, to] of numbers.toArray()) known.add(from, to);
    }
  }

  private async load(found: SampleFolder): Promise<void> {
    await removeFiles([...found.leftovers, ...found.covered.map(({ file }) => file)]);
    await this.dictionary.load(found.seriesFiles.map(({ file }) => file));
    this.segments = await this.readWhatIsReadable(found.segments);
    const last = Math.max(0, ...found.segments.map(({ to }) => to), ...found.seriesFiles.map(({ commit }) => commit));
    this.nextCommit = last + 1;
    for (const { daemon, epoch, numbers } of this.segments.flatMap(({ frames }) => frames)) {
      const key = `${daemon} ${epoch}`;
      const taken = this.taken.get(key) ?? new NumberRanges();
      this.taken.set(key, taken);
      for (const [from, to] of numbers.toArray()) taken.add(from, to);
    }
    this.settle(this.segments.flatMap(({ frames }) => frames));
  }

  private async readWhatIsReadable(segments: readonly Segment[]): Promise<KnownSegment[]> {
    try {
      return await readSegments(this.database, segments);
    } catch {
      const readable: KnownSegment[] = [];
      for (const segment of segments) {
        try {
          readable.push(...(await readSegments(this.database, [segment])));
        } catch {
          this.repairs.push(await this.setAside(segment));
        }
      }
      return readable;
    }
  }

  /** A segment that cannot be read is kept for experts, out of everybody's way. */
  private async setAside(segment: Segment): Promise<Problem> {
    await this.options.files.rename(segment.file, `${segment.file}.damaged`);
    return {
      severity: 'warning',
      code: 'segment-damaged',
      message: `The samples in ${path.basename(segment.file)} cannot be read; they were set aside.`,
      tip: 'Samples of that second are missing unless a daemon still has them.',
      file: segment.file,
    };
  }
}
