/** Shows a line of a scenario in the editor: of the shown run's text where it is open, else of the workspace's file. */
import { createOpenFiles, scenarioNameOf } from '../../../stores/open-files.ts';
import { createRunSession } from '../../../stores/run-session.ts';
import { createWorkspaceFiles } from '../../../stores/workspace-files.ts';
import type { Stores } from '../../../stores/stores.ts';

/** `line` is zero-based. Nothing happens where the scenario is not found. */
export async function revealLine(stores: Stores, scenario: string, line: number): Promise<void> {
  const openFiles = stores.get(createOpenFiles);
  const { fileOf, reveal, activeScenario, openFile } = openFiles;
  const { run } = stores.get(createRunSession).getState();
  const ofRun = `run:${run ?? ''}/${scenario}`;
  if (run !== null && fileOf(ofRun)) return reveal(ofRun, line);
  const open = openFiles.getState().files.find(({ path, readOnly }) => !readOnly && scenarioNameOf(path) === scenario);
  const path = open?.path ?? stores.get(createWorkspaceFiles).pathOfScenario(scenario, activeScenario()?.path ?? 'scenarios/');
  if (path !== null) await openFile(path, { line });
}
