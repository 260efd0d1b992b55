/** What is drawn around the lines of a chart: limits, the selected step, marks, lanes of states, tails of stale values. */
import type uPlot from 'uplot';
import type { StateChange } from '../../../stores/charts-markers.ts';
import { firstFrom, unknownLane } from '../../../stores/charts-markers.ts';
import { meaningOfState } from '../../../components/state-meaning.ts';
import type { ChartColours } from './chart-colours.ts';
import type { LimitBand } from './limit-bands.ts';
import type { PlacedMarker } from './marker-placement.ts';

/** Component and its changes of state. */
export interface Lane {
  readonly component: string;
  readonly changes: readonly StateChange[];
}

/** Draws within the plotting area only. */
function clipped(plot: uPlot, work: (context: CanvasRenderingContext2D) => void): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  ctx.textAlign = 'left';
  work(ctx);
  ctx.restore();
}

export function drawSelection(plot: uPlot, span: { readonly from: number; readonly to: number } | null, colours: ChartColours): void {
  if (!span) return;
  clipped(plot, (context) => {
    const left = plot.valToPos(span.from, 'x', true);
    const right = Math.max(left + 2, plot.valToPos(span.to, 'x', true));
    context.globalAlpha = 0.18;
    context.fillStyle = colours.selection;
    context.fillRect(left, plot.bbox.top, right - left, plot.bbox.height);
  });
}

/** Forbidden stretches, tinted by how bad it is to be there, with a line at their edge. */
export function drawLimits(plot: uPlot, bands: readonly (LimitBand & { readonly scale: string })[], colours: ChartColours): void {
  if (bands.length === 0) return;
  clipped(plot, (context) => {
    const { left, top, width, height } = plot.bbox;
    for (const band of bands) {
      const scale = plot.scales[band.scale];
      if (scale?.min === undefined || scale.max === undefined) continue;
      const edge = plot.valToPos(band.edge, band.scale, true);
      const upwards = band.to === Number.POSITIVE_INFINITY;
      const [from, to] = upwards ? [top, Math.min(edge, top + height)] : [Math.max(edge, top), top + height];
      context.fillStyle = band.severity === 'error' ? colours.meaning.fail : colours.meaning.warn;
      context.strokeStyle = context.fillStyle;
      context.globalAlpha = 0.14;
      if (to > from) context.fillRect(left, from, width, to - from);
      context.globalAlpha = 0.9;
      context.setLineDash([6, 4]);
      context.lineWidth = devicePixelRatio;
      context.beginPath();
      context.moveTo(left, edge);
      context.lineTo(left + width, edge);
      context.stroke();
    }
  });
}

const markerMeaning = { step: 'muted', state: 'paused', note: 'warn', fault: 'error', crash: 'fail', end: 'muted' } as const;

/** Vertical lines with their labels. */
export function drawMarkers(plot: uPlot, markers: readonly PlacedMarker[], colours: ChartColours): void {
  if (markers.length === 0) return;
  clipped(plot, (context) => {
    const ratio = devicePixelRatio;
    const { left, top, height } = plot.bbox;
    context.font = scaledFont(colours.font, ratio, colours.markSize);
    context.textBaseline = 'top';
    for (const { marker, x, label, row } of markers) {
      const strong = marker.kind !== 'step' && marker.kind !== 'state';
      const at = Math.round(left + x * ratio) + 0.5;
      context.strokeStyle = colours.meaning[markerMeaning[marker.kind]];
      context.globalAlpha = strong ? 0.95 : 0.4;
      context.lineWidth = (strong ? 1.5 : 1) * ratio;
      context.setLineDash(marker.kind === 'step' ? [2 * ratio, 3 * ratio] : []);
      context.beginPath();
      context.moveTo(at, top);
      context.lineTo(at, top + height);
      context.stroke();
      if (label === null) continue;
      const width = context.measureText(label).width;
      const y = top + (1 + row * 13) * ratio;
      context.globalAlpha = 0.8;
      context.fillStyle = colours.surface;
      context.fillRect(at + 2 * ratio, y, width + 3 * ratio, 12 * ratio);
      context.globalAlpha = 1;
      context.fillStyle = colours.meaning[markerMeaning[marker.kind]];
      context.fillText(label, at + 3 * ratio, y + ratio);
    }
  });
}

