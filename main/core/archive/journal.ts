/** The open log of one run: control records, samples, manifest and lock together. */
import { chmod, rm } from 'node:fs/promises';
import path from 'node:path';
import type { RunId } from '#shared/identifiers.ts';
import { ProblemError, type Problem } from '#shared/problem.ts';
import { runManifestSchema, type RunManifest } from '#shared/run/manifest.ts';
import type { RecordBody, RunRecord } from '#shared/run/records.ts';
import type { RunJournal, SampleBatch } from '../ports.ts';
import type { Clock } from '#platform/clock.ts';
import { isForWantOfSpace, type ArchiveFiles } from './files.ts';
import { finishedFiles, logFile, samplesFolder } from './layout.ts';
import { LogFollowers, type FollowedLog } from './log-followers.ts';
import { damagedLog, readRecords, scanLog, type LogScan } from './log-reader.ts';
import { LogTally, type EpochNumbers } from './log-tally.ts';
import { closedProblem, LogWriter, maximumBatchBytes } from './log-writer.ts';
import { writeManifest } from './manifest-file.ts';
import { fitRecord } from './record-fitting.ts';
import { SampleStore } from './sample-store.ts';
import { bytesOf, sealSamples } from './sealing.ts';
import { Standstill } from './standstill.ts';

/** ms for which a core that goes down waits for a disk that is full. */
const patience = 3_000;

export interface JournalOptions {
  readonly folder: string;
  readonly manifest: RunManifest;
  readonly files: ArchiveFiles;
  readonly clock: Clock;
  readonly releaseLock: () => Promise<void>;
  /** Called when it is closed, either way. */
  readonly closed: () => void;
}

/** What the archive's journals can do beyond the contract. */
export interface ArchiveJournal extends RunJournal {
  /** Which numbered records of each daemon's epoch are on disk (events and samples), so that the link goes on after them. */
  lastNumbers(): readonly EpochNumbers[];
  /** Resolves when all samples appended so far are on the disk (they are, within about a second, without asking too). */
  commitSamples(): Promise<void>;
  /** What had to be mended when the log was opened again. */
  readonly repairs: readonly Problem[];
}

export class Journal implements ArchiveJournal {
  readonly run: RunId;
  readonly folder: string;
  readonly repairs: readonly Problem[];
  private readonly options: JournalOptions;
  private readonly standstill: Standstill;
  private readonly tally: LogTally;
  private readonly log: LogWriter;
  private readonly samples: SampleStore;
  private readonly followers: LogFollowers<RunRecord>;
  private current: RunManifest;
  private manifestWork: Promise<unknown> = Promise.resolve();
  private state: 'open' | 'closed' = 'open';
  private finishing: Promise<void> | null = null;

  private constructor(
    options: JournalOptions,
    parts: { standstill: Standstill; tally: LogTally; log: LogWriter; samples: SampleStore; repairs: readonly Problem[] },
  ) {
    this.options = options;
    this.run = options.manifest.run;
    this.folder = options.folder;
    this.current = options.manifest;
    this.standstill = parts.standstill;
    this.tally = parts.tally;
    this.log = parts.log;
    this.samples = parts.samples;
    this.repairs = parts.repairs;
    this.followers = new LogFollowers(followed(parts.log, path.join(options.folder, logFile)));
  }

  /** Opens the log of a new run, or again that of an interrupted one: cut to its intact part, its numbers known. */
  static async open(options: JournalOptions): Promise<Journal> {
    const { folder, files, clock } = options;
    const file = path.join(folder, logFile);
    const tally = new LogTally();
    const output = await files.openForWriting(file);
    try {
      const scan = await scanLog(file, (record) => {
        tally.add(record);
      });
      const cut = cuttable(file, scan);
      if (cut) {
        await output.truncate(scan.intactLength);
        await output.datasync();
      }
      const standstill = new Standstill(clock, folder);
      const log = new LogWriter(output, { length: scan.intactLength, sequence: scan.records }, clock, standstill);
      log.subscribe((records) => {
        for (const record of records) tally.add(record);
      });
      const samples = await SampleStore.open({
        folder: path.join(folder, samplesFolder),
        files,
        clock,
        standstill,
        tally,
        dropped: (batch) => void log.append(lossOf(batch)).catch(() => {}),
      });
      const repairs = [...(cut ? [cut] : []), ...samples.repairs];
      const journal = new Journal(options, { standstill, tally, log, samples, repairs });
      await Promise.all(repairs.map((repair) => journal.append(asRecord(repair))));
      return journal;
    } catch (failure) {
      await output.close();
      throw failure;
    }
  }

  get manifest(): RunManifest {
    return this.current;
  }

  append(body: RecordBody): Promise<RunRecord> {
    if (this.state === 'closed') return Promise.reject(closedProblem());
    let fitting: RecordBody;
    try {
      fitting = fitRecord(body);
    } catch (failure) {
      return Promise.reject(failure);
    }
    return this.log.append(fitting);
  }

  /** Samples that arrive after the run's end was asked for are not part of it. */
  appendSamples(batch: SampleBatch): void {
    if (this.state === 'open' && !this.finishing) this.samples.append(batch);
  }

  commitSamples(): Promise<void> {
    return this.samples.commit();
  }

