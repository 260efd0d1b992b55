/**
 * The one time axis: what is under the cursor in one view is marked in all others, and the range decides what charts and
 * log show. Times are ms since 1970 in the core's clock.
 */
import { createStore } from 'zustand/vanilla';
import { storeHook } from './context.ts';

export type TimeRange =
  /** The last `window` ms, moving. */
  { readonly kind: 'live'; readonly window: number } | { readonly kind: 'fixed'; readonly from: number; readonly to: number };

export interface TimeAxisState {
  readonly range: TimeRange;
  /** Where the crosshair is; null: nowhere. */
  readonly cursor: number | null;
  /** Execution number of the step that is selected; its time span is marked everywhere. */
  readonly execution: number | null;
}

export function createTimeAxis() {
  const timeAxis = createStore<TimeAxisState>(() => ({ range: { kind: 'live', window: 60_000 }, cursor: null, execution: null }));

  function setCursor(cursor: number | null): void {
    if (timeAxis.getState().cursor !== cursor) timeAxis.setState({ cursor });
  }

  function selectExecution(execution: number | null): void {
    timeAxis.setState({ execution });
  }

  function setRange(range: TimeRange): void {
    timeAxis.setState({ range });
  }

  return { ...timeAxis, setCursor, selectExecution, setRange };
}

export const useTimeAxis = storeHook(createTimeAxis);
