/** Values with their unit as testers read them: `1.9 MB/s`, `2.4 s`, `305 /s`, `12 %`, `−0.01 to 0.02 MB/s`. Decimal units. */
import type { Unit } from '#shared/telemetry/series.ts';
import { secondsAndMore } from './durations.ts';
import { asRead, numberBeside, numberText, notKnown, type Digits } from './numbers.ts';

/** Units of what is told: those of series, and how fast these change. */
export type ToldUnit = Unit | 'ms per second' | '% per second' | 'per second squared';

interface Scale {
  readonly factor: number;
  readonly name: string;
}

/** From small to large. */
const bytes: readonly Scale[] = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'].map((name, step) => ({ factor: 1_000 ** step, name: ` ${name}` }));
const one = (name: string): readonly Scale[] => [{ factor: 1, name }];
const scales: Readonly<Record<ToldUnit, readonly Scale[]>> = {
  bytes,
  'bytes per second': bytes.map(({ factor, name }) => ({ factor, name: `${name}/s` })),
  ms: [
    { factor: 1, name: ' ms' },
    { factor: 1_000, name: ' s' },
  ],
  'ms per second': one(' ms/s'),
  '%': one(' %'),
  '% per second': one(' %/s'),
  count: one(''),
  none: one(''),
  'per second': one(' /s'),
  'per second squared': one(' /s each second'),
};

/** The scale in which a value is written: of what is read, so that 999.7 kB are 1 MB. */
function scaleFor(value: number, unit: ToldUnit): Scale {
  const size = Math.abs(value);
  return scales[unit].find(({ factor }) => asRead(size / factor) < 1_000) ?? scales[unit].at(-1) ?? { factor: 1, name: '' };
}

/** `1.9 MB/s`. @param unit null: a number without one. @param digits `steady` for what changes before the reader's eyes */
export function quantityText(value: number | null, unit: ToldUnit | null, digits: Digits = 'short'): string {
  if (value === null || !Number.isFinite(value)) return notKnown;
  if (unit === null || unit === 'count' || unit === 'none') return numberText(value);
  const { factor, name } = scaleFor(value, unit);
  if (unit === 'ms' && factor > 1) return value < 0 ? `−${secondsAndMore(-value, digits)}` : secondsAndMore(value, digits);
  return numberText(value / factor, unit === 'bytes' && factor === 1 ? 'short' : digits) + name;
}

/** `−0.01 to 0.02 MB/s`, in one unit; one quantity where both are written alike. */
export function quantityRange(low: number, high: number, unit: ToldUnit): string {
  const largest = Math.max(Math.abs(low), Math.abs(high));
  const { factor, name } = scaleFor(largest, unit);
  const inMinutes = unit === 'ms' && asRead(largest / 1_000) >= 60;
  const write = (value: number): string => (inMinutes ? quantityText(value, unit) : numberBeside(value / factor, largest / factor));
  const [from, to, after] = [write(low), write(high), inMinutes ? '' : name];
  return from === to ? from + after : `${from} to ${to}${after}`;
}

/** How much more or less: `+1.5 MB`, `−3 %`, `0 B`. */
export function changeText(change: number | null, unit: ToldUnit | null): string {
  const text = quantityText(change, unit);
  return change !== null && change > 0 ? `+${text}` : text;
}
