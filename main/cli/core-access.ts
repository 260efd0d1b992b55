/** Opens the core in this process and hands out the console's side of the contract: the command line uses the same door as every other console. */
import { mkdir, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { Core } from '#shared/contract/contract.ts';
import { ProblemError } from '#shared/problem.ts';
import { Terminal } from './terminal.ts';
import { openCore } from '#main/core/core.ts';
import { connectInProcess } from '#main/core/server/in-process.ts';

/** Where runs are archived unless the command line or TESTOPS_ARCHIVE says otherwise. */
export function archiveFolder(option: string | undefined): string {
  return option ?? (process.env['TESTOPS_ARCHIVE'] || undefined) ?? join(homedir(), '.testops', 'archive');
}

export interface CoreAccess {
  readonly core: Core;
  dispose(): Promise<void>;
}

/**
 * Makes the archive's folder, one level after the other: asked to make several at once, Node tries for ever where the
 * file system takes none.
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

export async function openCoreAccess(archive: string | undefined): Promise<CoreAccess> {
  const folder = resolve(archiveFolder(archive));
  await prepareArchive(folder);
  const core = await openCore({ archiveFolder: folder, onProblem: (problem) => new Terminal(process.stderr).problem(problem) });
  const console = connectInProcess(core);
  return {
    core: console,
    dispose: async () => {
      await console.dispose();
      await core.dispose();
    },
  };
}

/** Works with a core on the archive that the command line names, and closes it again. */
export async function withCore(
  options: { readonly archive: string | undefined },
  work: (core: Core, terminal: Terminal) => Promise<void>,
): Promise<void> {
  const access = await openCoreAccess(options.archive);
  try {
    await work(access.core, new Terminal());
  } finally {
    await access.dispose();
  }
}
