/**
 * What comparison reads of a run: its steps with keys that mean the same in every run, and per step and series a few numbers.
 * A run of 18 million samples has a profile of some megabytes. Numbers stand in columns, since there are many of them.
 */
import type { RunId } from '#shared/identifiers.ts';
import type { RunOutcome, StepState, RunPhase, ConditionState } from '#shared/scenario/machine-words.ts';
import type { Unit, SeriesKind } from '#shared/telemetry/series.ts';
import type { LogSeverity } from '#shared/protocol/observations.ts';

/** One executed step. */
export interface ProfileStep {
  /**
   * What is the same step in another run: the texts of the calls that led to it and its own, each with how often that text had been
   * executed there before. Line numbers and clocks play no part. See alignment.ts.
   */
  readonly key: string;
  readonly execution: number;
  readonly scenario: string;
  /** Zero-based. */
  readonly line: number;
  readonly number: number;
  readonly text: string;
  readonly occurrence: number;
  readonly depth: number;
  readonly phase: RunPhase;
  readonly state: StepState;
  /** ms since 1970, core's clock. */
  readonly startedAt: number;
  /** ms; null when it never ended. */
  readonly duration: number | null;
}

export interface ProfileSeries {
  /** `Component.metric`; a name that several daemons report is that of the daemon that reported most. */
  readonly name: string;
  readonly unit: Unit;
  readonly kind: SeriesKind;
  readonly daemon: string;
}

/** Rows of (step, series); all columns have the same length. NaN: there was no such number. */
export interface MetricTable {
  readonly series: readonly ProfileSeries[];
  /** Index in `steps`; -1: the whole run. */
  readonly step: Int32Array;
  /** Index in `series`. */
  readonly seriesOf: Uint32Array;
  /** Samples with a value, and without. */
  readonly count: Float64Array;
  readonly missing: Float64Array;
  /** Median. */
  readonly level: Float64Array;
  /** 95th less 5th percentile. */
  readonly spread: Float64Array;
  /** Least-squares slope, in the series' unit per second; of a counter its growth per second, restarts left out. */
  readonly trend: Float64Array;
  readonly minimum: Float64Array;
  readonly maximum: Float64Array;
}

/** Lines of a component's log (or output, or events) that differ only in numbers, names and the like. */
export interface LogTemplate {
  /** Of a line that a command printed: the action, such as `exec_smoke`. */
  readonly component: string;
  /** A command of the run printed it; it stands in no log. */
  readonly printed?: true;
  readonly severity: LogSeverity;
  /** The text with `<…>` where it varies. */
  readonly template: string;
  readonly count: number;
  /** The first line of it in this run, and its time (ms since 1970). */
  readonly example: string;
  readonly firstAt: number;
  /** Key of the step that ran at its first line; null: none. */
  readonly step: string | null;
}

export interface RunProfile {
  readonly run: RunId;
  readonly scenario: string;
  /** SHA-256 of the root scenario's text. */
  readonly scenarioHash: string;
  readonly environment: string;
  readonly release: string;
  readonly operator: string;
  readonly startedAt: number;
  /** ms */
  readonly duration: number | null;
  readonly outcome: RunOutcome;
  readonly reason: string | null;
  /** What may differ between runs though the scenario does not: host, variables, versions, configuration hashes, commit. */
  readonly conditions: Readonly<Record<string, string>>;
  readonly steps: readonly ProfileStep[];
  readonly metrics: MetricTable;
  readonly templates: readonly LogTemplate[];
  /** Faults that were injected, and ms until the next awaited condition held again; null: never. `key`: as of a step. */
  readonly faults: readonly { readonly key: string; readonly text: string; readonly recovered: number | null }[];
  /** `key`: condition's text with its occurrence. */
  readonly checks: readonly {
    readonly key: string;
    readonly form: string;
    readonly text: string;
    readonly state: ConditionState;
  }[];
  /** Crashes and errors per component, and the last state each was in. */
  readonly components: readonly { readonly component: string; readonly state: string; readonly crashes: number; readonly errors: number }[];
}
