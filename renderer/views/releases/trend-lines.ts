/** What a trend's charts show and where: bands of releases, the lines in order, how much a line changed, its axis, the run under a pointer. */
import { median, qn } from '#shared/analysis/robust.ts';
import type { ComparedRun } from '#shared/analysis/comparison.ts';
import type { Trend, TrendLine } from '#shared/analysis/trend.ts';
import { axisRange, roundStep } from '../run/charts/units.ts';

/** Neighbouring runs of one release: places `from` to `to`, both included. */
export interface Band {
  readonly release: string;
  readonly from: number;
  readonly to: number;
}

/** Releases as bands, in the order of the runs; a release that was run again later has several. */
export function bandsOf(runs: readonly Pick<ComparedRun, 'release'>[]): readonly Band[] {
  const bands: Band[] = [];
  for (const [place, { release }] of runs.entries()) {
    const last = bands.at(-1);
    if (last?.release === release) bands[bands.length - 1] = { ...last, to: place };
    else bands.push({ release, from: place, to: place });
  }
  return bands;
}

function present(values: readonly (number | null)[]): readonly number[] {
  return values.flatMap((value) => (value !== null && Number.isFinite(value) ? [value] : []));
}

/** Median of a line's values in each band; bands without a value are left out. */
export function bandMedians({ values }: Pick<TrendLine, 'values'>, bands: readonly Band[]): readonly (Band & { readonly value: number })[] {
  return bands.flatMap((band) => {
    const own = present(values.slice(band.from, band.to + 1));
    return own.length === 0 ? [] : [{ ...band, value: median(own) }];
  });
}

/** Differences that nobody would act on: a share of the level, and ms for durations. */
const negligible = { share: 0.02, duration: 5 } as const;

/** How much a line changed between releases, in units of its usual spread between runs of one release; 0: there is nothing to compare. */
export function changeOf(line: Pick<TrendLine, 'values' | 'unit'>, bands: readonly Band[]): number {
  const medians = bandMedians(line, bands).map(({ value }) => value);
  if (medians.length < 2) return 0;
  const middle = median(medians);
  const difference = Math.max(...medians) - Math.min(...medians);
  const spreads = bands.flatMap(({ from, to }) => {
    const own = present(line.values.slice(from, to + 1));
    return own.length < 2 ? [] : [qn(own)];
  });
  const spread = spreads.length === 0 ? 0 : median(spreads);
  const least = Math.max(Math.abs(middle) * negligible.share, line.unit === 'ms' ? negligible.duration : 0, Number.MIN_VALUE);
  return difference / Math.max(Number.isFinite(spread) ? spread : 0, least);
}

/** Step lines, those that changed most first. */
export function stepsByChange(lines: readonly TrendLine[], bands: readonly Band[]): readonly TrendLine[] {
  return lines
    .filter(({ kind }) => kind === 'step duration')
    .map((line) => ({ line, change: changeOf(line, bands) }))
    .sort((one, other) => other.change - one.change)
    .map(({ line }) => line);
}

export interface TrendSection {
  readonly title: string;
  readonly lines: readonly TrendLine[];
}

/**
 * The lines that are shown, under their headings. Steps: the chosen ones, or as many as are usual of those that changed most; one that
 * drifts is always shown.
 */
export function trendSections(
  { lines, runs }: Pick<Trend, 'lines' | 'runs'>,
  steps: readonly string[] | null,
  usualSteps: number,
): readonly TrendSection[] {
  const of = (...kinds: readonly TrendLine['kind'][]) => lines.filter(({ kind }) => kinds.includes(kind));
  const ordered = stepsByChange(lines, bandsOf(runs));
  const chosen = ordered.filter(({ id, drift }, index) => drift !== null || (steps === null ? index < usualSteps : steps.includes(id)));
  const stepTitle = chosen.length === ordered.length ? 'Steps' : `Steps (${chosen.length} of ${ordered.length})`;
  return [
    { title: 'The run, and recovery from faults', lines: of('run duration', 'fault') },
    { title: stepTitle, lines: chosen },
    { title: 'Metrics, level over the run', lines: of('metric') },
  ].filter((section) => section.lines.length > 0);
}

/** The title in a place whose heading says already what kind of line it is. */
export function shortTitle({ kind, title }: Pick<TrendLine, 'kind' | 'title'>): string {
  return kind === 'step duration' ? title.replace(/^Duration of /, '') : title;
}

/** Titles by identifier; of several that are the same each further one has its number. */
export function titlesOf(lines: readonly TrendLine[]): ReadonlyMap<string, string> {
  const counts = new Map<string, number>();
  return new Map(
    lines.map((line) => {
      const title = shortTitle(line);
      const count = (counts.get(title) ?? 0) + 1;
      counts.set(title, count);
      return [line.id, count === 1 ? title : `${title} (${count})`];
    }),
  );
}

/** Ticks of an axis, about. */
const wantedTicks = 4;

/** A round range around a line's values, with a tick at every round step. */
export function lineAxis({ values, unit }: Pick<TrendLine, 'values' | 'unit'>): {
  readonly low: number;
  readonly high: number;
  readonly ticks: readonly number[];
} {
  const known = present(values);
  const least = known.reduce((one, other) => Math.min(one, other), Infinity);
  const most = known.reduce((one, other) => Math.max(one, other), -Infinity);
  const [low, high] = axisRange(least, most, unit);
  const step = roundStep((high - low) / wantedTicks);
  const first = Math.ceil(low / step - 1e-9);
  const count = Math.max(0, Math.floor(high / step + 1e-9) - first + 1);
  return { low, high, ticks: Array.from({ length: count }, (_, index) => (first + index) * step) };
}

/** px that axis and margin take beside the runs of a chart. */
export const plotPlace = { left: 62, right: 10 } as const;

/** Which of `count` runs, spread evenly over `width` px, a pointer at `x` is nearest to; null: there is none. */
export function placeAt(x: number, width: number, count: number): number | null {
  if (count === 0 || !(width > 0)) return null;
  return Math.min(count - 1, Math.max(0, Math.floor((x / width) * count)));
}

/** Where the cursor goes at a key; null: the key is not for it. */
export function placeAfter(
  key: string,
  place: number,
  { runs, bands }: { readonly runs: number; readonly bands: readonly Band[] },
): number | null {
  if (runs === 0) return null;
  const within = (next: number) => Math.min(runs - 1, Math.max(0, next));
  switch (key) {
    case 'ArrowLeft':
    case 'ArrowDown':
      return within(place - 1);
    case 'ArrowRight':
    case 'ArrowUp':
      return within(place + 1);
    case 'Home':
      return 0;
    case 'End':
      return runs - 1;
    case 'PageUp':
      return bands.findLast(({ from }) => from < place)?.from ?? 0;
    case 'PageDown':
      return bands.find(({ from }) => from > place)?.from ?? runs - 1;
    default:
      return null;
  }
}
