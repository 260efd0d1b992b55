/** What can be written at a place, with what helps to choose: help, parameters, present states and values. */
import type { Range } from '#shared/problem.ts';
import { contextOf } from './line-context.ts';
import { candidatesFor, frontMatterCandidates } from './completion-candidates.ts';
import { fitted, fittedKey, type Fitted } from './completion-fit.ts';
import type { DocumentCache, Place, ScenarioDocument } from './document.ts';
import { part } from './elements.ts';
import type { HoverPart } from './hover.ts';
import type { Surroundings } from './surroundings.ts';

export type CompletionKind =
  | 'statement'
  | 'command'
  | 'component'
  | 'state'
  | 'metric'
  | 'variable'
  | 'label'
  | 'scenario'
  | 'parameter'
  | 'value'
  | 'signal'
  | 'operator'
  | 'keyword';

/** One suggestion, before it has a place. */
export interface Candidate {
  readonly label: string;
  readonly kind: CompletionKind;
  /** Beside the label: `READY`, `512 MB`, `by MEP`. */
  readonly detail?: string;
  readonly documentation?: readonly HoverPart[];
  /** What is written; the label where absent. */
  readonly insert?: string;
  /** Whether `insert` has places to fill in: `${1:name}`. */
  readonly snippet?: boolean;
  /** Lower ones come first; 5 where absent. */
  readonly rank?: number;
  /** What is typed next is completed at once: a component is followed by its metrics. */
  readonly goOn?: boolean;
}

export interface Completion extends Candidate {
  /** What is replaced. */
  readonly range: Range;
}

/** Characters after which suggestions are asked for without a wish. */
export const completionTriggers = ['.', '{', '-', '=', ' '] as const;

/** What may be written at a place, the likeliest first, each with the stretch of its line that it takes the place of. */
export function completionsAt(document: ScenarioDocument, place: Place, surroundings: Surroundings, cache: DocumentCache): Completion[] {
  const whole = document.lineText(place.line);
  const text = whole.slice(0, place.column);
  const origin = { line: place.line, column: 0, offset: document.source[place.line]?.offset ?? 0 };
  const ranged = ({ end, ...candidate }: Fitted, start: number): Completion => ({
    ...candidate,
    range: part({ start: origin, end: origin }, start, end - start),
  });
  if (isInFrontMatter(document, place)) {
    const start = text.length - text.trimStart().length;
    return frontMatterCandidates(text).map((candidate) => ranged(fittedKey(candidate, whole, place.column), start));
  }
  const context = contextOf(text);
  const candidates = candidatesFor(context, document, place.line, surroundings, cache);
  return candidates.map((candidate) => ranged(fitted(candidate, context, whole, place.column), context.start));
}

/** Also where the front matter is not closed yet. */
function isInFrontMatter(document: ScenarioDocument, { line }: Place): boolean {
  const range = document.parsed.scenario.frontMatter?.range;
  if (range) return line > range.start.line && line < range.end.line;
  return line > 0 && document.parsed.problems.some(({ code }) => code === 'unclosed-front-matter');
}
