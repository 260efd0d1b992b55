/** Starts the core in a process of its own, with this very command. */
import { join, resolve } from 'node:path';
import { CoreSupervisor } from '#main/core-process/core-supervisor.ts';
import { archiveFolder, prepareArchive } from '#main/core-process/archive-folder.ts';
import type { Served } from '#main/core/served/served-places.ts';
import { packageFolder } from './package-folder.ts';
import type { Terminal } from './terminal.ts';

export async function startCoreProcess(archive: string | undefined, terminal: Terminal, served?: Served): Promise<CoreSupervisor> {
  const folder = resolve(archiveFolder(archive));
  await prepareArchive(folder);
  return CoreSupervisor.start({
    settings: {
      archiveFolder: folder,
      programs: { command: process.execPath, arguments: [...process.execArgv, process.argv[1] ?? ''] },
      resources: join(packageFolder(), 'resources'),
      purpose: served ? 'serve' : 'console',
      ...(served && { served }),
    },
    onProblem: (problem) => terminal.problem(problem),
  });
}
