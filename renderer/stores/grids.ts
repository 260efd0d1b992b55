/** How the console's grids are arranged: widths and order of their columns, and which are left out. Remembered with the workspace. */
import { useMemo } from 'react';
import { z } from 'zod';
import { createLayout, useLayout } from './layout.ts';
import type { Stores } from './stores.ts';

const section = 'grids';

/** px; between these a column can be read, and found again. */
export const leastWidth = 32;
export const greatestWidth = 2_000;

const sortSchema = z.object({ column: z.string(), descending: z.boolean() });
export type GridSort = z.infer<typeof sortSchema>;

/** A part that does not read is as if nobody had arranged it. */
const arrangementSchema = z.object({
  /** px of the columns that were given a width. */
  widths: z.record(z.string(), z.number().min(leastWidth).max(greatestWidth)).catch({}),
  /** Columns that are left out. */
  hidden: z.array(z.string()).catch([]),
  /** Null: as the rows come. Undefined: as the grid is sorted until somebody wants otherwise. */
  sort: sortSchema.nullish().catch(undefined),
});
export type GridArrangement = z.infer<typeof arrangementSchema>;

const sectionSchema = z.record(z.string(), z.unknown());

/** How a grid stands in what is remembered of all of them. */
function arrangementIn(remembered: unknown, grid: string): GridArrangement {
  const own = sectionSchema.safeParse(remembered).data?.[grid];
  return arrangementSchema.safeParse(own).data ?? { widths: {}, hidden: [] };
}

export function createGrids(stores: Stores) {
  const { getState, setLayoutSection } = stores.get(createLayout);

  const remembered = (): unknown => getState().sections[section];

  /** Changes how a grid is arranged; null: as it was at first. */
  function arrange(grid: string, change: Partial<GridArrangement> | null): void {
    const others = sectionSchema.safeParse(remembered()).data ?? {};
    const next = change && { ...arrangementIn(remembered(), grid), ...change };
    setLayoutSection(section, { ...others, [grid]: next ?? undefined });
  }

  return { arrange };
}

/** How a grid is arranged in the workspace that is open. */
export function useArrangement(grid: string): GridArrangement {
  const remembered = useLayout((state) => state.sections[section]);
  return useMemo(() => arrangementIn(remembered, grid), [remembered, grid]);
}
