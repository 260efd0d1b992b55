/** Values as people read them in hovers and lists of completions. */
import type { Unit } from '#shared/telemetry/series.ts';
import type { Parameter } from '#shared/protocol/observations.ts';

const steps = ['', 'k', 'M', 'G', 'T'];

/** `512 MB`, `1.5 s`, `15 %`; `no value` where there is none. */
export function readableValue(value: number | null, unit: Unit): string {
  if (value === null) return 'no value';
  switch (unit) {
    case 'bytes':
      return `${stepped(value)}B`;
    case 'bytes per second':
      return `${stepped(value)}B/s`;
    case 'ms':
      return readableDuration(value);
    case '%':
      return `${rounded(value)} %`;
    case 'per second':
      return `${rounded(value)}/s`;
    case 'count':
    case 'none':
      return rounded(value);
  }
}

/** Of a time in ms: `340 ms`, `1.5 s`, `2m 05s`. */
export function readableDuration(milliseconds: number): string {
  if (Math.abs(milliseconds) < 1_000) return `${rounded(milliseconds)} ms`;
  if (Math.abs(milliseconds) < 60_000) return `${rounded(milliseconds / 1_000)} s`;
  const seconds = Math.round(milliseconds / 1_000);
  return `${Math.trunc(seconds / 60)}m ${String(Math.abs(seconds % 60)).padStart(2, '0')}s`;
}

function rounded(value: number): string {
  return Math.abs(value) >= 1_000 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
}

function stepped(value: number): string {
  const step = value === 0 ? 0 : Math.min(steps.length - 1, Math.max(0, Math.floor(Math.log10(Math.abs(value)) / 3)));
  return `${rounded(value / 1_000 ** step)} ${steps[step] ?? ''}`;
}

/** `rate: whole number from 1, default 100 — orders per second`. */
export function readableParameter(parameter: Parameter): string {
  const fallback = parameter.default === undefined ? 'must be given' : `default ${String(parameter.default)}`;
  const help = parameter.help === undefined ? '' : ` — ${parameter.help}`;
  return `${parameter.name}: ${readableType(parameter)}, ${fallback}${help}`;
}

const typeNames: Readonly<Record<Parameter['type'], string>> = {
  string: 'text',
  integer: 'whole number',
  number: 'number',
  boolean: 'true or false',
  duration: 'duration',
  choice: 'one of',
};

/** `integer from 1 up to 1000`, `one of buy, sell`: what an argument may be. */
export function readableType({ type, choices, minimum, maximum }: Parameter): string {
  if (type === 'choice') return `one of ${(choices ?? []).join(', ')}`;
  const suffix = type === 'duration' ? ' ms' : '';
  const lower = minimum === undefined ? '' : ` from ${minimum}${suffix}`;
  const upper = maximum === undefined ? '' : ` up to ${maximum}${suffix}`;
  return `${typeNames[type]}${lower}${upper}`;
}
