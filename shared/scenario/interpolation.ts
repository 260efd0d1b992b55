/**
 * `#{…}` references: which ones a text holds, and the text with their values in it. Pure; the values come from a lookup.
 *
 * A name with a dot is a reading (`MatchingEnginePrimary.STATE`), except `unique.…`; `release` is the release candidate
 * under test; every other name is a variable.
 */
import type { Template } from './syntax.ts';
import type { Reading } from './machine-contract.ts';

/** Gives the value of a name: null where a reading has none at present, undefined where nobody knows the name. */
export type ValueLookup = (name: string) => Reading | undefined;

export type Interpolated = { readonly text: string } | { readonly problem: string };

/** Whether a name stands for a reading of the environment, and not for a variable. */
export function isReadingName(name: string): boolean {
  return name.includes('.') && !name.startsWith('unique.');
}

/** Names referred to in a text, in order, each once. */
export function referencesOf(template: Template): string[] {
  const names = new Set<string>();
  for (const part of template.parts) if (part.kind === 'reference') names.add(part.name);
  return [...names];
}

/** The text with every reference replaced, or the sentence that says which value is wanting. */
export function interpolate(template: Template, lookup: ValueLookup): Interpolated {
  let text = '';
  for (const part of template.parts) {
    if (part.kind === 'text') {
      text += part.text;
      continue;
    }
    const value = lookup(part.name);
    if (value === undefined) return { problem: unknownName(part.name) };
    if (value === null) return { problem: `'${part.name}' has no value at present, so it cannot stand in a text.` };
    text += String(value);
    if (text.length > maximumTextLength)
      return { problem: `A text grew beyond ${maximumTextLength} characters when its references were filled in.` };
  }
  return { text };
}

/** Interpolated texts are cut off here, so that a scenario that doubles a variable in a loop cannot eat the memory. */
export const maximumTextLength = 65_536;

/** The sentence for a name that nobody knows. */
export function unknownName(name: string): string {
  return `The variable '${name}' has no value. Give it one with 'set ${name} = …' before this step, or when the run is started.`;
}

/** A name unique to this run, the same wherever the run says it: `account-3f9a`. */
export function uniqueName(reference: string, seed: string): string {
  return `${reference.slice('unique.'.length)}-${seed}`;
}
