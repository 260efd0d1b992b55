/** A name that is cut in its middle where there is no room for it: names of one kind mostly differ at their end. */
import style from './long-name.module.css';

interface LongNameProps {
  readonly name: string;
  /** Characters at its end that stay. */
  readonly end: number;
}

/** Characters that are too few to be cut: a name that is not longer than its end by more than these stays in one piece. */
const fewest = 4;

export function LongName({ name, end }: LongNameProps) {
  if (name.length <= end + fewest) return <span className={style['start']}>{name}</span>;
  return (
    <span className={style['name']}>
      <span className={style['start']}>{name.slice(0, -end)}</span>
      <span className={style['end']}>{name.slice(-end)}</span>
    </span>
  );
}
