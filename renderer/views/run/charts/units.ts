/** What stands above the axes of charts, and how far they reach. */
import type { Unit } from '#shared/telemetry/series.ts';

/** What an axis says above its values. */
export function unitLabel(unit: Unit): string {
  return unit === 'none' ? '' : unit === 'bytes per second' ? 'bytes/s' : unit === 'per second' ? '1/s' : unit;
}

/** The range of an axis: a little more than the values need, snapped to round steps so that it does not tremble with every point. */
export function axisRange(lowest: number | null, highest: number | null, unit: Unit): [number, number] {
  if (lowest === null || highest === null || !Number.isFinite(lowest) || !Number.isFinite(highest)) return [0, unit === '%' ? 100 : 1];
  const spread = highest - lowest;
  const size = Math.max(Math.abs(lowest), Math.abs(highest));
  // A steady value stands in the middle of a range that would show a change of some per cent.
  const padding = spread > size * 0.02 ? spread * 0.1 : Math.max(size * 0.05, 1e-6);
  const step = roundStep((spread + 2 * padding) / 5);
  let from = Math.floor((lowest - padding) / step) * step;
  let to = Math.ceil((highest + padding) / step) * step;
  if (lowest >= 0 && (from < 0 || lowest < highest * 0.4)) from = 0;
  if (highest <= 0 && to > 0) to = 0;
  if (unit === '%' && highest <= 100 && to > 100) to = 100;
  return to > from ? [from, to] : [from, from + 1];
}

/** 1, 2 or 5 times a power of ten, at least `size`. */
export function roundStep(size: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(size, 1e-12)));
  const share = size / power;
  return power * (share <= 1 ? 1 : share <= 2 ? 2 : share <= 5 ? 5 : 10);
}
