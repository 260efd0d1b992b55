/** The orange banner: whatever is shown is not live, and why. It has its place in the header, so nothing moves when it comes. */
import { Button, Tooltip } from '@mantine/core';
import { IconClockPause } from '@tabler/icons-react';
import { useNow } from '../../components/use-now.ts';
import { inFull, lastedInWords, othersInWords, useNotLive, type NotLive } from './not-live.ts';
import style from './shell.module.css';

export function NotLiveBanner() {
  const reasons = useNotLive();
  const [first] = reasons;
  const now = useNow(first?.since === undefined ? null : 1_000);
  return (
    <div className={style['bannerPlace']} role="status" aria-live="polite">
      {first && (
        <Tooltip label={<Reasons reasons={reasons} />} multiline>
          <div className={style['banner']} data-aside={first.aside}>
            <IconClockPause size={16} aria-hidden />
            {!first.aside && <strong>Not live</strong>}
            <span className={style['bannerMessage']}>
              <span className="clipped">{first.message}</span>
              <span>{lastedInWords(first, now) + othersInWords(reasons)}</span>
            </span>
            {first.action && (
              <Button className={style['bannerAction']} onClick={first.action.perform}>
                {first.action.title}
              </Button>
            )}
          </div>
        </Tooltip>
      )}
    </div>
  );
}

/** All of it, uncut, under the pointer. */
function Reasons({ reasons }: { readonly reasons: readonly NotLive[] }) {
  return reasons.map((reason) => <div key={reason.id}>{inFull(reason)}</div>);
}
