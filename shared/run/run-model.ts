/** What is known of a run after some of its records: the form of the state that run-state.ts folds. Plain JSON. */
import type { DaemonName } from '#shared/identifiers.ts';
import type { Severity } from '#shared/problem.ts';
import type { FaultCommands } from './injected-faults.ts';
import type { NameTable } from './name-table.ts';
import type { RecentList } from './recent-list.ts';
import type { OperatorAction, RecordOf } from './records.ts';
import type { Tries } from './tries.ts';
import type { OutputStream } from '#shared/protocol/observations.ts';

/** How many of each thing are kept in detail; all are counted. */
export const kept = {
  steps: 20_000,
  lines: 1_000,
  problems: 500,
  interventions: 1_000,
  names: 2_000,
  commandsOfStep: 32,
  openGaps: 1_000,
  edits: 1_000,
} as const;

type StepStarted = RecordOf<'step-started'>;
type StepFinished = RecordOf<'step-finished'>;
type RunFinished = RecordOf<'run-finished'>;

/** One execution of a statement. */
export interface RunStep {
  readonly step: StepStarted['step'];
  readonly state: StepFinished['state'];
  /** ms since 1970. */
  readonly startedAt: number;
  /** ms; null while it runs. */
  readonly duration: number | null;
  readonly message: string | null;
  readonly result: string | null;
  /** Ids of the commands that it gave. */
  readonly commands: readonly string[];
  /** The later execution that the operator had instead of this one; absent where this is the last try. See tries.ts. */
  readonly replacedBy?: number;
}

export interface RunPosition {
  readonly scenario: string;
  readonly line: number;
  readonly depth: number;
  /** Null after the operator moved the position: nothing was executed there yet. */
  readonly execution: number | null;
}

export interface RunCondition {
  readonly form: RecordOf<'condition'>['form'];
  readonly text: string;
  /** What it was found to be last; but `not met` for what must hold (`expect`, `wait`, a limit) and once did not, retries apart. */
  readonly state: RecordOf<'condition'>['state'];
  readonly values: RecordOf<'condition'>['values'];
  readonly execution: number | null;
  /** ms since 1970. */
  readonly since: number;
  /** It was judged met after the last sign of life of a daemon whose values it read, before that was noticed. */
  readonly doubt?: { readonly daemon: DaemonName; readonly silentSince: number };
  /** Why it could not be judged: the source of a value was lost. Absent where it could be. */
  readonly lost?: string;
  /** How often it was not met, tries that the operator replaced by another one not counted. */
  readonly misses: number;
  /** Tries in which it was not met, and which another one replaced. */
  readonly retried: number;
  /** The latest executions in which it was not met. */
  readonly missedIn: readonly number[];
  /** What it was found to be last. */
  readonly latest: Pick<RunCondition, 'state' | 'values' | 'execution' | 'since'>;
}

export interface CommandInFlight {
  readonly command: string;
  readonly execution: number | null;
  readonly daemon: DaemonName | null;
  readonly action: string;
  readonly arguments: readonly string[];
  readonly sentAt: number;
}

export interface RunComponent {
  readonly state: string;
  readonly pid: number | null;
  /** ms since 1970, the daemon's clock: when it entered the state. */
  readonly since: number;
  readonly crashes: number;
  readonly errors: number;
  readonly lastError: { readonly time: number; readonly text: string } | null;
  /** The daemon that told its state; absent before one did. */
  readonly daemon?: DaemonName;
  /** Its state is not known, since its daemon was lost or started anew; absent where it is, and where nothing was told ever. */
  readonly unknown?: UnknownState;
}

export interface UnknownState {
  /** ms since 1970, the core's clock: the last sign of life of its daemon. */
  readonly from: number;
  /** What was told last: it holds again when the daemon is back without having been started anew. Null: nothing. */
  readonly told: Pick<RunComponent, 'state' | 'pid' | 'since'> | null;
  /** Its daemon was started anew and has not told its state since. */
  readonly anew?: true;
}

/** An undo promised by `defer`. */
export interface RunDeferred {
  readonly identifier: number;
  readonly words: readonly string[];
  readonly text: string;
  readonly scenario: string;
  readonly line: number;
  /** `started`: it began and nobody knows how it ended. */
  readonly state: 'promised' | 'started' | Exclude<StepFinished['state'], 'waiting' | 'running'>;
}

