/** The texts that the shown run executes now: those of its manifest, with the edits that were applied since. */
import { createStore } from 'zustand/vanilla';
import type { RunId } from '#shared/identifiers.ts';
import { editedTexts } from '#shared/run/edit-text.ts';
import type { RunEdit } from '#shared/run/run-model.ts';
import { createOpenFiles, scenarioNameOf } from './open-files.ts';
import { createRunSession } from './run-session.ts';
import { createSession } from './session.ts';
import { storeHook } from './context.ts';
import type { Stores } from './stores.ts';

export interface RunTextsState {
  readonly run: RunId | null;
  /** Name of the scenario that the run began with. */
  readonly root: string | null;
  /** By name of the scenario; empty until they are known. */
  readonly texts: Readonly<Record<string, string>>;
}

const none: RunTextsState = { run: null, root: null, texts: {} };

export function createRunTexts(stores: Stores) {
  const runSession = stores.get(createRunSession);
  const openFiles = stores.get(createOpenFiles);
  const { currentCore, notifyUnlessLost } = stores.get(createSession);

  const runTexts = createStore<RunTextsState>(() => none);

  let original: Readonly<Record<string, string>> = {};
  let applied: readonly RunEdit[] = [];

  /** Follows the shown run; returns the end of it. */
  function followRunTexts(): () => void {
    const look = (): void => {
      const { run, state, scenarioFile, live } = runSession.getState();
      if (run !== runTexts.getState().run) {
        original = {};
        applied = [];
        runTexts.setState({ ...none, run, texts: live && scenarioFile !== null ? savedTexts() : {} });
        if (run !== null) void load(run);
      }
      if (state.edits !== applied) {
        applied = state.edits;
        if (Object.keys(original).length > 0) runTexts.setState({ texts: editedTexts(original, applied) });
      }
    };
    look();
    return runSession.subscribe(look);
  }

  /** What a run that this console just started executes: the saved texts, until the core tells those that it took. */
  function savedTexts(): Readonly<Record<string, string>> {
    const scenarios = openFiles.getState().files.filter(({ kind, readOnly }) => kind === 'scenario' && !readOnly);
    return Object.fromEntries(scenarios.map(({ path, saved }) => [scenarioNameOf(path), saved]));
  }

  async function load(run: RunId): Promise<void> {
    const core = currentCore();
    if (!core) return;
    try {
      const { manifest } = await core.request('runs.show', { run });
      if (runTexts.getState().run !== run) return;
      original = manifest.scenario.texts;
      runTexts.setState({ root: manifest.scenario.name, texts: editedTexts(original, applied) });
    } catch (failure) {
      notifyUnlessLost(failure);
    }
  }

  return { ...runTexts, followRunTexts };
}

export const useRunTexts = storeHook(createRunTexts);
