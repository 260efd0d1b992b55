/** That an answer is awaited, how long already, and the way out. */
import { Button, Loader } from '@mantine/core';
import { secondsText } from '#shared/wording/durations.ts';
import { useNow } from './use-now.ts';
import style from './working.module.css';

/** ms after which it is told how long an answer is awaited. */
const tellingFrom = 2_000;

interface WorkingProps {
  /** `Judging`, before the dots. */
  readonly what: string;
  /** ms since 1970 */
  readonly since: number;
  readonly onCancel: () => void;
}

export function Working({ what, since, onCancel }: WorkingProps) {
  const now = useNow(500);
  const elapsed = now - since;
  return (
    <span className={style['working']} role="status">
      <Loader size={14} /> {what}
      {elapsed >= tellingFrom ? `, ${secondsText(elapsed, Math.floor)}` : ''} …
      <Button size="small" onClick={onCancel}>
        Cancel
      </Button>
    </span>
  );
}
