/** How the log, the timeline and terminals say that a daemon is lost or back. */
import type { RecordOf } from './records.ts';
import type { RunCondition } from './run-model.ts';

type Presence = RecordOf<'presence'>;

/** Components that are named one by one; of more the number is told. */
const named = 6;

/** `A, B and 3 more`; empty where nothing is known. */
export function componentsInWords(components: readonly string[]): string {
  const listed = components.slice(0, named).join(', ');
  return components.length > named ? `${listed} and ${components.length - named} more` : listed;
}

/** `12:00:03.2`, in the time zone of whoever reads it. */
export function momentInWords(time: number): string {
  const date = new Date(time);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${Math.floor(date.getMilliseconds() / 100)}`;
}

/** `2.5 s`, of ms; never less than nothing. */
export function secondsInWords(milliseconds: number): string {
  return `${(Math.max(0, milliseconds) / 1_000).toFixed(1)} s`;
}

/** `judged on an old value: MEP was heard last at 12:00:03.2`: of a condition that was found met while its daemon was silent already. */
export function doubtInWords({ daemon, silentSince }: NonNullable<RunCondition['doubt']>): string {
  return `judged on an old value: ${daemon} was heard last at ${momentInWords(silentSince)}`;
}

/** @param before what was known of the daemon before this record, where the reader keeps account of it */
export function presenceInWords(record: Presence, before?: Pick<Presence, 'state' | 'epoch'>): string {
  const { daemon, state, lastSign, components = [], states, time } = record;
  const isNew =
    states !== undefined || (before !== undefined && before.epoch !== null && record.epoch !== null && before.epoch !== record.epoch);
  if (state === 'lost') {
    const sign = lastSign === undefined ? '' : `, last sign of life ${momentInWords(lastSign)}, ${secondsInWords(time - lastSign)} ago`;
    const unknown = components.length === 0 ? '' : `: ${componentsInWords(components)} unknown`;
    return `daemon ${daemon} is lost${sign}${unknown}`;
  }
  const wasAway = before?.state === 'lost' || lastSign !== undefined;
  if (!wasAway && !isNew) return `daemon ${daemon} is present`;
  const silence = lastSign === undefined ? '' : ` after ${secondsInWords(time - lastSign)}`;
  if (isNew) return `daemon ${daemon} was started anew and is back${silence}`;
  return `daemon ${daemon} is back${silence}${before ? ' (the same start)' : ''}`;
}
