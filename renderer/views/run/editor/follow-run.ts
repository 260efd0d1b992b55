/** The editor follows the run: it shows the scenario and the line where control is, and the step that is selected elsewhere. */
import { itemsOf } from '#shared/run/run-state.ts';
import { createOpenFiles, scenarioNameOf } from '../../../stores/open-files.ts';
import { createReplay } from '../../../stores/replay/replay.ts';
import { createRunSession } from '../../../stores/run-session.ts';
import { createRunTexts } from '../../../stores/run-texts.ts';
import { createTimeAxis } from '../../../stores/time-axis.ts';
import { createWorkspaceFiles } from '../../../stores/workspace-files.ts';
import { createExecutionDecorations } from './execution-decorations.ts';
import { createFollowing } from './following.ts';
import type { Stores } from '../../../stores/stores.ts';

/** ms for which control must stay in another scenario before that is shown: a short call does not make the tabs flicker. */
const settling = 250;

/** Path under which the scenario of the shown run is open or can be opened; null where only the run itself has it. */
function pathInWorkspace(stores: Stores, scenario: string): string | null {
  const { scenarioFile } = stores.get(createRunSession).getState();
  const root = scenarioFile === null ? null : stores.get(createOpenFiles).workspacePath(scenarioFile);
  if (root !== null && scenarioNameOf(root) === scenario) return root;
  if (root !== null) return stores.get(createWorkspaceFiles).pathOfScenario(scenario, root);
  return null;
}

/** Opens the scenario of the shown run: the file of a live one, the text in the archive of one that is over. */
export async function openScenarioOfRun(stores: Stores, scenario: string): Promise<string | null> {
  const runSession = stores.get(createRunSession);
  const { fileOf, openFile, putFile } = stores.get(createOpenFiles);
  const { live } = runSession.getState();
  const path = pathInWorkspace(stores, scenario);
  if (path !== null && (live || runSession.getState().scenarioFile !== null)) return fileOf(path) || (await openFile(path)) ? path : null;
  const { run, texts } = stores.get(createRunTexts).getState();
  const text = texts[scenario];
  if (run === null || text === undefined) return null;
  const archived = `run:${run}/${scenario}`;
  if (fileOf(archived)?.text !== text)
    putFile({ path: archived, kind: 'scenario', text, saved: text, hash: null, readOnly: true, outside: 'same' }, { activate: false });
  return archived;
}

/** Follows position and selection; returns the end of it. */
export function followRun(stores: Stores): () => void {
  const runSession = stores.get(createRunSession);
  const openFiles = stores.get(createOpenFiles);
  const { reveal, closeArchivedTexts } = openFiles;
  const runTexts = stores.get(createRunTexts);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let shown = '';
  const showPosition = async (): Promise<void> => {
    const { state } = runSession.getState();
    const { position } = state;
    if (!stores.get(createFollowing).getState().following || !position || state.status === 'finished') return;
    const path = await openScenarioOfRun(stores, position.scenario);
    const line = path === null ? null : stores.get(createExecutionDecorations).mappingOf(path).toEditor(position.line);
    if (path !== null && line !== null) reveal(path, line, 0, false);
  };
  const position = runSession.subscribe(({ state, run }) => {
    const here = `${run ?? ''} ${state.status} ${state.position?.scenario ?? ''} ${state.position?.line ?? ''}`;
    if (here === shown || !state.position) return;
    shown = here;
    const { active } = openFiles.getState();
    const same = active !== null && scenarioNameOf(active) === state.position.scenario;
    // Within the shown scenario the line is followed at once; into another one when control stays there.
    const gone = stores.get(createReplay).getState();
    // Somebody who goes to a moment of a replay wants to see it at once.
    if ((same && timer === undefined) || (gone.run !== null && !gone.playing)) void showPosition();
    else
      timer ??= setTimeout(() => {
        timer = undefined;
        void showPosition();
      }, settling);
  });
  const archived = runTexts.subscribe((state, before) => {
    // Whoever opened the run at a moment was quicker than its texts.
    if (state.root !== null && state.root !== before.root) void showRoot(stores, state.root).then(showPosition);
    // A replay that goes over an edit of the run shows the text of its moment.
    else if (state.run !== null && state.run === before.run && state.texts !== before.texts) showTextsOfTheMoment(stores);
  });
  // The run that was just executed here may be opened again from the archive: then it is its own text that is shown.
  const reopened = runSession.subscribe((state, before) => {
    const { run, root } = runTexts.getState();
    if (state.scenarioFile !== before.scenarioFile && state.run === run && root !== null) void showRoot(stores, root);
  });
  // Back from the past its texts, which cannot be run, would stand before the operator's own.
  const returned = runSession.subscribe((state, before) => {
    if (before.archived && !state.archived) closeArchivedTexts();
  });
  const selection = stores.get(createTimeAxis).subscribe((state, before) => {
    if (state.execution !== before.execution && state.execution !== null) void showExecution(stores, state.execution);
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
function showTextsOfTheMoment(stores: Stores): void {
  const { fileOf, updateFile } = stores.get(createOpenFiles);
  const { run, texts } = stores.get(createRunTexts).getState();
  if (stores.get(createReplay).getState().run === null) return;
  for (const [scenario, text] of Object.entries(texts)) {
    const path = `run:${run}/${scenario}`;
    const file = fileOf(path);
    if (file && file.text !== text) updateFile(path, { text, saved: text });
  }
}

/** A run from the archive, or one of another console, is shown with its scenario. */
async function showRoot(stores: Stores, root: string): Promise<void> {
  const openFiles = stores.get(createOpenFiles);
  const path = await openScenarioOfRun(stores, root);
  if (path !== null && openFiles.getState().active !== path) openFiles.setState({ active: path });
}

async function showExecution(stores: Stores, execution: number): Promise<void> {
  const { takeRunState, executions, mappingOf } = stores.get(createExecutionDecorations);
  const state = takeRunState();
  const place = executions.placeOf(execution) ?? itemsOf(state.steps).find(({ step }) => step.execution === execution)?.step;
  if (!place) return;
  const path = await openScenarioOfRun(stores, place.scenario);
  const line = path === null ? null : mappingOf(path).toEditor(place.line);
  if (path !== null && line !== null) stores.get(createOpenFiles).reveal(path, line, 0, false);
}
