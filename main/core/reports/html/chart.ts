/**
 * A chart over time as inline SVG: lines of archived points, the steps behind them as bands, faults marked. Drawn by us, since a
 * report runs no scripts. Colours and dashes come from the style sheet, so that it reads in both themes, on paper and without colour.
 */
import type { Unit } from '#shared/telemetry/series.ts';
import { html, Markup } from './markup.ts';
import { anchorAt, rangeOf, roundValues, scaleOf, type Scale } from './scale.ts';
import { axisText, axisTime } from '#shared/wording/axes.ts';

/** Points in time; null: no value there. Times in ms since whatever the chart begins with. */
export interface ChartLine {
  readonly name: string;
  /** Class of the line: `line-1` … `line-6`, `past`, `candidate`. */
  readonly kind: string;
  readonly times: readonly number[];
  readonly values: readonly (number | null)[];
}

/** A step behind the lines, or a time in which a daemon was lost; ms. */
export interface ChartBand {
  readonly from: number;
  readonly to: number;
  readonly name: string;
}

export interface ChartMark {
  readonly at: number;
  readonly name: string;
}

export interface Chart {
  readonly title: string;
  /** What the picture shows, for those who cannot see it. */
  readonly description: string;
  readonly unit: Unit;
  /** ms */
  readonly from: number;
  readonly to: number;
  readonly lines: readonly ChartLine[];
  readonly bands: readonly ChartBand[];
  /** Nobody knows what was in these times; none unless told. */
  readonly silences?: readonly ChartBand[];
  readonly marks: readonly ChartMark[];
}

/** Pixels of the picture, and points of a line across it. */
export const chartSize = { width: 520, height: 190, columns: 160 } as const;
const plot = { left: 62, right: 512, top: 18, bottom: 166 } as const;
/** Bands and marks that can still be told apart. */
const most = { bands: 60, marks: 30 } as const;
/** Pixels between two lines of a hatching. */
const hatchGap = 7;

/** A chart as SVG: lines over time (ms from its start), with bands of steps, marks of faults, and where nothing was known. */
export function chartPicture(chart: Chart): Markup {
  const values = rangeOf(chart.lines.flatMap((line) => line.values.flatMap((value) => value ?? [])));
  if (!values || !(chart.to > chart.from)) return html`<p class="nothing">No values were recorded.</p>`;
  const across = scaleOf(chart.from, chart.to, plot.left, plot.right);
  const up = scaleOf(values.from, values.to, plot.bottom, plot.top);
  const { width, height } = chartSize;
  return html`<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${chart.description}">
    ${bands(chart, across)}${silences(chart, across)}${gridAndAxes(chart.unit, across, up)}${marks(chart, across)}
    ${chart.lines.map((line) => lineMarkup(line, across, up))}
  </svg>`;
}

/** The chart with its heading and the names of its lines. */
export function chartFigure(chart: Chart): Markup {
  return html`<figure>
    <figcaption>${chart.title}</figcaption>
    ${chartPicture(chart)} ${chart.lines.length > 1 && legend(chart.lines)}
  </figure>`;
}

/** What each kind of line is. */
export function legend(lines: readonly { readonly name: string; readonly kind: string }[]): Markup {
  const entry = ({ name, kind }: { name: string; kind: string }): Markup =>
    html`<li>
      <svg viewBox="0 0 28 8" aria-hidden="true"><path class="line ${kind}" d="M0 4H28" /></svg>${name}
    </li>`;
  return html`<ul class="legend">
    ${lines.map(entry)}
  </ul>`;
}

/** The line; it breaks where a value is missing. A value that stands alone between two gaps is a dot. */
function lineMarkup(line: ChartLine, across: Scale, up: Scale): Markup {
  const stretches = stretchesOf(line, across, up);
  const lines = stretches.filter((points) => points.length > 1).map((points) => `M${points.join('L')}`);
  const dots = stretches.filter((points) => points.length === 1).map(([point]) => `M${point}h0.1`);
  const path = (kind: string, parts: readonly string[]): Markup | false =>
    parts.length > 0 && html`<path class="${kind} ${line.kind}" d="${Markup.trusted(parts.join(''))}" /> `;
  return html`${path('line', lines)}${path('line alone', dots)}`;
}

