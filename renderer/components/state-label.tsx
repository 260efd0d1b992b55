/** A component's state in the colour of its meaning: ready, standing by, changing, failing, not running. */
import { meaningOfState } from './state-meaning.ts';
import style from './state-label.module.css';

export function StateLabel({ state, stale = false }: { readonly state: string; readonly stale?: boolean }) {
  return (
    <span className={style['label']} data-meaning={stale ? 'unknown' : meaningOfState(state)}>
      {state}
    </span>
  );
}
