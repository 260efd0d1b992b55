/**
 * The language service: everything an editor asks about a scenario, whatever the editor. Pure; texts in, plain data out.
 * It keeps what it read of each text, so that a key costs the reading of one scenario and not of all it calls.
 */
import { formatScenario } from '../formatter.ts';
import type { ScenarioProblem } from '../syntax.ts';
import { completionsAt, type Completion } from './completion.ts';
import { DocumentCache, type Place, type ScenarioDocument } from './document.ts';
import { foldsOf, outlineOf, type Fold, type OutlineEntry } from './folding.ts';
import { hoverAt, type Hover } from './hover.ts';
import { problemsOf } from './problems.ts';
import { signatureAt, type Signature } from './signature.ts';
import type { Surroundings } from './surroundings.ts';
import { definitionsOf, fixedName, occurrencesOf, renameSymbol, symbolAt, type Occurrence, type Renaming, type Symbol } from './symbols.ts';
import { tokensOf, type Token } from './tokens.ts';

export class LanguageService {
  private readonly cache = new DocumentCache();

  document(name: string, text: string): ScenarioDocument {
    return this.cache.document(name, text);
  }

  problems(name: string, text: string, surroundings: Surroundings): ScenarioProblem[] {
    return problemsOf(this.document(name, text), surroundings, this.cache);
  }

  completions(name: string, text: string, place: Place, surroundings: Surroundings): Completion[] {
    return completionsAt(this.document(name, text), place, surroundings, this.cache);
  }

  hover(name: string, text: string, place: Place, surroundings: Surroundings): Hover | null {
    return hoverAt(this.document(name, text), place, surroundings, this.cache);
  }

  signature(name: string, text: string, place: Place, surroundings: Surroundings): Signature | null {
    return signatureAt(this.document(name, text), place, surroundings.catalogue);
  }

  definitions(name: string, text: string, place: Place, surroundings: Surroundings): Occurrence[] {
    const document = this.document(name, text);
    const symbol = symbolAt(document, place);
    return symbol ? definitionsOf(symbol, document, surroundings, this.cache) : [];
  }

  references(name: string, text: string, place: Place, surroundings: Surroundings): Occurrence[] {
    const document = this.document(name, text);
    const symbol = symbolAt(document, place);
    return symbol ? occurrencesOf(symbol, document, surroundings, this.cache) : [];
  }

  /** The name under the caret, or why it cannot be renamed. */
  renamable(name: string, text: string, place: Place): Symbol | { readonly reason: string } {
    const symbol = symbolAt(this.document(name, text), place);
    if (!symbol) return { reason: 'Only labels, variables, parameters and called scenarios can be renamed.' };
    const reason = fixedName(symbol);
    return reason === null ? symbol : { reason };
  }

  rename(name: string, text: string, place: Place, newName: string, surroundings: Surroundings): Renaming {
    const document = this.document(name, text);
    const symbol = symbolAt(document, place);
    if (!symbol) return { kind: 'refused', reason: 'Only labels, variables, parameters and called scenarios can be renamed.' };
    return renameSymbol(symbol, newName, document, surroundings, this.cache);
  }

  folds(name: string, text: string): Fold[] {
    return foldsOf(this.document(name, text));
  }

  outline(name: string, text: string): OutlineEntry[] {
    return outlineOf(this.document(name, text));
  }

  tokens(name: string, text: string, surroundings: Surroundings): Token[] {
    return tokensOf(this.document(name, text), surroundings.catalogue);
  }

  format(text: string): string {
    return formatScenario(text);
  }
}
