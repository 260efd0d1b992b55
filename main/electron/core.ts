/** The core of the desktop console: a process of the Node that is shipped beside, kept alive as under every host. */
import { app } from 'electron';
import { join } from 'node:path';
import { archiveFolder, prepareArchive } from '#main/core-process/archive-folder.ts';
import { CoreSupervisor } from '#main/core-process/core-supervisor.ts';
import { formatProblem } from '#shared/problem.ts';

const nodeName = process.platform === 'win32' ? 'node.exe' : 'node';

/** `packageRoot`: plain Node, which runs the core and the demo's daemons, reads only what is outside the asar archive. */
export async function startCore(packageRoot: string): Promise<CoreSupervisor> {
  const root = packageRoot.replace(/app\.asar$/, 'app.asar.unpacked');
  const folder = archiveFolder();
  await prepareArchive(folder);
  const programs = app.isPackaged
    ? { command: join(process.resourcesPath, nodeName), arguments: [join(root, 'dist', 'cli', 'testops.mjs')] }
    : {
        command: join(root, 'node_modules', 'node', 'bin', nodeName),
        arguments: ['--disable-warning=ExperimentalWarning', join(root, 'main', 'cli', 'testops.ts')],
      };
  return CoreSupervisor.start({
    settings: { archiveFolder: folder, programs, resources: join(root, 'resources'), purpose: 'console' },
    onProblem: (problem) => process.stderr.write(`${formatProblem(problem)}\n`),
  });
}
