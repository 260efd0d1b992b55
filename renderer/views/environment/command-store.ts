/** The command that the operator is about to give by hand: asked for confirmation, executed, its result shown. */
import { create } from 'zustand';
import { problemOf, type Problem } from '#shared/problem.ts';
import type { CommandOutcome, Hazard } from '#shared/protocol/observations.ts';
import { currentCore, useSession } from '../../stores/session.ts';

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

/** Null: no dialog. */
export const useManualCommand = create<{ readonly stage: CommandStage | null }>(() => ({ stage: null }));

export function openActionForm(): void {
  useManualCommand.setState({ stage: { kind: 'form' } });
}

/** Asks before it executes, unless the command is harmless. */
export function giveCommand(command: ManualCommand): void {
  if (command.hazard === 'none') void executeCommand(command);
  else useManualCommand.setState({ stage: { kind: 'confirm', command } });
}

export async function executeCommand(command: ManualCommand): Promise<void> {
  const core = currentCore();
  const { environmentFile } = useSession.getState();
  if (!core || environmentFile === null) return;
  const running: CommandStage = { kind: 'running', command, since: Date.now() };
  useManualCommand.setState({ stage: running });
  // The dialog may have been closed meanwhile, and another command be in it.
  const show = (stage: CommandStage) => {
    if (useManualCommand.getState().stage === running) useManualCommand.setState({ stage });
  };
  try {
    const { outcome } = await core.request('command.execute', { environmentFile, words: [...command.words] });
    show({ kind: 'done', command, outcome });
  } catch (failure) {
    show({ kind: 'failed', command, problem: problemOf(failure) });
  }
}

export function closeCommand(): void {
  useManualCommand.setState({ stage: null });
}
