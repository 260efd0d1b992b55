/** Comparing runs, and the evidence behind a finding. */
import type { MethodTable } from '../contract/method-tables.ts';
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
      const failures: unknown[] = [];
      for (let start = 0; start < wanted.length; start += together) {
        const group = wanted.slice(start, start + together);
        lines.push(
          ...(await Promise.all(
            group.map((run) =>
              profiles
                .of(run)
                .then((profile) => evidenceLine(asking, profile, { series, step, columns }))
                .catch((failure: unknown) => {
                  failures.push(failure);
                  return null;
                }),
            ),
          )),
        );
      }
      // One run that is gone or damaged does not hide the others.
      if (failures.length === wanted.length) throw failures[0];
      return { lines: lines.filter((line) => line !== null) };
    },
  };
}
