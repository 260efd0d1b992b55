/** Numbers with their unit, short enough for a table. */
import { formatBytes, formatDuration } from './terminal.ts';
import type { Unit } from '#shared/telemetry/series.ts';

/** `1.9 s`, `20.0 MB`, `12 %`, `305 /s`; three significant digits. */
export function formatQuantity(value: number, unit: Unit): string {
  switch (unit) {
    case 'ms':
      return value >= 1 ? formatDuration(value) : `${significant(value)} ms`;
    case 'bytes':
      return value < 0 ? `-${formatBytes(-value)}` : formatBytes(value);
    case 'bytes per second':
      return `${value < 0 ? `-${formatBytes(-value)}` : formatBytes(value)}/s`;
    case '%':
      return `${significant(value)} %`;
    case 'per second':
      return `${significant(value)} /s`;
    case 'count':
    case 'none':
      return significant(value);
  }
}

function significant(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(3)));
}
