/** Stands under the header while the open folder is not trusted: what is kept back, and the way to trust it. */
import { Button } from '@mantine/core';
import { IconShieldLock } from '@tabler/icons-react';
import { useEffect } from 'react';
import { createActions } from '../../stores/actions.ts';
import { useTrust } from '../../stores/trust.ts';
import { lookAgain } from '../../stores/workspace-trust.ts';
import style from './trust.module.css';
import { useStores } from '../../stores/context.ts';

/** It may have been trusted at a terminal meanwhile. */
function useLookOnReturn(): void {
  const stores = useStores();
  useEffect(() => {
    // A core that does not answer is told of already.
    const look = (): void => void lookAgain(stores).catch(() => {});
    window.addEventListener('focus', look);
    return () => window.removeEventListener('focus', look);
  }, []);
}

function Banner() {
  const { performAction } = useStores().get(createActions);
  useLookOnReturn();
  return (
    <section className={style['banner']} aria-label="Restricted mode">
      <IconShieldLock size={16} aria-hidden />
      <strong>Restricted mode</strong>
      <span className="clipped">
        This folder is not trusted: it can be read, edited, checked and replayed, but nothing in it is executed or connected to.
      </span>
      <Button onClick={() => performAction('workspace.trust')}>Trust this folder…</Button>
    </section>
  );
}

export function RestrictedBanner() {
  const restricted = useTrust((state) => state.standing === 'restricted');
  return restricted ? <Banner /> : null;
}
