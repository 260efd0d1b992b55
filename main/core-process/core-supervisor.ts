/**
 * Keeps a core's process alive and lets consoles in to it. When the process dies, every console's channel closes, a new
 * process is started, and the consoles come back by themselves; the new core finds the runs that the old one left.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import type { Owned } from '#shared/disposable.ts';
import { ProblemError, type Problem } from '#shared/problem.ts';
import type { CoreDoor, Visitor } from './core-door.ts';
import { endPatience } from './core-process-patience.ts';
import { fromProcessSchema, type CoreSettings, type FromHost } from './process-messages.ts';
import { ChannelEnd, maximumWaiting, type TextChannel } from './text-channel.ts';

/** ms before each further restart; the first comes at once. */
const restartWaits = [0, 250, 1_000, 5_000];
/** ms after which a process that lived counts as sound again. */
const soundAfter = 30_000;

export interface SupervisorOptions {
  readonly settings: CoreSettings;
  /** Told of deaths and restarts, and of what the core itself reports. */
  readonly onProblem: (problem: Problem) => void;
}

/** One life of the core: a process and the consoles' channels to it. */
interface Life {
  readonly process: ChildProcess;
  readonly channels: Map<number, ChannelEnd>;
  readonly began: number;
  failure: Problem | null;
}

export class CoreSupervisor implements CoreDoor, Owned {
  private readonly options: SupervisorOptions;
  private readonly firstReady = Promise.withResolvers<void>();
  private life: Life | undefined;
  private wasReady = false;
  private ending = false;
  private lastChannel = 0;
  private restarts = 0;
  private restartTimer: NodeJS.Timeout | undefined;
  private gone = Promise.resolve();

  private constructor(options: SupervisorOptions) {
    this.options = options;
  }

  /** Resolves when the core is open; rejects with its problem when it cannot be opened. */
  static async start(options: SupervisorOptions): Promise<CoreSupervisor> {
    const supervisor = new CoreSupervisor(options);
    supervisor.begin();
    await supervisor.firstReady.promise;
    return supervisor;
  }

  /** Id of the core's process; null between two lives. */
  get processId(): number | null {
    return this.life?.process.pid ?? null;
  }

  open({ operator, remote = false }: Visitor): TextChannel {
    const { life } = this;
    const channel = ++this.lastChannel;
    if (!life) {
      const closed = new ChannelEnd(
        () => undefined,
        () => undefined,
      );
      queueMicrotask(() => closed.closed());
      return closed;
    }
    let waiting = 0;
    const end: ChannelEnd = new ChannelEnd(
      (text) => {
        waiting += text.length;
        if (waiting > maximumWaiting) return end.close();
        tell(life, { kind: 'text', channel, text }, () => (waiting -= text.length));
      },
      () => tell(life, { kind: 'close', channel }),
    );
    life.channels.set(channel, end);
    end.onClose(() => life.channels.delete(channel));
    tell(life, { kind: 'open', channel, operator, remote });
    return end;
  }

  /** Ends the core; runs that go on are left to be recovered. */
  async dispose(): Promise<void> {
    this.ending = true;
    clearTimeout(this.restartTimer);
    const { life } = this;
    if (!life) return;
    tell(life, { kind: 'end' });
    const patience = setTimeout(() => life.process.kill('SIGKILL'), endPatience);
    await this.gone;
    clearTimeout(patience);
  }

  private begin(): void {
    const { command, arguments: words } = this.options.settings.programs;
    // In a group of its own, so that Ctrl-C reaches only the host, which then ends the core in order. A host that is gone
    // without a word breaks the channel between them, and that ends the core too.
    const child = spawn(command, [...words, 'core-process'], {
      detached: true,
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      serialization: 'advanced',
    });
    const life: Life = { process: child, channels: new Map(), began: performance.now(), failure: null };
    this.life = life;
    this.gone = new Promise((resolve) => {
      const over = (how: string): void => {
        if (this.life !== life) return;
        this.life = undefined;
        this.died(life, how);
        resolve();
      };
      child.once('exit', (status, signal) => over(signal ? `was ended by ${signal}` : `ended with status ${status}`));
      child.once('error', (failure) => over(`could not be started (${failure.message})`));
    });
    child.on('message', (raw) => this.take(life, raw));
    tell(life, { kind: 'begin', settings: this.options.settings });
  }

  private take(life: Life, raw: unknown): void {
    const decoded = fromProcessSchema.safeParse(raw);
    if (!decoded.success) return;
    const message = decoded.data;
    switch (message.kind) {
      case 'ready':
        this.wasReady = true;
        this.firstReady.resolve();
        break;
      case 'failed':
        life.failure = message.problem;
        break;
      case 'problem':
        this.options.onProblem(message.problem);
        break;
      case 'text':
        life.channels.get(message.channel)?.deliver(message.text);
        break;
      case 'close':
        life.channels.get(message.channel)?.closed();
        break;
    }
  }

  private died(life: Life, how: string): void {
    for (const channel of life.channels.values()) channel.closed(this.ending ? null : how);
    if (this.ending) return;
    const problem = life.failure ?? {
      severity: 'warning',
      code: 'core-died',
      message: `The core's process ${how}; it is started again.`,
      tip: 'Runs that it had open are found as interrupted.',
    };
    if (!this.wasReady) {
      this.ending = true;
      return this.firstReady.reject(new ProblemError(life.failure ?? { code: 'core-died', message: `The core's process ${how}.` }));
    }
    this.options.onProblem(problem);
    if (performance.now() - life.began > soundAfter) this.restarts = 0;
    const wait = restartWaits[Math.min(this.restarts++, restartWaits.length - 1)] ?? 0;
    this.restartTimer = setTimeout(() => this.begin(), wait);
  }
}

function tell(life: Life, message: FromHost, done?: () => void): void {
  if (!life.process.connected) return done?.();
  life.process.send(message, undefined, undefined, () => done?.());
}
