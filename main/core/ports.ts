/**
 * The seams inside the core: what the engine needs of the archive, the link and the plugins. Each part implements one of
 * these and knows nothing of the others; `core.ts` puts them together.
 */
import type { CampaignId } from '#shared/campaign/words.ts';
import type { CommandId, DaemonName, Epoch, RunId } from '#shared/identifiers.ts';
import type { Owned } from '#shared/disposable.ts';
import type { Problem } from '#shared/problem.ts';
import type { Catalogue, CommandOutcome, DaemonEvent, Parameter, Presence, Hazard, OutputStream } from '#shared/protocol/observations.ts';
import type { SampleFrame } from '#shared/protocol/sample-frame.ts';
import type { RunManifest, RunSummary } from '#shared/run/manifest.ts';
import type { RecordBody, RunRecord, PresenceState, BodyOf } from '#shared/run/records.ts';
import type { Reading } from '#shared/scenario/machine-contract.ts';
import type { SeriesDeclaration } from '#shared/telemetry/series.ts';
import type { Immutable } from '#shared/immutable.ts';

// ---------------------------------------------------------------------------------------------------------------- archive

/** The open log of one run. The only way to write it, and the only authority for the order of its records. */
export interface RunJournal {
  readonly run: RunId;
  readonly folder: string;
  /**
   * Gives the record its sequence and time, hands it to the listeners when it is on disk (fsync; many records share one),
   * and resolves then. Order of calls is order of records. Never rejects for want of space: while the disk is full the
   * records wait in memory, `onFull` listeners are told, and writing goes on when there is room.
   */
  append(body: RecordBody): Promise<RunRecord>;
  /** Samples of a numbered frame with the series they belong to; durable with the next commit. `time` in the frame is the daemon's. */
  appendSamples(batch: SampleBatch): void;
  /** Records that are on disk, in order, from a sequence on; then live ones. Returns the unsubscribe. */
  subscribe(from: number, listener: (records: readonly RunRecord[]) => void): () => void;
  /** `true`: writing stands still for want of space; `false`: it goes on. */
  onFull(listener: (full: boolean, problem: Problem) => void): () => void;
  /** Updates run.json (atomically). */
  updateManifest(change: Partial<RunManifest>): Promise<void>;
  readonly manifest: RunManifest;
  /**
   * Which numbered records of each daemon's epoch are on disk, events and samples together: the link goes on after `highest` and
   * asks for what is `missing` below it (both ends of a range included). Absent in journals that keep nothing.
   */
  lastNumbers?(): readonly {
    readonly daemon: DaemonName;
    readonly epoch: Epoch;
    readonly highest: number;
    readonly missing: readonly (readonly [from: number, to: number])[];
  }[];
  /** ms since 1970, core's clock: the latest sample on the disk; null: there is none. Absent in journals that keep nothing. */
  lastSample?(): Promise<number | null>;
  /** Records and samples that wait for the disk. Absent in journals that keep nothing. */
  waiting?(): { readonly records: number; readonly samples: number };
  /** Commits everything, writes Parquet and summary, closes; the folder is immutable from then on. */
  finish(): Promise<void>;
  /** Commits what is there and closes without finishing (the core goes down, the run can be recovered). */
  suspend(): Promise<void>;
}

export interface SampleBatch {
  readonly daemon: DaemonName;
  readonly epoch: Epoch;
  readonly sequence: number;
  /** ms since 1970, daemon's clock. */
  readonly time: number;
  /** Series of each value; the same array object for every frame of a dense column set. */
  readonly series: readonly SeriesDeclaration[];
  readonly values: Float64Array;
}

export interface ArchivedRun {
  readonly manifest: RunManifest;
  readonly folder: string;
  /** What is damaged, if anything. */
  readonly problems: readonly Problem[];
}

export interface ImportedRun {
  readonly run: RunId;
  readonly folder: string;
  /** It was there already; nothing was written. */
  readonly found: boolean;
}

