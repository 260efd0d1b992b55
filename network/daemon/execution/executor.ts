/**
 * Executes what the gate lets through: actions of the configuration, and component commands. Nothing else exists for
 * it: there is no way to name a program from outside.
 */
import type { Owned } from '#shared/disposable.ts';
import { commandIdSchema } from '#shared/identifiers.ts';
import type { CommandOutcome } from '#shared/protocol/observations.ts';
import { ActionRun } from './action-run.ts';
import { bindArguments, fillCommand } from './action-template.ts';
import type { ChildrenLedger } from './children-ledger.ts';
import type { CommandExecution, PreparedCommand } from './command-gate.ts';
import { succeeded, outcomeOf } from './command-outcome.ts';
import type { ComponentCommands } from './component-commands.ts';
import type { ActionConfiguration, RunActionConfiguration, StopActionConfiguration } from '../configuration/types.ts';
import type { Reporter } from '../ports.ts';
import type { Refusal } from './refusal-log.ts';
import type { EndingControl } from './wanted-end.ts';

export interface ExecutorOptions {
  readonly actions: readonly ActionConfiguration[];
  readonly components: ComponentCommands;
  /** Told which components end with an action that is ended. */
  readonly control: EndingControl;
  readonly ledger: ChildrenLedger;
  readonly reporter: Reporter;
  /** ms since 1970 */
  readonly now: () => number;
  readonly monotonic: () => number;
  /** Starts every mark of this daemon's processes; unique for its epoch. */
  readonly markPrefix: string;
}

/** Commands that may run at once, whatever they are. */
const maximumRunning = 500;

export class Executor implements CommandExecution, Owned {
  private readonly options: ExecutorOptions;
  private readonly actions: ReadonlyMap<string, ActionConfiguration>;
  /** Ends of running commands, by command. */
  private readonly running = new Map<string, { readonly cancel: () => Promise<void> }>();
  /** Programs that run, by action: background ones stay here after their command was answered. */
  private readonly programs = new Map<string, Set<ActionRun>>();
  private disposed = false;

  constructor(options: ExecutorOptions) {
    this.options = options;
    this.actions = new Map(options.actions.map((action) => [action.name, action]));
  }

  componentOf(action: string, words: readonly string[]): string | undefined {
    return this.actions.has(action) ? undefined : this.options.components.componentOf(action, words);
  }

  prepare(name: string, words: readonly string[]): PreparedCommand | Refusal {
    if (this.disposed) return { code: 'busy', reason: 'The daemon is stopping.' };
    if (this.running.size >= maximumRunning) return { code: 'busy', reason: `${maximumRunning} commands run already.` };
    const action = this.actions.get(name);
    if (!action) return this.prepareComponentCommand(name, words);
    return action.kind === 'stop' ? this.prepareStop(action, words) : this.prepareRun(action, words);
  }

  cancel(command: string): Promise<CommandOutcome> | undefined {
    const running = this.running.get(command);
    if (!running) return undefined;
    const began = this.options.monotonic();
    return running.cancel().then(() => outcomeOf(succeeded(), this.options.monotonic() - began));
  }

  /** Ends every running command and every background program. */
  async dispose(): Promise<void> {
    this.disposed = true;
    const commands = [...this.running.values()].map((each) => each.cancel());
    const programs = [...this.programs.values()].flatMap((runs) => [...runs].map((run) => run.end('cancelled')));
    await Promise.all([...commands, ...programs]);
  }

  private prepareComponentCommand(name: string, words: readonly string[]): PreparedCommand | Refusal {
    const prepared = this.options.components.prepare(name, words);
    if ('code' in prepared) return prepared;
    return {
      execute: async (command) => {
        const controller = new AbortController();
        const began = this.options.monotonic();
        const work = prepared.run(controller.signal).then((given) => outcomeOf(given, this.options.monotonic() - began));
        const cancel = async (): Promise<void> => {
          controller.abort();
          await work;
        };
        return this.track(command, work, cancel);
      },
    };
  }

  private prepareRun(action: RunActionConfiguration, words: readonly string[]): PreparedCommand | Refusal {
    const values = bindArguments(action.parameters, words);
    if ('problem' in values) return { code: 'bad-arguments', reason: values.problem };
    const command = fillCommand(action.command, action.parameters, values.value);
    if ('problem' in command) return { code: 'bad-arguments', reason: command.problem };
    const count = this.programs.get(action.name)?.size ?? 0;
    if (count >= action.concurrency) {
      const reason = `"${action.name}" runs ${count === 1 ? 'already' : `${count} times already`}, and may run ${action.concurrency} at a time.`;
      return { code: 'busy', reason };
    }
    return { execute: async (id) => this.run(id, action, command.value) };
  }

  private prepareStop(action: StopActionConfiguration, words: readonly string[]): PreparedCommand | Refusal {
    if (words.length > 0) return { code: 'bad-arguments', reason: 'It takes no arguments.' };
    return {
      execute: async (command) => {
        const began = this.options.monotonic();
        const programs = this.programs.get(action.stops);
        const runs = [...(programs ?? [])];
        const ending = runs.map(async (run) => {
          await run.end('cancelled');
          // It may be started again as soon as this is answered.
          programs?.delete(run);
        });
        const work = Promise.all(ending).then(() =>
          outcomeOf(succeeded(runs.length === 0 ? 'not running' : 'stopped'), this.options.monotonic() - began),
        );
        return this.track(command, work, async () => void (await work));
      },
    };
  }

  private async run(id: string, action: RunActionConfiguration, command: readonly string[]): Promise<CommandOutcome> {
    const { reporter, now, monotonic, ledger, control, markPrefix } = this.options;
    const identity = commandIdSchema.parse(id);
    const run = new ActionRun({
      action,
      command,
      mark: `${markPrefix}/${id}`,
      ledger,
      control,
      monotonic,
      output: (stream, text) => reporter.event({ kind: 'command-output', time: now(), command: identity, stream, text }),
    });
    const runs = this.programs.get(action.name) ?? new Set();
    this.programs.set(action.name, runs.add(run));
    const outcome = this.outcomeOf(action, run, runs);
    const cancel = async (): Promise<void> => {
      await run.end('cancelled');
      await outcome;
    };
    return this.track(id, outcome, cancel);
  }

  /** However it ends, a program that does not stay in the background counts no longer as running. */
  private async outcomeOf(action: RunActionConfiguration, run: ActionRun, runs: Set<ActionRun>): Promise<CommandOutcome> {
    let stays = false;
    try {
      const outcome = await run.run();
      stays = action.background !== undefined && outcome.success;
      if (stays) void this.watchBackground(action, run, runs);
      return outcome;
    } finally {
      if (!stays) runs.delete(run);
    }
  }

  /** A background program that ends without having been asked to is worth a notice. */
  private async watchBackground(action: RunActionConfiguration, run: ActionRun, runs: Set<ActionRun>): Promise<void> {
    const ending = await run.ended();
    runs.delete(run);
    if (run.wasEnded) return;
    const how = ending?.signal ? `by ${ending.signal}` : `with exit status ${ending?.exitStatus ?? 'unknown'}`;
    const severity = ending?.exitStatus === 0 ? 'info' : 'warning';
    const text = `The background program of "${action.name}" ended by itself ${how}.`;
    this.options.reporter.event({ kind: 'notice', time: this.options.now(), severity, code: 'background-ended', text });
  }

  private async track(command: string, work: Promise<CommandOutcome>, cancel: () => Promise<void>): Promise<CommandOutcome> {
    this.running.set(command, { cancel });
    try {
      return await work;
    } finally {
      this.running.delete(command);
    }
  }
}
