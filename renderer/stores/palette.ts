/** What the command palette offers: all actions, or one page of choices (environments, releases, folders …). */
import { createStore } from 'zustand/vanilla';
import { storeHook } from './context.ts';

export interface PaletteChoice {
  readonly id: string;
  readonly title: string;
  readonly description?: string;
  readonly perform: () => void | Promise<void>;
}

export interface PalettePage {
  /** Stands in the search box while nothing is typed: `Switch to which environment?` */
  readonly title: string;
  readonly choices: readonly PaletteChoice[];
  /** Told when there is nothing to choose from. */
  readonly empty: string;
}

interface PaletteState {
  readonly opened: boolean;
  /** Null: all actions. */
  readonly page: PalettePage | null;
}

export function createPalette() {
  const palette = createStore<PaletteState>(() => ({ opened: false, page: null }));

  function openPalette(page: PalettePage | null = null): void {
    palette.setState({ opened: true, page });
  }

  function closePalette(): void {
    palette.setState({ opened: false });
  }

  return { ...palette, openPalette, closePalette };
}

export const usePalette = storeHook(createPalette);
