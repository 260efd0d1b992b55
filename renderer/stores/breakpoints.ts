/**
 * Breakpoints: lines of scenarios at which a run stops. They follow edits (the editor moves them), are remembered with the
 * workspace's layout, and a running run is told of every change.
 */
import { create } from 'zustand';
import { z } from 'zod';
import { layoutSection, setLayoutSection, useLayout } from './layout.ts';
import { act, useRunSession } from './run-session.ts';

export interface Breakpoint {
  /** Name of the scenario. */
  readonly scenario: string;
  /** Zero-based line of its file. */
  readonly line: number;
}

interface BreakpointsState {
  readonly breakpoints: readonly Breakpoint[];
}

export const useBreakpoints = create<BreakpointsState>(() => ({ breakpoints: [] }));

const section = 'breakpoints';
const sectionSchema = z.array(z.object({ scenario: z.string().max(128), line: z.int().min(0) })).max(10_000);

/** Sets a breakpoint, or takes it away where there is one. */
export function toggleBreakpoint(scenario: string, line: number): void {
  const { breakpoints } = useBreakpoints.getState();
  const others = breakpoints.filter((each) => each.scenario !== scenario || each.line !== line);
  become(others.length < breakpoints.length ? others : [...others, { scenario, line }]);
}

export function clearBreakpoints(): void {
  become([]);
}

/** The lines of a scenario's breakpoints after an edit. */
export function moveBreakpoints(scenario: string, lines: readonly number[]): void {
  const { breakpoints } = useBreakpoints.getState();
  const before = linesOf(breakpoints, scenario);
  const after = [...new Set(lines)].toSorted((left, right) => left - right);
  if (before.length === after.length && before.every((line, index) => line === after[index])) return;
  become([...breakpoints.filter((each) => each.scenario !== scenario), ...after.map((line) => ({ scenario, line }))]);
}

/** Lines of the breakpoints of one scenario, rising. */
export function linesOf(breakpoints: readonly Breakpoint[], scenario: string): number[] {
  return breakpoints
    .filter((each) => each.scenario === scenario)
    .map(({ line }) => line)
    .toSorted((left, right) => left - right);
}

function become(breakpoints: readonly Breakpoint[]): void {
  useBreakpoints.setState({ breakpoints });
  setLayoutSection(section, breakpoints);
  const { run, live } = useRunSession.getState();
  if (run !== null && live) void act({ kind: 'set-breakpoints', breakpoints: [...breakpoints] });
}

/** Takes up the breakpoints of the workspace whose layout is loaded; returns the end of it. */
export function rememberBreakpoints(): () => void {
  const load = (): void => useBreakpoints.setState({ breakpoints: layoutSection(section, sectionSchema) ?? [] });
  if (useLayout.getState().folder !== null) load();
  return useLayout.subscribe((state, before) => {
    if (state.folder !== before.folder) load();
  });
}
