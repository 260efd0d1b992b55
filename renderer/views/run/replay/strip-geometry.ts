/**
 * Where things stand in the strip of the whole run, and which of them win where they share pixels. A step that did not pass is
 * never too short to be seen, and lies over its neighbours; a run that failed shows so at its end, also without such a step.
 */
import { isTroubled } from '#shared/run/tries.ts';
import type { StepSpan, Timeline } from '#shared/run/timeline.ts';

export interface StripSpan {
  /** ms since 1970 */
  readonly start: number;
  readonly end: number;
  /** CSS px */
  readonly width: number;
}

export interface StepBar {
  readonly index: number;
  readonly state: StepSpan['state'];
  readonly depth: number;
  readonly phase: StepSpan['step']['phase'];
  /** CSS px */
  readonly left: number;
  readonly width: number;
}

/** Steps that are drawn one by one; of more, every second, third … one, and all that did not pass. */
export const mostDrawn = 20_000;
/** px of a step that did not pass, however short it was. */
export const leastTrouble = 3;
/** px from which on a step that did not pass needs no second drawing: its neighbours hide too little of it. */
const wideTrouble = 8;

/** Where a time stands in the strip, CSS px. */
export function placeInStrip(time: number, { start, end, width }: StripSpan): number {
  return end > start ? ((time - start) / (end - start)) * width : 0;
}

/** The bars of the steps in the order in which they are drawn: what comes later lies over what came before. */
export function stepBars(timeline: Timeline, strip: StripSpan): StepBar[] {
  const bars: StepBar[] = [];
  const stride = Math.max(1, Math.ceil(timeline.stepCount / mostDrawn));
  for (let index = 0; index < timeline.stepCount; index += stride) {
    const bar = barOf(timeline, index, strip);
    if (bar) bars.push(bar);
  }
  const seen = new Set<number>();
  for (let place = 0; place < timeline.troubledCount; place++) {
    const index = timeline.troubledStep(place);
    if (timeline.troubledCount > mostDrawn) {
      // Of very many only the first of each pixel: more could not be told apart.
      const pixel = Math.floor(placeInStrip(timeline.beginOf(index), strip));
      if (seen.has(pixel)) continue;
      seen.add(pixel);
    }
    const bar = barOf(timeline, index, strip);
    if (bar && (bar.width < wideTrouble || index % stride !== 0)) bars.push(bar);
  }
  return bars;
}

/** The end of a run that failed or ended in error, as a bar over everything; null for other runs and while it goes on. */
export function endBar(
  timeline: Timeline,
  strip: StripSpan,
): { readonly outcome: 'failed' | 'error'; readonly left: number; readonly width: number } | null {
  const { outcome, finishedAt } = timeline.latest;
  if (finishedAt === null || (outcome !== 'failed' && outcome !== 'error')) return null;
  return { outcome, ...within(placeInStrip(finishedAt, strip), leastTrouble, strip.width) };
}

function barOf(timeline: Timeline, index: number, strip: StripSpan): StepBar | null {
  const span = timeline.step(index);
  if (!span) return null;
  const left = placeInStrip(span.from, strip);
  const right = placeInStrip(span.to ?? timeline.step(index + 1)?.from ?? strip.end, strip);
  // A gap between steps that are wide enough tells one from the next.
  const wanted = right - left - (right - left > 3 ? 1 : 0);
  const place = within(left, Math.max(isTroubled(span.state) ? leastTrouble : 1, wanted), strip.width);
  return { index, state: span.state, depth: span.step.depth, phase: span.step.phase, ...place };
}

/** Where a mark of two pixels begins. */
export function markLeft(time: number, strip: StripSpan): number {
  return within(Math.round(placeInStrip(time, strip)) - 1, 2, strip.width).left;
}

/** A stretch moved so far that the strip holds it: what ends a run would else stand behind its edge. */
function within(left: number, width: number, all: number): { readonly left: number; readonly width: number } {
  return { left: Math.max(0, Math.min(left, all - width)), width };
}
