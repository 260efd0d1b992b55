/** Labels of axes: shorter than a value in a text, since there is little room and the unit stands beside them. */
import type { Unit } from '#shared/telemetry/series.ts';
import { asRead, numberText } from './numbers.ts';
import { quantityText } from './quantities.ts';
import { runClock } from './times.ts';

const thousands = ['', ' k', ' M', ' G', ' T', ' P'];

/** From here on counts are told in thousands. */
const manyFrom = 10_000;

/** `512 MB`, `15 k`, `2.5 s`, `1:05`. */
export function axisText(value: number, unit: Unit | null): string {
  if (unit === 'ms') return axisTime(value);
  if (unit === 'bytes' || unit === 'bytes per second' || unit === '%') return quantityText(value, unit);
  return `${countOnAxis(value)}${unit === 'per second' ? '/s' : ''}`;
}

/** ms since whatever the axis begins with: `500 ms`, `2.5 s`, `1:05`, `2:05:00`. */
export function axisTime(milliseconds: number): string {
  return Math.abs(milliseconds) < 59_500 ? quantityText(milliseconds, 'ms') : runClock(Math.round(milliseconds / 1_000) * 1_000, false);
}

function countOnAxis(value: number): string {
  if (Math.abs(value) < manyFrom) return numberText(value);
  const step = thousands.findIndex((_, index) => asRead(Math.abs(value) / 1_000 ** index) < 1_000);
  return step < 0 ? numberText(value) : `${numberText(value / 1_000 ** step)}${thousands[step] ?? ''}`;
}
