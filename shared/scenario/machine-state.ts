/**
 * The state of the scenario machine, plain JSON at every moment, and the transition in which it is replaced.
 * A state is never changed in place: a transition works on a shallow copy whose parts are replaced, never written into.
 */
import type { Breakpoint, LostReadings, MachineEffect, MachineStatus, Readings, StepReference } from './machine-contract.ts';
import type { FailurePolicy, StepState } from './machine-words.ts';
import type { Doubt } from './comparison.ts';
import type { Program } from './syntax.ts';

/** What a machine may not exceed, whatever the scenario says. */
export const machineLimits = {
  callDepth: 64,
  deferredCommands: 1_000,
  handlers: 1_000,
  commandWords: 64,
  wordLength: 4_096,
  choices: 100,
} as const;

/** A scenario being executed: the root scenario, or one that was called. */
export interface Frame {
  /** Never used twice in a run. */
  readonly identifier: number;
  readonly scenario: string;
  /** Index of the statement to be executed next (or running, or failed); the number of statements when the scenario is at its end. */
  readonly position: number;
  /** Where control came in: the labels from here to `position` were passed silently. */
  readonly entered: number;
  /** Running loops, innermost last. */
  readonly loops: readonly Loop[];
  /** Parameters of a called scenario; they hide variables of the same name. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Those of them whose value is not what it seems. */
  readonly doubts: Readonly<Record<string, Doubt>>;
}

export interface Loop {
  /** Indexes of `repeat` and `end`. */
  readonly start: number;
  readonly end: number;
  readonly times: number;
  /** The round being run, from 1. */
  readonly round: number;
}

/** The part of a line's statement that runs: all of it, or a branch of its `if`. */
export type StatementPart = 'whole' | 'then' | 'else';

/** What the running step waits for. Numbers are references of effects. */
export type Awaiting =
  | { readonly kind: 'reading'; readonly reference: number }
  | { readonly kind: 'command'; readonly reference: number }
  | { readonly kind: 'pause'; readonly timer: number }
  | ConditionWait
  | {
      readonly kind: 'answer';
      readonly reference: number;
      readonly question: string;
      readonly choices: readonly string[];
      readonly fallback: string | null;
    };

/** A `wait` or `expect` under way. */
export interface ConditionWait {
  readonly kind: 'condition';
  readonly form: 'wait' | 'expect';
  /** The watch on its readings, where it has any. */
  readonly watch: number | null;
  /** The listening, where it is an event. */
  readonly listen: number | null;
  /** Timer of `within`. */
  readonly within: number | null;
  /** Timer of `for`, while the condition holds. */
  readonly holding: number | null;
  readonly values: Readings | null;
}

/** The step that is being executed; there is never more than one. */
export interface ActiveStep {
  readonly step: StepReference;
  readonly part: StatementPart;
  readonly awaiting: Awaiting | null;
}

/** An `on … goto` in force. */
export interface Handler {
  /** Its condition's name, `failover:4`. */
  readonly condition: string;
  /** Frame that registered it, where its label is. */
  readonly frame: number;
  readonly line: number;
  readonly part: StatementPart;
  readonly label: string;
  /** The trigger in its canonical form. */
  readonly text: string;
  readonly watch: number | null;
  readonly listen: number | null;
  readonly values: Readings | null;
  /** Whether the condition was met when last decided; it fires when that becomes true. */
  readonly met: boolean;
  /** Why its condition could not be decided; the step that runs, or else the next one, ends in error for it. */
  readonly problem: string | null;
  /** Why it cannot be judged at present: the source of a value is lost. It stays in force, and nothing has become of it. */
  readonly lost: string | null;
}

/** An undo promised by `defer`. */
export interface DeferredCommand {
  readonly identifier: number;
  readonly words: readonly string[];
  readonly text: string;
  readonly scenario: string;
  readonly line: number;
}

/** A step that ended in failed, error or timed out. */
export interface Trouble {
  readonly state: Extract<StepState, 'failed' | 'error' | 'timed out'>;
  /** It was an `expect`. */
  readonly check: boolean;
  readonly message: string;
}

/** What the verdict is made of; see machine-verdict.ts. */
export interface Tally {
  /** `expect`s that were met. */
  readonly checks: number;
  readonly failedChecks: number;
  /** Those of the failed checks that the operator skipped. */
  readonly skippedChecks: number;
  /** Steps that the operator left out, whether before, while or after they were executed; failed checks not counted. */
  readonly skipped: number;
  /** Steps left failed or timed out, `expect`s not counted. */
  readonly failures: number;
  readonly errors: number;
  /** First failed check, failure and error, as a sentence. */
  readonly first: { readonly check: string | null; readonly failure: string | null; readonly error: string | null };
  /** The last echo of exactly PASS or FAIL. */
  readonly echoed: 'PASS' | 'FAIL' | null;
  readonly exit: { readonly verdict: 'pass' | 'fail' | null; readonly reason: string | null } | null;
}

/** Why the statements ended. */
export type Ending =
  | { readonly kind: 'completed' }
  | { readonly kind: 'stopped' }
  /** A failed or timed-out step under the policy `abort`; it is in the tally. */
  | { readonly kind: 'aborted' }
  /** The machine ended the run: step budget, overall timeout, an error under `abort`, nothing to run. */
  | { readonly kind: 'error'; readonly message: string }
  /** There were no statements to run: the undo commands of an interrupted run. */
  | { readonly kind: 'recovery' };

