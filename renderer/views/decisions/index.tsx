/** Deciding about runs: accepting, rejecting, annotating, and the history of it. Used by Archive, Run, Compare and whoever shows runs. */
export { DecisionDialogs } from './decision-dialog.tsx';
export { DecisionHistory } from './decision-history.tsx';
export { DecisionLabel } from './decision-label.tsx';
export { DecisionMenu } from './decision-menu.tsx';
export { createDecisions } from './decision-store.ts';
export { decisionTitles } from './decision-words.ts';
