/** Report files that a pipeline reads: looked at before the run begins, and replaced as a whole or not at all. */
import { access, constants, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { writeAtomically } from '#platform/atomic-file.ts';
import { ProblemError } from '#shared/problem.ts';

function cannotWrite(file: string, failure: unknown): ProblemError {
  const why = failure instanceof Error && 'code' in failure ? String(failure.code) : String(failure);
  return new ProblemError({
    code: 'report-not-writable',
    file,
    message: `The report cannot be written here (${why}).`,
    tip: 'Its folder must exist and be writable.',
  });
}

/** Rejects when the report could not be written later, and removes one of an earlier run, so that it cannot be taken for this one's. */
export async function prepareReportFile(file: string): Promise<void> {
  try {
    const existing = await stat(file).catch(() => undefined);
    if (existing?.isDirectory()) throw Object.assign(new Error('folder'), { code: 'it is a folder' });
    await access(dirname(resolve(file)), constants.W_OK);
    if (existing?.isFile()) await rm(file);
  } catch (failure) {
    throw cannotWrite(file, failure);
  }
}

export async function writeReportFile(file: string, text: string): Promise<void> {
  try {
    const existing = await stat(file).catch(() => undefined);
    // What is there and no file (a pipe, a device) is written to, not replaced.
    if (existing && !existing.isFile()) return await writeFile(file, text);
    await writeAtomically(file, text, { mode: 0o644 });
  } catch (failure) {
    throw cannotWrite(file, failure);
  }
}
