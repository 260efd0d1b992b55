/** The page of a wall: the radiator alone, without a console behind it. It shows, and asks one thing of its host, with the token of its link. */
import './styles/page-styles.ts';
import { createRoot } from 'react-dom/client';
import { WallPage } from './views/radiator/wall-page.tsx';

const page = document.getElementById('root');
// The token stands behind # of the address, which a browser tells nobody.
if (page) createRoot(page).render(<WallPage token={location.hash.slice(1)} />);
