/** The editor follows the run: it shows the scenario and the line where control is, and the step that is selected elsewhere. */
import { itemsOf } from '#shared/run/run-state.ts';
import {
  closeArchivedTexts,
  fileOf,
  openFile,
  putFile,
  reveal,
  scenarioNameOf,
  updateFile,
  useOpenFiles,
  workspacePath,
} from '../../../stores/open-files.ts';
import { useReplay } from '../../../stores/replay/replay.ts';
import { useRunSession } from '../../../stores/run-session.ts';
import { useRunTexts } from '../../../stores/run-texts.ts';
import { useTimeAxis } from '../../../stores/time-axis.ts';
import { pathOfScenario } from '../../../stores/workspace-files.ts';
import { executions, mappingOf, takeRunState } from './execution-decorations.ts';
import { useFollowing } from './following.ts';

/** ms for which control must stay in another scenario before that is shown: a short call does not make the tabs flicker. */
const settling = 250;

/** Path under which the scenario of the shown run is open or can be opened; null where only the run itself has it. */
function pathInWorkspace(scenario: string): string | null {
  const { scenarioFile } = useRunSession.getState();
  const root = scenarioFile === null ? null : workspacePath(scenarioFile);
  if (root !== null && scenarioNameOf(root) === scenario) return root;
  if (root !== null) return pathOfScenario(scenario, root);
  return null;
}

/** Opens the scenario of the shown run: the file of a live one, the text in the archive of one that is over. */
export async function openScenarioOfRun(scenario: string): Promise<string | null> {
  const { live } = useRunSession.getState();
  const path = pathInWorkspace(scenario);
  if (path !== null && (live || useRunSession.getState().scenarioFile !== null))
    return fileOf(path) || (await openFile(path)) ? path : null;
  const { run, texts } = useRunTexts.getState();
  const text = texts[scenario];
  if (run === null || text === undefined) return null;
  const archived = `run:${run}/${scenario}`;
  if (fileOf(archived)?.text !== text)
    putFile({ path: archived, kind: 'scenario', text, saved: text, hash: null, readOnly: true, outside: 'same' }, { activate: false });
  return archived;
}

/** Follows position and selection; returns the end of it. */
export function followRun(): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let shown = '';
  const showPosition = async (): Promise<void> => {
    const { state } = useRunSession.getState();
    const { position } = state;
    if (!useFollowing.getState().following || !position || state.status === 'finished') return;
    const path = await openScenarioOfRun(position.scenario);
    const line = path === null ? null : mappingOf(path).toEditor(position.line);
    if (path !== null && line !== null) reveal(path, line, 0, false);
  };
  const position = useRunSession.subscribe(({ state, run }) => {
    const here = `${run ?? ''} ${state.status} ${state.position?.scenario ?? ''} ${state.position?.line ?? ''}`;
    if (here === shown || !state.position) return;
    shown = here;
    const { active } = useOpenFiles.getState();
    const same = active !== null && scenarioNameOf(active) === state.position.scenario;
    // Within the shown scenario the line is followed at once; into another one when control stays there.
    const gone = useReplay.getState();
    // Somebody who goes to a moment of a replay wants to see it at once.
    if ((same && timer === undefined) || (gone.run !== null && !gone.playing)) void showPosition();
    else
      timer ??= setTimeout(() => {
        timer = undefined;
        void showPosition();
      }, settling);
  });
  const archived = useRunTexts.subscribe((state, before) => {
    // Whoever opened the run at a moment was quicker than its texts.
    if (state.root !== null && state.root !== before.root) void showRoot(state.root).then(showPosition);
    // A replay that goes over an edit of the run shows the text of its moment.
    else if (state.run !== null && state.run === before.run && state.texts !== before.texts) showTextsOfTheMoment();
  });
  // The run that was just executed here may be opened again from the archive: then it is its own text that is shown.
  const reopened = useRunSession.subscribe((state, before) => {
    const { run, root } = useRunTexts.getState();
    if (state.scenarioFile !== before.scenarioFile && state.run === run && root !== null) void showRoot(root);
  });
  // Back from the past its texts, which cannot be run, would stand before the operator's own.
  const returned = useRunSession.subscribe((state, before) => {
    if (before.archived && !state.archived) closeArchivedTexts();
  });
  const selection = useTimeAxis.subscribe((state, before) => {
    if (state.execution !== before.execution && state.execution !== null) void showExecution(state.execution);
  });
  return () => {
    clearTimeout(timer);
    position();
    archived();
    reopened();
    returned();
    selection();
  };
}

/** Texts of an archived run that are open, as they were at the moment that is shown. */
function showTextsOfTheMoment(): void {
  const { run, texts } = useRunTexts.getState();
  if (useReplay.getState().run === null) return;
  for (const [scenario, text] of Object.entries(texts)) {
    const path = `run:${run}/${scenario}`;
    const file = fileOf(path);
    if (file && file.text !== text) updateFile(path, { text, saved: text });
  }
}

/** A run from the archive, or one of another console, is shown with its scenario. */
async function showRoot(root: string): Promise<void> {
  const path = await openScenarioOfRun(root);
  if (path !== null && useOpenFiles.getState().active !== path) useOpenFiles.setState({ active: path });
}

async function showExecution(execution: number): Promise<void> {
  const state = takeRunState();
  const place = executions.placeOf(execution) ?? itemsOf(state.steps).find(({ step }) => step.execution === execution)?.step;
  if (!place) return;
  const path = await openScenarioOfRun(place.scenario);
  const line = path === null ? null : mappingOf(path).toEditor(place.line);
  if (path !== null && line !== null) reveal(path, line, 0, false);
}
