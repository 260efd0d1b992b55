/** Colours: what each stretch of text is, from the syntax tree and the catalogue. */
import type { ScenarioCatalogue } from '../catalogue.ts';
import { parseScenario } from '../parser.ts';
import type { ScenarioDocument } from './document.ts';
import { elementsOfLine, type Element } from './elements.ts';

export const tokenKinds = [
  'keyword',
  'operator',
  'command',
  'argument',
  'component',
  'signal',
  'reading',
  'variable',
  'label',
  'scenario',
  'parameter',
  'state',
  'event',
  'string',
  'text',
  'number',
  'comment',
  'stepNumber',
  'frontMatter',
] as const;
export type TokenKind = (typeof tokenKinds)[number];

/** `definition`: of a label or variable; `dangerous`, `disruptive`: what the command may do; `unknown`: the environment does not have it. */
export const tokenModifiers = ['definition', 'dangerous', 'disruptive', 'unknown'] as const;
export type TokenModifier = (typeof tokenModifiers)[number];

export interface Token {
  /** Zero-based. */
  readonly line: number;
  readonly column: number;
  readonly length: number;
  readonly kind: TokenKind;
  readonly modifiers: readonly TokenModifier[];
}

/** Tokens of the whole document, in order. Where a catalogue is known, what it does not have is marked. */
export function tokensOf(document: ScenarioDocument, catalogue: ScenarioCatalogue | null): Token[] {
  const names = catalogue && knownNames(catalogue);
  const tokens: Token[] = [];
  for (const element of document.allElements()) tokens.push(token(element, modifiersOf(element, names)));
  return tokens;
}

/** Tokens of one line by itself, for colouring while it is typed. `state` says whether the line stands in the front matter. */
export function tokensOfLine(text: string, frontMatter: boolean): Token[] {
  if (frontMatter) return text === '' ? [] : [{ line: 0, column: 0, length: text.length, kind: 'frontMatter', modifiers: [] }];
  // A fence on the first line would be read as front matter that is never closed.
  const line = text.startsWith('---') ? undefined : parseScenario('', text).scenario.lines[0];
  return line ? elementsOfLine(line, text).map((element) => token(element, modifiersOf(element, null))) : [];
}

function token(element: Element, modifiers: readonly TokenModifier[]): Token {
  const { start, end } = element.range;
  return { line: start.line, column: start.column, length: end.column - start.column, kind: kindOf(element), modifiers };
}

function kindOf(element: Element): TokenKind {
  if (element.kind === 'text') return element.quoted ? 'string' : 'text';
  return element.kind === 'step-number' ? 'stepNumber' : element.kind;
}

interface Names {
  readonly hazards: ReadonlyMap<string, string>;
  readonly components: ReadonlySet<string>;
}

function knownNames(catalogue: ScenarioCatalogue): Names {
  return {
    hazards: new Map(catalogue.commands.map(({ name, hazard }) => [name, hazard])),
    components: new Set(catalogue.components.map(({ name }) => name)),
  };
}

/** Commands of components, by what they do to one. */
const componentHazards: ReadonlyMap<string, TokenModifier | null> = new Map([
  ['kill', 'dangerous'],
  ['signal', 'dangerous'],
  ['stop', 'disruptive'],
  ['start', 'disruptive'],
  ['status', null],
]);

function modifiersOf(element: Element, names: Names | null): readonly TokenModifier[] {
  switch (element.kind) {
    case 'label':
    case 'variable':
      return element.role === 'definition' ? ['definition'] : [];
    case 'command': {
      const ofComponents = componentHazards.get(element.name);
      if (ofComponents !== undefined) return ofComponents === null ? [] : [ofComponents];
      const hazard = names?.hazards.get(element.name);
      if (hazard === 'dangerous' || hazard === 'disruptive') return [hazard];
      return names && hazard === undefined ? ['unknown'] : [];
    }
    case 'component':
      return names && !names.components.has(element.name) ? ['unknown'] : [];
    case 'reading':
      return names && !names.components.has(element.component) ? ['unknown'] : [];
    default:
      return [];
  }
}
