/** What a start waits for, for how long at most, and the ways out. */
import { Button } from '@mantine/core';
import { inertText } from '../../../components/inert-text.ts';
import { createStartWait, useStartWait } from '../../../stores/start-wait.ts';
import style from './run-controls.module.css';
import { useStores } from '../../../stores/context.ts';
import { secondsText } from '#shared/wording/durations.ts';

export function StartWaitBar() {
  const { cancelStart, startWithoutAwaited } = useStores().get(createStartWait);
  const awaited = useStartWait((wait) => wait.awaited);
  if (!awaited) return null;
  return (
    <div className={style['promptBar']} role="group" aria-label="The start waits">
      <span>
        Nothing has begun. Waiting for {inertText(awaited.awaited)}; at most {secondsText(awaited.left, Math.ceil)} more.
      </span>
      <Button variant="default" onClick={cancelStart}>
        Cancel the start
      </Button>
      {awaited.dispensable ? (
        <Button variant="default" onClick={startWithoutAwaited}>
          Start without it
        </Button>
      ) : null}
    </div>
  );
}
