/** What the language service may know besides a scenario's own text: the environment, live values, other scenarios, earlier runs. */
import type { ScenarioCatalogue } from '../catalogue.ts';

/** Live state of one component; `pid` is null while it does not run. */
export interface LiveComponent {
  readonly state: string;
  readonly pid: number | null;
  readonly daemon: string;
}

export interface LiveValues {
  /** Undefined where nothing is known of it at present. */
  component(name: string): LiveComponent | undefined;
  /** In the metric's base unit; null: no value at present, undefined: not known. */
  metric(component: string, metric: string): number | null | undefined;
  /** The release candidate under test; null where it is not known. */
  readonly release: string | null;
}

/** How a statement went in an earlier run. */
export interface PastExecution {
  readonly state: string;
  /** ms */
  readonly duration: number;
  readonly release: string;
}

export interface Surroundings {
  /** Null where nothing is known of the environment; then no name of it is judged. */
  readonly catalogue: ScenarioCatalogue | null;
  /** Texts of the scenarios that `call` finds, by name. */
  readonly scenarios: ReadonlyMap<string, string>;
  readonly live: LiveValues | null;
  /** Executions of the statement of this text (as in a run's steps) in earlier runs, newest first. */
  readonly history: ((statement: string) => readonly PastExecution[]) | null;
}

/** Nothing is known but the text itself. */
export const noSurroundings: Surroundings = { catalogue: null, scenarios: new Map(), live: null, history: null };
