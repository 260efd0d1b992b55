/** Comparing runs, and the evidence behind a finding. */
import type { MethodTable } from '../method-tables.ts';
import type { Comparisons } from './comparisons.ts';
import { evidenceLine } from './evidence.ts';
import type { HistoryParts } from './history-parts.ts';

/** Runs whose samples are read at one time. */
const together = 4;

export function comparisonService(
  { queries, profiles }: HistoryParts,
  comparisons: Comparisons,
): MethodTable<'runs.compare' | 'runs.evidence'> {
  return {
    'runs.compare': ({ candidate, baseline }) => comparisons.compare(candidate, baseline),
    'runs.evidence': async ({ runs, series, step, columns }) => {
      const asking = await queries();
      const wanted = [...new Set(runs)];
      const lines = [];
      for (let start = 0; start < wanted.length; start += together) {
        const group = wanted.slice(start, start + together);
        lines.push(
          ...(await Promise.all(group.map(async (run) => evidenceLine(asking, await profiles.of(run), { series, step, columns })))),
        );
      }
      return { lines: lines.filter((line) => line !== null) };
    },
  };
}
