/** The daemon's side of its guard: starts it, tells it what runs, and starts another one when it dies. */
import { spawn, type ChildProcess } from 'node:child_process';
import { isSea } from 'node:sea';
import type { ProcessIdentity } from '#platform/process-identity.ts';
import type { Owned } from '#shared/disposable.ts';
import { ProblemError } from '#shared/problem.ts';
import { guardWord, onGuard, type GuardLine } from './guard.ts';

/** ms between attempts to start a guard. */
const retryInterval = 500;
/** ms that something which is to be started waits for its guard. */
const readyPatience = 10_000;

/**
 * How the guard is started: the daemon's own program with a hidden word. `self` is what starts that program; where it runs from its sources,
 * the module of the guard alone is enough and starts faster.
 */
export function guardCommand(self: readonly string[] | undefined): readonly string[] {
  if (isSea()) return [process.execPath, guardWord];
  if (import.meta.url.endsWith('.ts')) {
    const program = `import { guard } from ${JSON.stringify(new URL('guard.ts', import.meta.url).href)}; await guard(process.stdin, process.stdout);`;
    return [process.execPath, '--disable-warning=ExperimentalWarning', '--input-type=module', '-e', program];
  }
  return [...(self ?? [process.execPath, process.argv[1] ?? '']), guardWord];
}

export interface GuardKeeperOptions {
  readonly command: readonly string[];
  /** How all marks begin. */
  readonly marks: string;
  /** Told when the guard died and another one is being started. */
  readonly onLost: (how: string) => void;
}

export class GuardKeeper implements Owned {
  private readonly options: GuardKeeperOptions;
  private readonly running = new Map<string, ProcessIdentity>();
  private child: ChildProcess | undefined;
  private ready = Promise.withResolvers<void>();
  private disposed = false;
  private retry: NodeJS.Timeout | undefined;

  constructor(options: GuardKeeperOptions) {
    this.options = options;
    this.start();
  }

  /** Resolves when there is a guard; nothing may be started before. */
  async onGuard(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<never>((_, reject) => {
      const failure = new ProblemError({ code: 'no-guard', message: 'The process that guards tests could not be started.' });
      timer = setTimeout(() => reject(failure), readyPatience);
    });
    try {
      await Promise.race([this.ready.promise, tooLate]);
    } finally {
      clearTimeout(timer);
    }
  }

  started(mark: string, identity: ProcessIdentity): void {
    this.running.set(mark, identity);
    this.tell({ started: { mark, ...identity } });
  }

  ended(mark: string): void {
    if (this.running.delete(mark)) this.tell({ ended: mark });
  }

  /** The guard ends what is still there, and itself. */
  async dispose(): Promise<void> {
    this.disposed = true;
    clearTimeout(this.retry);
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise<void>((resolve) => {
      child.once('exit', () => resolve());
    });
    child.stdin?.end();
    await gone;
  }

  private start(): void {
    const [program = '', ...words] = this.options.command;
    // A session of its own: what ends the daemon's terminal or process group does not end the guard.
    const child = spawn(program, words, { detached: true, stdio: ['pipe', 'pipe', 'ignore'], windowsHide: true });
    this.child = child;
    child.stdin.on('error', () => undefined);
    child.stdout.on('data', (chunk: Buffer) => {
      if (chunk.includes(onGuard)) this.ready.resolve();
    });
    child.once('error', (failure) => this.lost(child, failure.message));
    child.once('exit', (status, signal) => this.lost(child, signal === null ? `exit status ${status ?? 'unknown'}` : signal));
    this.tell({ marks: this.options.marks });
    for (const [mark, identity] of this.running) this.tell({ started: { mark, ...identity } });
  }

  private lost(child: ChildProcess, how: string): void {
    if (this.child !== child || this.disposed) return;
    this.child = undefined;
    this.ready = Promise.withResolvers<void>();
    this.options.onLost(how);
    this.retry = setTimeout(() => this.start(), retryInterval);
  }

  private tell(line: GuardLine): void {
    if (this.child?.stdin?.writable) this.child.stdin.write(`${JSON.stringify(line)}\n`);
  }
}
