/**
 * From the words of a scenario to the argument list of a program. Every value is checked against its parameter's type
 * and fills its places inside single elements of the configured list: it is never split, never read by a shell, and
 * a text can never turn into an option of the program.
 */
import type { Parameter } from '#shared/protocol/observations.ts';
import { compareNumbers, readNumber } from '#shared/scenario/exact-number.ts';
import { parseDuration } from '#platform/configuration/amounts.ts';
import { parseDuration as parseScenarioDuration } from '#shared/scenario/quantity.ts';
import { fillTemplate, parseTemplate } from '../configuration/templates.ts';

export type Bound<T> = { readonly value: T } | { readonly problem: string };

function shown(text: string): string {
  return text.length > 60 ? `"${text.slice(0, 60)}…"` : `"${text}"`;
}

function boundsProblem(parameter: Parameter, value: number): string | undefined {
  const { name, minimum, maximum } = parameter;
  if (minimum !== undefined && value < minimum) return `"${name}" must be at least ${minimum}, not ${value}.`;
  return maximum !== undefined && value > maximum ? `"${name}" must be at most ${maximum}, not ${value}.` : undefined;
}

function numberValue(parameter: Parameter, value: number | undefined, word: string, wanted: string): Bound<string> {
  if (value === undefined || !Number.isFinite(value)) return { problem: `"${parameter.name}" must be ${wanted}, not ${shown(word)}.` };
  const problem = boundsProblem(parameter, value);
  return problem === undefined ? { value: String(value) } : { problem };
}

/** A number that is more exact than JavaScript's stays as it was written. */
function exactly(word: string, bound: Bound<string>): Bound<string> {
  if ('problem' in bound) return bound;
  const [written, near] = [readNumber(word), readNumber(bound.value)];
  return written && near && compareNumbers(written, near) !== 0 ? { value: word } : bound;
}

/** The canonical text of a value: numbers in decimal, durations in whole ms, booleans as `true` and `false`. */
function valueOf(parameter: Parameter, word: string): Bound<string> {
  switch (parameter.type) {
    case 'integer': {
      const value = /^[+-]?\d{1,16}$/.test(word) ? Number(word) : undefined;
      return numberValue(parameter, Number.isSafeInteger(value) ? value : undefined, word, 'a whole number');
    }
    case 'number':
      return exactly(
        word,
        numberValue(parameter, /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?$/.test(word) ? Number(word) : undefined, word, 'a number'),
      );
    case 'duration': {
      // As scenarios write them, and, for the defaults in the file, as configuration files do.
      const value = parseScenarioDuration(word) ?? parseDuration(word);
      return numberValue(parameter, value === undefined ? undefined : Math.round(value), word, 'a duration such as 500ms, 10s or 5m');
    }
    case 'boolean': {
      const known = new Map([
        ['true', 'true'],
        ['yes', 'true'],
        ['false', 'false'],
        ['no', 'false'],
      ]).get(word.toLowerCase());
      return known === undefined ? { problem: `"${parameter.name}" must be true or false, not ${shown(word)}.` } : { value: known };
    }
    case 'choice': {
      if (parameter.choices?.includes(word)) return { value: word };
      return { problem: `"${parameter.name}" must be one of ${(parameter.choices ?? []).join(', ')}, not ${shown(word)}.` };
    }
    case 'string':
      return word.includes('\0') ? { problem: `"${parameter.name}" holds a NUL character.` } : { value: word };
  }
}

/** Words by parameter: positional ones in declared order, `name=value` by name. */
function assign(parameters: readonly Parameter[], words: readonly string[]): Bound<Map<string, string>> {
  const given = new Map<string, string>();
  let position = 0;
  for (const word of words) {
    const equals = word.indexOf('=');
    const named = equals > 0 ? parameters.find((each) => each.name === word.slice(0, equals)) : undefined;
    const parameter = named ?? parameters[position++];
    if (!parameter) {
      const takes =
        parameters.length === 0 ? 'no arguments' : `at most ${parameters.length} (${parameters.map((each) => each.name).join(', ')})`;
      return { problem: `It takes ${takes}; ${shown(word)} is one too many.` };
    }
    if (given.has(parameter.name)) return { problem: `"${parameter.name}" is given twice.` };
    given.set(parameter.name, named ? word.slice(equals + 1) : word);
  }
  return { value: given };
}

/** The checked value of every parameter, or the first thing wrong, as one sentence. */
export function bindArguments(parameters: readonly Parameter[], words: readonly string[]): Bound<ReadonlyMap<string, string>> {
  const assigned = assign(parameters, words);
  if ('problem' in assigned) return assigned;
  const values = new Map<string, string>();
  for (const parameter of parameters) {
    const word = assigned.value.get(parameter.name) ?? (parameter.default === undefined ? undefined : String(parameter.default));
    if (word === undefined) return { problem: `The argument "${parameter.name}" is missing.` };
    const bound = valueOf(parameter, word);
    if ('problem' in bound) return bound;
    values.set(parameter.name, bound.value);
  }
  return { value: values };
}

/**
 * The argument list: each element of the template with its places filled. A text in an element that would start with `-`,
 * and so perhaps be read as an option, is refused, unless the template ended the options right before (`--`, and nothing but
 * places since: that of `env -- program` ends the options of `env` only) or gives the text its own option (`--account={account}`).
 */
export function fillCommand(
  command: readonly string[],
  parameters: readonly Parameter[],
  values: ReadonlyMap<string, string>,
): Bound<readonly string[]> {
  const texts = new Set(parameters.filter(({ type }) => type === 'string').map(({ name }) => name));
  const filled: string[] = [];
  let optionsEnded = false;
  for (const element of command) {
    const parts = parseTemplate(element);
    const places = parts.filter((part) => part.kind === 'place');
    if (places.length === 0) optionsEnded = element === '--';
    const text = fillTemplate(parts, (name) => values.get(name) ?? '');
    const first = parts.find((part) => part.kind === 'text' || values.get(part.name) !== '');
    // Also behind a number: of -1 and a text an option can be made, too.
    const hidden = places.find(({ name }) => texts.has(name) && values.get(name) !== '');
    if (hidden && first?.kind === 'place' && text.startsWith('-') && !optionsEnded) {
      return { problem: `"${first.name}" may not start with "-": the program could take it for an option.` };
    }
    filled.push(text);
  }
  return { value: filled };
}
