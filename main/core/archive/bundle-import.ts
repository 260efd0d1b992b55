/** Takes a bundle into the archive: unpacked beside the runs, checked from first to last, and only then given its name. */
import { chmod, mkdir, rm, stat, statfs } from 'node:fs/promises';
import path from 'node:path';
import type { RunId } from '#shared/identifiers.ts';
import { problemOf, ProblemError } from '#shared/problem.ts';
import { bundleFile, bundleSchema, hashFile, refuseBundle, remarksEntry, type Bundle } from './bundle-format.ts';
import { checkRemarks, placeRemarks } from './bundle-remarks.ts';
import { remarkBounds } from './remark-store.ts';
import { BundleZip, defaultLimits, type BundleLimits } from './bundle-zip.ts';
import { isForWantOfSpace, isMissing, type ArchiveFiles } from './files.ts';
import { checkImportedRun } from './imported-run.ts';
import { finishedFiles, manifestFile, scratchFolder } from './layout.ts';
import type { ImportedRun } from '../ports.ts';

export type { BundleLimits };

export interface ImportOptions {
  readonly archive: string;
  readonly file: string;
  readonly files: ArchiveFiles;
  readonly limits: Partial<BundleLimits>;
  /** A run that is in the archive already is found, where it is this very one, instead of refused. */
  readonly orFind: boolean;
  /** Gives the checked folder its name; refuses when that run is there already. */
  readonly moveIn: (scratch: string, run: RunId) => Promise<string>;
}

/**
 * Takes a run out of a bundle, which may be hostile: whole or not at all, within limits, checked before it is in the archive. Rejects
 * with a ProblemError.
 */
export async function importBundle(options: ImportOptions): Promise<ImportedRun> {
  const limits = { ...defaultLimits, ...options.limits };
  const zip = await BundleZip.open(options.file, limits);
  const scratch = scratchFolder(options.archive, 'incoming');
  try {
    const bundle = parseIndex(options.file, zip, await zip.read(bundleFile, limits.indexBytes));
    if (options.orFind && (await isThere(options.archive, bundle))) {
      return { run: bundle.run, folder: path.join(options.archive, bundle.run), found: true };
    }
    await assertAbsent(options.archive, bundle.run);
    await assertRoom(options, bundle, limits);
    await mkdir(scratch);
    for (const entry of bundle.entries) await zip.extract(entry.name, path.join(scratch, entry.name), entry);
    await checkImportedRun(options.file, scratch, bundle.run, limits);
    // Only what is wanted is worth waiting for the disk.
    for (const name of finishedFiles) await options.files.syncFile(path.join(scratch, name));
    for (const name of finishedFiles) await chmod(path.join(scratch, name), 0o444);
    const remarks = zip.has(remarksEntry) ? await takeRemarks(options.file, scratch) : null;
    await options.files.syncFolder(scratch);
    const imported = await moveIn(options, scratch, bundle);
    if (remarks && !imported.found) await placeRemarks(options.archive, bundle.run, remarks);
    return imported;
  } catch (failure) {
    throw asRefusal(options.file, failure);
  } finally {
    zip.close();
    await rm(scratch, { recursive: true, force: true });
  }
}

/** What was said about the run has its place beside the runs, not in the run's folder. */
async function takeRemarks(file: string, scratch: string): Promise<Buffer> {
  const place = path.join(scratch, remarksEntry);
  const remarks = await checkRemarks(file, place);
  await rm(place);
  return remarks;
}

/** Another console may have brought the same run meanwhile. */
async function moveIn(options: ImportOptions, scratch: string, bundle: Bundle): Promise<ImportedRun> {
  const { run } = bundle;
  try {
    return { run, folder: await options.moveIn(scratch, run), found: false };
  } catch (failure) {
    const found = options.orFind && problemOf(failure).code === 'run-exists' && (await isThere(options.archive, bundle));
    if (!found) throw failure;
    return { run, folder: path.join(options.archive, run), found };
  }
}

function parseIndex(file: string, zip: BundleZip, bytes: Buffer): Bundle {
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch {
    refuseBundle(file, `${bundleFile} is not JSON`);
  }
  const parsed = bundleSchema.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    refuseBundle(file, `${bundleFile} is not understood (${issue?.path.join('.') || 'the whole'}: ${issue?.message ?? 'unknown'})`);
  }
  for (const [index, name] of finishedFiles.entries()) {
    if (parsed.data.entries[index]?.name !== name) refuseBundle(file, `${bundleFile} does not name ${name} in its place`);
  }
  const [remarks] = parsed.data.entries.slice(finishedFiles.length);
  if ((remarks !== undefined) !== zip.has(remarksEntry) || (remarks && remarks.name !== remarksEntry)) {
    refuseBundle(file, `${bundleFile} does not name ${remarksEntry} in its place`);
  }
  return parsed.data;
}

/** Whether the archive has this very run, by its manifest. */
async function isThere(archive: string, { run, entries }: Bundle): Promise<boolean> {
  const wanted = entries.find(({ name }) => name === manifestFile)?.sha256;
  const known = await hashFile(path.join(archive, run, manifestFile)).catch(() => null);
  return known !== null && known.sha256 === wanted;
}

async function assertAbsent(archive: string, run: RunId): Promise<void> {
  const there = await stat(path.join(archive, run)).catch((failure: unknown) => {
    if (isMissing(failure)) return null;
    throw failure;
  });
  if (!there) return;
  throw new ProblemError({
    code: 'run-exists',
    message: `The run ${run} is already in the archive.`,
    tip: 'Remove it first if the other copy is wanted.',
  });
}

async function assertRoom(options: ImportOptions, bundle: Bundle, limits: BundleLimits): Promise<void> {
  const total = bundle.entries.reduce((sum, { bytes }) => sum + bytes, 0);
  if (total > limits.totalBytes) refuseBundle(options.file, `it unpacks to more than ${limits.totalBytes} bytes`);
  const manifest = bundle.entries.find(({ name }) => name === manifestFile);
  if (manifest && manifest.bytes > limits.manifestBytes)
    refuseBundle(options.file, `its manifest is larger than ${limits.manifestBytes} bytes`);
  const remarks = bundle.entries.find(({ name }) => name === remarksEntry);
  if (remarks && remarks.bytes > remarkBounds.bytes)
    refuseBundle(options.file, `${remarksEntry} is larger than ${remarkBounds.bytes} bytes`);
  const { bavail, bsize } = await statfs(options.archive);
  if (total > bavail * bsize) throw noRoom(options.file);
}

function asRefusal(file: string, failure: unknown): ProblemError {
  if (failure instanceof ProblemError) return failure;
  if (isForWantOfSpace(failure)) return noRoom(file);
  return new ProblemError({ code: 'import-failed', message: `${file} cannot be imported: ${problemOf(failure).message}.`, file });
}

function noRoom(file: string): ProblemError {
  return new ProblemError({
    code: 'disk-full',
    message: `${file} was not imported: there is not enough room on the disk of the archive.`,
    tip: 'Make room and import it again.',
    file,
  });
}
