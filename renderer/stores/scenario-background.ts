/**
 * What the three questions need besides the run itself: the scenario as a program, and earlier runs of it. For a shown run
 * the program is made of the texts it was run with; otherwise of the scenario that is being written.
 */
import { createStore } from 'zustand/vanilla';
import type { PastBaseline, PastRun } from '#shared/contract/history.ts';
import type { Core } from '#shared/contract/contract.ts';
import type { RunId } from '#shared/identifiers.ts';
import { linkProgram } from '#shared/scenario/link.ts';
import { parseScenario } from '#shared/scenario/parser.ts';
import type { Program } from '#shared/scenario/syntax.ts';
import { createOpenFiles, isDirty } from './open-files.ts';
import { createRunOptions } from './run-options.ts';
import { createRunSession } from './run-session.ts';
import { createSession, type SessionState } from './session.ts';
import { createWorkspaceFiles, scenariosAround } from './workspace-files.ts';
import { storeHook } from './context.ts';
import type { Stores } from './stores.ts';

export interface BackgroundState {
  /** Name of the scenario. */
  readonly scenario: string | null;
  readonly program: Program | null;
  readonly history: readonly PastRun[];
  /** What the run is compared with while nobody chooses; null: no run like it is accepted. */
  readonly baseline: PastBaseline | null;
  /** The release of a run that would be started now, for which history and baseline were asked; null: not known, or a run is shown. */
  readonly release: string | null;
  /** Whether the history was asked for and has come, or cannot come. */
  readonly known: boolean;
}

const nothing: BackgroundState = { scenario: null, program: null, history: [], baseline: null, release: null, known: false };

const historyLength = 30;
/** ms without typing after which the scenario is looked at anew. */
const typingPause = 400;

/** A scenario whose text in the editor is not that of its file. */
export interface Draft {
  readonly name: string;
  readonly path: string;
  readonly text: string;
}

