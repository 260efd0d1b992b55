/** What the shell itself shows. */
import { createStore } from 'zustand/vanilla';
import { storeHook } from '../../stores/context.ts';

export function createShell() {
  const shell = createStore<{ readonly keysListed: boolean }>(() => ({ keysListed: false }));

  return { ...shell };
}

export const useShell = storeHook(createShell);
