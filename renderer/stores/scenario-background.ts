/**
 * What the three questions need besides the run itself: the scenario as a program, and earlier runs of it. For a shown run
 * the program is made of the texts it was run with; otherwise of the scenario that is being written.
 */
import { create } from 'zustand';
import type { PastRun } from '#shared/contract/console.ts';
import { linkProgram } from '#shared/scenario/link.ts';
import { parseScenario } from '#shared/scenario/parser.ts';
import type { Program } from '#shared/scenario/syntax.ts';
import { activeScenario, useOpenFiles } from './open-files.ts';
import { useRunSession } from './run-session.ts';
import { currentCore, useSession } from './session.ts';
import { presentTexts, scenariosAround } from './workspace-files.ts';

export interface BackgroundState {
  /** Name of the scenario. */
  readonly scenario: string | null;
  readonly program: Program | null;
  readonly history: readonly PastRun[];
  /** Whether the history was asked for and has come, or cannot come. */
  readonly known: boolean;
}

const nothing: BackgroundState = { scenario: null, program: null, history: [], known: false };

export const useScenarioBackground = create<BackgroundState>(() => nothing);

const historyLength = 30;
/** ms without typing after which the scenario is looked at anew. */
const typingPause = 400;

export function programOf(name: string, texts: Readonly<Record<string, string>>): Program {
  return linkProgram(name, (each) => {
    const text = texts[each];
    return text === undefined ? undefined : parseScenario(each, text);
  }).program;
}

/** The scenario in front in the editor, and those around it that it can call, as they stand in the editor. */
function writtenScenario() {
  const scenario = activeScenario();
  if (!scenario) return null;
  const present = presentTexts();
  const around = [...scenariosAround(scenario.path, present.keys())].map(([name, path]) => [name, present.get(path) ?? ''] as const);
  return { name: scenario.name, texts: { ...Object.fromEntries(around), [scenario.name]: scenario.text } };
}

/** The scenario in front in the editor with what it calls; null where none is. */
export function writtenProgram(): Program | null {
  const written = writtenScenario();
  return written && programOf(written.name, written.texts);
}

let refreshing = 0;

/** Looks up program and history anew; a later call wins over an earlier one that is still under way. */
export async function refresh(): Promise<void> {
  const turn = ++refreshing;
  const core = currentCore();
  const { run } = useRunSession.getState();
  if (!core) return;
  try {
    const found = run ? await scenarioOfRun(run) : writtenScenario();
    if (turn !== refreshing) return;
    if (!found) return useScenarioBackground.setState({ ...nothing, known: true });
    const same = useScenarioBackground.getState().scenario === found.name;
    const program = programOf(found.name, found.texts);
    useScenarioBackground.setState(same ? { program } : { ...nothing, scenario: found.name, program });
    const { runs } = await core.request('scenario.history', { scenario: found.name, limit: historyLength, ...(run && { of: run }) });
    if (turn === refreshing) useScenarioBackground.setState({ history: runs, known: true });
  } catch {
    // A run that is being deleted or a core that goes away: what is known stays, and nobody waits for more.
    if (turn === refreshing) useScenarioBackground.setState({ known: true });
  }
}

async function scenarioOfRun(run: NonNullable<ReturnType<typeof useRunSession.getState>['run']>) {
  const { manifest } = (await currentCore()?.request('runs.show', { run })) ?? {};
  return manifest ? { name: manifest.scenario.name, texts: manifest.scenario.texts } : null;
}

/** Keeps the background current; returns the end of that. */
export function followScenario(): () => void {
  const stopRun = useRunSession.subscribe((state, before) => {
    // A replay ends as often as one likes; nothing new is known of earlier runs then.
    const ended = !state.archived && state.state.status === 'finished' && before.state.status !== 'finished';
    if (state.run !== before.run || ended) void refresh();
  });
  const stopSession = useSession.subscribe((state, before) => {
    if (state.connection !== before.connection && state.connection.kind === 'connected') void refresh();
  });
  let typing: ReturnType<typeof setTimeout> | undefined;
  const stopFiles = useOpenFiles.subscribe((state, before) => {
    if (useRunSession.getState().run !== null || (state.files === before.files && state.active === before.active)) return;
    clearTimeout(typing);
    typing = setTimeout(() => void refresh(), typingPause);
  });
  void refresh();
  return () => {
    clearTimeout(typing);
    stopFiles();
    stopRun();
    stopSession();
  };
}
