/** From wherever a scenario is named to the Run view, with the scenario open, ready to be started. */
import { createOpenFiles, scenarioNameOf } from './open-files.ts';
import { createRunSession } from './run-session.ts';
import { createSession } from './session.ts';
import { createWorkspaceFiles } from './workspace-files.ts';
import type { Stores } from './stores.ts';

/** Opens the scenario of this name in the Run view; tells what is missing where it cannot be. */
export async function openScenarioToRun(stores: Stores, scenario: string): Promise<void> {
  const session = stores.get(createSession);
  const { currentFolder, notify, inform } = session;
  const workspaceFiles = stores.get(createWorkspaceFiles);
  const { refreshWorkspaceFiles } = workspaceFiles;
  const runSession = stores.get(createRunSession);
  const { returnToLive } = runSession;
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
  const { files } = workspaceFiles.getState();
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
  if (runSession.getState().archived) returnToLive();
  if (!(await stores.get(createOpenFiles).openFile(path))) return;
  session.setState({ view: 'run' });
  inform(`${scenario} is open; F5 starts it.`);
}
