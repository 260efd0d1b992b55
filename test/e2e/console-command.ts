/** Runs the `testops` command as a user does: a process of its own, with its own archive. */
import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '..', '..');

export interface Ended {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
  readonly errors: string;
}

export interface Started {
  readonly process: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Everything printed so far. */
  readonly output: () => string;
  /** Resolves when the output contains a text. */
  readonly printed: (text: string | RegExp) => Promise<void>;
}

export function startCommand(
  args: readonly string[],
  options: { readonly archive: string; readonly input?: string; readonly folder?: string },
): Started {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', join(root, 'main', 'cli', 'testops.ts'), ...args], {
    cwd: options.folder ?? root,
    env: { ...process.env, TESTOPS_ARCHIVE: options.archive, NO_COLOR: '1' },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
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
    child.on('close', (status, signal) => resolve({ status, signal, output, errors }));
  });
  return {
    process: child,
    ended,
    output: () => output,
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

export function runCommand(
  args: readonly string[],
  options: { readonly archive: string; readonly input?: string; readonly folder?: string },
): Promise<Ended> {
  return startCommand(args, options).ended;
}
