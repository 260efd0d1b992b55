/**
 * How our series are named in OpenMetrics: `testops_<metric>_<unit>` with labels for the component and the rest. Values are in the base
 * units that the format asks for (seconds, bytes, ratio). Whatever a series is called, its name comes out valid, and two different
 * series never come out as one.
 */
import type { Unit, SeriesKind } from '#shared/telemetry/series.ts';

export type Labels = Readonly<Record<string, string>>;

export interface FamilyName {
  /** Name of the family: without `_total`. */
  readonly family: string;
  readonly type: SeriesKind;
  /** OpenMetrics unit, which is the end of the family's name; empty: none. */
  readonly unit: string;
}

export interface MappedSeries extends FamilyName {
  /** Labels of the metric's own label set, without ours. */
  readonly labels: Labels;
  /** By what values are multiplied. */
  readonly factor: number;
}

export interface SeriesToMap {
  readonly metric: string;
  readonly unit: Unit;
  readonly kind: SeriesKind;
}

/** Labels that say where a series comes from; a label of the series with such a name becomes `exported_…`. */
export const ownLabels = ['component', 'daemon', 'environment', 'release', 'run', 'scenario', 'metric', 'state', 'step'] as const;

function unitOf(unit: Unit): { readonly unit: string; readonly factor: number } {
  switch (unit) {
    case 'bytes':
      return { unit: 'bytes', factor: 1 };
    case 'ms':
      return { unit: 'seconds', factor: 0.001 };
    case '%':
      return { unit: 'ratio', factor: 0.01 };
    case 'per second':
      return { unit: 'per_second', factor: 1 };
    case 'bytes per second':
      return { unit: 'bytes_per_second', factor: 1 };
    case 'count':
    case 'none':
      return { unit: '', factor: 1 };
  }
}

/** A gauge that ends so would be taken for the sample of a counter or of an information. */
const endOfOtherTypes = /_(?:total|info)$/;

/** The name of a series in OpenMetrics with its labels, in base units (bytes, seconds, ratios): values are to be multiplied by `factor`. */
export function mapSeries({ metric, unit, kind }: SeriesToMap): MappedSeries {
  const { bare, labels } = splitMetric(metric);
  const { unit: suffix, factor } = unitOf(unit);
  let name = bare.replace(/[^A-Za-z0-9_]/g, '_');
  const clean = name === bare;
  if (kind === 'counter') name = name.replace(/_total$/, '');
  if (name === '') name = 'value';
  if (kind === 'gauge' && endOfOtherTypes.test(name)) name = `${name}_value`;
  if (suffix !== '' && name !== suffix && !name.endsWith(`_${suffix}`)) name = `${name}_${suffix}`;
  return {
    family: `testops_${name}`,
    type: kind,
    unit: suffix,
    factor,
    labels: clean ? labels : { ...labels, metric: bare },
  };
}

/** `orders{side="buy"}` as its name and its labels. What is no label set is part of the name. */
export function splitMetric(metric: string): { readonly bare: string; readonly labels: Labels } {
  const match = /^([^{]*)\{(.*)\}$/s.exec(metric);
  if (!match) return { bare: metric, labels: {} };
  const labels: Record<string, string> = {};
  const pattern = /\s*([A-Za-z_][A-Za-z0-9_]*)\s*=\s*"((?:[^"\\]|\\.)*)"\s*(?:,|$)/gsy;
  const text = match[2] ?? '';
  let end = 0;
  for (let found = pattern.exec(text); found; found = pattern.exec(text)) {
    labels[labelName(found[1] ?? '')] = unescaped(found[2] ?? '');
    end = pattern.lastIndex;
    if (end === text.length) break;
  }
  return end === text.length ? { bare: match[1] ?? '', labels } : { bare: metric, labels: {} };
}

function unescaped(text: string): string {
  return text.replace(/\\(.)/gs, (_, character: string) => (character === 'n' ? '\n' : character));
}

function labelName(name: string): string {
  const own: readonly string[] = ownLabels;
  return own.includes(name) || name.startsWith('__') ? `exported_${name.replace(/^_+/, '')}` : name;
}

/** Families that this program tells of itself; no series is called like one of them. */
const ownFamilies = /^testops_(?:core|daemon|environment|run|step|component)(?:_|$)/;

/**
 * Gives each family one type and one unit: where two series of one name differ in them, the later ones are called differently.
 */
export class FamilyNames {
  private readonly taken = new Map<string, FamilyName>();

  nameOf({ family: wanted, type, unit }: FamilyName): FamilyName {
    const base = ownFamilies.test(wanted) ? wanted.replace(/^testops_/, 'testops_series_') : wanted;
    for (let attempt = 0; ; attempt++) {
      const family = withUnit(attempt === 0 ? base : attempt === 1 ? `${base}_${type}` : `${base}_${type}_${attempt}`, unit);
      const known = this.taken.get(family);
      if (known && (known.type !== type || known.unit !== unit)) continue;
      const found = known ?? { family, type, unit };
      this.taken.set(family, found);
      return found;
    }
  }
}

/** The unit stands at the end of the name, as the format wants it. */
function withUnit(family: string, unit: string): string {
  return unit === '' || family.endsWith(`_${unit}`) ? family : `${family}_${unit}`;
}
