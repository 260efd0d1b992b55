/** Reads and writes `run.json`. */
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { ProblemError } from '#shared/problem.ts';
import { runManifestSchema, type RunManifest } from '#shared/run/manifest.ts';
import { isMissing, replaceFile, type ArchiveFiles } from './files.ts';
import { manifestFile } from './layout.ts';

/** Scenario texts and catalogues may be large; nothing honest is larger than this. Bytes. */
export const maximumManifestBytes = 256 * 1024 * 1024;

/** The manifest that a text says; throws a ProblemError that names the file where it is none. */
export function parseManifest(text: string, file: string): RunManifest {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw damagedManifest(file, 'it is not JSON');
  }
  const parsed = runManifestSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw damagedManifest(file, `${issue?.path.join('.') || 'the whole'}: ${issue?.message ?? 'unknown'}`);
}

/** The manifest of a run folder; rejects with a ProblemError where it is missing, too large or damaged. */
export async function readManifest(folder: string): Promise<RunManifest> {
  const file = path.join(folder, manifestFile);
  try {
    if ((await stat(file)).size > maximumManifestBytes) throw damagedManifest(file, 'it is too large');
    return parseManifest(await readFile(file, 'utf8'), file);
  } catch (failure) {
    throw isMissing(failure) ? damagedManifest(file, 'it is missing') : failure;
  }
}

/** The text of `run.json`. */
export function manifestText(manifest: RunManifest): string {
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

/** Writes `run.json` whole or not at all. */
export function writeManifest(files: ArchiveFiles, folder: string, manifest: RunManifest): Promise<void> {
  return replaceFile(files, path.join(folder, manifestFile), manifestText(manifest));
}

/** A finished run has its totals: they are the last thing that finishing writes. */
export function isFinished(manifest: Pick<RunManifest, 'totals'>): boolean {
  return manifest.totals !== null;
}

function damagedManifest(file: string, reason: string): ProblemError {
  return new ProblemError({
    code: 'run-damaged',
    message: `The manifest of ${path.basename(path.dirname(file))} cannot be read: ${reason}.`,
    tip: 'Import the run again from its bundle, or remove its folder.',
    file,
  });
}
