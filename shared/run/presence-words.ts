/** How the log, the timeline and terminals say that a daemon is lost or back. */
import type { RecordOf } from './records.ts';
import type { RunCondition } from './run-model.ts';
import { durationText } from '#shared/wording/durations.ts';
import { exactTimeOfDay } from '#shared/wording/times.ts';
import { listed } from '#shared/wording/names.ts';

type Presence = RecordOf<'presence'>;

/** Components that are named one by one; of more the number is told. */
export const namedComponents = 6;

/** `judged on an old value: MEP was heard last at 12:00:03.2`: of a condition that was found met while its daemon was silent already. */
export function doubtInWords({ daemon, silentSince }: NonNullable<RunCondition['doubt']>): string {
  return `judged on an old value: ${daemon} was heard last at ${exactTimeOfDay(silentSince)}`;
}

/** @param before what was known of the daemon before this record, where the reader keeps account of it */
export function presenceInWords(record: Presence, before?: Pick<Presence, 'state' | 'epoch'>): string {
  const { daemon, state, lastSign, components = [], states, time } = record;
  const isNew =
    states !== undefined || (before !== undefined && before.epoch !== null && record.epoch !== null && before.epoch !== record.epoch);
  if (state === 'lost') {
    const sign =
      lastSign === undefined ? '' : `, last sign of life ${exactTimeOfDay(lastSign)}, ${durationText(Math.max(0, time - lastSign))} ago`;
    const unknown = components.length === 0 ? '' : `: ${listed(components, namedComponents)} unknown`;
    return `daemon ${daemon} is lost${sign}${unknown}`;
  }
  const wasAway = before?.state === 'lost' || lastSign !== undefined;
  if (!wasAway && !isNew) return `daemon ${daemon} is present`;
  const silence = lastSign === undefined ? '' : ` after ${durationText(Math.max(0, time - lastSign))}`;
  if (isNew) return `daemon ${daemon} was started anew and is back${silence}`;
  return `daemon ${daemon} is back${silence}${before ? ' (the same start)' : ''}`;
}
