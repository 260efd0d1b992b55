/** Reads the plugins of a workspace and executes their commands: with a time limit, cancellation and bounded output. */
import { maximumOutput, pluginDescriptionSchema } from './messages.ts';
import { pluginArguments } from './plugin-arguments.ts';
import { PluginFile } from './plugin-file.ts';
import { lookAtPlugins } from './plugin-folder.ts';
import { findSandbox } from './plugin-sandbox.ts';
import { problemOf, type Problem } from '#shared/problem.ts';
import type { CommandOutcome, OutputStream } from '#shared/protocol/observations.ts';
import type { PluginCommand, PluginHost } from '#main/core/ports.ts';
import type { Clock } from '#platform/clock.ts';

export interface PluginOptions {
  readonly clock: Clock;
  /** Folders in which bubblewrap is looked for, as in `PATH`; the core's own unless given. */
  readonly programs?: string;
  /** ms that a file may take to load; 10,000 unless given. */
  readonly loadTimeout?: number;
  /** ms between the abort of a command and the end of its process; 2,000 unless given. */
  readonly grace?: number;
}

type Output = (stream: OutputStream, text: string) => void;
type Context = Parameters<PluginHost['execute']>[2];
type Execution = ReturnType<PluginHost['execute']>;
type Status = CommandOutcome['status'];

/**
 * Opens every `*.mjs` of a folder. A folder that does not exist holds no plugins; a file that cannot be used is a problem, and so is
 * a machine that has no sandbox for them.
 */
export async function openPlugins(folder: string, options: PluginOptions): Promise<PluginHost> {
  const { loadTimeout = 10_000, programs = process.env['PATH'] } = options;
  const found = await lookAtPlugins(folder);
  if (found.files.length === 0) return noPlugins(found.problems);
  const sandbox = await findSandbox(programs);
  const files = found.files.map((path) => new PluginFile(path, sandbox, loadTimeout));
  const loaded = await Promise.all(files.map(async (file) => ({ file, ...(await describe(file)) })));
  const commands = new Map<string, { readonly command: PluginCommand; readonly file: PluginFile }>();
  const problems = [...(sandbox.missing ? [sandbox.missing] : []), ...loaded.flatMap((each) => each.problems)];
  for (const { file, described } of loaded) {
    for (const command of described) {
      const other = commands.get(command.name);
      if (other) problems.push(twice(command.name, other.file.name, file.name));
      else commands.set(command.name, { command, file });
    }
  }
  return {
    commands: [...commands.values()].map((each) => each.command),
    problems,
    execute: (name, words, context, output) => {
      const known = commands.get(name);
      if (!known) return unknown(name);
      return execute(known.file, known.command, words, context, output, options);
    },
    dispose: async () => {
      await Promise.all(files.map((file) => file.dispose()));
    },
  };
}

function noPlugins(problems: readonly Problem[]): PluginHost {
  return { commands: [], problems: [...problems], execute: (name) => unknown(name), dispose: () => Promise.resolve() };
}

function unknown(name: string): Execution {
  return failed(`There is no plugin with the command '${name}'.`);
}

async function describe(file: PluginFile): Promise<{ readonly described: readonly PluginCommand[]; readonly problems: Problem[] }> {
  try {
    const raw = await file.describe();
    const described: PluginCommand[] = [];
    const problems: Problem[] = [];
    for (const one of raw) {
      const decoded = pluginDescriptionSchema.safeParse(one);
      const runs = typeof one === 'object' && one !== null && 'runs' in one && one.runs === true;
      if (decoded.success && runs) described.push(decoded.data);
      else problems.push(unusable(file.name, decoded.success ? 'run is missing' : sentenceOf(decoded.error)));
    }
    return { described, problems };
  } catch (failure) {
    return { described: [], problems: [problemOf(failure)] };
  }
}

function sentenceOf(error: { readonly issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[] }): string {
  const [issue] = error.issues;
  return issue ? [issue.path.join('.'), issue.message].filter((part) => part !== '').join(': ') : 'it is malformed';
}

function unusable(file: string, what: string): Problem {
  return {
    severity: 'error',
    code: 'bad-plugin',
    message: `A command of the plugin ${file} cannot be used: ${what}.`,
    tip: 'A command is { name, run(context, arguments) }, and may have help, parameters, hazard and timeout.',
  };
}

function twice(command: string, first: string, second: string): Problem {
  return {
    severity: 'error',
    code: 'plugin-command-twice',
    message: `The plugins ${first} and ${second} both define '${command}'; the first one's is used.`,
    tip: 'Rename one of them.',
  };
}

function failed(message: string): Execution {
  return { finished: Promise.resolve(outcome('failed to start', false, '', message, 0)), cancel: () => undefined };
}

function outcome(status: Status, success: boolean, result: string, message: string | null, duration: number): CommandOutcome {
  const told = message === null ? {} : { message: message.slice(0, 1_000) };
  return { status, exitStatus: null, signal: null, success, result, duration, ...told };
}

function execute(
  file: PluginFile,
  command: PluginCommand,
  words: readonly string[],
  context: Context,
  output: Output,
  { clock, grace = 2_000 }: PluginOptions,
): Execution {
  let values: ReturnType<typeof pluginArguments>;
  try {
    values = pluginArguments(command.name, command.parameters, words);
  } catch (thrown) {
    return failed(problemOf(thrown).message);
  }
  const began = clock.monotonic();
  const { promise, resolve } = Promise.withResolvers<CommandOutcome>();
  const timers: (() => void)[] = [];
  let ended = false;
  const end = (status: Status, success: boolean, result: string, message: string | null): void => {
    if (ended) return;
    ended = true;
    for (const stop of timers) stop();
    resolve(outcome(status, success, result, message, Math.max(0, clock.monotonic() - began)));
  };
  /** Asks the plugin to end; whatever it then answers, the command counts as given up. */
  const giveUp = (status: 'timed out' | 'cancelled', message: string): void => {
    if (ended || givenUp) return;
    givenUp = { status, message };
    file.abort(call);
    timers.push(clock.after(grace, () => file.kill(`The plugin ${file.name} did not end when it was told to; its process was killed.`)));
  };
  let givenUp: { readonly status: 'timed out' | 'cancelled'; readonly message: string } | null = null;
  const conclude = (success: boolean, result: string, message: string | null): void => {
    if (givenUp) end(givenUp.status, false, '', givenUp.message);
    else end('completed', success, result, message);
  };
  const call = file.call(
    { name: command.name, arguments: values, run: context.run, release: context.release },
    {
      output: bounded(output),
      read: context.read,
      finished: (answer) => conclude(answer.success, answer.result, answer.message),
      lost: (message) => conclude(false, '', message),
    },
  );
  timers.push(
    clock.after(command.timeout, () =>
      giveUp('timed out', `The plugin's command '${command.name}' was not finished within its ${command.timeout} ms.`),
    ),
  );
  return { finished: promise, cancel: () => giveUp('cancelled', `The plugin's command '${command.name}' was cancelled.`) };
}

/** Passes output on up to the limit; what follows is left out, which is said once. */
function bounded(output: Output): Output {
  let room = maximumOutput;
  return (stream, text) => {
    if (room <= 0) return;
    room -= text.length + 1;
    if (room > 0) output(stream, text);
    else output('stderr', `Output beyond ${maximumOutput} characters is left out.`);
  };
}
