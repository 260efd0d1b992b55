/** Opens the core in this process and hands out the console's side of the contract: the command line uses the same door as every other console. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { archiveFolder, prepareArchive } from '#main/core-process/archive-folder.ts';
import type { Core } from '#shared/contract/contract.ts';
import { ProblemError } from '#shared/problem.ts';
import { packageFolder } from './package-folder.ts';
import { Terminal } from './terminal.ts';
import { trustingCore } from './trusting-core.ts';
import { openCore } from '#main/core/core.ts';
import { connectInProcess } from '#main/core/contract/in-process.ts';

export interface CoreAccess {
  readonly core: Core;
  dispose(): Promise<void>;
}

/**
 * @param trust whether the command line says that what a folder holds may act
 * @param purpose what it is, where it may coordinate campaigns
 */
export async function openCoreAccess(archive: string | undefined, trust = false, purpose = 'command'): Promise<CoreAccess> {
  const folder = resolve(archiveFolder(archive));
  await prepareArchive(folder);
  const core = await openCore({
    archiveFolder: folder,
    resources: join(packageFolder(), 'resources'),
    purpose,
    onProblem: (problem) => new Terminal(process.stderr).problem(problem),
  });
  const console = connectInProcess(core);
  return {
    core: trustingCore(console, trust),
    dispose: async () => {
      await console.dispose();
      await core.dispose();
    },
  };
}

/** Works with a core on the archive that the command line names, and closes it again. Only what brings runs makes an archive that is not there. */
export async function withCore(
  options: {
    readonly archive: string | undefined;
    readonly makesArchive?: boolean;
    readonly trust?: boolean;
  },
  work: (core: Core, terminal: Terminal) => Promise<void>,
): Promise<void> {
  if (options.archive !== undefined && !options.makesArchive) refuseMissingArchive(resolve(options.archive));
  const access = await openCoreAccess(options.archive, options.trust);
  try {
    await work(access.core, new Terminal());
  } finally {
    await access.dispose();
  }
}

function refuseMissingArchive(folder: string): void {
  if (existsSync(folder)) return;
  throw new ProblemError({
    code: 'archive-not-there',
    message: `There is no archive in ${folder}.`,
    tip: 'Name the folder of your runs with --archive.',
  });
}
