/** How the next run is started: what the operator chose in the run controls. */
import { createStore } from 'zustand/vanilla';
import type { FailurePolicy } from '#shared/scenario/machine-words.ts';
import { storeHook } from './context.ts';

export interface RunOptions {
  readonly policy: FailurePolicy;
  /** Release candidate under test; empty: what the environment says. */
  readonly release: string;
  readonly variables: Readonly<Record<string, string>>;
}

export function createRunOptions() {
  const runOptions = createStore<RunOptions>(() => ({ policy: 'pause', release: '', variables: {} }));

  return { ...runOptions };
}

export const useRunOptions = storeHook(createRunOptions);
