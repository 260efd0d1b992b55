/** A component's state in the colour of its meaning: ready, failing, in between, not running. */
import style from './state-label.module.css';

export type StateMeaning = 'ok' | 'fail' | 'warn' | 'idle' | 'unknown';

/** What a state means, as far as its name tells: teams name states themselves. */
export function meaningOf(state: string): StateMeaning {
  const name = state.toUpperCase();
  if (name === 'UNKNOWN') return 'unknown';
  if (/CRASH|FAIL|ERROR|DEAD|LOST|REFUS/.test(name)) return 'fail';
  if (/STOPPED|NOT_RUNNING|DOWN|IDLE/.test(name)) return 'idle';
  if (/READY|RUNNING|STANDBY|ACTIVE|PRIMARY|UP$|CONNECTED|LOADED/.test(name)) return 'ok';
  return 'warn';
}

export function StateLabel({ state, stale = false }: { readonly state: string; readonly stale?: boolean }) {
  return (
    <span className={style['label']} data-meaning={stale ? 'unknown' : meaningOf(state)}>
      {state}
    </span>
  );
}