/** Points without a gap between them, as `x y`; what falls on the same place is one point. */
function stretchesOf({ times, values }: ChartLine, across: Scale, up: Scale): string[][] {
  const stretches: string[][] = [];
  let current: string[] | null = null;
  times.forEach((time, index) => {
    const value = values[index];
    if (value === null || value === undefined || time < across.from || time > across.to) {
      current = null;
      return;
    }
    if (!current) stretches.push((current = []));
    const point = `${across.place(time)} ${up.place(value)}`;
    if (current.at(-1) !== point) current.push(point);
  });
  return stretches;
}

/** Every other step that can be seen is grey, so that neighbours are told apart. */
function bands({ bands: all }: Chart, across: Scale): Markup[] {
  const seen = all
    .map(({ from, to, name }) => {
      const left = across.place(Math.max(across.from, from));
      return { left, wide: across.place(Math.min(across.to, to)) - left, name };
    })
    .filter(({ wide }) => wide >= 1);
  if (seen.length > most.bands) return [];
  return seen.map(({ left, wide, name }, index) => {
    const box = html`<rect x="${left}" y="${plot.top}" width="${wide.toFixed(1)}" height="${plot.bottom - plot.top}" class="band" />`;
    const room = name.length * 6 + 4 < wide;
    return html`${index % 2 === 1 && box}${room && html`<text x="${left + 2}" y="${plot.top - 6}">${name}</text>`}`;
  });
}

/** Times of which nothing is known: hatched, so that they are told from steps without colour, and named where there is room. */
function silences({ silences: all = [] }: Chart, across: Scale): Markup[] {
  return all.slice(0, most.bands).flatMap(({ from, to, name }) => {
    const left = across.place(Math.max(across.from, from));
    const right = across.place(Math.min(across.to, to));
    if (!(right > left)) return [];
    const wide = Math.max(1, right - left);
    const box = html`<rect x="${left}" y="${plot.top}" width="${wide.toFixed(1)}" height="${plot.bottom - plot.top}" class="silence" />`;
    const named = name.length * 6 + 4 < wide;
    return html`<g><title>${name}</title>${box}<path class="hatch" d="${Markup.trusted(hatching(left, left + wide))}" /></g
      >${named && html`<text x="${left + 2}" y="${plot.bottom - 5}">${name}</text>`}`;
  });
}

/** Slanting lines across the plot between two places; a pattern would need an address, which a report has none of. */
function hatching(left: number, right: number): string {
  const high = plot.bottom - plot.top;
  const lines: string[] = [];
  for (let foot = left - high + hatchGap; foot < right; foot += hatchGap) {
    const [from, to] = [Math.max(left, foot), Math.min(right, foot + high)];
    if (to > from)
      lines.push(
        `M${from.toFixed(1)} ${(plot.bottom - (from - foot)).toFixed(1)}L${to.toFixed(1)} ${(plot.bottom - (to - foot)).toFixed(1)}`,
      );
  }
  return lines.join('');
}

function marks({ marks: all }: Chart, across: Scale): Markup[] {
  let free = -Infinity;
  return all.slice(0, most.marks).map(({ at, name }) => {
    const x = across.place(at);
    const shown = name.length > 34 ? `${name.slice(0, 33)}…` : name;
    const wide = shown.length * 5.6;
    const left = Math.min(x + 3, plot.right - wide);
    const named = left >= free;
    if (named) free = left + wide + 6;
    return html`<path class="fault" d="M${x} ${plot.top}V${plot.bottom}"><title>${name}</title></path
      >${named && html`<text class="fault-name" x="${left.toFixed(1)}" y="${plot.top + 11}">${shown}</text>`}`;
  });
}

function gridAndAxes(unit: Unit, across: Scale, up: Scale): Markup {
  const horizontal = roundValues(up.from, up.to, 5).map((value) => {
    const y = up.place(value);
    return html`<path class="grid" d="M${plot.left} ${y}H${plot.right}" /><text x="${plot.left - 6}" y="${y + 4}" text-anchor="end"
        >${axisText(value, unit)}</text
      >`;
  });
  const seconds = roundValues(across.from / 1_000, across.to / 1_000, 8).map((second) => {
    const x = across.place(second * 1_000);
    return html`<text x="${x}" y="${plot.bottom + 16}" text-anchor="${anchorAt(x, plot.right)}">${axisTime(second * 1_000)}</text>`;
  });
  return html`${horizontal}<path class="axis" d="M${plot.left} ${plot.bottom}H${plot.right}" />${seconds}`;
}
