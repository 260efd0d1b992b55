/**
 * The contract between the scenario machine and whoever drives it: `advance(program, state, input) -> { state, effects }`.
 * The machine has no clock and does no I/O. A driver (the engine in a live run, a test, a dry run) feeds inputs, carries
 * out effects, and answers with further inputs. While `state.status` is `ready` the driver feeds `proceed`; so an
 * operator's input can always come between two steps.
 *
 * References (`reference`) tie an answer to the effect that asked for it; answers to references that are no longer
 * awaited are ignored.
 */
import { z } from 'zod';
import { maximumLineLength, type CommandOutcome, type LogSeverity } from '#shared/protocol/observations.ts';
import type { Immutable } from '#shared/immutable.ts';
import { longestBreakpointCondition, mostHits } from './breakpoint-limits.ts';
import {
  runPhases,
  type ConditionForm,
  type ConditionState,
  type FailurePolicy,
  type PauseReason,
  type RunOutcome,
  type StepState,
} from './machine-words.ts';

/** The longest text that a scenario can make. */
export const scenarioTextSchema = z.string().max(maximumLineLength * 4);

/** The present value of `Component.STATE` or `Component.metric`; null where there is none (not seen yet, stale, gone). */
export type Reading = string | number | null;
export type Readings = Readonly<Record<string, Reading>>;

/**
 * Of readings that have no value because their source is lost, by name: why, as the rest of a sentence: `the daemon MEP is lost,
 * silent since 12:00:03.2`. Of such a reading nothing is known, whereas another one without a value may never have had any.
 */
export type LostReadings = Readonly<Record<string, string>>;

/** One execution of one statement. */
export const stepReferenceSchema = z.object({
  /** Counts executed steps of the run from 1. */
  execution: z.int().min(1),
  /** Scenario name (the root scenario's or a called one's). */
  scenario: z.string().max(128),
  /** Zero-based line of the statement in that scenario. */
  line: z.int().min(0),
  /** Step number as shown in the deck's trace: the written number, or the count of statements before it in its scenario. */
  number: z.int().min(0),
  /** The statement as written, without its step number. */
  text: scenarioTextSchema,
  /** Depth of `call`: 0 in the root scenario. */
  depth: z.int().min(0),
  phase: z.enum(runPhases),
  /** In the deferred phase: identifier of the promise that is being kept (see the effect `deferred`). */
  deferred: z.int().exactOptional(),
});
export type StepReference = Immutable<z.infer<typeof stepReferenceSchema>>;

/** A line of a scenario before which the run stops. */
export const breakpointSchema = z.object({
  scenario: z.string().max(128),
  /** Zero-based. */
  line: z.int().min(0),
  /** In the language's condition syntax; the run stops only where it is met, or cannot be decided. */
  condition: z.string().min(1).max(longestBreakpointCondition).exactOptional(),
  /** The run stops from the n-th time on that control comes to the line (with its condition met). At least 1. */
  hits: z.int().min(1).max(mostHits).exactOptional(),
});
export type Breakpoint = Immutable<z.infer<typeof breakpointSchema>>;

/** What `on` listens for besides conditions: `on error from X`, `on event failover from X`, `on crash of X`. */
export interface EventTrigger {
  /** `error`: severity error or fatal; `crash`: component-crashed; otherwise an event's name. */
  readonly event: string;
  readonly component: string | null;
}

/** An event as the machine sees it; the driver makes it of a daemon's event. */
export interface ObservedEvent {
  /** Event name given by a log rule, `crash`, or empty. */
  readonly name: string;
  readonly severity: LogSeverity;
  readonly component: string | null;
  readonly text: string;
}

export const operatorInputSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('pause') }),
  z.object({ kind: z.literal('continue') }),
  /** Executes one step (into a `call`), then pauses. */
  z.object({ kind: z.literal('step') }),
  /** Executes one step, a whole `call` counting as one, then pauses. */
  z.object({ kind: z.literal('step-over') }),
  /** Runs until the current called scenario has returned, then pauses. */
  z.object({ kind: z.literal('step-out') }),
  /** While paused on a failed step: executes that step again. */
  z.object({ kind: z.literal('retry') }),
  /** While paused: leaves the step at the position out. While a step runs: gives it up. */
  z.object({ kind: z.literal('skip') }),
  /** While paused: moves the position within the current scenario. */
  z.object({ kind: z.literal('goto'), line: z.int().min(0) }),
  z.object({ kind: z.literal('set-variable'), name: z.string().max(128), value: scenarioTextSchema }),
  z.object({ kind: z.literal('set-breakpoints'), breakpoints: z.array(breakpointSchema).max(10_000) }),
  /** Ends the run; deferred commands still run. A second stop skips the deferred commands that have not started. */
  z.object({ kind: z.literal('stop') }),
]);
export type OperatorInput = Immutable<z.infer<typeof operatorInputSchema>>;

