/** What differs from the pinned configuration, and pinning what is there now. */
import { Button } from '@mantine/core';
import { IconPin } from '@tabler/icons-react';
import { create } from 'zustand';
import type { EnvironmentStatus } from '#shared/contract/environments.ts';
import { problemOf } from '#shared/problem.ts';
import { currentCore, inform, notify, useSession } from '../../stores/session.ts';
import style from './environment.module.css';

/** ms in which the core compares anew after a pin. */
const comparing = 12_000;
const usePinned = create<{ readonly at: number }>(() => ({ at: 0 }));

/** Writes what the daemons offer now into the environment's pin file. */
export async function pinNow(): Promise<void> {
  const core = currentCore();
  const { environmentFile } = useSession.getState();
  if (!core || environmentFile === null) return;
  try {
    const { file, daemons } = await core.request('environment.pin', { environmentFile });
    usePinned.setState({ at: Date.now() });
    inform(`Pinned ${daemons.length === 1 ? 'one daemon' : `${daemons.length} daemons`} in ${file}.`);
  } catch (failure) {
    notify(problemOf(failure));
  }
}

function Findings({ drift }: { readonly drift: EnvironmentStatus['drift'] }) {
  const pinnedAt = usePinned((state) => state.at);
  if (drift === null && Date.now() - pinnedAt < comparing) return <p className={style['muted']}>Pinned. Comparing with what is there …</p>;
  if (drift === null) {
    return <p className={style['muted']}>Nothing is pinned. Pin what is installed now, and every later difference is shown here.</p>;
  }
  if (drift.length === 0) return <p className={style['muted']}>As pinned: every daemon offers what it should.</p>;
  return (
    <ul className={style['drift']}>
      {drift.map(({ severity, daemon, message }) => (
        <li key={`${daemon} ${message}`} data-severity={severity}>
          <strong>{daemon}</strong> {message}
        </li>
      ))}
    </ul>
  );
}

export function DriftPanel({ drift }: { readonly drift: EnvironmentStatus['drift'] }) {
  return (
    <section className={style['driftPanel']} aria-labelledby="drift-heading">
      <header className={style['panelHead']}>
        <h2 id="drift-heading">Drift from the pin{drift && drift.length > 0 ? ` (${drift.length})` : ''}</h2>
        <Button leftSection={<IconPin size={14} />} onClick={() => void pinNow()}>
          Pin now
        </Button>
      </header>
      <div className={style['panelBody']} tabIndex={0} role="region" aria-label="Differences">
        <Findings drift={drift} />
      </div>
    </section>
  );
}
