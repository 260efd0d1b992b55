/** A distribution as inline SVG: the baseline's runs as dots, where another of them would be expected, and the candidate's value. */
import type { Unit } from '#shared/telemetry/series.ts';
import { html, type Markup } from './markup.ts';
import { anchorAt, rangeOf, roundValues, scaleOf } from './scale.ts';
import { quantityText } from '#shared/wording/quantities.ts';
import { axisText } from '#shared/wording/axes.ts';

export interface Distribution {
  readonly description: string;
  readonly unit: Unit | null;
  readonly candidate: number | null;
  readonly baseline: readonly number[];
  readonly expected: { readonly median: number; readonly low: number; readonly high: number } | null;
}

const size = { width: 520, height: 128 } as const;
const plot = { left: 14, right: 506, top: 26, bottom: 92 } as const;
/** Dots are 7 pixels wide; those that would cover each other are stacked. */
const dot = 7;

/** The values of the baseline as dots, the expected range, and the candidate among them; null where there is nothing to hold it against. */
export function distributionPicture({ description, unit, candidate, baseline, expected }: Distribution): Markup | null {
  const all = [
    ...baseline,
    ...(candidate === null ? [] : [candidate]),
    ...(expected ? [expected.low, expected.high, expected.median] : []),
  ];
  const range = rangeOf(all, false);
  if (!range || baseline.length === 0) return null;
  const across = scaleOf(range.from, range.to, plot.left, plot.right);
  const box = expected && { left: across.place(expected.low), right: across.place(expected.high), middle: across.place(expected.median) };
  const ticks = roundValues(range.from, range.to, 5);
  return html`<svg viewBox="0 0 ${size.width} ${size.height}" role="img" aria-label="${description}">
    ${box && html`<rect class="expected" x="${box.left}" y="${plot.top}" width="${Math.max(1, box.right - box.left).toFixed(1)}" height="${plot.bottom - plot.top}" /><path class="median" d="M${box.middle} ${plot.top}V${plot.bottom}" />`}
    ${dots(baseline.map((value) => across.place(value)))}
    ${candidate !== null && candidateMark(across.place(candidate), quantityText(candidate, unit))}
    <path class="axis" d="M${plot.left} ${plot.bottom}H${plot.right}" />
    ${ticks.map((value) => tick(across.place(value), axisText(value, unit)))}
    <text x="${plot.left}" y="${size.height - 4}">● baseline${expected ? ' ▮ expected range, median' : ''} ◆ candidate</text>
  </svg>`;
}

function dots(places: readonly number[]): Markup[] {
  const heights = new Map<number, number>();
  const rows = Math.floor((plot.bottom - plot.top) / dot) - 1;
  return places.map((x) => {
    const column = Math.round(x / dot);
    const height = heights.get(column) ?? 0;
    heights.set(column, height + 1);
    return html`<circle class="point-past" cx="${x}" cy="${plot.bottom - 5 - Math.min(height, rows) * dot}" r="3.5" />`;
  });
}

function candidateMark(x: number, value: string): Markup {
  const anchor = x < 80 ? 'start' : x > size.width - 80 ? 'end' : 'middle';
  const y = (plot.top + plot.bottom) / 2;
  return html`<path class="point-candidate" d="M${x} ${y - 8}L${x + 7} ${y}L${x} ${y + 8}L${x - 7} ${y}Z" /><text
      class="fault-name"
      x="${x}"
      y="${plot.top - 8}"
      text-anchor="${anchor}"
      >${value}</text
    >`;
}

function tick(x: number, value: string): Markup {
  const anchor = x < 40 ? 'start' : anchorAt(x + 26, plot.right);
  return html`<text x="${x}" y="${plot.bottom + 16}" text-anchor="${anchor}">${value}</text>`;
}
