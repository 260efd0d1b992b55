/** The orange banner: whatever is shown is not live, and why. It has its place in the header, so nothing moves when it comes. */
import { Button } from '@mantine/core';
import { IconClockPause } from '@tabler/icons-react';
import { formatDuration } from '#shared/wording/times.ts';
import { useNow } from '../../components/use-now.ts';
import { inFull, useNotLive } from './not-live.ts';
import style from './shell.module.css';

export function NotLiveBanner() {
  const reasons = useNotLive();
  const [first] = reasons;
  const now = useNow(first?.since === undefined ? null : 1_000);
  return (
    <div className={style['bannerPlace']} role="status" aria-live="polite">
      {first && (
        <div className={style['banner']} title={reasons.map(inFull).join('\n')}>
          <IconClockPause size={16} aria-hidden />
          <strong>Not live</strong>
          <span className={style['bannerMessage']}>
            <span className="clipped">{first.message}</span>
            <span>
              {first.since !== undefined && `, for ${formatDuration(Math.max(0, Math.floor((now - first.since) / 1_000)) * 1_000)}`}
              {reasons.length > 1 && ` (and ${reasons.length - 1} more)`}
            </span>
          </span>
          {first.action && (
            <Button className={style['bannerAction']} onClick={first.action.perform}>
              {first.action.title}
            </Button>
          )}
        </div>
      )}
    </div>
  );
}
