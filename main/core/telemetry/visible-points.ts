/** Which points of a series are worth sending to a chart. */
import type { PointStretch } from './point-ring.ts';
import type { Points } from '#shared/contract/telemetry.ts';
import { decimate, type Viewport } from '#shared/telemetry/decimation.ts';
import { placeOf } from '#shared/telemetry/gaps.ts';

/** The points within the viewport and the nearest on each side; thinned out where there are more than can be told apart. */
export function visiblePoints(stretch: PointStretch, viewport: Viewport): PointStretch {
  const { times, values } = stretch;
  const inside = placeOf(times, viewport.from);
  const behind = placeOf(times, viewport.to);
  if (behind - inside > viewport.columns) return decimate(stretch, viewport);
  const [first, last] = [Math.max(0, inside - 1), Math.min(times.length, behind + 1)];
  return { times: times.slice(first, last), values: values.slice(first, last) };
}

/** Points as the contract carries them: JSON has no NaN. */
export function plainPoints(name: string, { times, values }: PointStretch): Points {
  return { name, times: Array.from(times), values: Array.from(values, (value) => (Number.isFinite(value) ? value : null)) };
}
