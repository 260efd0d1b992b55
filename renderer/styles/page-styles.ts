/**
 * What every page is styled with, in this order: the libraries' styles, our colours and measures, and what of the libraries these replace.
 * All pages have it from here: styles that only one of several pages had would be bundled behind those that they share.
 */
import '@mantine/core/styles.css';
import '@mantine/spotlight/styles.css';
import 'dockview-react/dist/styles/dockview.css';
import './theme.css';
import './page.css';
