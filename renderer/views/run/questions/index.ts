/** The three questions, always in sight. */
export { QuestionsPanel } from './questions-panel.tsx';
