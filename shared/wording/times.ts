/** Values as an operator reads them: short, with a unit, always in the same form. */
import type { Unit } from '#shared/telemetry/series.ts';

/** Stands where a value is not known. */
export const nothing = '–';

/** `850 ms`, `12.4 s`, `3:05`, `1:02:05`. */
export function formatDuration(ms: number | null): string {
  if (ms === null || !Number.isFinite(ms)) return nothing;
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1_000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1_000);
  const two = (value: number) => String(value).padStart(2, '0');
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}:${two(seconds % 60)}`;
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`;
}

/** `512 B`, `48.2 MB`. */
export function formatBytes(bytes: number | null): string {
  if (bytes === null || !Number.isFinite(bytes)) return nothing;
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (Math.abs(value) >= 999.5 && unit < units.length - 1) {
    value /= 1_000;
    unit += 1;
  }
  return `${unit === 0 || Math.abs(value) >= 99.95 ? Math.round(value) : value.toFixed(1)} ${units[unit] ?? ''}`;
}

/** `12,345`. */
export function formatCount(count: number): string {
  return count.toLocaleString('en-US', { maximumFractionDigits: 0 });
}

/** A metric's value with its unit. */
export function formatValue(value: number | null, unit: Unit): string {
  if (value === null || !Number.isFinite(value)) return nothing;
  const plain = value.toLocaleString('en-US', { maximumFractionDigits: Math.abs(value) < 10 ? 2 : 1 });
  switch (unit) {
    case 'bytes':
      return formatBytes(value);
    case 'bytes per second':
      return `${formatBytes(value)}/s`;
    case 'ms':
      return Math.abs(value) < 10_000 ? `${plain} ms` : formatDuration(value);
    case '%':
      return `${value.toFixed(1)} %`;
    case 'per second':
      return `${plain}/s`;
    case 'count':
    case 'none':
      return plain;
  }
}

const two = (value: number) => String(value).padStart(2, '0');

/** `14:03:07`, local time. */
export function formatTime(time: number): string {
  const date = new Date(time);
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** `14:03:07.512`, local time. */
export function formatTimeExactly(time: number): string {
  return `${formatTime(time)}.${String(new Date(time).getMilliseconds()).padStart(3, '0')}`;
}

/** `2026-11-20 14:03`, local time. */
export function formatDate(time: number): string {
  const date = new Date(time);
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** `2026-11-20 14:03:07`, local time: where runs that followed each other closely must be told apart. */
export function formatDateExactly(time: number): string {
  const date = new Date(time);
  return `${formatDate(time)}:${two(date.getSeconds())}`;
}