export type MachineInput =
  | { readonly kind: 'begin' }
  | { readonly kind: 'proceed' }
  | { readonly kind: 'command-finished'; readonly reference: number; readonly outcome: CommandOutcome }
  /** The command could not be given to anyone: unknown, ambiguous, refused, daemon lost. An error of the step. */
  | { readonly kind: 'command-failed'; readonly reference: number; readonly message: string }
  /** Answers `read`, and tells a `watch` about every change. */
  | { readonly kind: 'readings'; readonly reference: number; readonly values: Readings; readonly lost?: LostReadings }
  | { readonly kind: 'event'; readonly reference: number; readonly event: ObservedEvent }
  | { readonly kind: 'timer'; readonly reference: number }
  | { readonly kind: 'answer'; readonly reference: number; readonly answer: string }
  | { readonly kind: 'no-answer'; readonly reference: number; readonly message: string }
  | { readonly kind: 'operator'; readonly input: OperatorInput };

export type MachineEffect =
  | { readonly kind: 'step-started'; readonly step: StepReference }
  | {
      readonly kind: 'step-finished';
      readonly step: StepReference;
      readonly state: StepState;
      readonly message: string | null;
      readonly result: string | null;
    }
  /** Give these words (a command and its arguments, interpolated) to whoever executes them. */
  | { readonly kind: 'execute'; readonly reference: number; readonly words: readonly string[]; readonly deferred: boolean }
  | { readonly kind: 'cancel'; readonly reference: number }
  /** Wants these readings once, at once. */
  | { readonly kind: 'read'; readonly reference: number; readonly names: readonly string[] }
  /** Wants these readings at once and then at every change, until `unwatch`. */
  | { readonly kind: 'watch'; readonly reference: number; readonly names: readonly string[] }
  | { readonly kind: 'unwatch'; readonly reference: number }
  /**
   * Wants matching events as `event` inputs until `unlisten`, those included that arrived since the execution
   * `since` began (null: only new ones). So an event that comes right after a fault is not missed by the wait that follows it.
   */
  | { readonly kind: 'listen'; readonly reference: number; readonly trigger: EventTrigger; readonly since: number | null }
  | { readonly kind: 'unlisten'; readonly reference: number }
  | { readonly kind: 'start-timer'; readonly reference: number; readonly milliseconds: number }
  | { readonly kind: 'stop-timer'; readonly reference: number }
  /** Stands still with what is left of its time, until `continue-timer` or `stop-timer`. */
  | { readonly kind: 'hold-timer'; readonly reference: number }
  | { readonly kind: 'continue-timer'; readonly reference: number }
  | {
      readonly kind: 'prompt';
      readonly reference: number;
      readonly question: string;
      readonly choices: readonly string[];
      readonly fallback: string | null;
    }
  | { readonly kind: 'echo'; readonly text: string }
  | { readonly kind: 'note'; readonly text: string }
  | { readonly kind: 'variable'; readonly name: string; readonly value: string }
  | {
      readonly kind: 'condition';
      /** Stable within the scenario: `failover:4`, so that runs can be compared. */
      readonly condition: string;
      readonly form: ConditionForm;
      readonly text: string;
      readonly state: ConditionState;
      /** Readings and variables it was decided on. */
      readonly values: Readings;
      /** Why it cannot be judged, though it was to be: the sources of its values are lost. It is `pending` then. */
      readonly lost?: string;
    }
  /** An undo was promised; it must survive the death of the driver. */
  | {
      readonly kind: 'deferred';
      readonly identifier: number;
      readonly words: readonly string[];
      readonly text: string;
      readonly scenario: string;
      readonly line: number;
    }
  | { readonly kind: 'handler-fired'; readonly condition: string; readonly label: string }
  | {
      readonly kind: 'paused';
      readonly reason: PauseReason;
      readonly message: string | null;
      /** The step that comes next (or that failed): its scenario and line. Absent behind the last statement. */
      readonly position?: { readonly scenario: string; readonly line: number };
    }
  | { readonly kind: 'resumed' }
  | { readonly kind: 'finished'; readonly outcome: RunOutcome; readonly reason: string };

/** `ready`: feed `proceed`. `busy`: an effect's answer is awaited. `paused`: an operator is. `finished`: nothing more. */
export type MachineStatus = 'ready' | 'busy' | 'paused' | 'finished';

export interface MachineOptions {
  readonly variables: Readonly<Record<string, string>>;
  /** Value of `#{release}`. */
  readonly release: string;
  /** Unique to this run; `#{unique.account}` becomes a name made of it and `account`. */
  readonly uniqueSeed: string;
  readonly failurePolicy: FailurePolicy;
  /** Executed steps after which the run ends in error. */
  readonly stepBudget: number;
  readonly breakpoints: readonly Breakpoint[];
  /**
   * In a dry run: the text that stands for what nobody knows, such as the result of a command that was not executed. A
   * variable with this text in it is unknown: conditions on it ask the driver for a value, like a reading.
   */
  readonly unknownText?: string;
  /** Start paused before the first step. */
  readonly startPaused: boolean;
}
