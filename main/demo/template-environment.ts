/**
 * Brings a whole environment up on this machine and takes it down again: router and daemons as processes of their own,
 * the components started by their daemons through the same signed commands that a scenario uses.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Core } from '#shared/contract/contract.ts';
import { ProblemError } from '#shared/problem.ts';
import { Ownership } from '#shared/disposable.ts';
import { startComponent } from './start-component.ts';
import { claimPlace } from './demo-place.ts';
import { layOutWorkspace, readTemplate, type TemplateWorkspace, type WorkspaceMaking } from './template-workspace.ts';
import { secondsText } from '#shared/wording/durations.ts';
import { listed } from '#shared/wording/names.ts';

/** How the environment starts the programs of the network: the `testops` command, as a program and the arguments before its own. */
export interface NetworkPrograms {
  readonly command: string;
  readonly arguments: readonly string[];
}

export interface TemplateEnvironmentOptions {
  /** Folder of the template. */
  readonly source: string;
  /** The console's home, where the workspace lasts. */
  readonly home: string;
  readonly release?: string | undefined;
  readonly programs: NetworkPrograms;
  /** Told what is being done. */
  readonly progress: (text: string) => void;
}

export interface TemplateEnvironment {
  readonly workspace: TemplateWorkspace;
  /** Starts the components through the core and waits until they are ready. */
  startComponents(core: Core, signal: AbortSignal): Promise<void>;
  /** Ends everything that was started, and removes what was made for it; the workspace stays. */
  dispose(): Promise<void>;
}

/** ms that a program has to end by itself before it is killed. */
const endPatience = 8_000;
/** ms that the environment may take on a busy machine: a program that ends is noticed at once, so only the slow ones are waited for. */
const readyPatience = 90_000;
/** ms between two looks at the environment; the stream of its states is told four times a second at most, which is too slow here. */
const glance = 25;

interface Program {
  readonly name: string;
  readonly process: ChildProcess;
  readonly ended: Promise<void>;
  output: string;
}

function start(name: string, programs: NetworkPrograms, args: readonly string[], folder: string): Program {
  // In a group of its own, so that Ctrl-C reaches only the console, which then takes the demo down in order. Its input
  // is held open by the console: a program started with --attached ends when the console is gone without a word.
  const child = spawn(programs.command, [...programs.arguments, ...args, '--attached'], {
    cwd: folder,
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const program: Program = {
    name,
    process: child,
    output: '',
    ended: new Promise((resolve) => {
      child.once('exit', () => resolve());
      child.once('error', () => resolve());
    }),
  };
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      program.output = (program.output + chunk.toString()).slice(-4_000);
    });
  }
  return program;
}

async function end(program: Program): Promise<void> {
  if (program.process.exitCode !== null || program.process.signalCode !== null) return;
  program.process.kill('SIGTERM');
  const patience = setTimeout(() => program.process.kill('SIGKILL'), endPatience);
  await program.ended;
  clearTimeout(patience);
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  await new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
  signal.throwIfAborted();
}

export async function openTemplateEnvironment(options: TemplateEnvironmentOptions): Promise<TemplateEnvironment> {
  const { source, home, release } = options;
  const { folder: name } = await readTemplate(source);
  const place = await claimPlace({ home, name });
  const ownership = new Ownership();
  ownership.own(() => place.release());
  const workspace = await makeWorkspace(ownership, { source, place, release }).catch(async (failure: unknown) => {
    await ownership.dispose();
    throw failure;
  });
  options.progress('starting router and daemons');
  const { processes } = workspace;
  const programs = [
    start('router', options.programs, ['router', '--config', workspace.routerFile], processes),
    ...[...workspace.daemonFiles].map(([daemon, file]) =>
      start(`daemon ${daemon}`, options.programs, ['daemon', '--config', file], processes),
    ),
  ];
  // Watched by nobody here: whoever uses a server sees what it lacks.
  const ofServers: Program[] = [];
  ownership.own(async () => {
    const [router, ...daemons] = programs;
    await place.leave();
    await Promise.all([...daemons, ...ofServers].map(end));
    if (router) await end(router);
  });
  return {
    workspace,
    startComponents: async (core, signal) => {
      await startComponents(core, workspace, programs, options, signal);
      // Only now, so that nobody waits for what only campaigns need.
      if (ofServers.length > 0 || signal.aborted) return;
      for (const [daemon, file] of workspace.serverDaemonFiles)
        ofServers.push(start(`daemon ${daemon}`, options.programs, ['daemon', '--config', file], processes));
    },
    dispose: () => ownership.dispose(),
  };
}

