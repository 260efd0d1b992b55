/** How reports write values that are compared with a limit, and in which tone a state or an outcome is coloured. */
import type { Unit } from '#shared/telemetry/series.ts';
import { quantityText } from '#shared/wording/quantities.ts';

/** `326 ms`, `600400000 bytes (600 MB)`: all digits, for a value that is compared with a limit. */
export function exactText(value: number, unit: Unit): string {
  switch (unit) {
    case 'bytes':
    case 'bytes per second':
      return Math.abs(value) < 1_000 ? quantityText(value, unit) : `${value} ${unit} (${quantityText(value, unit)})`;
    case 'ms':
    case '%':
      return `${value} ${unit}`;
    case 'per second':
      return `${value} /s`;
    case 'count':
    case 'none':
      return String(value);
  }
}

const good = new Set(['passed', 'met', 'accepted', 'no change', 'yes']);
const bad = new Set([
  'failed',
  'failed check',
  'failed command',
  'cancelled command',
  'error',
  'timed out',
  'not met',
  'rejected',
  'changed',
  'no',
  'CRASHED',
]);
/** States of components are of the tested system's own making: they have no colour of ours. */
const componentState = /^[A-Z][A-Z0-9_-]*$/;

/** How a state or an outcome is to be coloured. */
export function toneOf(state: string): 'good' | 'bad' | 'open' | 'plain' {
  if (good.has(state)) return 'good';
  if (bad.has(state)) return 'bad';
  return componentState.test(state) ? 'plain' : 'open';
}
