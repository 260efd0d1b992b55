/** Tests come in families, one per row of the list: a series with all its steps and features, a step's duration, a log template. */
import { rank, type RankedFinding } from './findings.ts';
import { adjustedForDiscovery, discoveryThreshold } from './multiplicity.ts';

export interface TestedFamily {
  /** Simes' p of the family. */
  readonly p: number;
  /** Numbers tested in it. */
  readonly size: number;
  /** A level or a count came to twice as much or more, or half or less, and no run of the baseline was like it. */
  readonly doubled: boolean;
  /** @param threshold the p that a further number of this family would have had to reach alone */
  readonly finding: (q: number, threshold: number) => RankedFinding;
}

/** What is not confirmed is watched from this p on. */
const watchedP = 0.01;
/** Rows that are watched at the most: more would hide what is confirmed. */
export const mostWatched = 20;

/**
 * Findings of the families that stand out, with false discoveries under control; behind them, as plain differences, those that do not
 * but are worth a look: what is rare by itself, and whatever doubled.
 */
export function foundAndWatched(families: readonly TestedFamily[], rate: number): RankedFinding[] {
  const adjusted = adjustedForDiscovery(families.map(({ p }) => p));
  const found = adjusted.reduce((count, q) => count + (q <= rate ? 1 : 0), 0);
  const threshold = discoveryThreshold(found, families.length, rate);
  const told = families.flatMap((family, index) => {
    const q = adjusted[index] ?? 1;
    if (q > rate && family.p > watchedP && !family.doubled) return [];
    return [{ confirmed: q <= rate, doubled: family.doubled, row: family.finding(q, threshold / Math.max(1, family.size)) }];
  });
  const confirmed = told.filter((each) => each.confirmed).map(({ row }) => row);
  const others = told.filter((each) => !each.confirmed);
  const watched = others.toSorted((left, right) => Number(right.doubled) - Number(left.doubled) || right.row.weight - left.row.weight);
  return [...confirmed, ...watched.slice(0, mostWatched).map(({ row }) => asWatched(row))];
}

function asWatched({ finding, weight }: RankedFinding): RankedFinding {
  return { finding: { ...finding, status: 'plain' }, rank: rank.plain, weight };
}
