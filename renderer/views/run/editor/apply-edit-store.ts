/** Changing the lines that a paused run has still to execute: what differs, and handing it to the core. */
import { create } from 'zustand';
import { problemOf } from '#shared/problem.ts';
import { fileOf, scenarioNameOf, useOpenFiles } from '../../../stores/open-files.ts';
import { useRunSession } from '../../../stores/run-session.ts';
import { useRunTexts } from '../../../stores/run-texts.ts';
import { currentCore, notify } from '../../../stores/session.ts';
import { isUnderWay } from './executed-lock.ts';

export const useApplyEdit = create<{ readonly previewed: boolean; readonly applying: boolean }>(() => ({
  previewed: false,
  applying: false,
}));

export interface EditOfRun {
  readonly path: string;
  readonly scenario: string;
  /** What the run executes now, and what it would. */
  readonly before: string;
  readonly after: string;
  readonly paused: boolean;
}

/** What the shown file would change in the run that is under way; null where nothing differs. */
export function editOfRun(): EditOfRun | null {
  const file = fileOf(useOpenFiles.getState().active);
  if (!file || !isUnderWay(file.path)) return null;
  const scenario = scenarioNameOf(file.path);
  const before = useRunTexts.getState().texts[scenario];
  if (before === undefined || before === file.text) return null;
  return { path: file.path, scenario, before, after: file.text, paused: useRunSession.getState().state.status === 'paused' };
}

/** Applies it to the run, and to nothing else: the file is saved when its operator saves it. */
export async function applyEdit(): Promise<void> {
  const edit = editOfRun();
  const core = currentCore();
  const { run } = useRunSession.getState();
  if (!edit || !core || run === null) return;
  useApplyEdit.setState({ applying: true });
  try {
    await core.request('run.edit', { run, scenario: edit.scenario, text: edit.after });
    useApplyEdit.setState({ previewed: false });
  } catch (failure) {
    notify(problemOf(failure));
  } finally {
    useApplyEdit.setState({ applying: false });
  }
}
