/**
 * Where lines of the text that a run executes stand in the editor, and the other way round: while a run goes on its
 * scenario may be edited, and marks must not slip onto other lines. Pure.
 */
import { editBetween, lineAfter } from '#shared/run/edit-text.ts';

export interface LineMapping {
  /** Null: the line is not in the other text. */
  readonly toEditor: (line: number) => number | null;
  readonly toRun: (line: number) => number | null;
}

export const sameLines: LineMapping = { toEditor: (line) => line, toRun: (line) => line };

/** `run` is the text that the run executes, `editor` the one that is shown. Line ends may differ. */
export function lineMapping(run: string, editor: string): LineMapping {
  const [left, right] = [run.replaceAll('\r', ''), editor.replaceAll('\r', '')];
  const forward = editBetween(left, right);
  const back = editBetween(right, left);
  if (!forward || !back) return sameLines;
  return { toEditor: (line) => lineAfter(line, forward), toRun: (line) => lineAfter(line, back) };
}
