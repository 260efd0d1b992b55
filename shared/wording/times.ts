/** Moments as people read them: in the time zone of whoever reads, except where the text says UTC. ms since 1970 in. */
import { two, notKnown } from './numbers.ts';

const three = (value: number): string => String(value).padStart(3, '0');
const isMoment = (time: number): boolean => Math.abs(time) <= 8.64e15;

/** `14:03:07`; to the nearest millisecond, so that a place on an axis is not called by the second before it. */
export function timeOfDay(time: number): string {
  if (!isMoment(time)) return notKnown;
  const date = new Date(Math.round(time));
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** `14:03`. */
export function hourAndMinute(time: number): string {
  return timeOfDay(time).slice(0, 5);
}

/** `14:03:07.512`. */
export function exactTimeOfDay(time: number): string {
  const whole = Math.round(time);
  return isMoment(whole) ? `${timeOfDay(whole)}.${three(new Date(whole).getMilliseconds())}` : notKnown;
}

/** `2026-11-20`. */
export function day(time: number): string {
  const date = new Date(Math.round(time));
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** `2026-11-20 14:03`. */
export function dateAndTime(time: number): string {
  return isMoment(time) ? `${day(time)} ${timeOfDay(time).slice(0, 5)}` : notKnown;
}

/** `2026-11-20 14:03:07`: where runs that followed each other closely must be told apart. */
export function exactDateAndTime(time: number): string {
  return isMoment(time) ? `${day(time)} ${timeOfDay(time)}` : notKnown;
}

/** `2026-11-21 01:34:07 UTC`: where nobody knows who reads it. */
export function dateAndTimeUtc(time: number): string {
  return isMoment(time) ? `${new Date(time).toISOString().slice(0, 19).replace('T', ' ')} UTC` : notKnown;
}

/** The clock of a run: `0:07.350`, `1:02:05.000`, `−0:02.120` before its start. */
export function runClock(milliseconds: number, withMilliseconds = true): string {
  if (!Number.isFinite(milliseconds)) return notKnown;
  const size = Math.abs(milliseconds);
  const whole = withMilliseconds ? Math.round(size) : Math.floor(size);
  const [hours, minutes, seconds] = [Math.floor(whole / 3_600_000), Math.floor(whole / 60_000) % 60, Math.floor(whole / 1_000) % 60];
  const head = hours > 0 ? `${hours}:${two(minutes)}` : String(minutes);
  const sign = milliseconds < 0 && whole > 0 ? '−' : '';
  return `${sign}${head}:${two(seconds)}${withMilliseconds ? `.${three(whole % 1_000)}` : ''}`;
}

/** A moment on the run's clock: `+0:07.350`. */
export function sinceStart(time: number, startedAt: number): string {
  return time < startedAt ? runClock(time - startedAt) : `+${runClock(time - startedAt)}`;
}
