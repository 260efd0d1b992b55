/** Whether the parameters of an action fit together: choices, bounds and defaults of their types. */
import { parseDuration } from '#platform/configuration/amounts.ts';
import { pathText } from '#platform/configuration/explain.ts';
import type { Path } from '#platform/configuration/places.ts';
import type { ActionFile } from './schema.ts';
import type { Finding } from './finding.ts';

type ParameterFile = NonNullable<ActionFile['parameters']>[string];

export function checkParameter(path: Path, parameter: ParameterFile): readonly Finding[] {
  const told: Finding[] = [];
  const place = pathText(path);
  const { type, choices, minimum, maximum } = parameter;
  if (type === 'choice' && !choices) {
    told.push({ path, code: 'choices-missing', message: `${place} is a choice without choices.`, tip: 'Add choices: [one, two].' });
  }
  if (type !== 'choice' && choices) {
    told.push({
      path: [...path, 'choices'],
      code: 'superfluous-key',
      message: `${place} has choices but is no choice.`,
      tip: 'Write type: choice.',
    });
  }
  if (minimum !== undefined && maximum !== undefined && minimum > maximum) {
    told.push({
      path: [...path, 'minimum'],
      code: 'out-of-range',
      message: `${place} has a minimum above its maximum.`,
      tip: 'Exchange them.',
    });
  }
  if (['string', 'boolean', 'choice'].includes(type) && (minimum !== undefined || maximum !== undefined)) {
    const key = minimum === undefined ? 'maximum' : 'minimum';
    told.push({
      path: [...path, key],
      code: 'superfluous-key',
      message: `${place} has bounds but is no number.`,
      tip: 'Bounds go with integer, number and duration (in ms).',
    });
  }
  const wrong = parameter.default === undefined ? undefined : wrongDefault(parameter, parameter.default);
  if (wrong)
    told.push({
      path: [...path, 'default'],
      code: 'bad-default',
      message: `The default of ${place} ${wrong}.`,
      tip: 'A default must be a value that could be given.',
    });
  return told;
}

function wrongDefault({ type, choices, minimum, maximum }: ParameterFile, value: string | number | boolean): string | undefined {
  const outside = (number: number): string | undefined => {
    if (minimum !== undefined && number < minimum) return `is below the minimum ${minimum}`;
    return maximum !== undefined && number > maximum ? `is above the maximum ${maximum}` : undefined;
  };
  switch (type) {
    case 'string':
      return typeof value === 'string' ? undefined : 'must be a text in quotes';
    case 'boolean':
      return typeof value === 'boolean' ? undefined : 'must be true or false';
    case 'choice':
      return choices?.includes(String(value)) === false ? `is none of ${choices.join(', ')}` : undefined;
    case 'integer':
      return Number.isInteger(value) ? outside(Number(value)) : 'must be a whole number';
    case 'number':
      return typeof value === 'number' ? outside(value) : 'must be a number';
    case 'duration': {
      const milliseconds = typeof value === 'string' ? parseDuration(value) : undefined;
      return milliseconds === undefined ? 'must be a duration such as 10s' : outside(milliseconds);
    }
  }
}
