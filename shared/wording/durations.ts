/**
 * Durations as people read them: `850 ms`, `12.4 s`, `1 min 05 s`, `1 h 02 min`. They were measured by our own clocks, so nothing
 * is told below a millisecond; a metric in ms is a quantity and may be (`quantities.ts`). Given in ms.
 */
import { asRead, numberText, two, notKnown, type Digits } from './numbers.ts';

/** @param digits `steady` for what counts on before the reader's eyes */
export function durationText(milliseconds: number | null, digits: Digits = 'short'): string {
  if (milliseconds === null || !Number.isFinite(milliseconds)) return notKnown;
  if (milliseconds < 0) return milliseconds > -1 ? durationText(0) : `−${durationText(-milliseconds, digits)}`;
  if (milliseconds < 1) return '< 1 ms';
  const whole = Math.round(milliseconds);
  return whole < 1_000 ? `${whole} ms` : secondsAndMore(milliseconds, digits);
}

/** Of a second and more: `12.4 s`, `1 min 05 s`, `1 h 02 min`. */
export function secondsAndMore(milliseconds: number, digits: Digits = 'short'): string {
  if (asRead(milliseconds / 1_000) < 60) return `${numberText(milliseconds / 1_000, digits)} s`;
  const seconds = Math.round(milliseconds / 1_000);
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ${two(seconds % 60)} s`;
  const minutes = Math.round(milliseconds / 60_000);
  return `${numberText(Math.floor(minutes / 60))} h ${two(minutes % 60)} min`;
}

/** A stretch of time that is chosen, not measured: `10 s`, `5 min`, `1 h`. */
export function spanText(milliseconds: number): string {
  return durationText(milliseconds).replace(/ 00 (?:s|min)$/, '');
}

/** In whole seconds, as one counts aloud: `0 s`, `7 s`, `1 min 05 s`. @param round down for what has gone by, up for what is left */
export function secondsText(milliseconds: number, round: (seconds: number) => number = Math.round): string {
  if (!Number.isFinite(milliseconds)) return notKnown;
  const seconds = round(Math.max(0, milliseconds) / 1_000);
  return seconds === 0 ? '0 s' : durationText(seconds * 1_000);
}

/** How much longer or shorter: `+1.2 s`, `−40 ms`, `0 ms`. */
export function differenceText(milliseconds: number | null): string {
  if (milliseconds === null || !Number.isFinite(milliseconds)) return notKnown;
  if (Math.abs(milliseconds) < 1) return '0 ms';
  return `${milliseconds > 0 ? '+' : ''}${durationText(milliseconds)}`;
}
