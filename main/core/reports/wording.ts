/** How numbers and times look in reports: as many digits as a glance can take in, with the unit that people expect. */
import type { Unit } from '#shared/telemetry/series.ts';

const steps = ['', 'k', 'M', 'G', 'T', 'P'];

/** Three significant digits at most. */
function short(value: number): string {
  const magnitude = Math.abs(value);
  if (magnitude === 0) return '0';
  if (magnitude >= 1e15 || magnitude < 0.000_5) return value.toExponential(1);
  if (magnitude >= 1_000) return Math.round(value).toLocaleString('en-US');
  return String(Number(value.toPrecision(3)));
}

/** `512 MB`: in steps of a thousand. */
function stepped(value: number, suffix: string): string {
  const magnitude = Math.abs(value);
  const step = magnitude < 1_000 ? 0 : Math.min(steps.length - 1, Math.floor(Math.log10(magnitude) / 3 + 1e-9));
  return `${short(value / 1_000 ** step)} ${steps[step] ?? ''}${suffix}`;
}

/** `12 ms`, `3.45 s`, `2 min 05 s`, `1 h 02 min`; ms in. */
export function durationText(value: number): string {
  const magnitude = Math.abs(value);
  if (magnitude < 1_000) return `${short(value)} ms`;
  if (magnitude < 60_000) return `${short(value / 1_000)} s`;
  const sign = value < 0 ? '-' : '';
  const seconds = Math.round(magnitude / 1_000);
  if (seconds < 3_600) return `${sign}${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`;
  return `${sign}${Math.floor(seconds / 3_600)} h ${String(Math.floor((seconds % 3_600) / 60)).padStart(2, '0')} min`;
}

/** A value with its unit; `unit` null: a number without one. */
export function valueText(value: number, unit: Unit | null): string {
  switch (unit) {
    case 'bytes':
      return stepped(value, 'B');
    case 'bytes per second':
      return `${stepped(value, 'B')}/s`;
    case 'ms':
      return durationText(value);
    case '%':
      return `${short(value)} %`;
    case 'per second':
      return `${short(value)} /s`;
    case 'count':
    case 'none':
    case null:
      return short(value);
  }
}

/** `326 ms`, `600400000 bytes (600 MB)`: all digits, for a value that is compared with a limit. */
export function exactText(value: number, unit: Unit): string {
  switch (unit) {
    case 'bytes':
    case 'bytes per second':
      return Math.abs(value) < 1_000 ? valueText(value, unit) : `${value} ${unit} (${valueText(value, unit)})`;
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

/** `2026-11-21 01:34:07 UTC`; ms since 1970 in. */
export function timeText(time: number): string {
  return Number.isFinite(time) && Math.abs(time) <= 8.64e15
    ? `${new Date(time).toISOString().replace('T', ' ').slice(0, 19)} UTC`
    : 'unknown';
}

/** `+2.134 s`: when something was, from the start of the run on. */
export function sinceStart(time: number, startedAt: number): string {
  const seconds = (time - startedAt) / 1_000;
  return `${seconds < 0 ? '-' : '+'}${Math.abs(seconds).toFixed(3)} s`;
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
