/**
 * Starts a program for an action or a component: no shell, a session of its own, a small clean environment with the
 * mark by which its descendants are found again, and another user where the configuration says so.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess, StdioOptions } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { ProblemError } from '#shared/problem.ts';
import { identify } from '#platform/process-identity.ts';
import { markVariable } from './process-group.ts';
import type { ProcessIdentity } from '#platform/process-identity.ts';

export interface LaunchOptions {
  readonly command: readonly string[];
  readonly directory: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Name or number; null: the daemon's own user. */
  readonly user: string | number | null;
  readonly mark: string;
  /** File descriptor that takes both outputs; without one they are piped to the daemon. */
  readonly output?: number;
  /** What else is piped: its standard input, or a channel from its file descriptor 3 and to its file descriptor 4. */
  readonly pipes?: 'input' | 'channel';
}

/** How a process ended. */
export interface Ending {
  readonly exitStatus: number | null;
  /** `KILL`, without SIG. */
  readonly signal: string | null;
}

export interface Launched {
  readonly child: ChildProcess;
  readonly identity: ProcessIdentity;
  readonly ended: Promise<Ending>;
}

export interface User {
  readonly uid: number;
  readonly gid: number;
  readonly name: string;
  readonly home: string;
}

function findUser(user: string | number): User {
  const wanted = String(user);
  let accounts = '';
  try {
    accounts = readFileSync('/etc/passwd', 'utf8');
  } catch {
    // Told below as an unknown user.
  }
  for (const line of accounts.split('\n')) {
    const [name, , uid, gid, , home] = line.split(':');
    if (name === undefined || uid === undefined || (name !== wanted && uid !== wanted)) continue;
    return { name, uid: Number(uid), gid: Number(gid), home: home ?? '/' };
  }
  // A number without an account is a user too, as in a container.
  if (typeof user === 'number') return { name: wanted, uid: user, gid: user, home: '/' };
  throw new ProblemError({ code: 'unknown-user', message: `There is no user "${wanted}" on this host.` });
}

/** The user that a program is to run as; undefined: the daemon's own. Throws a ProblemError where there is none, or the daemon cannot become it. */
export function checkedUser(user: string | number | null): User | undefined {
  if (user === null) return undefined;
  const found = findUser(user);
  const own = process.getuid?.();
  if (own === 0 || own === found.uid) return found;
  throw new ProblemError({
    code: 'user-needs-root',
    message: `It is to run as "${found.name}", but the daemon does not run as root and cannot become another user.`,
  });
}

function environmentOf(options: LaunchOptions, user: User | undefined): Record<string, string> {
  const { PATH, HOME, LANG } = process.env;
  return {
    PATH: PATH ?? '/usr/local/bin:/usr/bin:/bin',
    HOME: user?.home ?? HOME ?? '/',
    LANG: LANG ?? 'C.UTF-8',
    ...(user ? { USER: user.name, LOGNAME: user.name } : {}),
    ...options.environment,
    [markVariable]: options.mark,
  };
}

function startProblem(failure: NodeJS.ErrnoException, program: string, directory: string): ProblemError {
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: `there is no such program, or its directory ${directory} is missing`,
    EACCES: 'it may not be executed',
    E2BIG: 'its arguments are too long',
    EAGAIN: 'the system has no more processes for this user',
    EMFILE: 'the daemon has no more file descriptors',
    ENOEXEC: 'the system cannot execute this kind of file',
  };
  const reason = reasons[failure.code ?? ''] ?? failure.message;
  return new ProblemError({ code: 'failed-to-start', message: `"${program}" could not be started: ${reason}.` });
}

function stdioOf({ output, pipes }: LaunchOptions): StdioOptions {
  if (output !== undefined) return ['ignore', output, output];
  const both = ['pipe', 'pipe'] as const;
  return pipes === 'channel' ? ['ignore', ...both, ...both] : [pipes === 'input' ? 'pipe' : 'ignore', ...both];
}

/** Starts a program. Rejects with a {@link ProblemError} saying why it could not be started. */
export async function launch(options: LaunchOptions): Promise<Launched> {
  const [program = '', ...words] = options.command;
  const user = checkedUser(options.user);
  const child = spawn(program, words, {
    cwd: options.directory,
    env: environmentOf(options, user),
    detached: true,
    shell: false,
    windowsHide: true,
    stdio: stdioOf(options),
    ...(user && process.getuid?.() === 0 ? { uid: user.uid, gid: user.gid } : {}),
  });
  const ended = new Promise<Ending>((resolve) => {
    child.once('exit', (exitStatus, signal) => resolve({ exitStatus, signal: signal?.replace(/^SIG/, '') ?? null }));
  });
  const { pid } = child;
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (failure) => reject(startProblem(failure, program, options.directory)));
  });
  // Later errors (a failed kill) say nothing that `ended` does not.
  child.on('error', () => undefined);
  const identity = { pid: pid ?? 0, started: (pid === undefined ? undefined : identify(pid)?.started) ?? 0 };
  return { child, identity, ended };
}
