/** Shows a line of a scenario in the editor: of the shown run's text where it is open, else of the workspace's file. */
import { activeScenario, fileOf, openFile, reveal, scenarioNameOf, useOpenFiles } from '../../../stores/open-files.ts';
import { useRunSession } from '../../../stores/run-session.ts';
import { pathOfScenario } from '../../../stores/workspace-files.ts';

/** `line` is zero-based. Nothing happens where the scenario is not found. */
export async function revealLine(scenario: string, line: number): Promise<void> {
  const { run } = useRunSession.getState();
  const ofRun = `run:${run ?? ''}/${scenario}`;
  if (run !== null && fileOf(ofRun)) return reveal(ofRun, line);
  const open = useOpenFiles.getState().files.find(({ path, readOnly }) => !readOnly && scenarioNameOf(path) === scenario);
  const path = open?.path ?? pathOfScenario(scenario, activeScenario()?.path ?? 'scenarios/');
  if (path !== null) await openFile(path, { line });
}
