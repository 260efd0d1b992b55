/** How the next run is started: what the operator chose in the run controls. */
import { create } from 'zustand';
import type { FailurePolicy } from '#shared/scenario/machine-words.ts';

export interface RunOptions {
  readonly policy: FailurePolicy;
  /** Release candidate under test; empty: what the environment says. */
  readonly release: string;
  readonly variables: Readonly<Record<string, string>>;
}

export const useRunOptions = create<RunOptions>(() => ({ policy: 'pause', release: '', variables: {} }));
