/** What is done at the editor's caret or selection: moving the position of a paused run, running from a line, running some lines. */
import { createRunSession } from '../../../stores/run-session.ts';
import type { Program } from '#shared/scenario/syntax.ts';
import type { RunState } from '#shared/run/run-state.ts';
import { createRunBreakpoints } from '../../../stores/run-breakpoints.ts';
import { createOpenFiles } from '../../../stores/open-files.ts';
import { createSession } from '../../../stores/session.ts';
import { createScenarioBackground } from '../../../stores/scenario-background.ts';
import { possibleNow, start } from './run-commands.ts';
import type { Stores } from '../../../stores/stores.ts';

/** Lines of the scenario in front, zero-based, `to` included. */
export interface Place {
  readonly scenario: string;
  readonly from: number;
  readonly to: number;
}

/** The caret's place in the scenario that is in front; null where there is none. */
export function caretPlace(stores: Stores): Place | null {
  const openFiles = stores.get(createOpenFiles);
  const { activeScenario } = openFiles;
  const scenario = activeScenario();
  const { caret } = openFiles.getState();
  if (!scenario || caret?.path !== scenario.path) return null;
  return { scenario: scenario.name, from: caret.from, to: caret.to };
}

/** The first line from `line` on that holds a statement; null: none does. */
export function statementFrom(program: Program, scenario: string, line: number): number | null {
  return program.scenarios.get(scenario)?.lines.find((each) => each.statement !== null && each.line >= line)?.line ?? null;
}

/** Whether the paused run's position may be moved to a line: only within the scenario that it stands in. */
export function mayMove(state: RunState, place: Place | null): boolean {
  return place !== null && (state.position === null || state.position.scenario === place.scenario);
}

export function canGo(stores: Stores): boolean {
  return possibleNow(stores).go && mayMove(stores.get(createRunSession).getState().state, caretPlace(stores));
}

export function canRunHere(stores: Stores): boolean {
  return caretPlace(stores) !== null && (possibleNow(stores).start || canGo(stores));
}

export function canRunSelection(stores: Stores): boolean {
  const place = caretPlace(stores);
  return place !== null && possibleNow(stores).start;
}

/** ms until a run that was started paused is given up. */
const patience = 30_000;

/** Resolves when the shown run is paused; false when it ended, another is shown, or nothing came. */
function paused(stores: Stores): Promise<boolean> {
  const runSession = stores.get(createRunSession);
  const { run } = runSession.getState();
  return new Promise((resolve) => {
    const done = (answer: boolean): void => {
      clearTimeout(timer);
      stop();
      resolve(answer);
    };
    const look = (): void => {
      const session = runSession.getState();
      if (session.run !== run || session.state.status === 'finished') done(false);
      else if (session.state.status === 'paused') done(true);
    };
    const timer = setTimeout(() => done(false), patience);
    const stop = runSession.subscribe(look);
    look();
  });
}

/** Moves the paused run to the caret's line; the lines between are neither executed nor undone. */
export async function gotoCaret(stores: Stores): Promise<void> {
  const place = caretPlace(stores);
  if (!place || !canGo(stores)) return;
  const line = lineOfRun(stores, place);
  if (line === null) return;
  await stores.get(createRunSession).act({ kind: 'goto', line });
}

/** Starts the scenario at the caret's line, or lets the paused run go on from there. */
export async function runFromCaret(stores: Stores): Promise<void> {
  const { act } = stores.get(createRunSession);
  const place = caretPlace(stores);
  if (!place || !canRunHere(stores)) return;
  const line = lineFrom(stores, place.from);
  if (line === null) return;
  if (!possibleNow(stores).go && !(await startAt(stores))) return;
  if (await act({ kind: 'goto', line })) await act({ kind: 'continue' });
}

/** Starts the scenario at the first selected line and stops before the line that follows the selection, where the operator decides. */
export async function runSelection(stores: Stores): Promise<void> {
  const { act } = stores.get(createRunSession);
  const place = caretPlace(stores);
  if (!place || !canRunSelection(stores)) return;
  const first = lineFrom(stores, place.from);
  if (first === null || first > place.to) return tellNothing(stores, 'The selected lines hold no step.');
  const program = stores.get(createScenarioBackground).writtenProgram();
  const next = program && statementFrom(program, place.scenario, place.to + 1);
  if (!(await startAt(stores))) return;
  const end = next === null ? [] : [{ scenario: place.scenario, line: next }];
  await stores.get(createRunBreakpoints).tellBreakpoints(end);
  if (!(await act({ kind: 'goto', line: first }))) return;
  void takeBack(stores);
  await act({ kind: 'continue' });
}

/** The breakpoint behind the selection was the console's, not the operator's: it goes at the next pause. */
async function takeBack(stores: Stores): Promise<void> {
  const runSession = stores.get(createRunSession);
  const { run, state: before } = runSession.getState();
  await new Promise<void>((resolve) => {
    const stop = runSession.subscribe(({ run: shown, state, live }) => {
      const goesOn = shown === run && live && (state.paused === null || state.paused === before.paused);
      if (goesOn) return;
      stop();
      resolve();
    });
  });
  const { run: shown, state } = runSession.getState();
  if (shown !== run || state.status !== 'paused') return;
  await stores.get(createRunBreakpoints).tellBreakpoints();
}

/** The first statement from a line on, in the text as it stands in the editor. */
function lineFrom(stores: Stores, line: number): number | null {
  const scenario = stores.get(createOpenFiles).activeScenario();
  const program = stores.get(createScenarioBackground).writtenProgram();
  const found = scenario && program ? statementFrom(program, scenario.name, line) : null;
  if (found === null) tellNothing(stores, 'There is no step at the caret or below it.');
  return found;
}

/** The line of the shown run at which the caret's step stands: its text may differ from the editor's. */
function lineOfRun(stores: Stores, { scenario, from }: Place): number | null {
  const written = lineFrom(stores, from);
  const line = written === null ? null : stores.get(createRunBreakpoints).lineInRun(scenario, written);
  if (written !== null && line === null) {
    tellNothing(stores, 'The run does not have this line yet.', 'Apply the edit to the run first (Ctrl+Enter).');
  }
  return line;
}

/** Starts paused before the first step; false when it did not come to that. */
async function startAt(stores: Stores): Promise<boolean> {
  return (await start(stores, { startPaused: true })) && paused(stores);
}

function tellNothing(stores: Stores, message: string, tip = 'Put the caret on a line with a step.'): void {
  stores.get(createSession).notify({ severity: 'warning', code: 'no-step', message, tip }, { lifetime: 6_000 });
}
