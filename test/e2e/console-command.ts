/** Runs the `testops` command as a user does: a process of its own, with its own archive. */
import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '..', '..');

export interface Ended {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
  readonly errors: string;
  /** The same without what only says that something is waited for, which on a busy machine is said where on a quiet one nothing is. */
  readonly complaints: string;
}

export interface Started {
  readonly process: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Everything printed so far. */
  readonly output: () => string;
  /** Everything told on the error stream so far. */
  readonly errors: () => string;
  /** Resolves when the output contains a text. */
  readonly printed: (text: string | RegExp) => Promise<void>;
}

export interface CommandOptions {
  readonly archive: string;
  /** Typed all at once, then the input ends. Without it the input stays open. */
  readonly input?: string;
  readonly folder?: string;
  /** Where it makes its temporary folders, so that a test can see that none is left. */
  readonly temporary?: string;
  /** Where the console keeps what is its own; unless given, where the user's is. */
  readonly home?: string;
  /** Another build of the command than the source. */
  readonly program?: string;
}

/** What stands on the error stream without the sentences of something that waits. */
export function complaintsIn(errors: string): string {
  return errors.replaceAll(/^Waiting for .*\n/gm, '');
}

export function startCommand(args: readonly string[], options: CommandOptions): Started {
  const program = options.program ?? join(root, 'main', 'cli', 'testops.ts');
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program, ...args], {
    cwd: options.folder ?? root,
    env: {
      ...process.env,
      TESTOPS_ARCHIVE: options.archive,
      // Tests begin with an empty archive; the sample history is loaded by those that want it.
      TESTOPS_SAMPLES: 'off',
      NO_COLOR: '1',
      ...(options.home !== undefined && { TESTOPS_HOME: options.home }),
      ...(options.temporary !== undefined && { TMPDIR: options.temporary }),
    },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  // It may end before it has read what was typed.
  child.stdin.on('error', () => undefined);
  if (options.input !== undefined) child.stdin.end(options.input);
  let output = '';
  let errors = '';
  const watchers = new Set<() => void>();
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
    for (const watcher of watchers) watcher();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
  });
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (status, signal) => resolve({ status, signal, output, errors, complaints: complaintsIn(errors) }));
  });
  return {
    process: child,
    ended,
    output: () => output,
    errors: () => errors,
    printed: (text) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (typeof text === 'string' ? !output.includes(text) : !text.test(output)) return;
          watchers.delete(look);
          resolve();
        };
        watchers.add(look);
        look();
        void ended.then(() => reject(new Error(`The command ended without printing ${String(text)}:\n${output}\n${errors}`)));
      }),
  };
}

export function runCommand(args: readonly string[], options: CommandOptions): Promise<Ended> {
  return startCommand(args, options).ended;
}

/** The JSON objects that a command printed, one per line. */
export function jsonLines(output: string): unknown[] {
  return output
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as unknown);
}
