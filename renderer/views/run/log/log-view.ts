/** How the log is looked at: wrapped or not, times of day or since the start, and which rows are selected. */
import { createStore } from 'zustand/vanilla';
import { createLog } from '../../../stores/log-rows-session.ts';
import { copiedRow } from './row-text.ts';
import { storeHook } from '../../../stores/context.ts';
import type { Stores } from '../../../stores/stores.ts';

interface LogViewState {
  readonly wrapped: boolean;
  readonly relative: boolean;
  /** Whether the whole text of the row with the focus is shown below. */
  readonly details: boolean;
  /** Where the selection began, and the row with the focus, by their numbers; null: none. */
  readonly anchor: number | null;
  readonly focus: number | null;
}

/** Most rows that are copied at once. */
const maximumCopied = 50_000;

export function createLogView(stores: Stores) {
  const { placeOf, shownCount, numberAt, logRows } = stores.get(createLog);

  const logView = createStore<LogViewState>(() => ({ wrapped: false, relative: false, details: false, anchor: null, focus: null }));

  /** Selects a row, or everything from where the selection began to it. */
  function extendSelection(number: number, extend: boolean): void {
    logView.setState((state) => ({ focus: number, anchor: extend ? (state.anchor ?? number) : number }));
  }

  /** Puts the selected rows on the clipboard, as they are shown: what is filtered out is left out. Returns how many. */
  async function copySelection(): Promise<number> {
    const { anchor, focus } = logView.getState();
    if (anchor === null || focus === null) return 0;
    const first = placeOf(Math.min(anchor, focus));
    const lines: string[] = [];
    for (let place = first; place < shownCount() && lines.length < maximumCopied; place++) {
      const number = numberAt(place);
      if (number > Math.max(anchor, focus)) break;
      const row = logRows.row(number);
      if (row) lines.push(copiedRow(row));
    }
    await navigator.clipboard.writeText(lines.join('\n'));
    return lines.length;
  }

  return { ...logView, extendSelection, copySelection };
}

export const useLogView = storeHook(createLogView);

export function isSelected(anchor: number | null, focus: number | null, number: number): boolean {
  return anchor !== null && focus !== null && number >= Math.min(anchor, focus) && number <= Math.max(anchor, focus);
}
