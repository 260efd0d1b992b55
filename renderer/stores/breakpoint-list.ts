/** Breakpoints as runs know them: scenario and zero-based line. The editor keeps them in step with edits. */
import { create } from 'zustand';
import type { Breakpoint } from '#shared/scenario/machine-contract.ts';

export const useBreakpointList = create<{ readonly breakpoints: readonly Breakpoint[] }>(() => ({ breakpoints: [] }));
