/**
 * Executes commands: resolves who does it, writes the intent down, and only then sends it. Keeps track of commands whose
 * output is still under way.
 */
import type { Recorder } from './recorder.ts';
import { commandSent } from './surroundings.ts';
import type { CommandResolver, CommandTarget, Feed, NewCommandId } from './surroundings.ts';
import type { Link, PluginHost } from '#main/core/ports.ts';
import type { Clock } from '#platform/clock.ts';
import type { CommandId, RunId } from '#shared/identifiers.ts';
import { problemOf } from '#shared/problem.ts';
import type { CommandOutcome, DaemonEvent } from '#shared/protocol/observations.ts';

/** ms that the end of a run waits for the rest of its commands' output. */
export const longestTail = 1_000;

export interface CommandDeskParts {
  readonly recorder: Recorder;
  readonly resolve: CommandResolver;
  readonly link: Link | null;
  readonly plugins: PluginHost | null;
  readonly clock: Clock;
  readonly newCommandId: NewCommandId;
  readonly run: RunId;
  readonly release: string;
  readonly feed: Feed;
}

interface Underway {
  cancelled: boolean;
  /** Known once the command was sent. */
  cancel: (() => void) | null;
}

export class CommandDesk {
  private readonly parts: CommandDeskParts;
  private readonly underway = new Map<number, Underway>();
  /** Commands of daemons whose `command-finished` was not observed yet. */
  private readonly unobserved = new Set<CommandId>();
  private settled: (() => void) | null = null;
  private closed = false;

  constructor(parts: CommandDeskParts) {
    this.parts = parts;
  }

  execute(reference: number, words: readonly string[], execution: number | null): void {
    const { recorder, feed } = this.parts;
    let target: CommandTarget;
    try {
      target = this.parts.resolve(words);
    } catch (thrown) {
      const { message, tip } = problemOf(thrown);
      const sentence = tip ? `${message} ${tip}` : message;
      recorder.record({ kind: 'command-failed', command: null, execution, message: sentence });
      feed({ kind: 'command-failed', reference, message: sentence });
      return;
    }
    const underway: Underway = { cancelled: false, cancel: null };
    this.underway.set(reference, underway);
    void this.carryOut(reference, target, execution, underway);
  }

  /** Gives a command up: one that was not sent yet is not sent, a running one is asked to end. */
  cancel(reference: number): void {
    const underway = this.underway.get(reference);
    if (!underway) return;
    underway.cancelled = true;
    underway.cancel?.();
  }

  /** Notes which commands have told everything. */
  observe(event: DaemonEvent): void {
    if (event.kind !== 'command-finished') return;
    this.unobserved.delete(event.command);
    this.checkSettled();
  }

  /** Resolves when nothing is under way and all output was observed, or after {@link longestTail}. */
  async settle(): Promise<void> {
    if (this.isSettled()) return;
    await new Promise<void>((resolve) => {
      const stopTimer = this.parts.clock.after(longestTail, resolve);
      this.settled = () => (stopTimer(), resolve());
    });
    this.settled = null;
  }

  /** Plugins are told to end; daemons go on, since a run that was suspended does not undo what it did. */
  dispose(): void {
    this.closed = true;
  }

  private isSettled(): boolean {
    return this.unobserved.size === 0 && this.underway.size === 0;
  }

  private checkSettled(): void {
    if (this.isSettled()) this.settled?.();
  }

  private async carryOut(reference: number, target: CommandTarget, execution: number | null, underway: Underway): Promise<void> {
    const { recorder, feed, newCommandId } = this.parts;
    const command = newCommandId();
    try {
      const written = await recorder.durable(commandSent(command, target, execution));
      if (!written || this.closed) return;
      if (underway.cancelled) {
        const message = 'The command was given up before it was sent.';
        recorder.record({ kind: 'command-failed', command, execution, message });
        return;
      }
      const outcome = await this.start(target, command, underway);
      recorder.record({ kind: 'command-finished', command, outcome });
      feed({ kind: 'command-finished', reference, outcome });
    } catch (thrown) {
      const { message, tip } = problemOf(thrown);
      const sentence = tip ? `${message} ${tip}` : message;
      this.unobserved.delete(command);
      recorder.record({ kind: 'command-failed', command, execution, message: sentence });
      feed({ kind: 'command-failed', reference, message: sentence });
    } finally {
      this.underway.delete(reference);
      this.checkSettled();
    }
  }

  private async start(target: CommandTarget, command: CommandId, underway: Underway): Promise<CommandOutcome> {
    const { link, plugins, recorder, run, release } = this.parts;
    if (target.kind === 'daemon') {
      if (!link) throw new Error(`'${target.action}' cannot be executed: the run has no environment.`);
      this.unobserved.add(command);
      const watch = link.send(target.daemon, target.action, target.arguments, command);
      // A cancel that cannot be delivered leaves the command to its own time limit; its end is told by `finished`.
      underway.cancel = () => void watch.cancel().catch(() => undefined);
      return watch.finished;
    }
    if (!plugins) throw new Error(`'${target.command}' cannot be executed: the run has no plugins.`);
    const read = (name: string) => link?.reading(name) ?? null;
    const execution = plugins.execute(target.command, target.arguments, { run, release, read }, (stream, text) =>
      recorder.record({ kind: 'output', command, stream, text }),
    );
    underway.cancel = () => execution.cancel();
    return execution.finished;
  }
}
