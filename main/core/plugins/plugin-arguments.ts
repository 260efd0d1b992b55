/** Turns the words of a scenario into the typed arguments of a plugin's command, or says in one sentence why it cannot. */
import { ProblemError } from '#shared/problem.ts';
import { compareValues, type Side } from '#shared/scenario/comparison.ts';
import { parseQuantity } from '#shared/scenario/quantity.ts';
import type { Parameter } from '#shared/protocol/observations.ts';

const milliseconds: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, min: 60_000, h: 3_600_000 };

function refuse(command: string, parameter: Parameter, word: string, expected: string): never {
  throw new ProblemError({
    code: 'bad-argument',
    message: `'${word.slice(0, 100)}' is no value for '${parameter.name}' of '${command}'; it takes ${expected}.`,
  });
}

function numberOf(command: string, parameter: Parameter, word: string): number {
  const quantity = parseQuantity(word);
  const value = quantity?.unit === 'none' ? quantity.value : Number.NaN;
  const whole = parameter.type === 'integer';
  if (!Number.isFinite(value) || (whole && !Number.isSafeInteger(value)))
    refuse(command, parameter, word, whole ? 'a whole number' : 'a number');
  // A plugin gets a JavaScript number; one with other digits than were written would be another number.
  if (Number.isInteger(value) && compareValues(sideOf(word), '==', sideOf(String(value))) !== true)
    refuse(command, parameter, word, 'a number whose digits JavaScript can hold (a plugin takes others as string)');
  return value;
}

function sideOf(value: string): Side {
  return { value, name: null, doubt: null };
}

function durationOf(command: string, parameter: Parameter, word: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|min|h)?$/.exec(word);
  if (!match) refuse(command, parameter, word, 'a duration such as 500ms, 5s or 2m');
  return Number(match[1]) * (milliseconds[match[2] ?? 'ms'] ?? 1);
}

function checkBounds(command: string, parameter: Parameter, word: string, value: number): number {
  if (parameter.minimum !== undefined && value < parameter.minimum) refuse(command, parameter, word, `at least ${parameter.minimum}`);
  if (parameter.maximum !== undefined && value > parameter.maximum) refuse(command, parameter, word, `at most ${parameter.maximum}`);
  return value;
}

function valueOf(command: string, parameter: Parameter, word: string): string | number | boolean {
  switch (parameter.type) {
    case 'string':
      return word;
    case 'integer':
    case 'number':
      return checkBounds(command, parameter, word, numberOf(command, parameter, word));
    case 'duration':
      return checkBounds(command, parameter, word, durationOf(command, parameter, word));
    case 'boolean':
      if (word === 'true' || word === 'yes') return true;
      if (word === 'false' || word === 'no') return false;
      return refuse(command, parameter, word, 'true or false');
    case 'choice':
      if (parameter.choices?.includes(word)) return word;
      return refuse(command, parameter, word, `one of ${(parameter.choices ?? []).join(', ')}`);
  }
}

/** Arguments by parameter name. Throws a {@link ProblemError} for a missing, surplus or unfit word. */
export function pluginArguments(
  command: string,
  parameters: readonly Parameter[],
  words: readonly string[],
): Record<string, string | number | boolean> {
  if (words.length > parameters.length) {
    const takes = parameters.length === 0 ? 'takes no arguments' : `takes at most ${parameters.length}`;
    throw new ProblemError({ code: 'too-many-arguments', message: `'${command}' ${takes}, but ${words.length} were given.` });
  }
  const values: [string, string | number | boolean][] = parameters.map((parameter, index) => {
    const word = words[index];
    if (word !== undefined) return [parameter.name, valueOf(command, parameter, word)];
    if (parameter.default === undefined) {
      throw new ProblemError({ code: 'missing-argument', message: `'${command}' needs its argument '${parameter.name}'.` });
    }
    const fallback = parameter.default;
    const asText = parameter.type === 'duration' && typeof fallback === 'string';
    return [parameter.name, asText ? durationOf(command, parameter, fallback) : fallback];
  });
  return Object.fromEntries(values);
}
