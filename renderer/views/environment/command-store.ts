/** The command that the operator is about to give by hand: asked for confirmation, executed, its result shown. */
import { createStore } from 'zustand/vanilla';
import { problemOf, type Problem } from '#shared/problem.ts';
import type { CommandOutcome, Hazard } from '#shared/protocol/observations.ts';
import { createSession } from '../../stores/session.ts';
import { storeHook } from '../../stores/context.ts';
import type { Stores } from '../../stores/stores.ts';

export interface ManualCommand {
  readonly words: readonly string[];
  readonly hazard: Hazard;
  /** Who will execute it. */
  readonly daemons: readonly string[];
}

export type CommandStage =
  | { readonly kind: 'form' }
  | { readonly kind: 'confirm'; readonly command: ManualCommand }
  | { readonly kind: 'running'; readonly command: ManualCommand; readonly since: number }
  | { readonly kind: 'done'; readonly command: ManualCommand; readonly outcome: CommandOutcome }
  | { readonly kind: 'failed'; readonly command: ManualCommand; readonly problem: Problem };

export function createManualCommand(stores: Stores) {
  const session = stores.get(createSession);
  const { currentCore } = session;

  /** Null: no dialog. */
  const manualCommand = createStore<{ readonly stage: CommandStage | null }>(() => ({ stage: null }));

  function openActionForm(): void {
    manualCommand.setState({ stage: { kind: 'form' } });
  }

  /** Asks before it executes, unless the command is harmless. */
  function giveCommand(command: ManualCommand): void {
    if (command.hazard === 'none') void executeCommand(command);
    else manualCommand.setState({ stage: { kind: 'confirm', command } });
  }

  async function executeCommand(command: ManualCommand): Promise<void> {
    const core = currentCore();
    const { environmentFile } = session.getState();
    if (!core || environmentFile === null) return;
    const running: CommandStage = { kind: 'running', command, since: Date.now() };
    manualCommand.setState({ stage: running });
    // The dialog may have been closed meanwhile, and another command be in it.
    const show = (stage: CommandStage) => {
      if (manualCommand.getState().stage === running) manualCommand.setState({ stage });
    };
    try {
      const { outcome } = await core.request('command.execute', { environmentFile, words: [...command.words] });
      show({ kind: 'done', command, outcome });
    } catch (failure) {
      show({ kind: 'failed', command, problem: problemOf(failure) });
    }
  }

  function closeCommand(): void {
    manualCommand.setState({ stage: null });
  }

  return { ...manualCommand, openActionForm, giveCommand, executeCommand, closeCommand };
}

export const useManualCommand = storeHook(createManualCommand);