export interface RunArchive extends Owned {
  readonly folder: string;
  create(manifest: RunManifest): Promise<RunJournal>;
  /** Opens the log of an interrupted run again, to append to it. Its torn last line, if any, is cut off and said so. */
  reopen(run: RunId): Promise<RunJournal>;
  list(): Promise<readonly RunSummary[]>;
  show(run: RunId): Promise<ArchivedRun>;
  /** Records of a finished or interrupted run, in batches, from a sequence on. */
  read(run: RunId, from: number): AsyncIterable<readonly RunRecord[]>;
  exportRun(run: RunId, file: string): Promise<{ readonly bytes: number }>;
  /**
   * Reads a hostile file: nothing is written outside the archive, memory and disk are bounded, a refusal is one sentence. With
   * `orFind` a run that is in the archive already is found instead of refused.
   */
  importRun(file: string, options?: { readonly orFind?: boolean }): Promise<ImportedRun>;
  remove(run: RunId): Promise<void>;
  rebuild(): Promise<{ readonly runs: number; readonly damaged: number }>;
  /** Runs without an end that no living core has open. */
  interrupted(): Promise<readonly RunId[]>;
}

// ------------------------------------------------------------------------------------------------------------------- link

/** What the link tells. Observations and frames of one daemon's epoch come in order, each exactly once. */
export type LinkNews =
  | { readonly kind: 'connection'; readonly connected: boolean; readonly message: string | null }
  | { readonly kind: 'catalogue'; readonly catalogue: Catalogue }
  | Immutable<BodyOf<'presence'>>
  | {
      readonly kind: 'events';
      readonly daemon: DaemonName;
      readonly epoch: Epoch;
      readonly number: number;
      readonly events: readonly DaemonEvent[];
    }
  | { readonly kind: 'samples'; readonly daemon: DaemonName; readonly frame: SampleFrame; readonly series: readonly SeriesDeclaration[] }
  | Immutable<BodyOf<'gap'>>
  | { readonly kind: 'problem'; readonly problem: Problem };

export interface DaemonView {
  readonly daemon: DaemonName;
  readonly catalogue: Catalogue | null;
  readonly lastPresence: Presence | null;
  readonly state: PresenceState | 'never seen';
  readonly clockOffset: number | null;
  /** What keeps it from being commanded, besides its absence. */
  readonly problems?: readonly Problem[];
  /** ms since the last presence; null if never seen. */
  readonly silence: number | null;
  /** ms since 1970, core's clock: the last sign of life; null if never seen. */
  readonly lastSign?: number | null;
  readonly received: { readonly records: number; readonly samples: number; readonly gapsFilled: number; readonly recordsLost: number };
}

/** How a sent command goes on. */
export interface CommandWatch {
  readonly command: CommandId;
  /** Resolves at the end; rejects with a ProblemError when refused or when its daemon is lost for too long. */
  readonly finished: Promise<CommandOutcome>;
  /** Asks the daemon to end it and all its descendants. */
  cancel(): Promise<void>;
}

/** Records of one daemon's epoch that a log lacks. */
export interface RecallRequest {
  readonly daemon: DaemonName;
  readonly epoch: Epoch;
  /** Numbers that were certainly used, both ends included, ascending. Those that cannot be had are told as lost. */
  readonly missing: readonly (readonly [from: number, to: number])[];
  /**
   * From here on everything is wanted: up to what the link's subscribers are told from now on, or, of an epoch that the link
   * does not follow, to its end. Null: nothing beyond `missing`.
   */
  readonly onwards: number | null;
  /** What was declared before: names the series of the samples. */
  readonly catalogue: Catalogue | null;
  readonly declarations: readonly DaemonEvent[];
}

