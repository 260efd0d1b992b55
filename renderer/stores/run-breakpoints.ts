/**
 * Breakpoints as a run takes them. The editor's stand in the texts of the editor, a run's in the texts that it executes:
 * while an edit is not applied yet the two differ, so lines are translated, and told anew when the edit is applied.
 */
import type { RunId } from '#shared/identifiers.ts';
import { parseScenario } from '#shared/scenario/parser.ts';
import type { Program, Scenario } from '#shared/scenario/syntax.ts';
import { createBreakpoints, sameBreakpoints, type Breakpoint } from './breakpoints.ts';
import { lineMapping } from './line-mapping.ts';
import { createOpenFiles, scenarioNameOf } from './open-files.ts';
import { createRunConsoles, hasControl } from './run-consoles.ts';
import { createRunSession } from './run-session.ts';
import { createRunTexts } from './run-texts.ts';
import { createWorkspaceFiles, scenariosAround } from './workspace-files.ts';
import type { Stores } from './stores.ts';

type Texts = Readonly<Record<string, string>>;

export function createRunBreakpoints(stores: Stores) {
  const breakpointsStore = stores.get(createBreakpoints);
  const runSession = stores.get(createRunSession);
  const { act } = runSession;
  const runTexts = stores.get(createRunTexts);
  const { presentTexts } = stores.get(createWorkspaceFiles);
  const openFiles = stores.get(createOpenFiles);
  const { workspacePath } = openFiles;
  const runConsoles = stores.get(createRunConsoles);

  /** What the shown run was told last; null: nothing by this console. */
  let told: { readonly run: RunId; readonly breakpoints: readonly Breakpoint[] } | null = null;
  /** What the shown run was told besides the editor's breakpoints, in the lines of its texts; null: nothing. */
  let besides: { readonly run: RunId; readonly breakpoints: readonly Breakpoint[] } | null = null;
  /** What the run that is being started is told; null: none is. */
  let starting: readonly Breakpoint[] | null = null;

  /** What a run of a program that is about to be started is told. */
  function breakpointsToStart(program: Program | null): Breakpoint[] {
    const { breakpoints } = breakpointsStore.getState();
    const given = program ? breakpointsOfProgram(breakpoints, program.scenarios) : [];
    starting = given;
    return given;
  }

  /** Tells the shown run of the breakpoints as they are now, and of `more` in the lines of its texts, until it is told again. */
  async function tellBreakpoints(more: readonly Breakpoint[] = []): Promise<void> {
    const { run } = runSession.getState();
    if (run === null) return;
    besides = { run, breakpoints: more };
    const breakpoints = presentBreakpoints();
    told = { run, breakpoints };
    await act({ kind: 'set-breakpoints', breakpoints });
  }

  function presentBreakpoints(): Breakpoint[] {
    const { texts } = runTexts.getState();
    return [...breakpointsInRun(breakpointsStore.getState().breakpoints, texts, textsOfEditor()), ...furtherBreakpoints()];
  }

  function furtherBreakpoints(): readonly Breakpoint[] {
    return besides?.run === runSession.getState().run ? besides.breakpoints : [];
  }

  /** Texts as they stand in the editor, or are saved, by name; of several of one name the one that the run would find. */
  function textsOfEditor(): Texts {
    const present = presentTexts();
    const { scenarioFile } = runSession.getState();
    const root = scenarioFile === null ? null : workspacePath(scenarioFile);
    const around = root === null ? new Map<string, string>() : scenariosAround(root, present.keys());
    const byName = [...present].map(([path, text]) => [scenarioNameOf(path), text] as const);
    const open = openFiles.getState().files.filter(({ kind, readOnly }) => kind === 'scenario' && !readOnly);
    return Object.fromEntries([
      ...byName,
      ...open.map(({ path, text }) => [scenarioNameOf(path), text] as const),
      ...[...around].map(([name, path]) => [name, present.get(path) ?? ''] as const),
    ]);
  }

  /** The line of an editor's text in the text that the shown run executes; null: the run does not have it (yet). */
  function lineInRun(scenario: string, line: number): number | null {
    const executed = runTexts.getState().texts[scenario];
    return executed === undefined ? line : lineMapping(executed, textsOfEditor()[scenario] ?? executed).toRun(line);
  }

  /** Keeps the shown run told; returns the end of that. */
  function followBreakpoints(): () => void {
    const stops = [
      runSession.subscribe(({ run }, before) => {
        if (run === before.run) return;
        told = run === null || starting === null ? null : { run, breakpoints: starting };
        starting = null;
      }),
      breakpointsStore.subscribe(({ changes }, before) => {
        if (changes !== before.changes) tellIfChanged();
      }),
      runTexts.subscribe(({ run, texts }, before) => {
        if (run !== before.run || texts === before.texts || told?.run !== run) return;
        const moved = told.breakpoints.flatMap((each) => movedWith(each, before.texts, texts));
        told = { run: told.run, breakpoints: moved };
        if (hasControl(runConsoles.getState())) tellIfChanged();
      }),
    ];
    return () => {
      for (const stop of stops) stop();
    };
  }

  function tellIfChanged(): void {
    const { run, live, state } = runSession.getState();
    if (run === null || !live || state.status === 'finished') return;
    if (told?.run === run && sameBreakpoints(inOrder(told.breakpoints), inOrder(presentBreakpoints()))) return;
    void tellBreakpoints(furtherBreakpoints());
  }

  return { breakpointsToStart, tellBreakpoints, lineInRun, followBreakpoints };
}

