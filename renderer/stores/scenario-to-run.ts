/** From wherever a scenario is named to the Run view, with the scenario open, ready to be started. */
import { openFile, scenarioNameOf } from './open-files.ts';
import { returnToLive, useRunSession } from './run-session.ts';
import { currentFolder, inform, notify, useSession } from './session.ts';
import { refreshWorkspaceFiles, useWorkspaceFiles } from './workspace-files.ts';

/** Opens the scenario of this name in the Run view; tells what is missing where it cannot be. */
export async function openScenarioToRun(scenario: string): Promise<void> {
  if (currentFolder() === null) {
    notify({
      severity: 'information',
      code: 'no-workspace',
      message: `No workspace is open, so ${scenario} cannot be run.`,
      tip: 'Open the workspace that has the scenario, and ask again.',
    });
    return;
  }
  await refreshWorkspaceFiles();
  const { files } = useWorkspaceFiles.getState();
  const path = files.find((file) => file.kind === 'scenario' && scenarioNameOf(file.path) === scenario)?.path;
  if (path === undefined) {
    notify({
      severity: 'information',
      code: 'no-scenario',
      message: `The open workspace has no scenario ${scenario}.`,
      tip: 'Open the workspace that has it, and ask again.',
    });
    return;
  }
  // A run of the past would stand before the scenario.
  if (useRunSession.getState().archived) returnToLive();
  if (!(await openFile(path))) return;
  useSession.setState({ view: 'run' });
  inform(`${scenario} is open; F5 starts it.`);
}
