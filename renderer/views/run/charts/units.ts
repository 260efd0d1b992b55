/** How values look: with as many digits as a glance can take in, and the unit that people expect. */
import type { Unit } from '#shared/telemetry/series.ts';

const decimalSteps = ['', 'k', 'M', 'G', 'T', 'P'];

/** Three significant digits at most, without trailing zeros or an exponent. */
function short(value: number): string {
  const magnitude = Math.abs(value);
  if (magnitude === 0) return '0';
  if (magnitude >= 1_000) return Math.round(value).toLocaleString('en-US');
  if (magnitude < 0.000_5) return value.toExponential(1);
  return String(Number(value.toPrecision(3)));
}

/** `512 MB`, `1.5 k`: in steps of a thousand. */
function stepped(value: number, suffix: string, from: number): string {
  const magnitude = Math.abs(value);
  if (magnitude < from) return `${short(value)}${suffix === '' ? '' : ` ${suffix}`}`;
  const step = Math.min(decimalSteps.length - 1, Math.floor(Math.log10(magnitude) / 3 + 1e-9));
  const prefixed = `${decimalSteps[step] ?? ''}${suffix}`;
  return `${short(value / 1_000 ** step)}${prefixed === '' ? '' : ` ${prefixed}`}`;
}

/** `1m 05s`, `2.5 s`, `0.31 ms`. */
export function formatMilliseconds(value: number): string {
  const magnitude = Math.abs(value);
  if (magnitude < 1_000) return `${short(value)} ms`;
  if (magnitude < 60_000) return `${short(value / 1_000)} s`;
  const seconds = Math.round(magnitude / 1_000);
  const sign = value < 0 ? '-' : '';
  if (seconds < 3_600) return `${sign}${Math.floor(seconds / 60)}m ${String(seconds % 60).padStart(2, '0')}s`;
  return `${sign}${Math.floor(seconds / 3_600)}h ${String(Math.floor((seconds % 3_600) / 60)).padStart(2, '0')}m`;
}

/** A value with its unit, for legends and axes. */
export function formatValue(value: number, unit: Unit): string {
  switch (unit) {
    case 'bytes':
      return stepped(value, 'B', 1_000);
    case 'bytes per second':
      return `${stepped(value, 'B', 1_000)}/s`;
    case 'ms':
      return formatMilliseconds(value);
    case '%':
      return `${short(value)} %`;
    case 'per second':
      return `${stepped(value, '', 10_000)}/s`;
    case 'count':
    case 'none':
      return stepped(value, '', 10_000);
  }
}

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

/** `14:03:22.120` in the operator's time zone. */
export function formatClock(time: number, withMilliseconds = true): string {
  const date = new Date(Math.round(time));
  const two = (value: number): string => String(value).padStart(2, '0');
  const clock = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  return withMilliseconds ? `${clock}.${String(date.getMilliseconds()).padStart(3, '0')}` : clock;
}
