/** Text of others as the screens show it. */
export { inertBlock, inertText } from '#shared/inert-text.ts';
