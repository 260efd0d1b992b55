/** Moving along the time axis: live, pause, zoom, pan, and back. */
import { useRunSession } from './run-session.ts';
import { coreNow } from './telemetry.ts';
import { setRange, useTimeAxis, type TimeRange } from './time-axis.ts';

/** ms of the last live window, to which one comes back. */
let liveWindow = 60_000;

/** Narrowest and widest stretch that can be looked at, ms. */
const narrowest = 100;
const widest = 86_400_000;

/** From and to of what is shown now, ms since 1970. */
export function shownRange(): { readonly from: number; readonly to: number } {
  const { range } = useTimeAxis.getState();
  if (range.kind === 'fixed') return range;
  const now = coreNow();
  return { from: now - range.window, to: now };
}

/** The whole run, with a little room on both sides; null when none is shown or it has not finished. */
function wholeRun(): TimeRange | null {
  const { started, finishedAt } = useRunSession.getState().state;
  if (!started || finishedAt === null) return null;
  const room = Math.max(500, (finishedAt - started.time) * 0.02);
  return { kind: 'fixed', from: started.time - room, to: finishedAt + room };
}

/** Back to where one started: the moving present, or the whole of a run of the past. */
export function restoreRange(): void {
  setRange((useRunSession.getState().archived ? wholeRun() : null) ?? { kind: 'live', window: liveWindow });
}

/** The last `window` ms, moving. */
export function showLive(window: number): void {
  liveWindow = window;
  setRange({ kind: 'live', window });
}

/** Stops the picture where it is, or lets it move again. */
export function togglePause(): void {
  const { range } = useTimeAxis.getState();
  if (range.kind === 'fixed') restoreRange();
  else setRange({ kind: 'fixed', ...shownRange() });
}

/** Shows a stretch of time that stands still. */
export function zoomTo(from: number, to: number): void {
  const middle = (from + to) / 2;
  const half = Math.min(widest, Math.max(narrowest, to - from)) / 2;
  setRange({ kind: 'fixed', from: middle - half, to: middle + half });
}

/** Makes the shown stretch `factor` times as long, keeping the time `around` where it is. Without one, live stays live. */
export function zoomBy(factor: number, around?: number): void {
  const { range } = useTimeAxis.getState();
  if (range.kind === 'live' && around === undefined) return showLive(Math.min(widest, Math.max(1_000, range.window * factor)));
  const { from, to } = shownRange();
  const center = around ?? (from + to) / 2;
  zoomTo(center - (center - from) * factor, center + (to - center) * factor);
}

/** Moves along the time axis by a share of what is shown. */
export function panBy(share: number): void {
  const { from, to } = shownRange();
  const distance = (to - from) * share;
  setRange({ kind: 'fixed', from: from + distance, to: to + distance });
}

/** A run of the past is shown whole as soon as its end is known; leaving it leads back to the present. */
export function followRunsOfThePast(): () => void {
  let shownWhole: string | null = null;
  return useRunSession.subscribe(({ run, archived, state }) => {
    if (shownWhole !== null && run !== shownWhole) {
      shownWhole = null;
      if (!archived) setRange({ kind: 'live', window: liveWindow });
    }
    if (run === null || !archived || shownWhole === run || state.finishedAt === null) return;
    shownWhole = run;
    restoreRange();
  });
}
