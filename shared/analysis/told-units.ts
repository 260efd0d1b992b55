/** In which unit a finding tells of a feature of a series. */
import type { Unit } from '#shared/telemetry/series.ts';
import type { ToldUnit } from '#shared/wording/quantities.ts';
import type { MetricFeature } from './comparison.ts';

/** The unit of a feature of a series: trends are per second. */
export function featureUnit(unit: Unit, feature: MetricFeature): ToldUnit {
  if (feature !== 'trend') return unit;
  switch (unit) {
    case 'bytes':
      return 'bytes per second';
    case 'ms':
      return 'ms per second';
    case '%':
      return '% per second';
    case 'count':
    case 'none':
      return 'per second';
    case 'per second':
    case 'bytes per second':
      return 'per second squared';
  }
}

/** The unit as the contract knows it; null: it has no name for it. */
export function contractUnit(unit: ToldUnit): Unit | null {
  return unit === 'ms per second' || unit === '% per second' || unit === 'per second squared' ? null : unit;
}
