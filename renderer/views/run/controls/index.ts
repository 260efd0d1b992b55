/** The toolbar above the run view. */
export { RunControls } from './run-controls.tsx';
