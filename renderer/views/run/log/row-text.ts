/** A row of the log as text: as it stands on the screen, and as it is copied. */
import type { LogRow } from '../../../stores/log-rows.ts';

/** Characters of a row that are put on the screen; the details show the rest. */
export const shownCharacters = { oneLine: 400, wrapped: 2_000 } as const;

function two(value: number): string {
  return String(value).padStart(2, '0');
}

/** `14:03:22.120`, in the operator's time zone; relative to `origin`: `+1:02.120`. */
export function rowTime(time: number, origin: number | null): string {
  if (origin === null) {
    const date = new Date(time);
    return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${String(date.getMilliseconds()).padStart(3, '0')}`;
  }
  const sign = time < origin ? '-' : '+';
  const distance = Math.round(Math.abs(time - origin));
  const hours = Math.floor(distance / 3_600_000);
  const minutes = Math.floor(distance / 60_000) % 60;
  const seconds = `${two(Math.floor(distance / 1_000) % 60)}.${String(distance % 1_000).padStart(3, '0')}`;
  return hours > 0 ? `${sign}${hours}:${two(minutes)}:${seconds}` : `${sign}${minutes}:${seconds}`;
}

/** One line, with the full date: rows are pasted where nobody knows the day. */
export function copiedRow({ time, severity, kind, component, text }: LogRow): string {
  return [new Date(time).toISOString(), severity.toUpperCase(), kind, component || '-', text].join('\t');
}