export interface ArmedBreakpoint extends Breakpoint {
  /** How often control came to it with its condition met. */
  readonly reached: number;
}

export type StepMode = { readonly kind: 'step' } | { readonly kind: 'over' | 'out'; readonly depth: number };

export interface MachineState {
  readonly version: 1;
  readonly status: MachineStatus;
  readonly phase: 'new' | 'main' | 'deferred' | 'finished';
  readonly release: string;
  readonly uniqueSeed: string;
  readonly failurePolicy: FailurePolicy;
  readonly stepBudget: number;
  readonly breakpoints: readonly ArmedBreakpoint[];
  readonly startPaused: boolean;
  /** Null where everything is known, as in a live run. */
  readonly unknownText: string | null;
  readonly variables: Readonly<Record<string, string>>;
  /** Variables that a command should have set which failed, by name. */
  readonly doubts: Readonly<Record<string, Doubt>>;
  /** Readings whose source was lost when the driver told them last. */
  readonly lost: LostReadings;
  /** The root scenario's first; empty in the deferred phase. */
  readonly frames: readonly Frame[];
  readonly active: ActiveStep | null;
  readonly handlers: readonly Handler[];
  /** A handler that fired while the run was paused : taken when it goes on. */
  readonly pendingHandler: Pick<Handler, 'condition' | 'frame' | 'text' | 'label'> | null;
  readonly deferred: readonly DeferredCommand[];
  /** Executed steps, the deferred ones included. */
  readonly executions: number;
  /** Execution of the most recent step that gave a command: events since then are seen by `wait` and `expect`. */
  readonly lastCommand: number | null;
  readonly nextReference: number;
  readonly nextFrame: number;
  readonly nextDeferred: number;
  readonly overallTimer: number | null;
  readonly pauseRequested: boolean;
  readonly stepMode: StepMode | null;
  /** Set while paused on a failed step. */
  readonly trouble: Trouble | null;
  /** The breakpoint at the position has been heeded; it does not stop the run again before a step was executed. */
  readonly breakpointHeeded: boolean;
  /** The breakpoints at the position were decided and counted; that is done once for each time control comes there. */
  readonly breakpointDecided: boolean;
  /** The readings that a breakpoint at the position waits for. */
  readonly breakpointReading: number | null;
  readonly tally: Tally;
  readonly ending: Ending | null;
  /** First sentence about a deferred command that did not succeed. */
  readonly deferredTrouble: string | null;
  readonly deferredSkipped: boolean;
  /** How often the operator asked for the end. */
  readonly stops: number;
}

type Draft = { -readonly [Key in keyof MachineState]: MachineState[Key] };

/** One call of `advance`: the state being replaced, and the effects so far. */
export interface Transition {
  readonly program: Program;
  readonly state: Draft;
  readonly effects: MachineEffect[];
}

/** The next number that ties an answer to its effect. */
export function newReference(transition: Transition): number {
  const reference = transition.state.nextReference;
  transition.state.nextReference = reference + 1;
  return reference;
}

/** The frame in control; undefined in the deferred phase. */
export function currentFrame(state: Pick<MachineState, 'frames'>): Frame | undefined {
  return state.frames.at(-1);
}

/** Replaces what the running step waits for. */
export function awaitAnswer(transition: Transition, awaiting: Awaiting): void {
  const { active } = transition.state;
  if (!active) return;
  transition.state.active = { ...active, awaiting };
  transition.state.status = 'busy';
}

/** Sets a variable, or the parameter that hides it, and says so. `doubt`: why its value may not be what it seems. */
export function assignVariable(transition: Transition, name: string, value: string, doubt: Doubt | null = null): void {
  const { state } = transition;
  const frame = currentFrame(state);
  if (frame && Object.hasOwn(frame.parameters, name)) {
    const doubts = withDoubt(frame.doubts, name, doubt);
    state.frames = [...state.frames.slice(0, -1), { ...frame, parameters: { ...frame.parameters, [name]: value }, doubts }];
  } else {
    state.variables = { ...state.variables, [name]: value };
    state.doubts = withDoubt(state.doubts, name, doubt);
  }
  transition.effects.push({ kind: 'variable', name, value });
}

/** A command did not end that should have set a variable: what it held before must not pass for the result. */
export function loseVariable(transition: Transition, name: string, doubt: Doubt): void {
  const { state } = transition;
  const isParameter = Object.hasOwn(currentFrame(state)?.parameters ?? {}, name);
  if (isParameter || Object.hasOwn(state.variables, name)) assignVariable(transition, name, '', doubt);
  else state.doubts = withDoubt(state.doubts, name, doubt);
}

function withDoubt(doubts: Readonly<Record<string, Doubt>>, name: string, doubt: Doubt | null): Readonly<Record<string, Doubt>> {
  if (doubt) return { ...doubts, [name]: doubt };
  return Object.hasOwn(doubts, name) ? Object.fromEntries(Object.entries(doubts).filter(([other]) => other !== name)) : doubts;
}
