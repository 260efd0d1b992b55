/** What went wrong or was done: toasts with the sentence, the tip, and what can be done about it; those that ask for something wait. */
import { Button, CloseButton } from '@mantine/core';
import { useEffect } from 'react';
import { createSession, useSession, type Notice } from '../../stores/session.ts';
import { untrusted } from '../../stores/trust.ts';
import { askForTrust } from '../../stores/workspace-trust.ts';
import style from './shell.module.css';
import { useStores } from '../../stores/context.ts';
import type { Stores } from '../../stores/stores.ts';

/** How many stand on the screen at once; older ones are counted. */
const shownAtOnce = 4;

/** What was refused for want of trust can be asked about where that is told. */
function trustAction(stores: Stores, { code, file }: Notice): Notice['action'] {
  if (code !== untrusted || file === undefined) return undefined;
  return { title: 'Trust this folder…', perform: () => askForTrust(stores, file) };
}

function Toast({ notice }: { readonly notice: Notice }) {
  const stores = useStores();
  const { dismissNotice } = stores.get(createSession);
  const { number, lifetime } = notice;
  const action = notice.action ?? trustAction(stores, notice);
  useEffect(() => {
    if (lifetime === undefined) return;
    const timer = setTimeout(() => dismissNotice(number), lifetime);
    return () => clearTimeout(timer);
  }, [number, lifetime]);
  return (
    <div className={style['toast']} data-severity={notice.severity} role={notice.severity === 'error' ? 'alert' : 'status'}>
      <div className={style['toastText']}>
        <p title={notice.message}>{notice.message}</p>
        {notice.tip && <p className="muted">{notice.tip}</p>}
        {notice.file && <p className="code muted">{notice.file}</p>}
      </div>
      {action && (
        <Button
          onClick={() => {
            dismissNotice(number);
            action.perform();
          }}
        >
          {action.title}
        </Button>
      )}
      <CloseButton size="sm" aria-label="Dismiss" onClick={() => dismissNotice(number)} />
    </div>
  );
}

export function Notices() {
  const { dismissNotices } = useStores().get(createSession);
  const notices = useSession((state) => state.notices);
  const hidden = notices.length - shownAtOnce;
  return (
    <section className={style['toasts']} aria-label="Notices" data-notices>
      {hidden > 0 && (
        <Button onClick={dismissNotices}>
          {hidden} more · dismiss all {notices.length}
        </Button>
      )}
      {notices.slice(-shownAtOnce).map((notice) => (
        <Toast key={notice.number} notice={notice} />
      ))}
    </section>
  );
}
