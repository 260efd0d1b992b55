/**
 * Breakpoints: whether the run stops before the statement at the position. Control that comes to a line decides once: a
 * breakpoint counts it where its condition is met, and stops from its n-th time on. A condition that cannot be decided
 * stops too, and says why. What a condition says of the environment is read before it is decided.
 */
import { parseBreakpointCondition } from './breakpoint.ts';
import { namesInCondition } from './condition.ts';
import type { Breakpoint, Readings } from './machine-contract.ts';
import { structureOf } from './machine-position.ts';
import { currentFrame, newReference, type ArmedBreakpoint, type MachineState, type Transition } from './machine-state.ts';
import { pause } from './machine-steps.ts';
import { decideCondition, describeValues, namesToTell } from './machine-values.ts';
import type { Condition } from './syntax.ts';

/** Breakpoints as the state keeps them; what was counted stays with those that were set already. */
export function armBreakpoints(breakpoints: readonly Breakpoint[], before: readonly ArmedBreakpoint[] = []): readonly ArmedBreakpoint[] {
  const counted = new Map(before.map((each) => [identityOf(each), each.reached]));
  return breakpoints.map((each) => ({ ...each, reached: counted.get(identityOf(each)) ?? 0 }));
}

function identityOf({ scenario, line, condition, hits }: Breakpoint): string {
  return JSON.stringify([scenario, line, condition ?? null, hits ?? null]);
}

/** Replaces the breakpoints; what was being decided of the old ones is decided anew. */
export function setBreakpoints(transition: Transition, breakpoints: readonly Breakpoint[]): void {
  const { state } = transition;
  state.breakpoints = armBreakpoints(breakpoints, state.breakpoints);
  if (state.breakpointReading === null) return;
  state.breakpointReading = null;
  if (state.pauseRequested) pause(transition, 'operator', null);
  else state.status = 'ready';
}

/** Whether breakpoints keep the statement at the position from being started now: the run is paused, or readings are awaited. */
export function heldAtBreakpoint(transition: Transition): boolean {
  const { state, effects } = transition;
  if (state.breakpoints.length === 0 || state.breakpointDecided) return false;
  const here = breakpointsHere(transition);
  // What was heeded does not stop again; but lines are counted also where the run is stepped through them.
  if (here.length === 0 || (state.breakpointHeeded && here.every(({ hits }) => hits === undefined))) return false;
  const names = new Set(here.flatMap((each) => namesToRead(state, each)));
  if (names.size === 0) return decide(transition, here, {});
  const reference = newReference(transition);
  state.breakpointReading = reference;
  state.status = 'busy';
  effects.push({ kind: 'read', reference, names: [...names] });
  return true;
}

/** The readings that were asked for have come. Returns whether the run is held; otherwise the statement is to be started. */
export function heldByReadings(transition: Transition, values: Readings): boolean {
  const { state } = transition;
  state.breakpointReading = null;
  state.status = 'ready';
  if (!state.pauseRequested) return decide(transition, breakpointsHere(transition), values);
  pause(transition, 'operator', null);
  return true;
}

/** Breakpoints on the statement at the position, or on what was passed silently on the way to it. */
function breakpointsHere({ state, program }: Transition): readonly ArmedBreakpoint[] {
  const frame = currentFrame(state);
  if (!frame) return [];
  const statements = structureOf(program, frame.scenario)?.statements ?? [];
  const last = statements[frame.position]?.line ?? -1;
  // Blank lines and comments above a statement count as its own.
  const first = (statements[frame.entered - 1]?.line ?? -1) + 1;
  return state.breakpoints.filter(({ scenario, line }) => scenario === frame.scenario && line >= first && line <= last);
}

function namesToRead(state: MachineState, { condition }: Breakpoint): readonly string[] {
  const parsed = condition === undefined ? null : parseBreakpointCondition(condition).condition;
  // A dry run has nobody to ask.
  return parsed && state.unknownText === null ? namesToTell(state, parsed) : [];
}

/** Counts what was reached, and pauses where a breakpoint stops. */
function decide(transition: Transition, here: readonly ArmedBreakpoint[], values: Readings): boolean {
  const { state } = transition;
  state.breakpointDecided = true;
  const messages: (string | null)[] = [];
  const counted = new Map<ArmedBreakpoint, ArmedBreakpoint>();
  for (const breakpoint of here) {
    const found = truthOf(state, breakpoint, values);
    if (!found.met) continue;
    const reached = breakpoint.reached + 1;
    counted.set(breakpoint, { ...breakpoint, reached });
    if (found.undecided || reached >= (breakpoint.hits ?? 1)) messages.push(sentenceOf(breakpoint, found.message, reached));
  }
  if (counted.size > 0) state.breakpoints = state.breakpoints.map((each) => counted.get(each) ?? each);
  if (messages.length === 0 || state.breakpointHeeded) return false;
  pause(transition, 'breakpoint', messages.find((message) => message !== null) ?? null);
  return true;
}

interface Truth {
  readonly met: boolean;
  /** It counts as met, since it cannot be decided. */
  readonly undecided: boolean;
  readonly message: string | null;
}

function truthOf(state: MachineState, { condition }: Breakpoint, values: Readings): Truth {
  if (condition === undefined) return { met: true, undecided: false, message: null };
  const parsed = parseBreakpointCondition(condition);
  if (!parsed.condition) return undecided(condition, parsed.problem.message);
  const unknown = state.unknownText === null ? [] : namesToTell(state, parsed.condition);
  if (unknown.length > 0) return undecided(condition, `A dry run does not know ${unknown.join(', ')}.`);
  return evaluated(state, condition, parsed.condition, values);
}

function evaluated(state: MachineState, text: string, condition: Condition, values: Readings): Truth {
  const verdict = decideCondition(state, currentFrame(state), condition, values);
  if (verdict.problem !== null) return undecided(text, verdict.problem);
  if (verdict.lost !== null) return undecided(text, `${verdict.lost}.`);
  const seen = namesInCondition(condition).length === 0 ? '' : `: ${describeValues(verdict.values)}`;
  return { met: verdict.met, undecided: false, message: `The condition of the breakpoint is met${seen}.` };
}

function undecided(condition: string, why: string): Truth {
  return { met: true, undecided: true, message: `The condition of the breakpoint (${condition}) cannot be decided: ${why}` };
}

function sentenceOf({ hits }: Breakpoint, message: string | null, reached: number): string | null {
  if (hits === undefined) return message;
  const often = `This line was reached ${reached === 1 ? 'once' : `${reached} times`}.`;
  return message === null ? often : `${message} ${often}`;
}
