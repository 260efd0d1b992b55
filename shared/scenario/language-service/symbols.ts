/** Names that a scenario gives itself — labels, variables, called scenarios — with all their places: definition, references, renaming. */
import type { Range } from '#shared/problem.ts';
import { simpleName } from '../characters.ts';
import { quoteForMessage } from '../diagnostics.ts';
import { connectedDocuments, parameterPlaces } from './connected.ts';
import type { DocumentCache, Place, ScenarioDocument } from './document.ts';
import { isIn } from './document.ts';
import { part, type Element } from './elements.ts';
import type { Surroundings } from './surroundings.ts';

export interface Symbol {
  readonly kind: 'label' | 'variable' | 'scenario';
  readonly name: string;
  /** Where it was asked for. */
  readonly range: Range;
}

export interface Occurrence {
  readonly scenario: string;
  readonly range: Range;
  readonly role: 'definition' | 'use';
}

export interface Edit {
  readonly scenario: string;
  readonly range: Range;
  readonly replacement: string;
}

/** The name at a place; null where there is none that the scenario gives itself. */
export function symbolAt(document: ScenarioDocument, place: Place): Symbol | null {
  if (document.inFrontMatter(place.line)) {
    for (const [name, range] of parameterPlaces(document)) if (isIn(range, place)) return { kind: 'variable', name, range };
    return null;
  }
  const element = document.elementAt(place);
  const symbol = element && symbolOf(element);
  return symbol && isIn(symbol.range, place) ? symbol : null;
}

function symbolOf(element: Element): Symbol | null {
  switch (element.kind) {
    case 'label':
    case 'scenario':
      return { kind: element.kind, name: element.name, range: element.range };
    case 'parameter':
      return { kind: 'variable', name: element.name, range: element.range };
    case 'variable':
      return { kind: 'variable', name: element.name, range: nameRange(element) };
    default:
      return null;
  }
}

function nameRange(element: Element & { kind: 'variable' }): Range {
  return part(element.range, element.nameStart, element.name.length);
}

/** Every place of a symbol, in the scenarios it is known in: labels in their own, variables in all that call one another. */
export function occurrencesOf(symbol: Symbol, document: ScenarioDocument, surroundings: Surroundings, cache: DocumentCache): Occurrence[] {
  if (symbol.kind === 'label') return occurrencesIn(document, symbol);
  if (symbol.kind === 'variable') {
    return connectedDocuments(document, surroundings.scenarios, cache).flatMap((each) => occurrencesIn(each, symbol));
  }
  const others = [...surroundings.scenarios].filter(([name]) => name !== document.name);
  return [document, ...others.map(([name, text]) => cache.document(name, text))].flatMap((each) => occurrencesIn(each, symbol));
}

function occurrencesIn(document: ScenarioDocument, symbol: Symbol): Occurrence[] {
  const found: Occurrence[] = [];
  const add = (range: Range, role: Occurrence['role']): void => void found.push({ scenario: document.name, range, role });
  const parameter = symbol.kind === 'variable' ? parameterPlaces(document).get(symbol.name) : undefined;
  if (parameter) add(parameter, 'definition');
  for (const element of document.allElements()) {
    const own = symbolOf(element);
    if (own?.kind !== symbol.kind || own.name !== symbol.name) continue;
    add(own.range, 'role' in element ? element.role : 'use');
  }
  return found;
}

/** Where a symbol comes from: its label, the statements and parameters that give a variable its value, the called scenario's first line. */
export function definitionsOf(symbol: Symbol, document: ScenarioDocument, surroundings: Surroundings, cache: DocumentCache): Occurrence[] {
  if (symbol.kind !== 'scenario') {
    return occurrencesOf(symbol, document, surroundings, cache).filter(({ role }) => role === 'definition');
  }
  if (!surroundings.scenarios.has(symbol.name) && symbol.name !== document.name) return [];
  const start = { line: 0, column: 0, offset: 0 };
  return [{ scenario: symbol.name, range: { start, end: start }, role: 'definition' }];
}

export type Renaming =
  | {
      readonly kind: 'edits';
      readonly edits: readonly Edit[];
      /** A scenario is its file: that must get the new name, too. */ readonly scenario: string | null;
    }
  | { readonly kind: 'refused'; readonly reason: string };

/** What must be changed so that a symbol has another name and everything still means the same. */
export function renameSymbol(
  symbol: Symbol,
  newName: string,
  document: ScenarioDocument,
  surroundings: Surroundings,
  cache: DocumentCache,
): Renaming {
  const refused = refusal(symbol, newName, document, surroundings, cache);
  if (refused !== null) return { kind: 'refused', reason: refused };
  const edits = occurrencesOf(symbol, document, surroundings, cache).map(({ scenario, range }) => ({
    scenario,
    range,
    replacement: newName,
  }));
  return { kind: 'edits', edits, scenario: symbol.kind === 'scenario' ? symbol.name : null };
}

/** Why a symbol cannot be renamed at all; null where it can. */
export function fixedName(symbol: Symbol): string | null {
  const reserved = symbol.kind === 'variable' && (symbol.name === 'release' || symbol.name.startsWith('unique.'));
  return reserved ? `${quoteForMessage(symbol.name)} has a meaning of its own and cannot be renamed.` : null;
}

function refusal(
  symbol: Symbol,
  newName: string,
  document: ScenarioDocument,
  surroundings: Surroundings,
  cache: DocumentCache,
): string | null {
  const fixed = fixedName(symbol);
  if (fixed !== null) return fixed;
  if (!simpleName.test(newName) || newName.length > 64) {
    return `${quoteForMessage(newName)} cannot be a name: it begins with a letter and holds letters, digits, _ and - (64 at most).`;
  }
  if (symbol.kind === 'variable' && (newName === 'release' || newName === 'unique')) {
    return `${quoteForMessage(newName)} has a meaning of its own; use another name.`;
  }
  if (newName === symbol.name) return null;
  const taken =
    symbol.kind === 'scenario'
      ? surroundings.scenarios.has(newName)
      : occurrencesOf({ ...symbol, name: newName }, document, surroundings, cache).length > 0;
  return taken ? `There is a ${symbol.kind} ${quoteForMessage(newName)} already.` : null;
}
