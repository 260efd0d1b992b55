/** The Campaigns view: many tests over many workers, live. */
export { CampaignsView } from './campaigns-view.tsx';
