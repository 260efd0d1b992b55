/** Which breakpoint is being edited, and what can be said of what was typed. */
import { createStore } from 'zustand/vanilla';
import { formatProblem, type Severity } from '#shared/problem.ts';
import { checkBreakpointCondition, readHits } from '#shared/scenario/breakpoint.ts';
import { mostHits } from '#shared/scenario/breakpoint-limits.ts';
import type { ScenarioCatalogue } from '#shared/scenario/catalogue.ts';
import type { Breakpoint } from '#shared/scenario/machine-contract.ts';
import type { Program } from '#shared/scenario/syntax.ts';
import { storeHook } from '../../../stores/context.ts';
import { countText } from '#shared/wording/counts.ts';

export interface EditedBreakpoint {
  readonly scenario: string;
  /** Zero-based. */
  readonly line: number;
  /** Where the popover points to, in pixels of the editor. */
  readonly top: number;
  readonly left: number;
}

export interface TypedBreakpoint {
  readonly condition: string;
  readonly hits: string;
}

/** What is wrong with what was typed: errors keep it from being set. Nothing typed is a plain breakpoint. */
export interface Judgement {
  readonly condition: { readonly severity: Severity; readonly message: string } | null;
  readonly hits: string | null;
}

export function createBreakpointEditing() {
  const breakpointEditing = createStore<{ readonly edited: EditedBreakpoint | null }>(() => ({ edited: null }));

  return { ...breakpointEditing };
}

export const useBreakpointEditing = storeHook(createBreakpointEditing);

/** Judges with the scenario's own checker; `program` is what the scenario is part of. */
export function judge(typed: TypedBreakpoint, scenario: string, program: Program, catalogue: ScenarioCatalogue | null): Judgement {
  const hits = typed.hits.trim();
  return {
    condition: judgeCondition(typed.condition.trim(), scenario, program, catalogue),
    hits: hits === '' || readHits(hits) !== null ? null : `Write a whole number from 1 to ${countText(mostHits)}.`,
  };
}

function judgeCondition(text: string, name: string, program: Program, catalogue: ScenarioCatalogue | null): Judgement['condition'] {
  const scenario = program.scenarios.get(name);
  if (text === '' || !scenario) return null;
  const problems = checkBreakpointCondition(text, scenario, program, catalogue ?? undefined);
  const first = problems.find(({ severity }) => severity === 'error') ?? problems[0];
  if (!first) return null;
  const { severity, code, message, tip } = first;
  return { severity, message: formatProblem({ severity, code, message, ...(tip !== undefined && { tip }) }).replaceAll('`', "'") };
}

/** The breakpoint that was typed; null where something is wrong with it. */
export function breakpointOf(
  typed: TypedBreakpoint,
  place: { readonly scenario: string; readonly line: number },
  found: Judgement,
): Breakpoint | null {
  if (found.hits !== null || found.condition?.severity === 'error') return null;
  const [condition, hits] = [typed.condition.trim(), readHits(typed.hits)];
  const { scenario, line } = place;
  return { scenario, line, ...(condition !== '' && { condition }), ...(hits !== null && { hits }) };
}

/** `before this line where … is met, from the 3rd time on`: what a breakpoint does, for its hover. */
export function stopsWhere({ condition, hits }: Breakpoint): readonly { readonly kind: 'text' | 'code'; readonly text: string }[] {
  const often = hits === undefined ? '' : ` It counts: the run stops from time number ${hits} on.`;
  if (condition === undefined) return [{ kind: 'text', text: `Breakpoint: a run stops before this line.${often}` }];
  return [
    { kind: 'text', text: 'Breakpoint: a run stops before this line where this is met, or cannot be decided:' },
    { kind: 'code', text: condition },
    ...(often === '' ? [] : [{ kind: 'text' as const, text: often.trim() }]),
  ];
}
