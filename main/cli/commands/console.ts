/** `testops console`: the console in the browser, until Ctrl-C. */
import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { CoreSupervisor } from '#main/core-process/core-supervisor.ts';
import { startWebHost, type ConsoleStart } from '#main/web/web-host.ts';
import { Ownership } from '#shared/disposable.ts';
import { ProblemError } from '#shared/problem.ts';
import { archiveFolder, prepareArchive } from '../core-access.ts';
import { hasDisplay, openBrowser } from '../open-browser.ts';
import { packageFolder } from '../package-folder.ts';
import { rendererFolder } from '../renderer-folder.ts';
import { Terminal } from '../terminal.ts';

export interface ConsoleCommandOptions {
  readonly workspace?: string;
  readonly environment?: string;
  readonly demo?: boolean;
  readonly port?: number;
  readonly open: boolean;
  readonly archive: string | undefined;
}

export async function console(options: ConsoleCommandOptions): Promise<void> {
  const terminal = new Terminal();
  const start = await startOf(options);
  const folder = resolve(archiveFolder(options.archive));
  await prepareArchive(folder);
  const renderer = await rendererFolder();
  const ownership = new Ownership();
  const ended = endOfSignals(ownership);
  try {
    const core = ownership.own(await startCore(folder, terminal));
    const host = ownership.own(await startWebHost({ core, renderer, start, ...(options.port !== undefined && { port: options.port }) }));
    terminal.line(`TestOps Console: ${host.url}`);
    terminal.line(terminal.colours.dim('The link opens the console once. Enter prints a new one; Ctrl-C ends the console.'));
    if (process.stdin.isTTY) {
      const lines = createInterface({ input: process.stdin });
      lines.on('line', () => terminal.line(`TestOps Console: ${host.newLink()}`));
      ownership.own(() => lines.close());
    }
    if (options.open && hasDisplay() && !(await openBrowser(host.url))) {
      terminal.line('No program that opens links was found; open the link yourself.');
    }
    await ended;
  } finally {
    await ownership.dispose();
  }
}

/** The core in a process of its own, started with this very command. */
function startCore(archive: string, terminal: Terminal): Promise<CoreSupervisor> {
  return CoreSupervisor.start({
    settings: {
      archiveFolder: archive,
      programs: { command: process.execPath, arguments: [...process.execArgv, process.argv[1] ?? ''] },
      resources: join(packageFolder(), 'resources'),
    },
    onProblem: (problem) => terminal.problem(problem),
  });
}

/** What the console opens with; what does not exist is refused before anything is started. */
async function startOf({ workspace, environment, demo = false }: ConsoleCommandOptions): Promise<ConsoleStart> {
  const folder = workspace === undefined ? null : resolve(workspace);
  const file = environment === undefined ? null : resolve(environment);
  if (folder !== null && !(await stat(folder).catch(() => undefined))?.isDirectory()) {
    throw new ProblemError({
      code: 'no-such-workspace',
      file: folder,
      message: 'There is no such folder.',
      tip: 'Name a workspace with --workspace.',
    });
  }
  if (file !== null && !(await stat(file).catch(() => undefined))?.isFile()) {
    throw new ProblemError({
      code: 'no-such-environment',
      file,
      message: 'There is no such file.',
      tip: 'Name an environment file with --environment.',
    });
  }
  return { workspace: folder, environmentFile: file, demo };
}

/** Resolves at Ctrl-C, or when the terminal or the system ends this program. */
function endOfSignals(ownership: Ownership): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => resolve();
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, end);
      ownership.own(() => void process.off(signal, end));
    }
  });
}
