/** From a form to the words of a command: what was typed is checked against the parameters' types before anything is sent. */
import { componentCommandSchema, type ComponentCommand, type Hazard, type Parameter } from '#shared/protocol/observations.ts';

/** How much harm a component's own commands can do; actions say it in their daemon's configuration. */
export const componentHazards: Readonly<Record<ComponentCommand, Hazard>> = {
  kill: 'dangerous',
  signal: 'dangerous',
  stop: 'disruptive',
  start: 'disruptive',
  status: 'none',
};

export const componentCommands = componentCommandSchema.options;

/** `kill -KILL MatchingEnginePrimary`; the signal is for `kill` and `signal` only. */
export function componentWords(command: ComponentCommand, component: string, signal: string | null): readonly string[] {
  if (command === 'kill') return signal === null ? ['kill', component] : ['kill', `-${signal}`, component];
  if (command === 'signal') return ['signal', signal ?? 'TERM', component];
  return [command, component];
}

export type Given = Readonly<Record<string, string>>;

/** What is wrong with a value; null: nothing. An empty value leaves the parameter to its default. */
export function valueProblem(parameter: Parameter, value: string): string | null {
  if (value === '') return parameter.default === undefined ? 'needed: it has no default' : null;
  switch (parameter.type) {
    case 'integer':
      return /^[+-]?\d+$/.test(value) ? boundsProblem(parameter, Number(value)) : 'a whole number is needed';
    case 'number':
      return value.trim() !== '' && Number.isFinite(Number(value)) ? boundsProblem(parameter, Number(value)) : 'a number is needed';
    case 'boolean':
      return value === 'true' || value === 'false' ? null : 'true or false is needed';
    case 'duration':
      return /^\d+(?:\.\d+)?(?:ms|s|m|h)$/.test(value) ? null : 'a duration is needed, such as 500ms, 5s, 2m';
    case 'choice':
      return parameter.choices?.includes(value) ? null : `one of ${parameter.choices?.join(', ') ?? ''} is needed`;
    case 'string':
      return null;
  }
}

function boundsProblem({ minimum, maximum }: Parameter, value: number): string | null {
  if (minimum !== undefined && value < minimum) return `at least ${minimum}`;
  if (maximum !== undefined && value > maximum) return `at most ${maximum}`;
  return null;
}

/** The problems of all values, by parameter. */
export function formProblems(parameters: readonly Parameter[], given: Given): ReadonlyMap<string, string> {
  const problems = parameters.map((parameter) => [parameter.name, valueProblem(parameter, given[parameter.name] ?? '')] as const);
  return new Map(problems.filter((entry): entry is readonly [string, string] => entry[1] !== null));
}

/** `start_load rate=300`: only what was given, by name. */
export function actionWords(name: string, parameters: readonly Parameter[], given: Given): readonly string[] {
  return [name, ...parameters.flatMap((parameter) => (given[parameter.name] ? [`${parameter.name}=${given[parameter.name] ?? ''}`] : []))];
}

/** Words as they would stand in a scenario. */
export function wordsText(words: readonly string[]): string {
  const quoted = (word: string) => (word.includes("'") ? `"${word}"` : `'${word}'`);
  return words.map((word) => (/^[^\s'"#]+$/.test(word) ? word : quoted(word))).join(' ');
}
