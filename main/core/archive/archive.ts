/** The archive: one folder per run, a list derived from them, and the runs that are open. */
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { RunId } from '#shared/identifiers.ts';
import { problemOf, ProblemError, type Problem } from '#shared/problem.ts';
import { runManifestSchema, type RunManifest, type RunSummary } from '#shared/run/manifest.ts';
import type { RunRecord } from '#shared/run/records.ts';
import type { ArchivedRun, RunArchive, ImportedRun } from '../ports.ts';
import type { Clock } from '#platform/clock.ts';
import { isRunning } from '#platform/process-identity.ts';
import { exportBundle } from './bundle-export.ts';
import { remarksForBundle } from './bundle-remarks.ts';
import { importBundle, type BundleLimits } from './bundle-import.ts';
import { Catalogue } from './catalogue.ts';
import { isMissing, realFiles, type ArchiveFiles } from './files.ts';
import { finishedProblem, Journal, type ArchiveJournal } from './journal.ts';
import { logFile, ownerOfScratch, runOfFolder, samplesFolder, scratchFolder } from './layout.ts';
import { isOpen, lockRun, type HeldRun } from './lock.ts';
import { damagedLogFile, readRecords, shortLog } from './log-reader.ts';
import { isFinished, manifestText, readManifest } from './manifest-file.ts';
import { manifestFromLog } from './manifest-from-log.ts';
import { problemsOfFiles, problemsOfRun } from './run-check.ts';

export interface ArchiveOptions {
  readonly folder: string;
  readonly clock: Clock;
  /** The file system; tests give one that fails. */
  readonly files?: ArchiveFiles;
  /** Bounds of what is imported. */
  readonly limits?: Partial<BundleLimits>;
}

/** An archive with what its journals can do beyond the contract. */
export interface Archive extends RunArchive {
  create(manifest: RunManifest): Promise<ArchiveJournal>;
  reopen(run: RunId): Promise<ArchiveJournal>;
}

/** Opens the archive in a folder; makes the folder if it is not there. Several consoles may have one archive open. */
export async function openArchive(options: ArchiveOptions): Promise<Archive> {
  await mkdir(options.folder, { recursive: true });
  await removeLeftovers(options.folder);
  return new FolderArchive(options);
}

class FolderArchive implements Archive {
  readonly folder: string;
  private readonly options: ArchiveOptions;
  private readonly files: ArchiveFiles;
  private readonly catalogue: Catalogue;
  private readonly open = new Set<Journal>();

  constructor(options: ArchiveOptions) {
    this.options = options;
    this.folder = path.resolve(options.folder);
    this.files = options.files ?? realFiles;
    this.catalogue = new Catalogue(this.folder);
  }

  async create(given: RunManifest): Promise<ArchiveJournal> {
    const manifest = runManifestSchema.parse(given);
    const scratch = scratchFolder(this.folder, 'creating');
    const folder = this.folderOf(manifest.run);
    try {
      await mkdir(path.join(scratch, samplesFolder), { recursive: true });
      await this.files.writeDurably(path.join(scratch, 'run.json'), Buffer.from(manifestText(manifest)));
      await writeFile(path.join(scratch, logFile), '', { flag: 'wx' });
      const lock = await lockRun(scratch);
      await this.files.syncFolder(scratch);
      await this.moveIn(scratch, manifest.run);
      return await this.openJournal(folder, manifest, lock);
    } catch (failure) {
      await rm(scratch, { recursive: true, force: true });
      throw asProblem(failure, `The run ${manifest.run} cannot be made in ${this.folder}`);
    }
  }

  async reopen(run: RunId): Promise<ArchiveJournal> {
    await this.assertThere(run);
    const folder = this.folderOf(run);
    const lock = await lockRun(folder);
    try {
      const manifest = await readManifest(folder);
      if (isFinished(manifest)) throw finishedProblem(run);
      return await this.openJournal(folder, manifest, lock);
    } catch (failure) {
      await lock.release(folder);
      throw asProblem(failure, `The run ${run} cannot be opened again`);
    }
  }

  list(): Promise<readonly RunSummary[]> {
    return this.catalogue.list();
  }

  async show(run: RunId): Promise<ArchivedRun> {
    const folder = this.folderOf(run);
    await this.assertThere(run);
    let manifest: RunManifest;
    try {
      manifest = await readManifest(folder);
    } catch (failure) {
      await this.assertThere(run);
      return this.showFromLog(run, folder, failure);
    }
    const living = [...this.open].some((journal) => journal.run === run) || (await isOpen(folder));
    const problems: readonly Problem[] = living ? [] : await problemsOfRun(folder, manifest);
    return { manifest, folder, problems };
  }

  async *read(run: RunId, from: number): AsyncGenerator<readonly RunRecord[]> {
    await this.assertThere(run);
    const file = path.join(this.folderOf(run), logFile);
    let last = from - 1;
    try {
      for await (const records of readRecords(file, from)) {
        yield records;
        last = records.at(-1)?.sequence ?? last;
      }
    } catch (failure) {
      if (!isMissing(failure)) throw failure;
      // Another console may just have deleted the run.
      await this.assertThere(run);
      throw damagedLogFile(file);
    }
    const { totals = null } = (await readManifest(this.folderOf(run)).catch(() => null)) ?? {};
    if (totals && last < totals.records) throw shortLog(file, last, totals.records);
  }

