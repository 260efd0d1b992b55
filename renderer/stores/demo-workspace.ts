/** Resetting the demo's workspace: what would be set aside is shown before anything happens. */
import { create } from 'zustand';
import type { MethodResponse } from '#shared/contract/contract.ts';
import { problemOf } from '#shared/problem.ts';
import { currentCore, inform, notify } from './session.ts';
import { startDemo, useOpening } from './workspace.ts';

interface DemoWorkspaceState {
  /** What the operator is asked about; null: nothing. */
  readonly asked: MethodResponse<'demo.workspace'> | null;
}

export const useDemoWorkspace = create<DemoWorkspaceState>(() => ({ asked: null }));

/** Shows what a reset would set aside. */
export async function askForReset(): Promise<void> {
  try {
    const asked = await currentCore()?.request('demo.workspace', {});
    if (asked) useDemoWorkspace.setState({ asked });
  } catch (failure) {
    notify(problemOf(failure));
  }
}

export function giveResetUp(): void {
  useDemoWorkspace.setState({ asked: null });
}

/** Sets the workspace aside, and brings the demo up on a new one. */
export async function resetDemoWorkspace(): Promise<void> {
  const release = useOpening.getState().demoRelease;
  giveResetUp();
  try {
    const reset = await currentCore()?.request('demo.reset', {});
    if (reset?.aside) inform(`The demo's workspace as it was is now ${reset.aside}.`);
  } catch (failure) {
    return void notify(problemOf(failure));
  }
  await startDemo(release ?? undefined);
}
