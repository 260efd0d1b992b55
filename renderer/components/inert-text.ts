/** Text of others as the screens show it. */
export { inertLines, inertText } from '#shared/inert-text.ts';
