/** What a daemon may do and watch, decoded: units resolved (ms, bytes), paths absolute, defaults filled in. */
import type { ComponentName, DaemonName, EnvironmentName } from '#shared/identifiers.ts';
import type { ComponentCommand, Hazard, LogSeverity, Parameter } from '#shared/protocol/observations.ts';
import type { SeriesDeclaration, Unit } from '#shared/telemetry/series.ts';
import type { CollectorConfigurations } from '../collectors.ts';
import type { WorkerConfiguration } from '../worker/worker-section.ts';

/** With the section of each collector under its key. */
export interface DaemonConfiguration extends CollectorConfigurations {
  /** Absolute path of the file this was read from. */
  readonly file: string;
  /** Its folder; what relative paths are relative to. */
  readonly folder: string;
  readonly daemon: DaemonName;
  readonly environment: EnvironmentName;
  /** `nats:`, `tls:`, `ws:` or `wss:` URL. */
  readonly router: string;
  /** File with the daemon's own nkey seed; null where the router knows no users. */
  readonly key: string | null;
  readonly tls: TlsConfiguration | null;
  /** Folder for the spool and the log positions. */
  readonly state: string;
  /** Who may command this daemon; nobody when empty. */
  readonly trust: readonly TrustedOperator[];
  /** ms an operator's clock may differ from the daemon's. */
  readonly clockTolerance: number;
  readonly components: readonly ComponentConfiguration[];
  /** Logs that belong to no component; those of components stand there. */
  readonly logs: readonly LogConfiguration[];
  readonly actions: readonly ActionConfiguration[];
  /** Null: it executes no tests of campaigns. */
  readonly worker: WorkerConfiguration | null;
  readonly spool: SpoolConfiguration;
}

export interface TlsConfiguration {
  readonly ca: string | null;
  readonly certificate: string | null;
  readonly key: string | null;
}

export interface TrustedOperator {
  readonly operator: string;
  /** Public nkey, `U…`. */
  readonly key: string;
  /** Action names, component commands (`kill`), `component:<name>`, `work`, `work:<adapter>`, each with `*` and `?`. */
  readonly allow: readonly string[];
}

export type FindConfiguration =
  | { readonly kind: 'pid file'; readonly path: string }
  /** A linear-time expression looked for in the full command line, arguments joined by spaces. */
  | { readonly kind: 'command line'; readonly pattern: string }
  /** Known only while it is one that the daemon started. */
  | { readonly kind: 'started by the daemon' };

export interface StartConfiguration {
  readonly command: readonly string[];
  readonly directory: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Name or number of the user to run as; null: the daemon's own. */
  readonly user: string | number | null;
  /** The start succeeded when a line of its output matches; null: when the process is there. */
  readonly ready: string | null;
  /** ms */
  readonly timeout: number;
  readonly restart: 'never' | 'always';
}

export interface ComponentConfiguration {
  readonly name: ComponentName;
  readonly find: FindConfiguration;
  readonly start: StartConfiguration | null;
  /** How `stop` asks the process to end, and how long it may take (ms) before KILL. */
  readonly stop: { readonly signal: SignalName; readonly timeout: number };
  /** Signals that `kill` and `signal` may send. */
  readonly signals: readonly SignalName[];
  readonly commands: readonly ComponentCommand[];
  /** ms between looks at memory, CPU … Whether it lives is looked at more often. */
  readonly interval: number;
  /** States that rules with a template such as `{state}` can give, for the catalogue. */
  readonly states: readonly string[];
  readonly logs: readonly LogConfiguration[];
}

export interface LogConfiguration {
  /** Owner of what the rules find, where a rule names none. */
  readonly component: ComponentName | null;
  /** Absolute globs. */
  readonly files: readonly string[];
  readonly from: 'end' | 'start';
  readonly forward: 'matched' | 'all' | 'none';
  /** Severity of lines that are forwarded without an event of their own. */
  readonly severity: LogSeverity;
  readonly rules: readonly LogRule[];
}

export interface LogRule {
  readonly match: string;
  readonly component: ComponentName | null;
  /** Template for the state of the component. */
  readonly state: string | null;
  readonly metric: LogMetric | null;
  readonly event: { readonly name: string; readonly severity: LogSeverity; readonly text: string | null } | null;
}

export interface LogMetric {
  readonly name: string;
  /** Template of a number. */
  readonly value: string;
  readonly unit: Unit;
  readonly kind: SeriesDeclaration['kind'];
  /** The number is multiplied by this. */
  readonly scale: number;
}

export type ActionConfiguration = RunActionConfiguration | StopActionConfiguration;

export interface RunActionConfiguration {
  readonly kind: 'run';
  readonly name: string;
  readonly help: string | null;
  /** Program and arguments; `{parameter}` is replaced within an argument. */
  readonly command: readonly string[];
  readonly parameters: readonly Parameter[];
  readonly directory: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly user: string | number | null;
  /** ms */
  readonly timeout: number;
  readonly result: ResultReading;
  /** Exit statuses that are a success. */
  readonly success: readonly number[];
  readonly hazard: Hazard;
  /** How many may run at a time. */
  readonly concurrency: number;
  /** It goes on after it was started; started means a line of its output matched `ready` (null: the process is there). */
  readonly background: { readonly ready: string | null; readonly timeout: number } | null;
}

/** Ends what a background action started. */
export interface StopActionConfiguration {
  readonly kind: 'stop';
  readonly name: string;
  readonly help: string | null;
  readonly stops: string;
  readonly hazard: Hazard;
  /** ms */
  readonly timeout: number;
}

export type ResultReading =
  | { readonly kind: 'exit status' }
  | { readonly kind: 'output' }
  | { readonly kind: 'last line' }
  /** Keys and indexes into the output, read as JSON: `orders.0.id`. */
  | { readonly kind: 'json'; readonly path: readonly string[] };

export interface SpoolConfiguration {
  /** bytes */
  readonly size: number;
  /** ms */
  readonly age: number;
}

/** Signals that a configuration may name. */
export const signalNames = [
  'TERM',
  'KILL',
  'INT',
  'HUP',
  'QUIT',
  'USR1',
  'USR2',
  'STOP',
  'CONT',
  'ABRT',
  'ALRM',
  'PIPE',
  'SEGV',
  'TSTP',
  'TTIN',
  'TTOU',
  'WINCH',
] as const;
export type SignalName = (typeof signalNames)[number];
