/** Which runs are chosen: one, as the keyboard moves; or several, by Ctrl, Shift and Space, as in every list of files. */
import type { RunId } from '#shared/identifiers.ts';

export interface ArchiveSelection {
  /** The run under the keyboard. */
  readonly selected: RunId | null;
  /** Several chosen runs; empty: only the selected one is. */
  readonly marked: ReadonlySet<RunId>;
  /** Where a range begins. */
  readonly anchor: RunId | null;
}

export const nothingSelected: ArchiveSelection = { selected: null, marked: new Set(), anchor: null };

/** Chooses one run alone. */
export function choose(run: RunId | null): ArchiveSelection {
  return { selected: run, marked: new Set(), anchor: run };
}

/** Adds a run to the chosen ones, or takes it out of them. */
export function toggle({ selected, marked }: ArchiveSelection, run: RunId): ArchiveSelection {
  const next = new Set(marked.size === 0 && selected !== null && selected !== run ? [selected] : marked);
  if (next.has(run)) next.delete(run);
  else next.add(run);
  return { selected: run, marked: next, anchor: run };
}

/** Chooses all runs from the anchor to this one, in the order in which they are shown. */
export function extendTo({ selected, anchor }: ArchiveSelection, run: RunId, order: readonly RunId[]): ArchiveSelection {
  const from = order.indexOf(anchor ?? selected ?? run);
  const to = order.indexOf(run);
  if (from < 0 || to < 0) return choose(run);
  const between = order.slice(Math.min(from, to), Math.max(from, to) + 1);
  return { selected: run, marked: new Set(between), anchor: order[from] ?? run };
}

/** The chosen runs of those that are shown, in their order. */
export function chosenOf<Run extends { readonly run: RunId }>(
  { selected, marked }: ArchiveSelection,
  shown: readonly Run[],
): readonly Run[] {
  return shown.filter(({ run }) => (marked.size > 0 ? marked.has(run) : run === selected));
}