export function createScenarioBackground(stores: Stores) {
  const openFiles = stores.get(createOpenFiles);
  const { activeScenario, fileOf } = openFiles;
  const { presentTexts } = stores.get(createWorkspaceFiles);
  const session = stores.get(createSession);
  const { currentCore } = session;
  const runOptions = stores.get(createRunOptions);
  const runSession = stores.get(createRunSession);

  const scenarioBackground = createStore<BackgroundState>(() => nothing);

  /** The scenario in front in the editor, and those around it that it can call, as they stand in the editor. */
  function writtenScenario() {
    const scenario = activeScenario();
    if (!scenario) return null;
    const present = presentTexts();
    const around = [...scenariosAround(scenario.path, present.keys())].map(([name, path]) => [name, present.get(path) ?? ''] as const);
    return { name: scenario.name, texts: { ...Object.fromEntries(around), [scenario.name]: scenario.text } };
  }

  /** The scenario in front in the editor with what it calls; null where none is. */
  function writtenProgram(): Program | null {
    const written = writtenScenario();
    return written && programOf(written.name, written.texts);
  }

  /** A run that is started now: in this environment, of the release that is entered or that the environment says. */
  function runToBe() {
    const { environment } = session.getState();
    if (environment === null) return {};
    return { environment: environment.environment, release: runOptions.getState().release || environment.release };
  }

  /** Of what a start of the scenario in front would run, the texts that are not saved. */
  function draftsToRun(): readonly Draft[] {
    const scenario = activeScenario();
    if (!scenario) return [];
    const paths = new Map([...scenariosAround(scenario.path, presentTexts().keys()), [scenario.name, scenario.path]]);
    return [...(writtenProgram()?.scenarios.keys() ?? [])].flatMap((name) => {
      const file = fileOf(paths.get(name) ?? null);
      return file && isDirty(file) ? [{ name, path: file.path, text: file.text }] : [];
    });
  }

  let refreshing = 0;
  /** Counts what was asked of earlier runs: of several answers under way the one that was asked for last counts. */
  let asking = 0;

  /** Looks up program and history anew; a later call wins over an earlier one that is still under way. */
  async function refresh(): Promise<void> {
    const turn = ++refreshing;
    const core = currentCore();
    const { run } = runSession.getState();
    if (!core) return;
    try {
      const found = run ? await scenarioOfRun(run) : writtenScenario();
      if (turn !== refreshing) return;
      if (!found) return scenarioBackground.setState({ ...nothing, known: true });
      const same = scenarioBackground.getState().scenario === found.name;
      const program = programOf(found.name, found.texts);
      scenarioBackground.setState(same ? { program } : { ...nothing, scenario: found.name, program });
      const asked = ++asking;
      const past = await pastOf(core, found.name, run);
      // What was asked since rests on what is known since, such as the release.
      if (turn === refreshing && asked === asking) scenarioBackground.setState({ ...past, known: true });
    } catch {
      // A run that is being deleted or a core that goes away: what is known stays, and nobody waits for more.
      if (turn === refreshing) scenarioBackground.setState({ known: true });
    }
  }

  async function pastOf(core: Core, scenario: string, run: RunId | null) {
    const toBe = runToBe();
    const about = run ? { of: run } : toBe;
    const { runs, baseline } = await core.request('scenario.history', { scenario, limit: historyLength, ...about });
    return { history: runs, baseline, release: run ? null : (toBe.release ?? null) };
  }

  /** Looks up earlier runs anew: something was decided about them, or there are others. */
  async function refreshHistory(): Promise<void> {
    const core = currentCore();
    const { run } = runSession.getState();
    const { scenario } = scenarioBackground.getState();
    const [turn, asked] = [refreshing, ++asking];
    if (!core || scenario === null) return;
    const past = await pastOf(core, scenario, run).catch(() => null);
    if (turn !== refreshing || asked !== asking) return;
    scenarioBackground.setState(past ? { ...past, known: true } : { known: true });
  }

  async function scenarioOfRun(run: RunId) {
    const { manifest } = (await currentCore()?.request('runs.show', { run })) ?? {};
    return manifest ? { name: manifest.scenario.name, texts: manifest.scenario.texts } : null;
  }

  function followChanges(): () => void {
    const stream = currentCore()?.listen('runs.changes', {}, () => void refreshHistory());
    // That the connection is lost is told elsewhere.
    stream?.ended.catch(() => undefined);
    return () => stream?.close();
  }

  /** Keeps the background current; returns the end of that. */
  function followScenario(): () => void {
    const stopRun = runSession.subscribe((state, before) => {
      // A replay ends as often as one likes; nothing new is known of earlier runs then.
      const ended = !state.archived && state.state.status === 'finished' && before.state.status !== 'finished';
      if (state.run !== before.run || ended) void refresh();
    });
    // Decisions, runs that come or go, and the sample history change what there is to compare with.
    let stopChanges = followChanges();
    const stopSession = session.subscribe((state, before) => {
      if (state.connection !== before.connection && state.connection.kind === 'connected') {
        stopChanges();
        stopChanges = followChanges();
        void refresh();
      } else if (namedOf(state) !== namedOf(before)) void refreshHistory();
    });
    const stopOptions = runOptions.subscribe((state, before) => {
      if (state.release !== before.release) void refreshHistory();
    });
    let typing: ReturnType<typeof setTimeout> | undefined;
    const stopFiles = openFiles.subscribe((state, before) => {
      if (runSession.getState().run !== null || (state.files === before.files && state.active === before.active)) return;
      clearTimeout(typing);
      typing = setTimeout(() => void refresh(), typingPause);
    });
    void refresh();
    return () => {
      clearTimeout(typing);
      stopFiles();
      stopRun();
      stopChanges();
      stopOptions();
      stopSession();
    };
  }

  return { ...scenarioBackground, writtenProgram, draftsToRun, refresh, followScenario };
}

export const useScenarioBackground = storeHook(createScenarioBackground);

export function programOf(name: string, texts: Readonly<Record<string, string>>): Program {
  return linkProgram(name, (each) => {
    const text = texts[each];
    return text === undefined ? undefined : parseScenario(each, text);
  }).program;
}

/** What of the session a run that is not started yet is compared by. */
function namedOf({ environment }: SessionState): string {
  return environment === null ? '' : `${environment.environment} ${environment.release}`;
}
