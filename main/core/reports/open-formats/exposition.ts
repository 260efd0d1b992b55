/** OpenMetrics text (https://github.com/prometheus/OpenMetrics): the lines that families and samples are written as. */
import type { Labels } from './metric-names.ts';
import { inertLines } from '#shared/inert-text.ts';
import type { SeriesKind } from '#shared/telemetry/series.ts';

export type FamilyType = SeriesKind | 'info' | 'stateset';

export interface Family {
  /** Without `_total` and `_info`. */
  readonly family: string;
  readonly type: FamilyType;
  /** Empty: none. */
  readonly unit: string;
  readonly help: string;
}

export const openMetricsType = 'application/openmetrics-text; version=1.0.0; charset=utf-8';
export const endOfExposition = '# EOF\n';

/** The lines before a family's samples. */
export function familyHead({ family, type, unit, help }: Family): string {
  const lines = [`# TYPE ${family} ${type}`];
  if (unit !== '') lines.push(`# UNIT ${family} ${unit}`);
  if (help !== '') lines.push(`# HELP ${family} ${escapedText(help)}`);
  return `${lines.join('\n')}\n`;
}

/** A sample's name with its labels: what all samples of a series begin with. */
export function sampleName({ family, type }: Pick<Family, 'family' | 'type'>, labels: Labels): string {
  const suffix = type === 'counter' ? '_total' : type === 'info' ? '_info' : '';
  const pairs = Object.entries(labels)
    .filter(([, value]) => value !== '')
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, value]) => `${name}="${escapedText(value)}"`);
  return `${family}${suffix}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`}`;
}

/** Gives each series a name of its own: where two come out alike, the later one says in a label what it is really called. */
export class SampleNames {
  private readonly taken = new Set<string>();

  nameOf(family: Pick<Family, 'family' | 'type'>, labels: Labels, metric: string): string {
    for (let attempt = 0; ; attempt++) {
      const called = attempt === 0 ? {} : { metric: attempt === 1 ? metric : `${metric} (${attempt})` };
      const name = sampleName(family, { ...labels, ...called });
      if (this.taken.has(name)) continue;
      this.taken.add(name);
      return name;
    }
  }
}

/** One sample; `time` in ms since 1970, null: now. */
export function sampleLine(name: string, value: number, time: number | null): string {
  return time === null ? `${name} ${numberText(value)}\n` : `${name} ${numberText(value)} ${secondsText(time)}\n`;
}

function escapedText(text: string): string {
  return inertLines(text).replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');
}

/** A number as OpenMetrics writes it, with 15 digits at most. */
export function numberText(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  // Products such as 0.1 × 0.01 carry digits that nobody measured.
  return String(Number(value.toPrecision(15)));
}

/** Seconds with milliseconds. */
function secondsText(milliseconds: number): string {
  const whole = Math.round(milliseconds);
  return whole % 1_000 === 0 ? String(whole / 1_000) : (whole / 1_000).toFixed(3);
}
