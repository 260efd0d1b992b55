/** Where runs are archived on this machine, whichever program is started. */
import { mkdir, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { ProblemError } from '#shared/problem.ts';

/** Where runs are archived unless the command line or TESTOPS_ARCHIVE says otherwise. */
export function archiveFolder(option?: string): string {
  return option ?? (process.env['TESTOPS_ARCHIVE'] || undefined) ?? join(homedir(), '.testops', 'archive');
}

/** Makes the archive's folder when it is not there. */
export async function prepareArchive(folder: string): Promise<void> {
  try {
    await makeFolder(folder);
  } catch (failure) {
    const why = failure instanceof Error ? ('code' in failure ? String(failure.code) : failure.message) : String(failure);
    throw new ProblemError({
      code: 'archive-not-there',
      file: folder,
      message: `The archive's folder cannot be made (${why}).`,
      tip: 'Name a folder that this user may write with --archive or TESTOPS_ARCHIVE.',
    });
  }
}

/**
 * Makes a folder, one level after the other: asked to make several at once, Node tries for ever where the file system takes
 * none.
 */
async function makeFolder(folder: string): Promise<void> {
  const existing = await stat(folder).catch(() => undefined);
  if (existing?.isDirectory()) return;
  if (existing) throw new Error('it is a file');
  if (dirname(folder) !== folder) await makeFolder(dirname(folder));
  await mkdir(folder).catch((failure: NodeJS.ErrnoException) => {
    // Another console may have made it meanwhile.
    if (failure.code !== 'EEXIST') throw failure;
  });
}
