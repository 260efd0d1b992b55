/** Changing the lines that a paused run has still to execute: what differs, and handing it to the core. */
import { createStore } from 'zustand/vanilla';
import { problemOf } from '#shared/problem.ts';
import { createOpenFiles, scenarioNameOf } from '../../../stores/open-files.ts';
import { createRunSession } from '../../../stores/run-session.ts';
import { createRunTexts } from '../../../stores/run-texts.ts';
import { createSession } from '../../../stores/session.ts';
import { isUnderWay } from './executed-lock.ts';
import { storeHook } from '../../../stores/context.ts';
import type { Stores } from '../../../stores/stores.ts';

export interface EditOfRun {
  readonly path: string;
  readonly scenario: string;
  /** What the run executes now, and what it would. */
  readonly before: string;
  readonly after: string;
  readonly paused: boolean;
}

export function createApplyEdit(stores: Stores) {
  const openFiles = stores.get(createOpenFiles);
  const { fileOf } = openFiles;
  const runTexts = stores.get(createRunTexts);
  const runSession = stores.get(createRunSession);
  const { currentCore, notify } = stores.get(createSession);

  const applyEditStore = createStore<{ readonly previewed: boolean; readonly applying: boolean }>(() => ({
    previewed: false,
    applying: false,
  }));

  /** What the shown file would change in the run that is under way; null where nothing differs. */
  function editOfRun(): EditOfRun | null {
    const file = fileOf(openFiles.getState().active);
    if (!file || !isUnderWay(stores, file.path)) return null;
    const scenario = scenarioNameOf(file.path);
    const before = runTexts.getState().texts[scenario];
    if (before === undefined || before === file.text) return null;
    return { path: file.path, scenario, before, after: file.text, paused: runSession.getState().state.status === 'paused' };
  }

  /** Applies it to the run, and to nothing else: the file is saved when its operator saves it. */
  async function applyEdit(): Promise<void> {
    const edit = editOfRun();
    const core = currentCore();
    const { run } = runSession.getState();
    if (!edit || !core || run === null) return;
    applyEditStore.setState({ applying: true });
    try {
      await core.request('run.edit', { run, scenario: edit.scenario, text: edit.after });
      applyEditStore.setState({ previewed: false });
    } catch (failure) {
      notify(problemOf(failure));
    } finally {
      applyEditStore.setState({ applying: false });
    }
  }

  return { ...applyEditStore, editOfRun, applyEdit };
}

export const useApplyEdit = storeHook(createApplyEdit);
