/** Colours of a line while it is typed: the parser reads the line by itself; only the front matter needs to be remembered from line to line. */
import { tokensOfLine } from '#shared/scenario/language-service/tokens.ts';
import type { monaco } from './monaco.ts';

/** Where a line stands: at the very beginning, within the front matter, or in the steps. */
class LineState implements monaco.languages.IState {
  readonly place: 'beginning' | 'front matter' | 'steps';

  constructor(place: LineState['place']) {
    this.place = place;
  }

  clone(): LineState {
    return this;
  }

  equals(other: monaco.languages.IState): boolean {
    return other instanceof LineState && other.place === this.place;
  }
}

const [beginning, frontMatter, steps] = [new LineState('beginning'), new LineState('front matter'), new LineState('steps')];

/** Longer lines are not coloured. */
const longest = 4_000;

export const lineTokens: monaco.languages.TokensProvider = {
  getInitialState: () => beginning,
  tokenize: (line, state) => {
    const place = state instanceof LineState ? state.place : 'steps';
    const fence = /^---\s*$/.test(line);
    const inFrontMatter = place === 'front matter' || (place === 'beginning' && fence);
    const endState = place === 'front matter' ? (fence ? steps : frontMatter) : inFrontMatter ? frontMatter : steps;
    if (line.length > longest) return { tokens: [{ startIndex: 0, scopes: 'text' }], endState };
    const tokens: monaco.languages.IToken[] = [{ startIndex: 0, scopes: '' }];
    for (const { column, length, kind, modifiers } of tokensOfLine(line, inFrontMatter)) {
      tokens.push({ startIndex: column, scopes: [kind, ...modifiers].join('.') }, { startIndex: column + length, scopes: '' });
    }
    return { tokens, endState };
  },
};
