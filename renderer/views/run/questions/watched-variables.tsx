/** The variables of the shown run, always in sight below the questions; a changed one is marked, and changed by pressing it. */
import { useEffect, useRef, useState } from 'react';
import { inertText } from '../../../components/inert-text.ts';
import { entriesOf } from '#shared/run/run-state.ts';
import { hasControl, useRunConsoles } from '../../../stores/run-consoles.ts';
import { createRunSession, useRunSession } from '../../../stores/run-session.ts';
import style from './questions.module.css';
import { useStores } from '../../../stores/context.ts';

/** ms for which a variable is marked after it changed. */
const marked = 2_000;

export function WatchedVariables() {
  const variables = useRunSession((session) => session.state.variables);
  const active = useRunSession((session) => session.live && session.state.status !== 'finished');
  const control = useRunConsoles(hasControl);
  const entries = entriesOf(variables);
  if (entries.length === 0) return null;
  return (
    <section className={style['watched']} aria-label="Variables">
      <h2>Variables</h2>
      <dl>
        {entries.map(([name, value]) => (
          <WatchedVariable key={name} name={name} value={value} mayChange={active && control} />
        ))}
      </dl>
    </section>
  );
}

function useJustChanged(value: string): boolean {
  const before = useRef(value);
  const [changed, setChanged] = useState(false);
  useEffect(() => {
    if (before.current === value) return undefined;
    before.current = value;
    setChanged(true);
    const timer = setTimeout(() => setChanged(false), marked);
    return () => clearTimeout(timer);
  }, [value]);
  return changed;
}

function WatchedVariable(props: { readonly name: string; readonly value: string; readonly mayChange: boolean }) {
  const { act } = useStores().get(createRunSession);
  const { name, value, mayChange } = props;
  const [typed, setTyped] = useState<string | null>(null);
  const changed = useJustChanged(value);
  const finish = (commit: boolean) => {
    if (commit && typed !== null && typed !== value) void act({ kind: 'set-variable', name, value: typed });
    setTyped(null);
  };
  return (
    <div className={style['watchedRow']} data-watched data-changed={changed || undefined}>
      <dt className="clipped" title={name}>
        {name}
      </dt>
      <dd>
        {typed === null ? (
          <button
            type="button"
            className="clipped"
            disabled={!mayChange}
            title={mayChange ? `${inertText(value)}\nPress to change` : inertText(value)}
            onClick={() => setTyped(value)}
          >
            {value === '' ? <span className="muted">empty</span> : inertText(value)}
          </button>
        ) : (
          <input
            aria-label={`Value of ${name}`}
            value={typed}
            autoFocus
            onChange={(event) => setTyped(event.currentTarget.value)}
            onBlur={() => finish(true)}
            onKeyDown={(event) => {
              if (event.key === 'Enter') finish(true);
              if (event.key === 'Escape') finish(false);
            }}
          />
        )}
      </dd>
    </div>
  );
}
