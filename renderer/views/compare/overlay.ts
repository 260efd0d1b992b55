/** Lines of one series in many runs, each beginning with the step, made ready to be drawn over each other. */
import type { MethodResponse } from '#shared/contract/contract.ts';
import type { RunId } from '#shared/identifiers.ts';

export type EvidenceLine = MethodResponse<'runs.evidence'>['lines'][number];

export interface Overlay {
  readonly candidate: EvidenceLine | null;
  readonly baseline: readonly EvidenceLine[];
  /** ms since the step began, rising; the band stands at these. */
  readonly grid: readonly number[];
  /** Of the baseline's runs at each time; null where fewer than half of them have a value. */
  readonly median: readonly (number | null)[];
  /** The middle half of them. */
  readonly low: readonly (number | null)[];
  readonly high: readonly (number | null)[];
  /** Extremes of everything that is drawn. */
  readonly values: { readonly low: number; readonly high: number } | null;
  /** ms; end of the longest line. */
  readonly until: number;
}

/** The value of a line at a time, on the straight between its neighbours; null outside of it and in gaps. */
export function valueAt({ times, values }: Pick<EvidenceLine, 'times' | 'values'>, time: number): number | null {
  let low = 0;
  let high = times.length - 1;
  if (high < 0 || time < (times[0] ?? 0) || time > (times[high] ?? 0)) return null;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((times[middle] ?? 0) <= time) low = middle;
    else high = middle - 1;
  }
  const before = values[low] ?? null;
  const [from, to] = [times[low] ?? 0, times[low + 1]];
  if (before === null || from === time || to === undefined) return before;
  const after = values[low + 1] ?? null;
  return after === null ? null : before + ((after - before) * (time - from)) / (to - from);
}

/** A quantile of sorted values, on the straight between neighbours. */
function quantile(sorted: readonly number[], share: number): number {
  const place = (sorted.length - 1) * share;
  const [below, above] = [sorted[Math.floor(place)] ?? 0, sorted[Math.ceil(place)] ?? 0];
  return below + (above - below) * (place - Math.floor(place));
}

/** Fewest runs of which a middle half means anything. */
const fewestForBand = 4;

export function overlayOf(lines: readonly EvidenceLine[], candidate: RunId, columns: number): Overlay {
  const drawn = lines.filter(({ values }) => values.some((value) => value !== null));
  const baseline = drawn.filter(({ run }) => run !== candidate);
  const until = Math.max(1, ...drawn.map(({ times }) => times.at(-1) ?? 0));
  const from = Math.min(0, ...drawn.map(({ times }) => times[0] ?? 0));
  const grid = Array.from({ length: columns }, (_, index) => from + ((until - from) * index) / Math.max(1, columns - 1));
  const bands = grid.map((time) => bandAt(baseline, time));
  return {
    candidate: drawn.find(({ run }) => run === candidate) ?? null,
    baseline,
    grid,
    median: bands.map((band) => band?.median ?? null),
    low: bands.map((band) => band?.low ?? null),
    high: bands.map((band) => band?.high ?? null),
    values: extremes(drawn),
    until,
  };
}

function bandAt(baseline: readonly EvidenceLine[], time: number): { median: number; low: number | null; high: number | null } | null {
  const values = baseline.map((line) => valueAt(line, time)).filter((value) => value !== null);
  if (values.length === 0 || values.length * 2 < baseline.length) return null;
  values.sort((one, other) => one - other);
  const hasBand = values.length >= fewestForBand;
  return {
    median: quantile(values, 0.5),
    low: hasBand ? quantile(values, 0.25) : null,
    high: hasBand ? quantile(values, 0.75) : null,
  };
}

function extremes(lines: readonly EvidenceLine[]): { readonly low: number; readonly high: number } | null {
  let low = Infinity;
  let high = -Infinity;
  for (const { values } of lines) {
    for (const value of values) {
      if (value === null) continue;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  return low <= high ? { low, high } : null;
}
