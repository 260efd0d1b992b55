/** `testops console`: the console in the browser, until Ctrl-C. */
import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { beginDemo } from '#main/core-process/begin-demo.ts';
import type { CoreDoor } from '#main/core-process/core-door.ts';
import { doorOfRemote } from '#main/web/remote-door.ts';
import { RemoteRunTransfer } from '#main/web/remote-run-transfer.ts';
import type { RunTransfer } from '#main/web/run-transfer.ts';
import { readTokenFile } from '#main/web/token-file.ts';
import { emptyStart, startOfPath, type ConsoleStart } from '#main/web/console-start.ts';
import { startWebHost } from '#main/web/web-host.ts';
import { Ownership } from '#shared/disposable.ts';
import { ProblemError } from '#shared/problem.ts';
import { endOfSignals } from '../end-of-signals.ts';
import { serveMetrics, type MetricsOptions } from '../metrics-switch.ts';
import { hasDisplay, openBrowser } from '#platform/open-browser.ts';
import { rendererFolder } from '../renderer-folder.ts';
import { startCoreProcess } from '../start-core-process.ts';
import { Terminal } from '../terminal.ts';
import { readText } from './serve.ts';

export interface ConsoleCommandOptions extends MetricsOptions {
  /** A folder, scenario, environment file or archived run to open. */
  readonly path?: string;
  readonly workspace?: string;
  readonly environment?: string;
  readonly demo?: boolean;
  readonly port?: number;
  /** Address of a served core to use instead of one of this machine. */
  readonly connect?: string;
  readonly tokenFile?: string;
  /** Certificate of the authority that signed the served core's. */
  readonly authority?: string;
  readonly open: boolean;
  readonly archive: string | undefined;
}

export async function console(options: ConsoleCommandOptions): Promise<void> {
  const terminal = new Terminal();
  const start = await startOf(options);
  const ownership = new Ownership();
  const ended = endOfSignals(ownership);
  try {
    const reaching = openDoor(options, terminal, ownership);
    if (start.demo) void reaching.then(({ core }) => beginDemo(core)).catch(() => undefined);
    const [renderer, reached] = await Promise.all([rendererFolder(), reaching]);
    const host = ownership.own(
      await startWebHost({ ...reached, renderer, start, ...(options.port !== undefined && { port: options.port }) }),
    );
    terminal.line(`TestOps Console: ${host.url}`);
    const environmentFiles = start.environmentFile === null ? [] : [start.environmentFile];
    // A served core knows environments by names, which are no paths of this machine.
    const remote = options.connect === undefined ? [] : (options.metricsEnvironment ?? []);
    const metricsOptions = remote.length > 0 && options.metrics !== undefined ? { ...options, metricsEnvironment: [] } : options;
    await serveMetrics(metricsOptions, { core: reached.core, terminal, ownership, environmentFiles: [...environmentFiles, ...remote] });
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

interface ReachedCore {
  readonly core: CoreDoor;
  /** Absent: the core reads files of this machine. */
  readonly transfer?: RunTransfer;
}

/** The core that the consoles come in to: one of this machine, or one that another machine serves. */
async function openDoor(options: ConsoleCommandOptions, terminal: Terminal, ownership: Ownership): Promise<ReachedCore> {
  if (options.connect === undefined) return { core: ownership.own(await startCoreProcess(options.archive, terminal)) };
  if (options.tokenFile === undefined) {
    throw new ProblemError({
      code: 'token-wanted',
      message: 'A served core lets in who has a token.',
      tip: 'Name the file that holds yours with --token-file.',
    });
  }
  const [entry] = await readTokenFile(resolve(options.tokenFile));
  const authority = options.authority === undefined ? undefined : await readText(options.authority);
  const remote = { url: options.connect, token: entry?.token ?? '', ...(authority !== undefined && { authority }) };
  return { core: await doorOfRemote(remote), transfer: new RemoteRunTransfer(remote) };
}

/** A path opens what it is. */
function startOfGiven(path: string, { workspace, environment, demo = false, connect }: ConsoleCommandOptions): ConsoleStart {
  const refuse = (message: string, tip: string): never => {
    throw new ProblemError({ code: 'cannot-open', file: path, message, tip });
  };
  if (connect !== undefined) refuse('A served core does not see the files of this computer.', 'Drop the file on the console instead.');
  if (workspace !== undefined || environment !== undefined) {
    refuse('Either a path is opened, or a workspace and an environment.', 'Leave out the one or the other.');
  }
  const place = resolve(path);
  if (!existsSync(place)) refuse('There is no such file or folder.', 'Name one that is there.');
  const start = startOfPath(place);
  if (start.workspace === null && start.bundle === null) {
    refuse('The console cannot open this.', 'It opens folders, *.scn, *.yaml and *.testops-run files.');
  }
  return { ...start, demo };
}

/** What the console opens with; what does not exist is refused before anything is started. */
async function startOf(options: ConsoleCommandOptions): Promise<ConsoleStart> {
  const { path, workspace, environment, demo = false, connect } = options;
  if (path !== undefined) return startOfGiven(path, options);
  // A served core has names for what it serves.
  if (connect !== undefined) return { ...emptyStart, workspace: workspace ?? null, environmentFile: environment ?? null, demo };
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
  return { ...emptyStart, workspace: folder, environmentFile: file, demo };
}
