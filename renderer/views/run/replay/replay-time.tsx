/** Where the replay is, in figures: written without React, since it changes with every frame. */
import { useEffect, useRef } from 'react';
import { createReplay } from '../../../stores/replay/replay.ts';
import style from './replay.module.css';
import { useStores } from '../../../stores/context.ts';
import { day, exactTimeOfDay, runClock } from '#shared/wording/times.ts';

export function ReplayTime() {
  const replay = useStores().get(createReplay);
  const offset = useRef<HTMLElement>(null);
  const length = useRef<HTMLSpanElement>(null);
  const clock = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    const write = (element: HTMLElement | null, text: string): void => {
      if (element && element.textContent !== text) element.textContent = text;
    };
    const tell = (): void => {
      const { cursor, start, end } = replay.getState();
      write(offset.current, runClock(cursor - start));
      write(length.current, `of ${runClock(end - start, end - start < 60_000)}`);
      write(clock.current, `${day(cursor)} ${exactTimeOfDay(cursor)}`);
    };
    tell();
    return replay.subscribe(tell);
  }, []);
  return (
    <span className={style['time']} role="group" aria-label="Time in the run">
      <strong ref={offset} data-replay-offset />
      <span ref={length} className="muted" />
      <span ref={clock} className={style['clock']} title="Time of day, in this computer's time zone" />
    </span>
  );
}
