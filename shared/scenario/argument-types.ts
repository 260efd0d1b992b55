/** Whether a word fits a parameter's type, as daemons and plugins judge it too. */
import type { Parameter } from '#shared/protocol/observations.ts';
import { parseDuration } from './quantity.ts';

/** Null where the word fits; else a sentence that says what would. */
export function argumentProblem(parameter: Parameter, word: string): string | null {
  switch (parameter.type) {
    case 'string':
      return word.includes('\0') ? 'It must not hold a NUL character.' : null;
    case 'integer':
      return numberProblem(parameter, /^[+-]?[0-9]{1,16}$/.test(word) ? Number(word) : null, 'It takes a whole number');
    case 'number':
      return numberProblem(parameter, isNumber(word) ? Number(word) : null, 'It takes a number');
    case 'duration':
      return numberProblem(parameter, parseDuration(word), 'It takes a duration such as `500ms`, `10s` or `5m`');
    case 'boolean':
      return ['true', 'false', 'yes', 'no'].includes(word.toLowerCase()) ? null : 'It takes `true` or `false`.';
    case 'choice':
      return (parameter.choices ?? []).includes(word) ? null : `It takes one of: ${(parameter.choices ?? []).join(', ')}.`;
  }
}

function isNumber(word: string): boolean {
  return /^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?$/.test(word) && Number.isFinite(Number(word));
}

/** Bounds of durations are in ms. */
function numberProblem({ minimum, maximum }: Parameter, value: number | null, wanted: string): string | null {
  const fits = value !== null && (minimum === undefined || value >= minimum) && (maximum === undefined || value <= maximum);
  if (fits) return null;
  const lower = minimum === undefined ? '' : ` from ${minimum}`;
  const upper = maximum === undefined ? '' : ` up to ${maximum}`;
  return `${wanted}${lower}${upper}.`;
}
