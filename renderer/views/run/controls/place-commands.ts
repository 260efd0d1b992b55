/** What is done at the editor's caret or selection: moving the position of a paused run, running from a line, running some lines. */
import { act, useRunSession } from '../../../stores/run-session.ts';
import type { Program } from '#shared/scenario/syntax.ts';
import type { RunState } from '#shared/run/run-state.ts';
import { lineInRun, tellBreakpoints } from '../../../stores/run-breakpoints.ts';
import { activeScenario, useOpenFiles } from '../../../stores/open-files.ts';
import { notify } from '../../../stores/session.ts';
import { writtenProgram } from '../../../stores/scenario-background.ts';
import { possibleNow, start } from './run-commands.ts';

/** Lines of the scenario in front, zero-based, `to` included. */
export interface Place {
  readonly scenario: string;
  readonly from: number;
  readonly to: number;
}

/** The caret's place in the scenario that is in front; null where there is none. */
export function caretPlace(): Place | null {
  const scenario = activeScenario();
  const { caret } = useOpenFiles.getState();
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

export function canGo(): boolean {
  return possibleNow().go && mayMove(useRunSession.getState().state, caretPlace());
}

export function canRunHere(): boolean {
  return caretPlace() !== null && (possibleNow().start || canGo());
}

export function canRunSelection(): boolean {
  const place = caretPlace();
  return place !== null && possibleNow().start;
}

/** ms until a run that was started paused is given up. */
const patience = 30_000;

/** Resolves when the shown run is paused; false when it ended, another is shown, or nothing came. */
function paused(): Promise<boolean> {
  const { run } = useRunSession.getState();
  return new Promise((resolve) => {
    const done = (answer: boolean): void => {
      clearTimeout(timer);
      stop();
      resolve(answer);
    };
    const look = (): void => {
      const session = useRunSession.getState();
      if (session.run !== run || session.state.status === 'finished') done(false);
      else if (session.state.status === 'paused') done(true);
    };
    const timer = setTimeout(() => done(false), patience);
    const stop = useRunSession.subscribe(look);
    look();
  });
}

/** Moves the paused run to the caret's line; the lines between are neither executed nor undone. */
export async function gotoCaret(): Promise<void> {
  const place = caretPlace();
  if (!place || !canGo()) return;
  const line = lineOfRun(place);
  if (line === null) return;
  await act({ kind: 'goto', line });
}

/** Starts the scenario at the caret's line, or lets the paused run go on from there. */
export async function runFromCaret(): Promise<void> {
  const place = caretPlace();
  if (!place || !canRunHere()) return;
  const line = lineFrom(place.from);
  if (line === null) return;
  if (!possibleNow().go && !(await startAt())) return;
  if (await act({ kind: 'goto', line })) await act({ kind: 'continue' });
}

/** Starts the scenario at the first selected line and stops before the line that follows the selection, where the operator decides. */
export async function runSelection(): Promise<void> {
  const place = caretPlace();
  if (!place || !canRunSelection()) return;
  const first = lineFrom(place.from);
  if (first === null || first > place.to) return tellNothing('The selected lines hold no step.');
  const program = writtenProgram();
  const next = program && statementFrom(program, place.scenario, place.to + 1);
  if (!(await startAt())) return;
  const end = next === null ? [] : [{ scenario: place.scenario, line: next }];
  await tellBreakpoints(end);
  if (!(await act({ kind: 'goto', line: first }))) return;
  void takeBack();
  await act({ kind: 'continue' });
}

/** The breakpoint behind the selection was the console's, not the operator's: it goes at the next pause. */
async function takeBack(): Promise<void> {
  const { run, state: before } = useRunSession.getState();
  await new Promise<void>((resolve) => {
    const stop = useRunSession.subscribe(({ run: shown, state, live }) => {
      const goesOn = shown === run && live && (state.paused === null || state.paused === before.paused);
      if (goesOn) return;
      stop();
      resolve();
    });
  });
  const { run: shown, state } = useRunSession.getState();
  if (shown !== run || state.status !== 'paused') return;
  await tellBreakpoints();
}

/** The first statement from a line on, in the text as it stands in the editor. */
function lineFrom(line: number): number | null {
  const scenario = activeScenario();
  const program = writtenProgram();
  const found = scenario && program ? statementFrom(program, scenario.name, line) : null;
  if (found === null) tellNothing('There is no step at the caret or below it.');
  return found;
}

/** The line of the shown run at which the caret's step stands: its text may differ from the editor's. */
function lineOfRun({ scenario, from }: Place): number | null {
  const written = lineFrom(from);
  const line = written === null ? null : lineInRun(scenario, written);
  if (written !== null && line === null) {
    tellNothing('The run does not have this line yet.', 'Apply the edit to the run first (Ctrl+Enter).');
  }
  return line;
}

/** Starts paused before the first step; false when it did not come to that. */
async function startAt(): Promise<boolean> {
  return (await start({ startPaused: true })) && paused();
}

function tellNothing(message: string, tip = 'Put the caret on a line with a step.'): void {
  notify({ severity: 'warning', code: 'no-step', message, tip }, { lifetime: 6_000 });
}
