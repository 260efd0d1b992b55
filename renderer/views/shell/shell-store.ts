/** What the shell itself shows. */
import { create } from 'zustand';

export const useShell = create<{ readonly keysListed: boolean }>(() => ({ keysListed: false }));