  async exportRun(run: RunId, file: string): Promise<{ readonly bytes: number }> {
    const folder = this.folderOf(run);
    const manifest = await this.manifestOf(run);
    if (!isFinished(manifest)) {
      throw new ProblemError({
        code: 'run-not-finished',
        message: `The run ${run} has not been finished and cannot be exported yet.`,
        tip: 'Let it end, or recover it first.',
      });
    }
    try {
      return await exportBundle(folder, manifest, path.resolve(file), await remarksForBundle(this.folder, run));
    } catch (failure) {
      // Another console may have deleted it meanwhile.
      await this.assertThere(run);
      throw failure;
    }
  }

  importRun(file: string, { orFind = false }: { readonly orFind?: boolean } = {}): Promise<ImportedRun> {
    return importBundle({
      archive: this.folder,
      file: path.resolve(file),
      files: this.files,
      limits: this.options.limits ?? {},
      orFind,
      moveIn: (scratch, run) => this.moveIn(scratch, run),
    });
  }

  async remove(run: RunId): Promise<void> {
    await this.assertThere(run);
    const folder = this.folderOf(run);
    // Whoever removes a run has its lock, so that nobody opens it meanwhile.
    const lock = await lockRun(folder);
    const trash = scratchFolder(this.folder, 'trash');
    try {
      await this.files.rename(folder, trash);
    } catch (failure) {
      await lock.release(folder);
      throw asProblem(failure, `The run ${run} cannot be removed`);
    }
    await this.files.syncFolder(this.folder);
    await rm(trash, { recursive: true, force: true });
  }

  async rebuild(): Promise<{ readonly runs: number; readonly damaged: number }> {
    await removeLeftovers(this.folder);
    for (const name of await readdir(this.folder)) {
      if (runOfFolder(name) === null) continue;
      const folder = path.join(this.folder, name);
      const manifest = await readManifest(folder).catch(() => null);
      // A core that was killed at the very end of finishing left samples that the finished files hold too.
      if (manifest && isFinished(manifest)) await rm(path.join(folder, samplesFolder), { recursive: true, force: true });
    }
    return this.catalogue.rebuild();
  }

  /** Runs that had ended but not been finished when their core died are finished here; they need nothing else. */
  async interrupted(): Promise<readonly RunId[]> {
    const found: RunId[] = [];
    for (const { run, ended } of await this.catalogue.unfinished()) {
      if (await isOpen(this.folderOf(run))) continue;
      if (!ended) found.push(run);
      else await this.finishEnded(run);
    }
    return found;
  }

  async dispose(): Promise<void> {
    await Promise.all([...this.open].map((journal) => journal.suspend()));
  }

  private async finishEnded(run: RunId): Promise<void> {
    try {
      const journal = await this.reopen(run);
      await journal.finish().catch(() => journal.suspend());
    } catch {
      // Open elsewhere by now, or damaged; the list shows which.
    }
  }

  private async openJournal(folder: string, manifest: RunManifest, lock: HeldRun): Promise<Journal> {
    const journal: Journal = await Journal.open({
      folder,
      manifest,
      files: this.files,
      clock: this.options.clock,
      releaseLock: () => lock.release(folder),
      closed: () => {
        this.open.delete(journal);
      },
    });
    this.open.add(journal);
    return journal;
  }

  /** A run without its manifest, as far as its log knows it. */
  private async showFromLog(run: RunId, folder: string, failure: unknown): Promise<ArchivedRun> {
    const manifest = await manifestFromLog(folder, run);
    if (!manifest) throw failure;
    const lost: Problem = {
      ...problemOf(failure),
      tip: 'What its log tells is shown. Import the run again from its bundle if there is one.',
    };
    return { manifest, folder, problems: [lost, ...(await problemsOfFiles(folder))] };
  }

  /** Gives a whole scratch folder its name in the archive, unless that run is there already. */
  private async moveIn(scratch: string, run: RunId): Promise<string> {
    const folder = this.folderOf(run);
    try {
      await this.files.rename(scratch, folder);
    } catch (failure) {
      const code = (failure as NodeJS.ErrnoException).code;
      if (code === 'ENOTEMPTY' || code === 'EEXIST' || (code === 'EPERM' && process.platform === 'win32')) throw thereAlready(run);
      throw failure;
    }
    await this.files.syncFolder(this.folder);
    return folder;
  }

  private folderOf(run: RunId): string {
    if (runOfFolder(run) === null) throw notThere(run);
    return path.join(this.folder, run);
  }

  private async assertThere(run: RunId): Promise<void> {
    const folder = this.folderOf(run);
    await readdir(folder).catch(() => {
      throw notThere(run);
    });
  }

  private async manifestOf(run: RunId): Promise<RunManifest> {
    await this.assertThere(run);
    return readManifest(this.folderOf(run));
  }
}

/** Removes what processes that are gone had begun to make, take in or throw away. */
async function removeLeftovers(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const owner = ownerOfScratch(name);
    if (owner !== null && !isRunning(owner)) await rm(path.join(folder, name), { recursive: true, force: true });
  }
}

function asProblem(failure: unknown, what: string): ProblemError {
  if (failure instanceof ProblemError) return failure;
  return new ProblemError({ code: 'archive-failed', message: `${what}: ${problemOf(failure).message}.` });
}

export function thereAlready(run: RunId): ProblemError {
  return new ProblemError({
    code: 'run-exists',
    message: `The run ${run} is already in the archive.`,
    tip: 'Remove it first if the other copy is wanted.',
  });
}

function notThere(run: string): ProblemError {
  return new ProblemError({
    code: 'unknown-run',
    message: `There is no run ${run} in the archive.`,
    tip: 'List the runs to see which there are.',
  });
}