/** A value that is not current goes on as a dashed grey line at its last height. */
export function drawStaleTail(plot: uPlot, scale: string, from: number, value: number, colours: ChartColours): void {
  const { bbox } = plot;
  const right = bbox.left + bbox.width;
  const start = Math.max(bbox.left, plot.valToPos(from, 'x', true));
  if (start >= right || plot.scales[scale]?.min === undefined) return;
  clipped(plot, (context) => {
    const height = plot.valToPos(value, scale, true);
    context.strokeStyle = colours.stale;
    context.setLineDash([4 * devicePixelRatio, 4 * devicePixelRatio]);
    context.lineWidth = 1.5 * devicePixelRatio;
    context.beginPath();
    context.moveTo(start, height);
    context.lineTo(right, height);
    context.stroke();
  });
}

/** Height of the rows of labels above lanes that stand alone, px. */
const labelSpace = 27;

/** Height of one lane, px. */
const laneHeight = 18;

/** States of components as coloured stretches: alone they share the picture, under lines they stand at its foot. */
export function drawLanes(plot: uPlot, lanes: readonly Lane[], alone: boolean, now: number, colours: ChartColours): void {
  if (lanes.length === 0) return;
  clipped(plot, (context) => {
    const ratio = devicePixelRatio;
    const { top, height } = plot.bbox;
    const labels = labelSpace * ratio;
    const pitch = alone ? Math.min((height - labels) / lanes.length, 36 * ratio) : laneHeight * ratio;
    const first = alone ? top + labels : top + height - pitch * lanes.length;
    context.textBaseline = 'middle';
    context.font = scaledFont(colours.font, ratio, colours.fontSize);
    for (const [index, lane] of lanes.entries()) drawLane(plot, context, lane, first + index * pitch, pitch, now, colours);
  });
}

function drawLane(
  plot: uPlot,
  context: CanvasRenderingContext2D,
  { component, changes }: Lane,
  top: number,
  pitch: number,
  now: number,
  colours: ChartColours,
): void {
  const ratio = devicePixelRatio;
  const [from, to] = [plot.scales['x']?.min ?? 0, Math.min(now, plot.scales['x']?.max ?? 0)];
  const height = Math.max(6 * ratio, Math.min(pitch - 2 * ratio, 22 * ratio));
  let told = false;
  for (let index = Math.max(0, firstFrom(changes, from) - 1); index < changes.length; index++) {
    const change = changes[index];
    if (!change || change.time > to) break;
    const left = Math.max(plot.bbox.left, plot.valToPos(change.time, 'x', true));
    const right = plot.valToPos(Math.min(to, changes[index + 1]?.time ?? to), 'x', true);
    if (right <= left) continue;
    const isUnknown = change.state === unknownLane;
    context.fillStyle = isUnknown ? colours.stale : colours.state[meaningOfState(change.state)];
    context.globalAlpha = isUnknown ? 0.12 : 0.3;
    context.fillRect(left, top, right - left, height);
    context.globalAlpha = 1;
    if (isUnknown) drawHatching(context, { left, top, right, height }, colours.stale);
    context.fillRect(left, top, 2 * ratio, height);
    if (isUnknown) context.fillStyle = colours.text;
    const text = told ? change.state : `${component} ${change.state}`;
    if (context.measureText(text).width + 10 * ratio < right - left) {
      context.fillText(text, left + 6 * ratio, top + height / 2);
      told = true;
    }
  }
  if (told) return;
  context.globalAlpha = 1;
  context.fillStyle = colours.text;
  context.fillText(component, plot.bbox.left + 6 * ratio, top + height / 2);
}

/** Slanted lines: nobody knows what was here, also for those who do not see the colour. */
function drawHatching(
  context: CanvasRenderingContext2D,
  { left, top, right, height }: { readonly left: number; readonly top: number; readonly right: number; readonly height: number },
  colour: string,
): void {
  const pitch = 7 * devicePixelRatio;
  context.save();
  context.beginPath();
  context.rect(left, top, right - left, height);
  context.clip();
  context.beginPath();
  context.strokeStyle = colour;
  context.lineWidth = devicePixelRatio;
  context.globalAlpha = 0.75;
  context.setLineDash([]);
  // In step with the picture's left edge, so that the lines stand still while a stretch grows.
  for (let at = Math.floor(left / pitch) * pitch - height; at < right; at += pitch) {
    context.moveTo(at, top + height);
    context.lineTo(at + height, top);
  }
  context.stroke();
  context.restore();
}

/** A font of CSS pixels in the canvas' own pixels. */
export function scaledFont(font: string, ratio: number, size: number): string {
  return font.replace(/^[0-9.]+px/, `${size * ratio}px`);
}
