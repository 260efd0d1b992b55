/** The Archive view. */
export { ArchiveView } from './archive-view.tsx';
