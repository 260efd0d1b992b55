/**
 * Breakpoints as people write them: a line, with a condition in the language's own syntax and a number of times where
 * wanted. `12`, `failover:12 if #{smoke_status} == FAIL`, `inner:3 hits 5`, `4 if Engine.rss > 500MB hits 2`.
 */
import type { Problem } from '#shared/problem.ts';
import type { ScenarioCatalogue } from './catalogue.ts';
import { longestBreakpointCondition, mostHits } from './breakpoint-limits.ts';
import { checkComparisons } from './check-conditions.ts';
import { CheckContext } from './check-context.ts';
import { checkReferences, variablesOf } from './check-variables.ts';
import { readCondition } from './condition-parser.ts';
import { quoteForMessage, scenarioError } from './diagnostics.ts';
import { wholeNumber } from './exact-number.ts';
import { LineCursor } from './line-cursor.ts';
import type { Breakpoint } from './machine-contract.ts';
import { splitLines } from './source-lines.ts';
import type { Condition, Program, Scenario, ScenarioProblem } from './syntax.ts';

export type ParsedBreakpointCondition =
  { readonly condition: Condition; readonly problem: null } | { readonly condition: null; readonly problem: ScenarioProblem };

const parsed = new Map<string, ParsedBreakpointCondition>();
const maximumParsed = 200;

/** The condition that a text says, or what is wrong with it. */
export function parseBreakpointCondition(text: string): ParsedBreakpointCondition {
  let known = parsed.get(text);
  if (!known) {
    known = parse(text);
    // A memory of parsed conditions; emptied when full, since runs have few.
    if (parsed.size >= maximumParsed) parsed.clear();
    parsed.set(text, known);
  }
  return known;
}

function parse(text: string): ParsedBreakpointCondition {
  const [line = { line: 0, offset: 0, text: '' }, second] = splitLines(text.slice(0, longestBreakpointCondition + 1), 2);
  const cursor = new LineCursor(line);
  if (text.length > longestBreakpointCondition || second) {
    const message = second
      ? 'The condition of a breakpoint stands on one line.'
      : `The condition of a breakpoint is longer than ${longestBreakpointCondition} characters.`;
    return { condition: null, problem: scenarioError('unexpected-text', message, cursor.range(0, 0)) };
  }
  const condition = readCondition(cursor);
  if (condition && !cursor.atEnd()) {
    const rest = line.text.slice(cursor.position);
    const range = cursor.range(cursor.position, line.text.length);
    cursor.error('unexpected-text', `${quoteForMessage(rest)} does not belong to the condition.`, range, {
      tip: 'Join conditions with `and` or `or`, and put quotes round a text of several words.',
    });
  }
  const problem = cursor.problems.find(({ severity }) => severity === 'error');
  if (problem) return { condition: null, problem };
  return condition
    ? { condition, problem: null }
    : { condition: null, problem: scenarioError('missing-condition', 'The condition is missing.', cursor.here()) };
}

/** What can be said of a condition before the run: errors keep it from being set, warnings do not. */
export function checkBreakpointCondition(
  text: string,
  scenario: Scenario,
  program: Program,
  catalogue: ScenarioCatalogue | undefined,
): readonly ScenarioProblem[] {
  const { condition, problem } = parseBreakpointCondition(text);
  if (!condition) return [problem];
  const context = new CheckContext(program, catalogue);
  checkComparisons(context, scenario, condition);
  checkReferences(context, scenario, condition, variablesOf(program));
  return context.problems;
}

export type ReadBreakpoint = { readonly breakpoint: Breakpoint } | { readonly problem: Problem };

/**
 * Reads `[scenario:]line [if condition] [hits n]`; the line counts from 1.
 * @param scenario the scenario that is meant where none is named
 */
export function readBreakpoint(text: string, scenario: string): ReadBreakpoint {
  const [, named, line = '', rest = ''] = /^\s*(?:([A-Za-z0-9][\w.-]{0,127}):)?(\d{1,9})(?:\s+(.*?))?\s*$/s.exec(text) ?? [];
  const at = Number(line);
  if (at < 1) return wrong(`${quoteForMessage(text)} names no line.`);
  const [, condition = '', hits] = /^(.*?)\s*(?:(?:^|\s)hits\s+(\S+))?$/s.exec(rest) ?? [];
  const often = hits === undefined ? undefined : readHits(hits);
  if (often === null) return wrong(`${quoteForMessage(hits ?? '')} is no number of times.`);
  const counted = often === undefined ? {} : { hits: often };
  const place = { scenario: named ?? scenario, line: at - 1 };
  if (condition === '') return { breakpoint: { ...place, ...counted } };
  const [, said] = /^if\s+(.*)$/s.exec(condition) ?? [];
  if (said === undefined) return wrong(`${quoteForMessage(condition)} is neither a condition nor a number of times.`);
  const { problem } = parseBreakpointCondition(said);
  return problem ? { problem: { ...withoutPlace(problem) } } : { breakpoint: { ...place, condition: said, ...counted } };
}

/** The number of times that a text says, or null where a breakpoint cannot count to it. */
export function readHits(text: string): number | null {
  const hits = wholeNumber(text, mostHits);
  return hits === null || hits < 1 ? null : hits;
}

function wrong(message: string): ReadBreakpoint {
  const tip = 'Write the line, then what is wanted of it: `12`, `failover:12 if #{status} == FAIL`, `4 hits 3`.';
  return { problem: { severity: 'error', code: 'bad-breakpoint', message, tip } };
}

function withoutPlace({ severity, code, message, tip }: ScenarioProblem): Problem {
  return { severity, code, message, ...(tip !== undefined && { tip }) };
}

/** A breakpoint as {@link readBreakpoint} reads it; without its scenario where that is `scenario`. */
export function breakpointText({ scenario, line, condition, hits }: Breakpoint, own?: string): string {
  const place = scenario === own ? String(line + 1) : `${scenario}:${line + 1}`;
  return [place, condition === undefined ? '' : ` if ${condition}`, hits === undefined ? '' : ` hits ${hits}`].join('');
}