  lastSample(): Promise<number | null> {
    return this.samples.lastTime();
  }

  lastNumbers(): readonly EpochNumbers[] {
    return this.tally.lastNumbers();
  }

  subscribe(from: number, listener: (records: readonly RunRecord[]) => void): () => void {
    return this.followers.subscribe(from, listener);
  }

  waiting(): { readonly records: number; readonly samples: number } {
    return { records: this.log.waitingRecords, samples: this.samples.waitingSamples };
  }

  onFull(listener: (full: boolean, problem: Problem) => void): () => void {
    return this.standstill.subscribe(listener);
  }

  updateManifest(change: Partial<RunManifest>): Promise<void> {
    if (this.state === 'closed') return Promise.reject(closedProblem());
    // One after the other, each on top of what the one before it wrote.
    const work = this.manifestWork.then(async () => {
      const next = runManifestSchema.parse({ ...this.current, ...change, run: this.run });
      await this.standstill.insist('The manifest', () => writeManifest(this.options.files, this.folder, next), isForWantOfSpace);
      this.current = next;
    });
    this.manifestWork = work.catch(() => {});
    return work;
  }

  finish(): Promise<void> {
    if (this.state !== 'open') return Promise.reject(closedProblem());
    // Where it fails nothing is lost: the run is as before, and finishing it can be tried again.
    this.finishing ??= this.finishOnce().finally(() => {
      this.finishing = null;
    });
    return this.finishing;
  }

  async suspend(): Promise<void> {
    this.standstill.abandonAfter(patience);
    await this.finishing?.catch(() => {});
    if (this.state === 'closed') return;
    const results = await Promise.allSettled([this.log.flush(), this.samples.commit(), this.manifestWork]);
    await this.shut();
    for (const result of results) if (result.status === 'rejected') throw result.reason;
  }

  private async finishOnce(): Promise<void> {
    await this.log.flush();
    await this.samples.commit();
    await this.seal();
    await this.shut();
    // The run is finished; what is tidied up now is tidied up by a rebuild too.
    await rm(path.join(this.folder, samplesFolder), { recursive: true, force: true }).catch(() => {});
    await Promise.allSettled(finishedFiles.map((name) => chmod(path.join(this.folder, name), 0o444)));
  }

  /** Files of the finished run; the totals in the manifest come last and mark it as finished. */
  private async seal(): Promise<void> {
    const { folder, tally } = this;
    const { files, clock } = this.options;
    const end = this.current.finishedAt ?? tally.finished?.time ?? clock.now();
    const samples = await this.standstill.insist(
      'The samples of the finished run',
      () =>
        sealSamples({
          folder,
          files,
          tally,
          end,
          segments: this.samples.files,
          series: this.samples.dictionary.all(),
          frames: this.samples.frames,
        }),
      isForWantOfSpace,
    );
    await this.log.flush();
    const bytes = await bytesOf(finishedFiles.map((name) => path.join(folder, name)));
    const series = this.samples.dictionary.size;
    await this.updateManifest({
      finishedAt: end,
      outcome: this.current.outcome ?? tally.finished?.outcome ?? 'interrupted',
      reason: this.current.reason ?? tally.finished?.reason ?? null,
      totals: { ...tally.totals(), samples, series, bytes },
    });
  }

  private async shut(): Promise<void> {
    this.state = 'closed';
    await this.log.close();
    await this.samples.close();
    await this.options.releaseLock();
    this.options.closed();
  }
}

/**
 * A power cut can tear at most the batch that was being written, whose records nobody was told of. Damage before that is not
 * the end of an interrupted run but a damaged one, which must not be written on.
 */
function cuttable(file: string, scan: LogScan): Problem | null {
  if (scan.damage === null) return null;
  const bytes = scan.length - scan.intactLength;
  if (!scan.damage.torn && bytes > 2 * maximumBatchBytes) throw damagedLog(file, scan.damage.line, scan.damage.reason);
  return {
    severity: 'warning',
    code: 'log-tail-cut',
    message: `The end of the log from line ${scan.damage.line} on (${bytes} bytes) was not whole and was cut off: ${scan.damage.reason}.`,
    tip: 'No record that was acknowledged is missing.',
    file,
  };
}

function asRecord({ severity, code, message, tip }: Problem): RecordBody {
  return { kind: 'problem', severity, code, message, tip: tip ?? null };
}

function lossOf({ daemon, epoch, sequence }: SampleBatch): RecordBody {
  const reason = 'The disk is full, and too many samples wait for it already.';
  return { kind: 'gap', daemon, epoch, from: sequence, to: sequence, state: 'lost', reason };
}

/** Refuses to write a run that has ended. */
export function finishedProblem(run: RunId): ProblemError {
  return new ProblemError({ code: 'run-finished', message: `The run ${run} has ended; nothing can be added to it.` });
}

/** The log as those see it who follow it: read from its file as far as it is on disk. */
function followed(log: LogWriter, file: string): FollowedLog<RunRecord> {
  return {
    get durableSequence() {
      return log.durableSequence;
    },
    subscribe: (listener) => log.subscribe(listener),
    read: (from) => readRecords(file, from, { start: log.offsetBefore(from), end: log.length }),
  };
}