async function makeWorkspace(ownership: Ownership, making: Omit<WorkspaceMaking, 'processes'>): Promise<TemplateWorkspace> {
  const processes = await mkdtemp(join(tmpdir(), 'testops-')).catch((failure: NodeJS.ErrnoException) => {
    throw noTemporaryFolder(failure);
  });
  ownership.own(() => rm(processes, { recursive: true, force: true, maxRetries: 3 }));
  return layOutWorkspace({ ...making, processes }).catch((failure: unknown) => {
    const isOfTheDisk = failure instanceof Error && 'code' in failure && !(failure instanceof ProblemError);
    throw isOfTheDisk ? noTemporaryFolder(failure as NodeJS.ErrnoException) : failure;
  });
}

function noTemporaryFolder({ code }: NodeJS.ErrnoException): ProblemError {
  return new ProblemError({
    code: 'demo-no-temporary-folder',
    message: `What the demo's processes need cannot be written in ${tmpdir()} (${code === 'ENOSPC' ? 'the disk is full' : (code ?? 'unknown reason')}).`,
    tip: 'Make room there, or name another folder in TMPDIR.',
  });
}

async function startComponents(
  core: Core,
  workspace: TemplateWorkspace,
  programs: readonly Program[],
  options: TemplateEnvironmentOptions,
  signal: AbortSignal,
): Promise<void> {
  const { environmentFile, template } = workspace;
  // What it holds came with the product.
  await core.request('workspace.trust', { folder: workspace.folder, trusted: true });
  await until(core, workspace, programs, signal, 'its daemons are connected', (_, present) => present === template.daemons.length);
  options.progress(`starting ${template.title}${workspace.release === null ? '' : `, release ${workspace.release}`}`);
  for (const together of template.start) {
    signal.throwIfAborted();
    await Promise.all(
      [together].flat().map((component) => startComponent(core, environmentFile, component, { patience: readyPatience, signal })),
    );
  }
  const wanted = Object.entries(template.ready);
  const ready = listed(wanted.map(([name, state]) => `${name} is ${state}`));
  await until(core, workspace, programs, signal, ready, (states) => wanted.every(([component, state]) => states.get(component) === state));
}

/** What a program said last; the file that it names is the user's, of which the one that it read was made. */
function endedTooEarly({ name, output }: Program, { processes, folder }: TemplateWorkspace): ProblemError {
  const said = output.trim().split('\n').at(-1) ?? '';
  return new ProblemError({
    code: 'environment-start',
    message: `The ${name} of this environment ended: ${said.replaceAll(processes, folder)}`,
    ...(said.includes(processes) && { tip: 'Mend that file, or delete it: then it is used as it came.' }),
  });
}

/** Looks at the environment again and again until the condition on component states and present daemons holds. */
async function until(
  core: Core,
  workspace: TemplateWorkspace,
  programs: readonly Program[],
  signal: AbortSignal,
  what: string,
  holds: (states: ReadonlyMap<string, string>, presentDaemons: number) => boolean,
): Promise<void> {
  const deadline = performance.now() + readyPatience;
  for (;;) {
    const dead = programs.find((program) => program.process.exitCode !== null || program.process.signalCode !== null);
    if (dead) throw endedTooEarly(dead, workspace);
    const status = await core.request('environment.status', { environmentFile: workspace.environmentFile }).catch((failure: unknown) => {
      if (performance.now() > deadline) throw failure;
      return undefined;
    });
    const states = new Map(status?.daemons.flatMap((daemon) => daemon.components.map((each) => [each.component, each.state] as const)));
    const present = status?.daemons.filter((daemon) => daemon.presence === 'present' && daemon.catalogue !== null).length ?? 0;
    if (holds(states, present)) return;
    if (performance.now() > deadline) {
      throw new ProblemError({
        code: 'environment-start',
        message: `Waited ${secondsText(readyPatience)} in vain until ${what}.`,
        tip: `States seen: ${[...states].map(([name, state]) => `${name} ${state}`).join(', ') || 'none'}.`,
      });
    }
    await pause(glance, signal);
  }
}
