/** A row of the log as text: as it stands on the screen, and as it is copied. */
import type { LogRow } from '../../../stores/log-rows.ts';
import { exactTimeOfDay, sinceStart } from '#shared/wording/times.ts';

/** Characters of a row that are put on the screen; the details show the rest. */
export const shownCharacters = { oneLine: 400, wrapped: 2_000 } as const;

/** `14:03:22.120`, in the operator's time zone; relative to `origin`: `+1:02.120`. */
export function rowTime(time: number, origin: number | null): string {
  return origin === null ? exactTimeOfDay(time) : sinceStart(time, origin);
}

/** One line, with the full date: rows are pasted where nobody knows the day. */
export function copiedRow({ time, severity, kind, component, text }: LogRow): string {
  return [new Date(time).toISOString(), severity.toUpperCase(), kind, component || '-', text].join('\t');
}
