/** The codes of everything the language may say about a scenario, and how such a problem is made. docs/scenario-language.md explains each. */
import type { Range } from '#shared/problem.ts';
import type { ScenarioProblem } from './syntax.ts';

export const parserCodes = [
  'bad-front-matter',
  'bad-name',
  'bad-number',
  'bad-reference',
  'combined-event',
  'condition-too-deep',
  'duration-out-of-range',
  'empty-step',
  'keyword-as-command',
  'missing-command',
  'missing-condition',
  'missing-duration',
  'missing-goto',
  'missing-name',
  'missing-operand',
  'missing-operator',
  'missing-parenthesis',
  'missing-space',
  'missing-statement',
  'missing-text',
  'missing-then',
  'missing-unit',
  'missing-value',
  'nested-statement',
  'stray-brace',
  'too-many-lines',
  'too-many-problems',
  'typographic-quote',
  'unclosed-front-matter',
  'unclosed-quote',
  'unclosed-reference',
  'unexpected-text',
  'unknown-front-matter-key',
  'unknown-operator',
  'unknown-unit',
] as const;

export const linkerCodes = ['missing-scenario', 'recursive-call', 'program-too-large'] as const;

export const checkerCodes = [
  'ambiguous-command',
  'ambiguous-component',
  'bad-argument',
  'bad-pattern',
  'command-not-allowed',
  'duplicate-label',
  'duplicate-parameter',
  'end-without-repeat',
  'endless-loop',
  'event-cannot-hold',
  'goto-into-repeat',
  'keyword-case',
  'missing-argument',
  'misspelt-keyword',
  'not-a-number',
  'odd-verdict',
  'prompt-fallback',
  'repeat-without-end',
  'reserved-variable',
  'too-many-arguments',
  'unit-mismatch',
  'unknown-command',
  'unknown-component',
  'unknown-label',
  'unknown-metric',
  'unknown-parameter',
  'unknown-signal',
  'unknown-state',
  'unknown-variable',
  'unreachable-step',
  'unused-label',
] as const;

export type ScenarioProblemCode = (typeof parserCodes | typeof linkerCodes | typeof checkerCodes)[number];

/** What may be said besides the sentence. */
export interface ProblemDetail {
  readonly tip?: string;
  readonly fix?: NonNullable<ScenarioProblem['fix']>;
}

/** A problem that keeps the scenario from running. */
export function scenarioError(code: ScenarioProblemCode, message: string, range: Range, detail: ProblemDetail = {}): ScenarioProblem {
  return { severity: 'error', code, message, range, ...detail };
}

/** A problem that the scenario can run with. */
export function scenarioWarning(code: ScenarioProblemCode, message: string, range: Range, detail: ProblemDetail = {}): ScenarioProblem {
  return { severity: 'warning', code, message, range, ...detail };
}

/** The edit that puts `replacement` in the place of `range`. */
export function replaceWith(range: Range, replacement: string): NonNullable<ScenarioProblem['fix']> {
  return { title: replacement === '' ? 'Remove it' : `Replace with ${quoteForMessage(replacement)}`, range, replacement };
}

/** A piece of a user's text for use in a sentence: shortened, on one line, between backquotes. */
export function quoteForMessage(text: string): string {
  const line = text.replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, '�');
  const points = Array.from(line.slice(0, 120));
  return `\`${points.length > 50 || line.length > 120 ? `${points.slice(0, 49).join('')}…` : line}\``;
}
