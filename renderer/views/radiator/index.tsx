/** The radiator: campaigns for a wall, read from five metres, always dark, without any control. Escape leaves it. */
export { Radiator } from './radiator.tsx';
