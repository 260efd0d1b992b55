/** How the component watcher learns of processes; Linux from /proc, elsewhere from a library. */

/** A process and when it started, so that another process with the same number is told apart. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Opaque, for `isSame`: NaN while it is not known. */
  readonly startTime: number;
}

export interface ProcessSample {
  /** ms of CPU used since its start, user and system; NaN where `cpuShare` is told instead. */
  readonly cpuTime: number;
  /** % of one core used lately */
  readonly cpuShare?: number;
  /** bytes */
  readonly rss: number;
  /** NaN where the system does not tell. */
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
  /** Whether both are one process, as far as is known. */
  isSame(one: ProcessIdentity, other: ProcessIdentity): boolean;
  /** After it, `identify` knows when processes started that were there before it. */
  learn(): Promise<void>;
  /** Undefined when the process is gone, is another one meanwhile, or has no new values yet. */
  sample(identity: ProcessIdentity): Promise<ProcessSample | undefined>;
  /** All processes. */
  list(): Promise<readonly ListedProcess[]>;
  /** ms since 1970 at which the process started, as well as it is known. */
  startedAt(identity: ProcessIdentity, now: number): number;
}
