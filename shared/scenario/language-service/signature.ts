/** Which argument of a command is being written: its name, type and help, shown beside the caret. */
import type { ScenarioCatalogue } from '../catalogue.ts';
import type { Place, ScenarioDocument } from './document.ts';
import { usageOf } from './hover.ts';
import { contextOf } from './line-context.ts';
import { readableParameter } from './readable.ts';

export interface Signature {
  /** `place_order side quantity [urgent]`. */
  readonly usage: string;
  readonly help: string | null;
  readonly parameters: readonly { readonly name: string; readonly help: string }[];
  /** Index of the parameter that is being written; beyond the last where there are too many words. */
  readonly active: number;
}

/** The parameters of the command whose arguments are being written at a place, with the one that comes next; null elsewhere. */
export function signatureAt(document: ScenarioDocument, place: Place, catalogue: ScenarioCatalogue | null): Signature | null {
  const context = contextOf(document.lineText(place.line).slice(0, place.column));
  if (context.kind !== 'arguments') return null;
  const command = catalogue?.commands.find(({ name }) => name === context.command);
  if (!command || command.parameters.length === 0) return null;
  const named = command.source === 'action' ? command.parameters.findIndex(({ name }) => context.word.startsWith(`${name}=`)) : -1;
  const isNamed = (word: string): boolean =>
    command.source === 'action' && command.parameters.some(({ name }) => word.startsWith(`${name}=`));
  return {
    usage: usageOf(command),
    help: command.help ?? null,
    parameters: command.parameters.map((parameter) => ({ name: parameter.name, help: readableParameter(parameter) })),
    active: named >= 0 ? named : context.words.filter((word) => !isNamed(word)).length,
  };
}
