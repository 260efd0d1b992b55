/** `testops demo`: the embedded demo environment (or an example) is brought up, runs a scenario, and is taken down; its workspace lasts. */
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { defaultConsoleHome } from '#main/core/workspace/home.ts';
import { firstPlace } from '#main/demo/demo-place.ts';
import { resetDemoWorkspace } from '#main/demo/demo-reset.ts';
import { openTemplateEnvironment, type TemplateEnvironment } from '#main/demo/template-environment.ts';
import { missingPrograms, readTemplate } from '#main/demo/template-workspace.ts';
import type { Core } from '#shared/contract/contract.ts';
import { ProblemError } from '#shared/problem.ts';
import { openCoreAccess } from '../core-access.ts';
import { exitCodes } from '../exit-codes.ts';
import { packageFolder } from '../package-folder.ts';
import { Terminal } from '../terminal.ts';
import { runInCore } from './run.ts';

export interface DemoCommandOptions {
  readonly release?: string;
  readonly scenario?: string;
  /** Name of a folder in resources/examples; the demo exchange unless told. */
  readonly example?: string;
  readonly stay?: boolean;
  /** Sets the workspace aside first, so that it is laid down anew. */
  readonly resetWorkspace?: boolean;
  readonly json?: boolean;
  readonly archive: string | undefined;
}

/** The folder of the template, after looking that everything it needs is installed. */
async function templateFolder(example: string | undefined): Promise<string> {
  const resources = join(packageFolder(), 'resources');
  if (example !== undefined) await refuseUnknownExample(join(resources, 'examples'), example);
  const folder = join(resources, ...(example === undefined ? ['demo'] : ['examples', example]), 'workspace');
  const [missing] = missingPrograms(await readTemplate(folder));
  if (!missing) return folder;
  throw new ProblemError({
    code: 'program-missing',
    message: `This example needs ${missing.program}, which is not installed.`,
    tip: `On Debian: apt-get install ${missing.debianPackage}.`,
  });
}

async function refuseUnknownExample(folder: string, example: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => existsSync(join(folder, name, 'workspace', 'template.yaml')));
  if (names.includes(example)) return;
  throw new ProblemError({
    code: 'unknown-example',
    message: `There is no example ${example} here.`,
    tip: `Choose one of: ${names.sort().join(', ')}.`,
  });
}

export async function demo(options: DemoCommandOptions): Promise<void> {
  const terminal = new Terminal(options.json ? process.stderr : process.stdout);
  const interruption = new AbortController();
  const interrupt = () => interruption.abort();
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  process.on('SIGHUP', interrupt);
  const source = await templateFolder(options.example);
  const home = defaultConsoleHome();
  if (options.resetWorkspace) await reset(source, home, terminal);
  await refuseUnknownScenario(source, home, options);
  const access = await openCoreAccess(options.archive);
  let environment: TemplateEnvironment | undefined;
  try {
    environment = await openTemplateEnvironment({
      source,
      home,
      release: options.release,
      programs: { command: process.execPath, arguments: [...process.execArgv, process.argv[1] ?? ''] },
      progress: (text) => {
        if (!options.json) terminal.line(terminal.colours.dim(`demo: ${text}`));
      },
    });
    for (const notice of environment.workspace.notices) terminal.problem(notice);
    await environment.startComponents(access.core, interruption.signal);
    if (options.stay) await stay(environment, terminal, interruption.signal);
    else await runScenario(access.core, environment, options, terminal);
  } catch (failure) {
    if (!interruption.signal.aborted) throw failure;
    process.exitCode = exitCodes.interrupted;
  } finally {
    if (environment && !options.json) terminal.line(terminal.colours.dim('demo: taking everything down'));
    await environment?.dispose();
    await access.dispose();
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
    process.off('SIGHUP', interrupt);
  }
}

async function reset(source: string, home: string, terminal: Terminal): Promise<void> {
  const { folder, aside } = await resetDemoWorkspace({ source, home }, new Date());
  terminal.line(aside === null ? `There is no workspace ${folder} yet.` : `The workspace as it was is now ${aside}.`);
}

/** Scenarios that come with the environment, and those that the user put beside them. */
async function refuseUnknownScenario(source: string, home: string, { scenario }: DemoCommandOptions): Promise<void> {
  if (scenario === undefined) return;
  const place = firstPlace(home, (await readTemplate(source)).folder);
  const listed = await Promise.all([source, place].map((folder) => readdir(join(folder, 'scenarios')).catch(() => [])));
  const names = new Set(listed.flat().flatMap((name) => (name.endsWith('.scn') ? [name.slice(0, -4)] : [])));
  if (names.has(scenario)) return;
  throw new ProblemError({
    code: 'unknown-scenario',
    message: `There is no scenario ${scenario} here.`,
    tip: `Choose one of: ${[...names].sort().join(', ')}.`,
  });
}

async function runScenario(core: Core, environment: TemplateEnvironment, options: DemoCommandOptions, terminal: Terminal): Promise<void> {
  const { folder, environmentFile, template } = environment.workspace;
  const name = options.scenario ?? template.scenario;
  const file = join(folder, 'scenarios', `${name}.scn`);
  await runInCore(
    core,
    file,
    {
      environment: environmentFile,
      // What the environment file says is the release, unless it was chosen here.
      ...(options.release !== undefined && { release: options.release }),
      onError: 'abort',
      ...(options.json && { json: true }),
      archive: options.archive,
    },
    terminal,
  );
}

async function stay(environment: TemplateEnvironment, terminal: Terminal, signal: AbortSignal): Promise<void> {
  const { folder, processes, environmentFile, template } = environment.workspace;
  terminal.line(`Up: ${template.title}. In another terminal, for example:`);
  terminal.line(`  npm run --silent testops -- environment status -e ${environmentFile}`);
  terminal.line(`  npm run --silent testops -- run ${join(folder, 'scenarios', `${template.scenario}.scn`)} -e ${environmentFile}`);
  if (Object.keys(template.servers).length > 0)
    terminal.line(`  npm run --silent testops -- campaign run ${join(folder, 'campaigns', 'exchanges.yaml')}`);
  terminal.line(`What you save in ${folder} is there the next time. The logs of its processes are in ${processes} until it is taken down.`);
  terminal.line('Ctrl-C takes it down.');
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
}
