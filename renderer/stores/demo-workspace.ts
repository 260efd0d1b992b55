/** Resetting the demo's workspace: what would be set aside is shown before anything happens. */
import { createStore } from 'zustand/vanilla';
import type { MethodResponse } from '#shared/contract/contract.ts';
import { problemOf } from '#shared/problem.ts';
import { createSession } from './session.ts';
import { createOpening } from './workspace.ts';
import { storeHook } from './context.ts';
import type { Stores } from './stores.ts';

interface DemoWorkspaceState {
  /** What the operator is asked about; null: nothing. */
  readonly asked: MethodResponse<'demo.workspace'> | null;
}

export function createDemoWorkspace(stores: Stores) {
  const { currentCore, notify, inform } = stores.get(createSession);
  const openingStore = stores.get(createOpening);
  const { startDemo } = openingStore;

  const demoWorkspace = createStore<DemoWorkspaceState>(() => ({ asked: null }));

  /** Shows what a reset would set aside. */
  async function askForReset(): Promise<void> {
    try {
      const asked = await currentCore()?.request('demo.workspace', {});
      if (asked) demoWorkspace.setState({ asked });
    } catch (failure) {
      notify(problemOf(failure));
    }
  }

  function giveResetUp(): void {
    demoWorkspace.setState({ asked: null });
  }

  /** Sets the workspace aside, and brings the demo up on a new one. */
  async function resetDemoWorkspace(): Promise<void> {
    const release = openingStore.getState().demoRelease;
    giveResetUp();
    try {
      const reset = await currentCore()?.request('demo.reset', {});
      if (reset?.aside) inform(`The demo's workspace as it was is now ${reset.aside}.`);
    } catch (failure) {
      return void notify(problemOf(failure));
    }
    await startDemo(release ?? undefined);
  }

  return { ...demoWorkspace, askForReset, giveResetUp, resetDemoWorkspace };
}

export const useDemoWorkspace = storeHook(createDemoWorkspace);
