/** The Compare view: a run beside its baseline, and what changed. */
export { CompareView } from './compare-view.tsx';
