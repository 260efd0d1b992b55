/** The texts that the shown run executes now: those of its manifest, with the edits that were applied since. */
import { create } from 'zustand';
import type { RunId } from '#shared/identifiers.ts';
import { problemOf } from '#shared/problem.ts';
import { editedTexts } from '#shared/run/edit-text.ts';
import type { RunEdit } from '#shared/run/run-model.ts';
import { scenarioNameOf, useOpenFiles } from './open-files.ts';
import { useRunSession } from './run-session.ts';
import { currentCore, notify } from './session.ts';

export interface RunTextsState {
  readonly run: RunId | null;
  /** Name of the scenario that the run began with. */
  readonly root: string | null;
  /** By name of the scenario; empty until they are known. */
  readonly texts: Readonly<Record<string, string>>;
}

const none: RunTextsState = { run: null, root: null, texts: {} };

export const useRunTexts = create<RunTextsState>(() => none);

let original: Readonly<Record<string, string>> = {};
let applied: readonly RunEdit[] = [];

/** Follows the shown run; returns the end of it. */
export function followRunTexts(): () => void {
  const look = (): void => {
    const { run, state, scenarioFile, live } = useRunSession.getState();
    if (run !== useRunTexts.getState().run) {
      original = {};
      applied = [];
      useRunTexts.setState({ ...none, run, texts: live && scenarioFile !== null ? savedTexts() : {} });
      if (run !== null) void load(run);
    }
    if (state.edits !== applied) {
      applied = state.edits;
      if (Object.keys(original).length > 0) useRunTexts.setState({ texts: editedTexts(original, applied) });
    }
  };
  look();
  return useRunSession.subscribe(look);
}

/** What a run that this console just started executes: the saved texts, until the core tells those that it took. */
function savedTexts(): Readonly<Record<string, string>> {
  const scenarios = useOpenFiles.getState().files.filter(({ kind, readOnly }) => kind === 'scenario' && !readOnly);
  return Object.fromEntries(scenarios.map(({ path, saved }) => [scenarioNameOf(path), saved]));
}

async function load(run: RunId): Promise<void> {
  const core = currentCore();
  if (!core) return;
  try {
    const { manifest } = await core.request('runs.show', { run });
    if (useRunTexts.getState().run !== run) return;
    original = manifest.scenario.texts;
    useRunTexts.setState({ root: manifest.scenario.name, texts: editedTexts(original, applied) });
  } catch (failure) {
    notify(problemOf(failure));
  }
}