/** A stretch of a daemon's records that is missing and being asked for. */
export interface OpenGap {
  readonly daemon: DaemonName;
  readonly epoch: string;
  readonly from: number;
  readonly to: number;
  readonly reason: string;
}

/** A line of text in the run: what a scenario said, a note, or output of a command. */
export interface RunLine {
  readonly kind: 'echo' | 'note' | OutputStream;
  readonly time: number;
  readonly text: string;
  readonly execution: number | null;
  /** Command that wrote it, or author of a note. */
  readonly source: string | null;
}

/** A change of a scenario's text during the run; see edit-text.ts. */
export interface RunEdit {
  readonly time: number;
  readonly operator: string;
  readonly scenario: string;
  readonly line: number;
  readonly removed: readonly string[];
  readonly added: readonly string[];
}

export interface RunCounters {
  readonly records: number;
  readonly steps: number;
  readonly checksMet: number;
  readonly checksNotMet: number;
  /** Checks that were not met in a try that the operator replaced by another one. */
  readonly checksRetried: number;
  readonly commands: number;
  readonly observations: number;
  readonly events: number;
  readonly logLines: number;
  readonly outputLines: number;
  readonly crashes: number;
  readonly handlersFired: number;
  readonly interventions: number;
  readonly recordsLost: number;
  readonly recordsFilled: number;
  readonly recoveries: number;
  readonly errors: number;
  readonly warnings: number;
}

/** What is known of a daemon's presence. */
export type RunDaemon = Pick<RecordOf<'presence'>, 'state' | 'epoch' | 'clockOffset' | 'time'> & {
  /** ms since 1970, the core's clock: its last sign of life before it was lost; null while it is there. */
  readonly silentSince: number | null;
  /** The components that it reports, as far as the log tells. */
  readonly components: readonly string[];
};

export interface RunState {
  readonly status: 'new' | 'running' | 'paused' | 'finished';
  /** Sequence of the last record; 0 before the first. */
  readonly sequence: number;
  /** Time of the last record, ms since 1970. */
  readonly time: number | null;
  readonly started: RecordOf<'run-started'> | null;
  readonly outcome: RunFinished['outcome'] | null;
  readonly reason: string | null;
  readonly finishedAt: number | null;
  /** ms that an interrupted run lasted until its core died; null of any other, and in logs of earlier consoles. */
  readonly lasted: number | null;
  readonly position: RunPosition | null;
  /** Where each calling scenario stands, the root scenario first; the last is the position. */
  readonly callStack: readonly RunPosition[];
  readonly steps: RecentList<RunStep>;
  /** Index in `steps` of the step that runs; null between steps. */
  readonly running: number | null;
  readonly variables: NameTable<string>;
  /** Latest state of each condition, by its name. */
  readonly conditions: NameTable<RunCondition>;
  /** Commands that have not ended, by their id. */
  readonly commands: NameTable<CommandInFlight>;
  readonly components: NameTable<RunComponent>;
  readonly daemons: NameTable<RunDaemon>;
  readonly link: Pick<RecordOf<'link'>, 'state' | 'message' | 'time'> | null;
  readonly deferred: readonly RunDeferred[];
  readonly paused: { readonly reason: RecordOf<'paused'>['reason']; readonly message: string | null; readonly since: number } | null;
  readonly prompt: Pick<RecordOf<'prompt'>, 'reference' | 'question' | 'choices' | 'fallback'> | null;
  readonly gaps: readonly OpenGap[];
  readonly lines: RecentList<RunLine>;
  readonly interventions: RecentList<{ readonly time: number; readonly operator: string; readonly action: OperatorAction }>;
  /** In order: applied to the texts of the manifest they give the texts of this moment. All of them, since a run takes no more. */
  readonly edits: readonly RunEdit[];
  /** The operator who has control, where it was taken, given or passed on; null before. */
  readonly control: { readonly operator: string; readonly since: number } | null;
  readonly problems: RecentList<{
    readonly time: number;
    readonly severity: Severity;
    readonly code: string;
    readonly message: string;
    readonly tip: string | null;
  }>;
  readonly counters: RunCounters;
  /** Which step could be, or is, tried again. */
  readonly tries: Tries;
  /** Which commands took something down. */
  readonly faults: FaultCommands;
  /** Names (variables, conditions, components, commands) that were not kept, because there were too many. */
  readonly namesOmitted: number;
}
