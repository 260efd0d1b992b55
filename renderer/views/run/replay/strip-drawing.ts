/** The whole run in one strip: steps in the colour of how they ended, above them what happened, below them what people left there. */
import type { Place } from '../../../stores/replay/replay-remarks.ts';
import { readTokens } from '../../../styles/applied-theme.ts';
import { isTroubled } from '#shared/run/tries.ts';
import { endBar, markLeft, mostDrawn, placeInStrip, stepBars } from './strip-geometry.ts';
import type { MarkKind, StepSpan, Timeline } from '#shared/run/timeline.ts';

export interface StripColours {
  readonly ok: string;
  readonly warn: string;
  readonly fail: string;
  readonly error: string;
  readonly paused: string;
  readonly running: string;
  readonly muted: string;
  readonly accent: string;
  readonly text: string;
  readonly track: string;
}

export function stripColours(): StripColours {
  const { text } = readTokens();
  return {
    ok: text('--ok'),
    warn: text('--warn'),
    fail: text('--fail'),
    error: text('--error'),
    paused: text('--paused'),
    running: text('--running'),
    muted: text('--muted'),
    accent: text('--accent'),
    text: text('--text'),
    track: text('--raised'),
  };
}

export interface StripPicture {
  readonly timeline: Timeline;
  readonly places: readonly Place[];
  readonly start: number;
  readonly end: number;
  /** CSS px */
  readonly width: number;
  readonly height: number;
}

const stateColour: Readonly<Record<StepSpan['state'], keyof StripColours>> = {
  waiting: 'running',
  running: 'running',
  passed: 'ok',
  failed: 'fail',
  error: 'error',
  'timed out': 'fail',
  skipped: 'muted',
};

/** What stands above the steps: later kinds over earlier ones. */
const told: readonly { readonly kind: MarkKind; readonly colour: keyof StripColours; readonly height: number }[] = [
  { kind: 'state', colour: 'paused', height: 4 },
  { kind: 'pause', colour: 'paused', height: 6 },
  { kind: 'edit', colour: 'warn', height: 6 },
  { kind: 'note', colour: 'warn', height: 6 },
  { kind: 'problem', colour: 'warn', height: 8 },
  { kind: 'error', colour: 'fail', height: 8 },
  { kind: 'fault', colour: 'error', height: 12 },
  { kind: 'crash', colour: 'fail', height: 12 },
];

const eventsHeight = 12;
const placesHeight = 9;
export function drawStrip(context: CanvasRenderingContext2D, picture: StripPicture, colours: StripColours): void {
  const { width, height } = picture;
  context.clearRect(0, 0, width, height);
  const steps = { top: eventsHeight + 1, height: height - eventsHeight - placesHeight - 2 };
  context.fillStyle = colours.track;
  context.fillRect(0, steps.top, width, steps.height);
  drawSteps(context, picture, colours, steps);
  const end = endBar(picture.timeline, picture);
  if (end) {
    context.fillStyle = end.outcome === 'failed' ? colours.fail : colours.error;
    context.fillRect(end.left, steps.top, end.width, steps.height);
  }
  for (const { kind, colour, height: length } of told) drawMarks(context, picture, kind, colours[colour], length);
  for (const place of picture.places) drawPlace(context, picture, place, colours);
}

function drawSteps(
  context: CanvasRenderingContext2D,
  picture: StripPicture,
  colours: StripColours,
  { top, height }: { readonly top: number; readonly height: number },
): void {
  for (const { state, depth, phase, left, width } of stepBars(picture.timeline, picture)) {
    context.fillStyle = colours[stateColour[state]];
    // A called scenario's steps stand within the step that calls it.
    const inset = Math.min(3, depth) * 2;
    context.globalAlpha = isTroubled(state) ? 1 : phase === 'deferred' ? 0.45 : 0.85;
    context.fillRect(left, top + inset, width, height - inset);
  }
  context.globalAlpha = 1;
}

function drawMarks(context: CanvasRenderingContext2D, picture: StripPicture, kind: MarkKind, colour: string, length: number): void {
  const { timeline } = picture;
  const count = timeline.count(kind);
  const stride = Math.max(1, Math.ceil(count / mostDrawn));
  context.fillStyle = colour;
  for (let index = 0; index < count; index += stride) {
    const mark = timeline.markAt(kind, index);
    if (mark) context.fillRect(markLeft(mark.time, picture), eventsHeight - length, 2, length);
  }
}

/** A flag for a bookmark, a dot for a note, below the steps. */
function drawPlace(context: CanvasRenderingContext2D, picture: StripPicture, place: Place, colours: StripColours): void {
  const x = Math.round(placeInStrip(place.time, picture));
  const top = picture.height - placesHeight;
  context.fillStyle = place.kind === 'bookmark' ? colours.accent : colours.warn;
  context.beginPath();
  if (place.kind === 'bookmark') {
    context.moveTo(x, top);
    context.lineTo(x + 4.5, top + placesHeight);
    context.lineTo(x - 4.5, top + placesHeight);
  } else context.arc(x, top + placesHeight / 2, 3.5, 0, 2 * Math.PI);
  context.fill();
}
