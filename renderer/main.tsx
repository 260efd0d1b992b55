/** The console's window: mounts the app on the page. */
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';

const page = document.getElementById('root');
if (page) createRoot(page).render(<App />);