/** Breakpoints of a program, each on the statement before which it stops; those of other scenarios are left out. Pure. */
export function breakpointsOfProgram(breakpoints: readonly Breakpoint[], scenarios: ReadonlyMap<string, Scenario>): Breakpoint[] {
  const found = new Map<string, Breakpoint>();
  for (const breakpoint of breakpoints) {
    const lines = scenarios.get(breakpoint.scenario)?.lines;
    const line = lines?.find((each) => each.statement !== null && each.line >= breakpoint.line)?.line;
    const place = `${breakpoint.scenario}:${line}`;
    if (line !== undefined && (line === breakpoint.line || !found.has(place))) found.set(place, { ...breakpoint, line });
  }
  return [...found.values()];
}

/** Breakpoints in the lines of what a run executes; what stands on lines that the run does not have is left out. Pure. */
export function breakpointsInRun(breakpoints: readonly Breakpoint[], executed: Texts, present: Texts): Breakpoint[] {
  const names = new Set(breakpoints.map(({ scenario }) => scenario));
  const scenarios = new Map<string, Scenario>();
  const translated: Breakpoint[] = [];
  for (const name of names) {
    const text = executed[name];
    if (text === undefined) continue;
    scenarios.set(name, parseScenario(name, text).scenario);
    const { toRun } = lineMapping(text, present[name] ?? text);
    for (const each of breakpoints) {
      const line = each.scenario === name ? toRun(each.line) : null;
      if (line !== null) translated.push({ ...each, line });
    }
  }
  return breakpointsOfProgram(translated, scenarios);
}

/** The core moves breakpoints with the lines of an edit, too; only what that does not cover is told. */
function movedWith(breakpoint: Breakpoint, before: Texts, after: Texts): Breakpoint[] {
  const [old, fresh] = [before[breakpoint.scenario], after[breakpoint.scenario]];
  if (old === undefined || fresh === undefined || old === fresh) return [breakpoint];
  const line = lineMapping(old, fresh).toEditor(breakpoint.line);
  return line === null ? [] : [{ ...breakpoint, line }];
}

function inOrder(breakpoints: readonly Breakpoint[]): Breakpoint[] {
  return breakpoints.toSorted((left, right) => left.scenario.localeCompare(right.scenario) || left.line - right.line);
}
