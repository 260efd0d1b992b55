/** Tests come in families, one per row of the list: a series with all its steps and features, a step's duration, a log template. */
import type { RankedFinding } from './findings.ts';
import { adjustedForDiscovery, discoveryThreshold } from './multiplicity.ts';

export interface TestedFamily {
  /** Simes' p of the family. */
  readonly p: number;
  /** Numbers tested in it. */
  readonly size: number;
  /** @param threshold the p that a further number of this family would have had to reach alone */
  readonly finding: (q: number, threshold: number) => RankedFinding;
}

/** Findings of the families that stand out, with false discoveries under control. */
export function confirmedFindings(families: readonly TestedFamily[], rate: number): RankedFinding[] {
  const adjusted = adjustedForDiscovery(families.map(({ p }) => p));
  const found = adjusted.reduce((count, q) => count + (q <= rate ? 1 : 0), 0);
  const threshold = discoveryThreshold(found, families.length, rate);
  return families.flatMap((family, index) => {
    const q = adjusted[index] ?? 1;
    return q <= rate ? [family.finding(q, threshold / Math.max(1, family.size))] : [];
  });
}
