/**
 * What an adapter is: how tests of one kind are listed and executed on a worker. Four calls: list, open, run, close. An adapter is one file
 * here, its runner (a text that is written beside the package when it is opened), and one line in `adapters.ts`.
 *
 * Every test that `run` was given ends as exactly one `finished`, or the worker says `missing` for it. An exit status never means `passed`.
 */
import type { z } from 'zod';
import type { ListedTest } from '#shared/campaign/plan.ts';
import type { Adapter as AdapterName, TestId, Verdict } from '#shared/campaign/words.ts';

/** How a test ended, as its framework said. */
export interface FinishedTest {
  readonly test: TestId;
  readonly verdict: Exclude<Verdict, 'missing'>;
  /** ms */
  readonly duration: number;
  /** What failed, in one line. */
  readonly message?: string;
  /** Where and how: a stack, a diff. */
  readonly details?: string;
  readonly files?: readonly AttemptFile[];
}

/** A file that an attempt left. It is read when the test has finished; what is larger than allowed is cut, and that is said. */
export interface AttemptFile {
  readonly name: string;
  /** Media type: `image/png`, `text/plain`. */
  readonly type: string;
  readonly from: { readonly path: string } | { readonly text: string };
}

/** Told while tests are executed. */
export interface RunListener {
  started(test: TestId): void;
  finished(test: FinishedTest): void;
}

/** A process that the worker started for an adapter, guarded: it ends with the lease, with the runner, and with the daemon, whatever it does. */
export interface GuardedProcess {
  readonly pid: number;
  /** Text for its standard input; it is closed by `endInput`. */
  write(text: string): void;
  endInput(): void;
  /** Lines of its standard output or error, or of the channel (file descriptor 3), each cut at 64 KiB. Kept as output of the test that is executed as well, except those of the channel. */
  onLine(stream: 'stdout' | 'stderr' | 'channel', listener: (line: string) => void): () => void;
  /** Resolves when it has ended and all of its output was told. */
  readonly ended: Promise<{ readonly exitStatus: number | null; readonly signal: string | null }>;
  /** Ends it with everything that came of it. */
  kill(): Promise<void>;
}

export interface ProcessOptions {
  /** Program and arguments; no shell is between. */
  readonly command: readonly string[];
  /** The package's folder unless given. */
  readonly directory?: string;
  /** Beside those of the suite, the server and the attempt. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Opens a channel: the process writes lines to file descriptor 3, and reads from file descriptor 4 what {@link GuardedProcess.write} writes instead of from its standard input. */
  readonly channel?: boolean;
}

/** Where an adapter works. */
export interface AdapterContext<Settings = unknown> {
  /** Folder of the prepared package. */
  readonly folder: string;
  /** A folder of its own for what it needs to write; removed afterwards. Processes may write only into folders in it that `writableFolder` (adapter-tools.ts) made. */
  readonly scratch: string;
  readonly settings: Settings;
  /** ms that one test may take: where the framework can watch it itself, it is told so; the worker watches in any case. */
  readonly timeout: number;
  start(options: ProcessOptions): Promise<GuardedProcess>;
}

/** What executes tests of a suite; it may stay for many leases. */
export interface Runner {
  /** Whether it can execute more: a warm one is kept, any other is closed after its `run`. */
  readonly warm: boolean;
  /** Executes tests in this order and resolves when nothing more is to come of them. Variables are those of this lease alone. */
  run(tests: readonly TestId[], variables: Readonly<Record<string, string>>, listener: RunListener): Promise<void>;
  close(): Promise<void>;
}

export interface TestAdapter<Settings = unknown> {
  readonly name: AdapterName;
  /** Of the suite's `settings`; unknown keys are refused. */
  readonly settings: z.ZodType<Settings>;
  list(context: AdapterContext<Settings>): Promise<readonly ListedTest[]>;
  open(context: AdapterContext<Settings>): Promise<Runner>;
}
