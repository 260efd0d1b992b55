/** What the command palette offers: all actions, or one page of choices (environments, releases, folders …). */
import { create } from 'zustand';

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

export const usePalette = create<PaletteState>(() => ({ opened: false, page: null }));

export function openPalette(page: PalettePage | null = null): void {
  usePalette.setState({ opened: true, page });
}

export function closePalette(): void {
  usePalette.setState({ opened: false });
}
