/** Leases as lanes: one for each worker or server, in as many lines as were executed at once, placed along a stretch of time. */
import type { LaneLease } from '#shared/contract/campaigns.ts';
import type { Stretch } from '../../stores/campaigns/campaign-lanes.ts';

export interface LaneBar {
  readonly lease: LaneLease;
  /** Line within its lane, from 0. */
  readonly line: number;
  /** Shares of the stretch. */
  readonly from: number;
  readonly width: number;
}

export interface Lane {
  readonly name: string;
  readonly lines: number;
  readonly bars: readonly LaneBar[];
}

/** Share of the stretch that the shortest bar has, so that it is seen. */
const leastWidth = 0.002;

/** @param places those that have a lane though nothing was executed there */
export function lanesOf(
  leases: readonly LaneLease[],
  places: readonly string[],
  by: 'worker' | 'server',
  { from, to }: Stretch,
): readonly Lane[] {
  const lanes = new Map<string, LaneLease[]>(places.map((place) => [place, []]));
  for (const lease of leases) {
    const place = lease[by];
    if (place === null) continue;
    const own = lanes.get(place) ?? [];
    lanes.set(place, own);
    own.push(lease);
  }
  return [...lanes].map(([name, own]) => laneOf(name, own, { from, to }));
}

function laneOf(name: string, leases: readonly LaneLease[], { from, to }: Stretch): Lane {
  /** When each line is free again. */
  const free: number[] = [];
  const span = Math.max(1, to - from);
  const share = (time: number): number => Math.min(1, Math.max(0, (time - from) / span));
  const bars = leases
    .toSorted((one, other) => one.leasedAt - other.leasedAt)
    .map((lease) => {
      const end = lease.settledAt ?? to;
      const found = free.findIndex((time) => time <= lease.leasedAt);
      const line = found < 0 ? free.length : found;
      free[line] = end;
      const start = share(lease.leasedAt);
      return { lease, line, from: start, width: Math.max(leastWidth, share(end) - start) };
    });
  return { name, lines: Math.max(1, free.length), bars };
}

/** Times at which the axis has a mark: a handful, at round distances. */
export function axisMarks({ from, to }: Stretch): readonly number[] {
  const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 43_200, 86_400].map(
    (seconds) => seconds * 1_000,
  );
  const step = steps.find((each) => (to - from) / each <= 8) ?? 86_400_000;
  const first = Math.ceil(from / step) * step;
  return Array.from({ length: Math.max(0, Math.floor((to - first) / step) + 1) }, (_, index) => first + index * step);
}
