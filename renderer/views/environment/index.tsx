/** The Environment view. */
export { EnvironmentView } from './environment-view.tsx';
