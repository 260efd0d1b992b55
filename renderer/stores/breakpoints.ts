/**
 * Breakpoints: lines of scenarios at which a run stops, on a condition or from a number of times on where wanted. They
 * stand in the texts of the editor, follow edits there (the editor moves them), and are remembered with the workspace's
 * layout. How a run is told of them: run-breakpoints.ts.
 */
import { createStore } from 'zustand/vanilla';
import { z } from 'zod';
import { breakpointSchema } from '#shared/scenario/machine-contract.ts';
import type { Breakpoint } from '#shared/scenario/machine-contract.ts';
import { createLayout } from './layout.ts';
import { storeHook } from './context.ts';
import type { Stores } from './stores.ts';

export type { Breakpoint } from '#shared/scenario/machine-contract.ts';

interface BreakpointsState {
  readonly breakpoints: readonly Breakpoint[];
  /** Counts the changes that were made here, by the operator or an edit; those of another workspace are none. */
  readonly changes: number;
}

const section = 'breakpoints';
const sectionSchema = z.array(breakpointSchema).max(10_000);

export function createBreakpoints(stores: Stores) {
  const layoutStore = stores.get(createLayout);
  const { setLayoutSection, layoutSection } = layoutStore;

  const breakpointsStore = createStore<BreakpointsState>(() => ({ breakpoints: [], changes: 0 }));

  /** Sets a breakpoint, or takes it away where there is one. */
  function toggleBreakpoint(scenario: string, line: number): void {
    if (breakpointAt(scenario, line)) removeBreakpoint(scenario, line);
    else setBreakpoint({ scenario, line });
  }

  /** Sets a breakpoint in the place of what was on its line. */
  function setBreakpoint(breakpoint: Breakpoint): void {
    become([...without(breakpoint.scenario, breakpoint.line), breakpoint]);
  }

  function removeBreakpoint(scenario: string, line: number): void {
    become(without(scenario, line));
  }

  function clearBreakpoints(): void {
    become([]);
  }

  function breakpointAt(scenario: string, line: number): Breakpoint | undefined {
    return breakpointsStore.getState().breakpoints.find((each) => each.scenario === scenario && each.line === line);
  }

  /** The breakpoints of a scenario after an edit; of several that came to one line the first stays. */
  function moveBreakpoints(scenario: string, moved: readonly Breakpoint[]): void {
    const { breakpoints } = breakpointsStore.getState();
    const byLine = new Map(moved.toReversed().map((each) => [each.line, { ...each, scenario }]));
    const after = [...byLine.values()].toSorted((left, right) => left.line - right.line);
    if (sameBreakpoints(breakpointsOf(breakpoints, scenario), after)) return;
    become([...breakpoints.filter((each) => each.scenario !== scenario), ...after]);
  }

  function without(scenario: string, line: number): Breakpoint[] {
    return breakpointsStore.getState().breakpoints.filter((each) => each.scenario !== scenario || each.line !== line);
  }

  function become(breakpoints: readonly Breakpoint[]): void {
    breakpointsStore.setState(({ changes }) => ({ breakpoints, changes: changes + 1 }));
    setLayoutSection(section, breakpoints);
  }

  /** Takes up the breakpoints of the workspace whose layout is loaded; returns the end of it. */
  function rememberBreakpoints(): () => void {
    const load = (): void => breakpointsStore.setState({ breakpoints: layoutSection(section, sectionSchema) ?? [] });
    if (layoutStore.getState().folder !== null) load();
    return layoutStore.subscribe((state, before) => {
      if (state.folder !== before.folder) load();
    });
  }

  return {
    ...breakpointsStore,
    toggleBreakpoint,
    setBreakpoint,
    removeBreakpoint,
    clearBreakpoints,
    breakpointAt,
    moveBreakpoints,
    rememberBreakpoints,
  };
}

export const useBreakpoints = storeHook(createBreakpoints);

/** The breakpoints of one scenario, from its first line on. */
export function breakpointsOf(breakpoints: readonly Breakpoint[], scenario: string): Breakpoint[] {
  return breakpoints.filter((each) => each.scenario === scenario).toSorted((left, right) => left.line - right.line);
}

/** Whether two lists say the same, in the same order. */
export function sameBreakpoints(left: readonly Breakpoint[], right: readonly Breakpoint[]): boolean {
  return left.length === right.length && left.every((each, index) => isSame(each, right[index]));
}

function isSame(left: Breakpoint, right: Breakpoint | undefined): boolean {
  const same = right !== undefined && left.scenario === right.scenario && left.line === right.line;
  return same && left.condition === right.condition && left.hits === right.hits;
}
