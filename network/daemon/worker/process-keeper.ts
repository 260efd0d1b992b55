/** Starts the processes of runners: as the worker's user, marked, guarded, bounded, and written down for the daemon after this one. */
import type { Owned } from '#shared/disposable.ts';
import type { ChildrenLedger } from '../execution/children-ledger.ts';
import { endTree } from '../execution/process-group.ts';
import { launch } from '../execution/process-launch.ts';
import type { ProcessOptions } from './adapters/adapter.ts';
import type { GuardKeeper } from './guard-keeper.ts';
import { RunningProcess } from './guarded-process.ts';
import type { Limiter } from './runner-limits.ts';

export interface ProcessKeeperOptions {
  readonly guard: Pick<GuardKeeper, 'onGuard' | 'started' | 'ended'>;
  readonly ledger: Pick<ChildrenLedger, 'add' | 'remove'>;
  readonly limiter: Limiter;
  readonly user: string | number | null;
  /** How all marks begin. */
  readonly marks: string;
}

/** What the processes of one runner, or of one preparation, have in common. */
export interface ProcessGroupOptions {
  /** Tells it from all others of this worker. */
  readonly name: string;
  /** For people, should it be left behind by a killed daemon. */
  readonly title: string;
  readonly directory: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly onOutput: (chunk: Buffer) => void;
}

export class ProcessKeeper {
  private readonly options: ProcessKeeperOptions;

  constructor(options: ProcessKeeperOptions) {
    this.options = options;
  }

  /** Processes that are started, and ended, together. */
  group(options: ProcessGroupOptions): ProcessGroup {
    return new ProcessGroup(this.options, options);
  }
}

export class ProcessGroup implements Owned {
  /** Of the processes that have not ended. */
  readonly running = new Set<RunningProcess>();
  private readonly keeper: ProcessKeeperOptions;
  private readonly options: ProcessGroupOptions;
  /** Signal that ended one of its processes, and that was not sent from here. */
  strangeSignal: string | null = null;
  /** How the last of its processes ended that was not ended from here; null: none has. */
  exitStatus: number | null = null;
  private count = 0;
  private closed = false;

  constructor(keeper: ProcessKeeperOptions, options: ProcessGroupOptions) {
    this.keeper = keeper;
    this.options = options;
  }

  async start(process: ProcessOptions): Promise<RunningProcess> {
    const { guard, ledger, limiter, marks, user } = this.keeper;
    const { name, title, directory, variables, onOutput } = this.options;
    await guard.onGuard();
    if (this.closed) throw new Error(`${title} is ended.`);
    const mark = `${marks}${name}.${++this.count}`;
    const launched = await launch({
      command: limiter.wrap(process.command),
      directory: process.directory ?? directory,
      environment: { ...variables, ...process.variables },
      user,
      mark,
      pipes: process.channel ? 'channel' : 'input',
    });
    const running = new RunningProcess({ launched, mark, hasChannel: process.channel ?? false, onOutput });
    guard.started(mark, launched.identity);
    ledger.add({ kind: 'action', name: title, mark, ...launched.identity });
    this.running.add(running);
    void running.ended.then(({ signal, exitStatus }) => {
      if (!running.wasKilled) this.exitStatus = exitStatus;
      if (signal !== null && !running.wasKilled) this.strangeSignal = signal;
      this.running.delete(running);
      guard.ended(mark);
      ledger.remove(mark);
    });
    this.bound(limiter, running);
    // It may have been closed while the program was being started.
    if (this.closed) await running.kill(0);
    return running;
  }

  get pids(): readonly number[] {
    return [...this.running].map(({ pid }) => pid);
  }

  /** Whether the system ended one of its processes because it needed more memory than allowed. */
  get ranOutOfMemory(): boolean {
    return this.keeper.limiter.ranOutOfMemory(this.options.name);
  }

  /** Ends everything that came of it, however it left its group; nothing can be started here any more. */
  async end(grace: number): Promise<void> {
    this.closed = true;
    await Promise.all([...this.running].map((each) => each.kill(grace)));
    if (this.count > 0) await endTree({ root: undefined, mark: `${this.keeper.marks}${this.options.name}.`, anyThatBegins: true }, grace);
    this.keeper.limiter.remove(this.options.name);
  }

  async dispose(): Promise<void> {
    await this.end(0);
  }

  private bound(limiter: Limiter, running: RunningProcess): void {
    try {
      limiter.admit(this.options.name, running.pid);
    } catch {
      // It has ended already, or the group could not be made; the limits of others are not concerned.
    }
  }
}
