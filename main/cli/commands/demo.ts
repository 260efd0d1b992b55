/** `testops demo`: the embedded demo environment from nothing to an archived run and back to nothing. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openDemo, type DemoEnvironment } from '#main/demo/demo-environment.ts';
import { demoReleases, type DemoRelease } from '#main/demo/demo-workspace.ts';
import type { Core } from '#shared/contract/contract.ts';
import { ProblemError } from '#shared/problem.ts';
import { openCoreAccess } from '../core-access.ts';
import { exitCodes } from '../exit-codes.ts';
import { Terminal } from '../terminal.ts';
import { runInCore } from './run.ts';

export interface DemoCommandOptions {
  readonly release: string;
  readonly scenario: string;
  readonly stay?: boolean;
  readonly json?: boolean;
  readonly archive: string | undefined;
}

/** The package's folder, whether this runs from source or from the bundle. */
function packageFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'resources', 'demo')) && dirname(folder) !== folder) folder = dirname(folder);
  return folder;
}

function releaseOf(name: string): DemoRelease {
  const release = demoReleases.find((each) => each === name);
  if (release) return release;
  throw new ProblemError({
    code: 'unknown-release',
    message: `The demo has no release ${name}.`,
    tip: `It has ${demoReleases.join(', ')}.`,
  });
}

export async function demo(options: DemoCommandOptions): Promise<void> {
  const terminal = new Terminal();
  const interruption = new AbortController();
  const interrupt = () => interruption.abort();
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  const access = await openCoreAccess(options.archive);
  let environment: DemoEnvironment | undefined;
  try {
    environment = await openDemo({
      release: releaseOf(options.release),
      resources: join(packageFolder(), 'resources', 'demo'),
      programs: { command: process.execPath, arguments: [...process.execArgv, process.argv[1] ?? ''] },
      progress: (text) => {
        if (!options.json) terminal.line(terminal.colours.dim(`demo: ${text}`));
      },
    });
    await environment.startExchange(access.core, interruption.signal);
    if (options.stay) await stay(environment, terminal, interruption.signal);
    else await runScenario(access.core, environment, options, terminal);
  } catch (failure) {
    if (!interruption.signal.aborted) throw failure;
    process.exitCode = exitCodes.interrupted;
  } finally {
    if (!options.json) terminal.line(terminal.colours.dim('demo: taking everything down'));
    await environment?.dispose();
    await access.dispose();
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
  }
}

async function runScenario(core: Core, environment: DemoEnvironment, options: DemoCommandOptions, terminal: Terminal): Promise<void> {
  const file = join(environment.workspace.folder, 'scenarios', `${options.scenario}.scn`);
  if (!existsSync(file)) {
    throw new ProblemError({
      code: 'unknown-scenario',
      message: `The demo has no scenario ${options.scenario}.`,
      tip: 'See resources/demo/workspace/scenarios.',
    });
  }
  await runInCore(
    core,
    file,
    {
      environment: environment.workspace.environmentFile,
      release: options.release,
      onError: 'abort',
      ...(options.json && { json: true }),
      archive: options.archive,
    },
    terminal,
  );
}

async function stay(environment: DemoEnvironment, terminal: Terminal, signal: AbortSignal): Promise<void> {
  const { folder, environmentFile } = environment.workspace;
  terminal.line(`The demo exchange is up. In another terminal, for example:`);
  terminal.line(`  npm run --silent testops -- environment status -e ${environmentFile}`);
  terminal.line(`  npm run --silent testops -- run ${join(folder, 'scenarios', 'failover-measured.scn')} -e ${environmentFile}`);
  terminal.line('Ctrl-C takes it down.');
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
}
