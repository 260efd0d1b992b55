/** Suggestions for commands of the environment and their arguments: by position, by name, and the choices there are. */
import type { Parameter } from '#shared/protocol/observations.ts';
import type { CommandDescription, ScenarioCatalogue } from '../catalogue.ts';
import type { Candidate } from './completion.ts';
import { describedCommand } from './hover.ts';
import type { LineContext } from './line-context.ts';
import { readableParameter, readableType } from './readable.ts';

export function commandCandidates(catalogue: ScenarioCatalogue | null): Candidate[] {
  return (catalogue?.commands ?? []).map((command) => ({
    label: command.name,
    kind: 'command',
    detail: whoAndHazard(command),
    documentation: describedCommand(command),
    insert: commandSnippet(command),
    snippet: true,
    rank: 2,
  }));
}

function whoAndHazard({ daemons, source, hazard }: CommandDescription): string {
  const who =
    source === 'plugin' ? 'plugin' : daemons.length === 1 ? `by ${daemons[0] ?? ''}` : daemons.length === 0 ? 'by nobody' : 'ambiguous';
  return hazard === 'none' ? who : `${who}, ${hazard}`;
}

/** The command with places for the arguments that must be given. */
function commandSnippet({ name, parameters, source }: CommandDescription): string {
  const needed = source === 'alias' ? [] : parameters.filter((parameter) => parameter.default === undefined);
  return [escaped(name), ...needed.map((parameter, index) => placeFor(parameter, index + 1))].join(' ');
}

function placeFor(parameter: Parameter, number: number): string {
  const choices = parameter.choices ?? [];
  if (parameter.type === 'choice' && choices.length > 0) {
    return `\${${number}|${choices.map((choice) => escaped(wordOf(choice)).replace(/[,|]/g, '\\$&')).join(',')}|}`;
  }
  return `\${${number}:${escaped(parameter.name)}}`;
}

/** Characters that mean something in a snippet. */
function escaped(text: string): string {
  return text.replace(/[\\$}]/g, '\\$&');
}

/** A value as one word of a command. */
function wordOf(value: string): string {
  return /^[^\s'"#\\]+$/.test(value) ? value : `'${value.replace(/['\\]/g, '\\$&')}'`;
}

export function argumentCandidates(
  { command: name, words, word }: LineContext & { kind: 'arguments' },
  catalogue: ScenarioCatalogue | null,
): Candidate[] {
  const command = catalogue?.commands.find((each) => each.name === name);
  if (!command || command.source === 'alias') return [];
  const named = command.source === 'action';
  const given = new Set(words.flatMap((each) => (named && each.includes('=') ? [each.slice(0, each.indexOf('='))] : [])));
  const equals = named ? word.indexOf('=') : -1;
  if (equals > 0) {
    const parameter = command.parameters.find((each) => each.name === word.slice(0, equals));
    // The whole word is replaced, its name included.
    return parameter ? valuesOf(parameter, `${parameter.name}=`) : [];
  }
  const positional = words.filter((each) => !command.parameters.some((parameter) => named && each.startsWith(`${parameter.name}=`)));
  const next = command.parameters[positional.length];
  const values = next && !given.has(next.name) ? valuesOf(next, '') : [];
  const free = named ? command.parameters.slice(positional.length).filter((parameter) => !given.has(parameter.name)) : [];
  return [...values, ...free.map((parameter) => namedCandidate(parameter))];
}

function namedCandidate(parameter: Parameter): Candidate {
  return {
    label: `${parameter.name}=`,
    kind: 'parameter',
    detail: readableType(parameter),
    documentation: [{ kind: 'text', text: readableParameter(parameter) }],
    rank: parameter.default === undefined ? 3 : 4,
    goOn: parameter.type === 'choice' || parameter.type === 'boolean',
  };
}

/** Values that are known beforehand: choices, yes and no, and the default. */
function valuesOf(parameter: Parameter, prefix: string): Candidate[] {
  const { type, choices, default: fallback } = parameter;
  const values =
    type === 'choice' ? (choices ?? []) : type === 'boolean' ? ['true', 'false'] : fallback === undefined ? [] : [String(fallback)];
  const documentation = [{ kind: 'text' as const, text: readableParameter(parameter) }];
  return values.map((value) => ({
    label: `${prefix}${wordOf(value)}`,
    kind: 'value',
    detail: value === String(fallback) ? `default of ${parameter.name}` : parameter.name,
    documentation,
    rank: 1,
  }));
}
