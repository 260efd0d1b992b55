/** The scenario that the run controls start: the one in front in the editor. */
import { create } from 'zustand';

export interface ScenarioInFront {
  /** Absolute path of its file; null when no scenario is open. */
  readonly file: string | null;
  readonly name: string | null;
  readonly dirty: boolean;
  /** Saves what is unsaved; false when that was not possible (the operator was told). */
  readonly save: () => Promise<boolean>;
}

export const useScenarioInFront = create<ScenarioInFront>(() => ({
  file: null,
  name: null,
  dirty: false,
  save: () => Promise.resolve(true),
}));
