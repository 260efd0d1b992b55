/** What differs from the pinned configuration, and pinning what is there now. */
import { Button } from '@mantine/core';
import { IconPin } from '@tabler/icons-react';
import { createStore } from 'zustand/vanilla';
import type { EnvironmentStatus } from '#shared/contract/environments.ts';
import { problemOf } from '#shared/problem.ts';
import { createSession } from '../../stores/session.ts';
import { Bar } from '../../components/toolbar.tsx';
import style from './environment.module.css';
import { storeHook, useStores } from '../../stores/context.ts';
import type { Stores } from '../../stores/stores.ts';
import { counted } from '#shared/wording/counts.ts';

/** ms in which the core compares anew after a pin. */
const comparing = 12_000;

export function createPinned(stores: Stores) {
  const session = stores.get(createSession);
  const { currentCore, inform, notify } = session;

  const pinned = createStore<{ readonly at: number }>(() => ({ at: 0 }));

  /** Writes what the daemons offer now into the environment's pin file. */
  async function pinNow(): Promise<void> {
    const core = currentCore();
    const { environmentFile } = session.getState();
    if (!core || environmentFile === null) return;
    try {
      const { file, daemons } = await core.request('environment.pin', { environmentFile });
      pinned.setState({ at: Date.now() });
      inform(`Pinned ${counted(daemons.length, 'daemon')} in ${file}.`);
    } catch (failure) {
      notify(problemOf(failure));
    }
  }

  return { ...pinned, pinNow };
}

const usePinned = storeHook(createPinned);

function Findings({ drift }: { readonly drift: EnvironmentStatus['drift'] }) {
  const pinnedAt = usePinned((state) => state.at);
  if (drift === null && Date.now() - pinnedAt < comparing) return <p className="muted">Pinned. Comparing with what is there …</p>;
  if (drift === null) {
    return <p className="muted">Nothing is pinned. Pin what is installed now, and every later difference is shown here.</p>;
  }
  if (drift.length === 0) return <p className="muted">As pinned: every daemon offers what it should.</p>;
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
  const { pinNow } = useStores().get(createPinned);
  return (
    <section className={style['driftPanel']} aria-labelledby="drift-heading">
      <Bar kind="head">
        <h2 id="drift-heading">Drift from the pin{drift && drift.length > 0 ? ` (${drift.length})` : ''}</h2>
        <span className="rest" />
        <Button leftSection={<IconPin size={14} />} onClick={() => void pinNow()}>
          Pin now
        </Button>
      </Bar>
      <div className={style['panelBody']} tabIndex={0} role="region" aria-label="Differences">
        <Findings drift={drift} />
      </div>
    </section>
  );
}