/** The core's connection to one environment. */
export interface Link extends Owned {
  readonly connected: boolean;
  /** ms for which the router has been out of reach; null or absent: it is connected. */
  readonly unreachableFor?: number | null;
  /** The latest thing that the router did not let the operator do; null or absent: nothing. */
  readonly refusal?: Problem | null;
  /** Whether the router answers within so many ms; a connection may stand although nothing comes through it any more. */
  answers(patience: number): Promise<boolean>;
  daemons(): readonly DaemonView[];
  subscribe(listener: (news: LinkNews) => void): () => void;
  /** Present value of `Component.STATE` or `Component.metric`; null when unknown, stale or gone. */
  reading(name: string): Reading;
  /** Why nothing is known of a reading: its daemon is lost, since when. The rest of a sentence; null where that is not the reason. */
  whyUnknown(name: string): string | null;
  /** Tells each change of any of these readings, and of why they are not known; returns the unsubscribe. */
  watch(names: readonly string[], listener: () => void): () => void;
  /**
   * Signs and sends; sends again while no answer comes (the daemon executes it once). `onlyNow`: given by hand, so it is not
   * sent any more when the router is out of reach.
   */
  send(
    daemon: DaemonName,
    action: string,
    commandArguments: readonly string[],
    command: CommandId,
    options?: { readonly onlyNow?: boolean },
  ): CommandWatch;
  /**
   * Resolves when every expected daemon has given its catalogue, and another one of its name would have too; or after the
   * timeout with those that did not.
   */
  ready(expected: readonly DaemonName[], timeout: number): Promise<{ readonly missing: readonly DaemonName[] }>;
  /**
   * Asks the daemons' spools for records that a log lacks, and tells them in the order of each epoch, each once; what cannot
   * be had as lost gaps, and what is not even known to exist as problems. Whoever subscribes in the same turn is told the
   * records after them. Waits for `take`. Never rejects because of a daemon, and ends within a bounded time.
   */
  recall(requests: readonly RecallRequest[], take: (news: LinkNews) => Promise<void> | null): Promise<void>;
}

// ---------------------------------------------------------------------------------------------------------------- plugins

export interface PluginCommand {
  readonly name: string;
  readonly help: string | null;
  readonly parameters: readonly Parameter[];
  readonly hazard: Hazard;
  /** ms */
  readonly timeout: number;
}

export interface PluginHost extends Owned {
  readonly commands: readonly PluginCommand[];
  readonly problems: readonly Problem[];
  /** Never rejects: whatever the plugin does, an outcome comes. */
  execute(
    name: string,
    commandArguments: readonly string[],
    context: { readonly run: RunId | null; readonly release: string; readonly read: (name: string) => Reading },
    output: (stream: OutputStream, text: string) => void,
  ): { readonly finished: Promise<CommandOutcome>; cancel(): void };
}

// -------------------------------------------------------------------------------------------------------------- campaigns

/** What a campaign file leads to; all paths are absolute. */
export interface CampaignReach {
  /** Environment file of its workers. */
  readonly environmentFile: string;
  /** Environment files of its servers. */
  readonly servers: readonly string[];
  /** Scenarios that deploy. */
  readonly scenarios: readonly string[];
  /** What the packages of its suites are made of. */
  readonly packaged: readonly string[];
  /** Where its results are written. */
  readonly written: readonly string[];
  /** Addresses to which its results are sent. */
  readonly sent: readonly string[];
}

/** Campaigns as the decision about consoles of other machines has to know them. */
export interface CampaignPlaces {
  /** Rejects for a campaign that nobody knows. */
  about(campaign: CampaignId): Promise<{ readonly environment: string; readonly operator: string }>;
  /** Those that go on. */
  active(): Promise<readonly { readonly environment: string }[]>;
  /** Takes part in the campaigns of an environment from now on. */
  attend(environmentFile: string): Promise<void>;
  /** Whether an attempt of it left this evidence. */
  holds(campaign: CampaignId, hash: string): Promise<boolean>;
  /** Rejects with what is wrong with the file. */
  reaches(campaignFile: string): Promise<CampaignReach>;
}
