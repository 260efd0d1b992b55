/**
 * Changes of a scenario while it runs: which lines may still be changed, and what becomes of the machine's state. What was
 * executed stays as it is, so a step's line is the same in every text of the run.
 */
import type { Breakpoint } from './machine-contract.ts';
import type { ArmedBreakpoint, Frame, MachineState } from './machine-state.ts';
import { scenarioStructure } from './structure.ts';
import type { Program, Scenario } from './syntax.ts';
import { editBetween, lineAfter, linesOf, type TextEdit } from '#shared/run/edit-text.ts';

/** A scenario's text, and the whole program with it. */
export interface ProgramText {
  readonly program: Program;
  readonly text: string;
}

export type ProgramEdit =
  | { readonly kind: 'refused'; readonly message: string }
  | {
      readonly kind: 'edited';
      readonly state: MachineState;
      /** The step that comes next (or that failed), where it stands now; null behind the last statement. */
      readonly position: Breakpoint | null;
    };

/**
 * The first line (zero-based) of a scenario that may be changed: that of its next step. In a scenario that waits for one it
 * called, the line behind the call; in one that is not being executed, the first.
 */
export function firstEditableLine(program: Program, state: Pick<MachineState, 'frames'>, scenario: string): number {
  const index = state.frames.findLastIndex((frame) => frame.scenario === scenario);
  const frame = state.frames[index];
  const parsed = program.scenarios.get(scenario);
  if (!frame || !parsed) return 0;
  const { statements } = scenarioStructure(parsed);
  const begins = parsed.frontMatter === null ? 0 : parsed.frontMatter.range.end.line + 1;
  const next = statements[frame.position];
  if (next) return index === state.frames.length - 1 ? next.line : next.line + 1;
  return Math.max(begins, (statements.at(-1)?.line ?? -1) + 1);
}

/** What becomes of a paused machine when a scenario of its program is changed. `after` has no errors. */
export function editProgram(state: MachineState, scenario: string, before: ProgramText, after: ProgramText): ProgramEdit {
  if (state.status !== 'paused' || state.active)
    return refused('The run is not paused, so its scenario cannot be changed; pause it first.');
  if (state.phase !== 'main') return refused('The undo commands are running; the scenario cannot be changed any more.');
  const edited = after.program.scenarios.get(scenario);
  if (!edited) return refused(`The run has no scenario '${scenario}'.`);
  const edit = editBetween(before.text, after.text);
  if (!edit) return { kind: 'edited', state, position: positionOf(after.program, state) };
  const locked = firstEditableLine(before.program, state, scenario);
  const changed = firstDifference(before.text, after.text, locked);
  if (changed !== null) {
    return refused(`Line ${changed + 1} of '${scenario}' was executed already and cannot be changed; change lines from ${locked + 1} on.`);
  }
  const lost = lostHandler(state, scenario, before.text, after.text);
  if (lost !== null) {
    return refused(`Line ${lost + 1} of '${scenario}' holds a reaction that is in force; leave it as it is, or switch it off first.`);
  }
  const frames = state.frames.map((frame) => (frame.scenario === scenario ? withLoopsOf(frame, edited) : frame));
  const breakpoints = state.breakpoints.flatMap((each) => (each.scenario === scenario ? moved(each, edit, edited) : [each]));
  const next = { ...state, frames, breakpoints };
  return { kind: 'edited', state: next, position: positionOf(after.program, next) };
}

function refused(message: string): ProgramEdit {
  return { kind: 'refused', message };
}

/** The first of the locked lines that differs; white space at the end of a line does not count. */
function firstDifference(before: string, after: string, locked: number): number | null {
  const [old, fresh] = [linesOf(before), linesOf(after)];
  for (let line = 0; line < locked; line++) if (old[line]?.trimEnd() !== fresh[line]?.trimEnd()) return line;
  return null;
}

/** Line of a reaction in force that the edit moves or changes: reactions are known by their line. */
function lostHandler(state: MachineState, scenario: string, before: string, after: string): number | null {
  const frames = new Set(state.frames.filter((frame) => frame.scenario === scenario).map(({ identifier }) => identifier));
  const [old, fresh] = [linesOf(before), linesOf(after)];
  const lost = state.handlers.find(({ frame, line }) => frames.has(frame) && old[line]?.trim() !== fresh[line]?.trim());
  return lost?.line ?? null;
}

/** Loops under way end where their `end` is now. */
function withLoopsOf(frame: Frame, edited: Scenario): Frame {
  if (frame.loops.length === 0) return frame;
  const { endOfRepeat } = scenarioStructure(edited);
  return { ...frame, loops: frame.loops.flatMap((loop) => withEnd(loop, endOfRepeat.get(loop.start))) };
}

function withEnd(loop: Frame['loops'][number], end: number | undefined): Frame['loops'] {
  return end === undefined ? [] : [{ ...loop, end }];
}

/** Breakpoints go with their lines; one whose line is gone is gone. */
function moved(breakpoint: ArmedBreakpoint, edit: TextEdit, edited: Scenario): ArmedBreakpoint[] {
  const line = lineAfter(breakpoint.line, edit);
  return line !== null && edited.lines[line]?.statement ? [{ ...breakpoint, line }] : [];
}

function positionOf(program: Program, { frames }: Pick<MachineState, 'frames'>): Breakpoint | null {
  const frame = frames.at(-1);
  const parsed = frame && program.scenarios.get(frame.scenario);
  const next = parsed && scenarioStructure(parsed).statements[frame.position];
  return next ? { scenario: frame.scenario, line: next.line } : null;
}
