/** The console's window: connects to the core, opens what its host wants opened, mounts the app on the page. */
import '@mantine/core/styles.css';
import '@mantine/spotlight/styles.css';
import 'dockview-react/dist/styles/dockview.css';
import './styles/theme.css';
import './styles/page.css';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { saveLayoutNow } from './stores/layout.ts';
import { startSession } from './stores/live-session.ts';
import { openAsked, openFirst } from './stores/workspace.ts';
import { onOpenedFromDesktop, hostPorts, readStartInformation } from './transport/host.ts';
import { openBundle } from './views/archive/incoming-runs.ts';

startSession(hostPorts());
const start = readStartInformation();
openFirst(async () => openAsked(await start, openBundle));
onOpenedFromDesktop((asked) => void openAsked(asked, openBundle));
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'hidden') void saveLayoutNow();
});

const page = document.getElementById('root');
if (page) createRoot(page).render(<App />);
