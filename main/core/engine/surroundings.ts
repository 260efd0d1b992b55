/**
 * What a running machine acts upon: the environment behind a link, or, in a dry run, nothing at all. Answers go back to
 * the engine as machine inputs, in the order in which they come.
 */
import type { CommandId, DaemonName } from '#shared/identifiers.ts';
import type { RecordBody } from '#shared/run/records.ts';
import type { MachineEffect, MachineInput } from '#shared/scenario/machine-contract.ts';
import type { MachineState } from '#shared/scenario/machine-state.ts';

/** Effects that ask something of the world outside the engine. */
export type OutwardEffect = Extract<
  MachineEffect,
  {
    kind:
      | 'execute'
      | 'cancel'
      | 'read'
      | 'watch'
      | 'unwatch'
      | 'listen'
      | 'unlisten'
      | 'start-timer'
      | 'stop-timer'
      | 'hold-timer'
      | 'continue-timer';
  }
>;

/** Who executes a command, once its words are resolved. */
export type CommandTarget =
  | { readonly kind: 'daemon'; readonly daemon: DaemonName; readonly action: string; readonly arguments: readonly string[] }
  | { readonly kind: 'plugin'; readonly command: string; readonly arguments: readonly string[] };

/** That a command is given, as it stands in the run's log. */
export function commandSent(command: CommandId, target: CommandTarget, execution: number | null): CommandSent {
  return {
    kind: 'command-sent',
    execution,
    command,
    daemon: target.kind === 'daemon' ? target.daemon : null,
    action: target.kind === 'daemon' ? target.action : target.command,
    arguments: [...target.arguments],
  };
}
type CommandSent = Extract<RecordBody, { kind: 'command-sent' }>;

/** Finds who executes a command's words. Throws a ProblemError where nobody does, or more than one could. */
export type CommandResolver = (words: readonly string[]) => CommandTarget;

export interface Surroundings {
  /** Carries an effect out. `state` is the machine's after the transition that asked for it; `execution` the current step's. */
  carryOut(effect: OutwardEffect, state: MachineState, execution: number | null): void;
  /** Resolves when the output of what was executed has arrived, or after a bounded time. */
  settle(): Promise<void>;
  /** Gives back every timer, watch and subscription. */
  dispose(): void;
}

export type Feed = (input: MachineInput) => void;
export type NewCommandId = () => CommandId;
