/** Text of others as the screens show it. */
export { inertText } from '#shared/inert-text.ts';
