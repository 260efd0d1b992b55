/** The console's window: connects to the core, opens what its host wants opened, mounts the app on the page. */
import './styles/page-styles.ts';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { createLayout } from './stores/layout.ts';
import { createLiveSession } from './stores/live-session.ts';
import { createSession } from './stores/session.ts';
import { Stores } from './stores/stores.ts';
import { createOpening } from './stores/workspace.ts';
import { hostPorts, onOpenedFromDesktop, readStartInformation } from './transport/host.ts';
import { openBundle } from './views/archive/incoming-runs.ts';

/** Connects, and opens what the host wants opened now and later. */
function begin(stores: Stores): void {
  const { openAsked, openFirst } = stores.get(createOpening);
  const showBundle = (file: string): Promise<void> => openBundle(stores, file);
  stores.get(createLiveSession).startSession(hostPorts());
  const start = readStartInformation();
  openFirst(async () => openAsked(await start, showBundle));
  stores.own(onOpenedFromDesktop((asked) => void openAsked(asked, showBundle)));
}

/** What was arranged last is saved before the window may go. */
function saveWhenHidden(stores: Stores): void {
  const save = (): void => {
    if (document.visibilityState === 'hidden') void stores.get(createLayout).saveLayoutNow();
  };
  document.addEventListener('visibilitychange', save);
  stores.own(() => document.removeEventListener('visibilitychange', save));
}

const stores = new Stores();
stores.get(createSession).setState({ theme: matchMedia('(prefers-color-scheme: light)').matches ? 'light' : 'dark' });
begin(stores);
saveWhenHidden(stores);

const page = document.getElementById('root');
if (page) createRoot(page).render(<App stores={stores} />);
