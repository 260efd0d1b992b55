/** The Releases view: may a release candidate go on, and how did a scenario go over the candidates? */
export { ReleasesView } from './releases-view.tsx';
