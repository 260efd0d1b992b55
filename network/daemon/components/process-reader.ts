/** How the component watcher learns of processes; Linux from /proc, elsewhere from `ps`. */

/** A process and when it started, so that another process with the same number is told apart. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Opaque: equal only for the same process. */
  readonly startTime: number;
}

export interface ProcessSample {
  /** ms of CPU used since its start, user and system */
  readonly cpuTime: number;
  /** bytes */
  readonly rss: number;
  readonly threads: number;
  /** NaN where this user may not see them. */
  readonly openFiles: number;
  /** ms since its start */
  readonly uptime: number;
}

export interface ListedProcess {
  readonly pid: number;
  /** Arguments joined by spaces. */
  readonly commandLine: string;
}

export interface ProcessReader {
  /** The living process of this number; undefined when there is none, or only a zombie. Cheap: called ten times a second. */
  identify(pid: number): ProcessIdentity | undefined;
  /** Undefined when the process is gone, or is another one meanwhile. */
  sample(identity: ProcessIdentity): Promise<ProcessSample | undefined>;
  /** All processes; where their start times are not told by `identify`, oldest first. */
  list(): Promise<readonly ListedProcess[]>;
  /** ms since 1970 at which the process started, as well as it is known. */
  startedAt(identity: ProcessIdentity, now: number): number;
}
