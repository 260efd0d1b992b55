/** Parameters of commands as people read them in hovers and lists of completions. */
import type { Parameter } from '#shared/protocol/observations.ts';

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
