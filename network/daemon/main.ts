/** The daemon as a program: `testops-daemon --config daemon.yaml`, or `--check` to look at the configuration only. */
import { parseArgs } from 'node:util';
import { formatProblem, problemOf } from '#shared/problem.ts';
import type { Problem } from '#shared/problem.ts';
import { loadDaemonConfiguration } from './configuration/load.ts';
import type { DaemonConfiguration } from './configuration/types.ts';
import { softwareVersion, startDaemon, type DaemonOptions } from './daemon.ts';
import { guard, guardWord } from './worker/guard.ts';
import { workerText } from './worker/worker-section.ts';
import { counted } from '#shared/wording/counts.ts';

/** Where the program writes lines for people; stdout and stderr unless told. */
export interface DaemonOutput {
  readonly out: (line: string) => void;
  readonly error: (line: string) => void;
}

const usage = `Usage: testops-daemon [--check] [daemon.yaml]

  --config <file>  the daemon's configuration, as may be given without --config (daemon.yaml in this folder unless told)
  --check          tells every problem of the configuration and ends: 0 when it is sound, 2 when it is not
  --version        prints the version
  --help           prints this`;

const terminal: DaemonOutput = {
  out: (line) => void process.stdout.write(`${line}\n`),
  error: (line) => void process.stderr.write(`${line}\n`),
};

interface Arguments {
  readonly config: string;
  readonly check: boolean;
  readonly version: boolean;
  readonly help: boolean;
}

function readArguments(args: readonly string[]): Arguments | Problem {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        config: { type: 'string', short: 'c' },
        check: { type: 'boolean', default: false },
        version: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    const files = [...(values.config === undefined ? [] : [values.config]), ...positionals];
    if (files.length > 1) {
      const message = `A daemon has one configuration; ${files.length} were named.`;
      return { severity: 'error', code: 'usage', message, tip: 'Start one daemon for each.' };
    }
    return { ...values, config: files[0] ?? 'daemon.yaml' };
  } catch (failure) {
    const message = problemOf(failure).message.split('. ')[0] ?? '';
    return { severity: 'error', code: 'usage', message: `${message.replace(/\.$/, '')}.`, tip: 'See --help.' };
  }
}

function tellAll(problems: readonly Problem[], output: DaemonOutput): void {
  for (const problem of problems) {
    output.error(problem.severity === 'error' ? formatProblem(problem) : `${formatProblem(problem)} (${problem.severity})`);
  }
}

/**
 * Runs the daemon until it is asked to end (SIGTERM, SIGINT, SIGHUP); resolves with its exit status. `self` starts this program, should it not
 * be the file that Node was given: a worker's guard is the same program.
 */
export async function runDaemon(args: readonly string[], output: DaemonOutput = terminal, self?: readonly string[]): Promise<number> {
  if (args[0] === guardWord) {
    await guard(process.stdin, process.stdout);
    return 0;
  }
  const chosen = readArguments(args);
  if ('code' in chosen) {
    tellAll([chosen], output);
    return 2;
  }
  if (chosen.help) output.out(usage);
  if (chosen.version) output.out(softwareVersion);
  if (chosen.help || chosen.version) return 0;
  const { configuration, problems, hash } = await loadDaemonConfiguration(chosen.config);
  tellAll(problems, output);
  if (!configuration) return 2;
  if (chosen.check) {
    output.out(`${chosen.config}: sound. ${offerText(configuration)}`);
    return 0;
  }
  return runUntilSignal({ configuration, configurationHash: hash, ...(self && { self }) }, output);
}

function offerText({ daemon, actions, components, worker }: DaemonConfiguration): string {
  const watches = `${daemon} offers ${counted(actions.length, 'action')} and watches ${counted(components.length, 'component')}.`;
  return worker ? `${watches} ${workerText(worker)}` : watches;
}

async function runUntilSignal(options: Omit<DaemonOptions, 'onProblem'>, output: DaemonOutput): Promise<number> {
  const { configuration } = options;
  const stop = awaitSignal();
  // Whoever reads the lines may go away; the daemon stays.
  const ignore = (): void => undefined;
  for (const stream of [process.stdout, process.stderr]) stream.on('error', ignore);
  const onProblem = (problem: Problem): void => output.error(formatProblem(problem));
  const starting = startDaemon({ ...options, onProblem });
  try {
    const daemon = await starting;
    const name = `${configuration.environment}/${configuration.daemon}`;
    const tell = (connected: boolean): void =>
      connected ? output.out(`${name} is connected to ${configuration.router}.`) : output.error(`${name} has lost its router.`);
    if (daemon.connected) tell(true);
    const unsubscribe = daemon.onConnection(tell);
    await stop.asked;
    unsubscribe();
    await daemon.dispose();
    return 0;
  } catch (failure) {
    tellAll([problemOf(failure)], output);
    return 2;
  } finally {
    stop.dispose();
    for (const stream of [process.stdout, process.stderr]) stream.off('error', ignore);
  }
}

const endingSignals = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/** Resolves at the first signal that asks to end; further ones are ignored while the daemon ends what it started. */
function awaitSignal(): { readonly asked: Promise<void>; dispose(): void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  const listener = (): void => resolve();
  for (const signal of endingSignals) process.on(signal, listener);
  return {
    asked: promise,
    dispose() {
      for (const signal of endingSignals) process.off(signal, listener);
    },
  };
}
