/**
 * One round: tests handed to one runner, and what becomes of each. The worker watches what the framework may not: how long a test takes,
 * and how the runner's processes end. Every test ends as exactly one verdict, or is left over for another round.
 */
import type { TestId, Verdict } from '#shared/campaign/words.ts';
import { problemOf } from '#shared/problem.ts';
import { quantityText } from '#shared/wording/quantities.ts';
import { spanText } from '#shared/wording/durations.ts';
import type { AttemptFile, FinishedTest } from './adapters/adapter.ts';
import { killGrace } from './guarded-process.ts';
import { KeptOutput } from './kept-output.ts';
import type { HeldRunner } from './runner-host.ts';

/** A test that has its verdict. */
export interface JudgedTest {
  readonly test: TestId;
  readonly verdict: Verdict;
  /** ms */
  readonly duration: number;
  /** When it began, in the worker's monotonic clock. */
  readonly began: number;
  readonly message?: string | undefined;
  readonly details?: string | undefined;
  readonly files: readonly AttemptFile[];
  readonly output: KeptOutput;
}

export interface RoundOptions {
  readonly held: HeldRunner;
  readonly tests: readonly TestId[];
  readonly variables: Readonly<Record<string, string>>;
  /** Bytes of output that are kept of a test. */
  readonly output: number;
  readonly memory: number | null;
  readonly monotonic: () => number;
  readonly onJudged: (judged: JudgedTest) => void;
  /** Ends it at once. */
  readonly signal: AbortSignal;
}

export interface RoundResult {
  /** Have no verdict; another runner may execute them. */
  readonly left: readonly TestId[];
  /** Why the runner was lost, as a sentence: its end says nothing about tests. */
  readonly lost?: string;
  /** Why it could not even begin. */
  readonly failed?: string;
  /** Whether the runner is as good as before. */
  readonly reusable: boolean;
}

/** Signals that a program brings upon itself; the others come from somebody else. */
const ownFaults = new Set(['ABRT', 'BUS', 'FPE', 'ILL', 'SEGV', 'SYS', 'TRAP', 'XCPU', 'XFSZ', 'PIPE']);
/** ms beside the time of the tests that a runner may take without a word about any. */
const quietPatience = 120_000;
const longestTimer = 0x7fff_ffff;

interface Started {
  readonly began: number;
  readonly output: KeptOutput;
  readonly timer: NodeJS.Timeout;
}

type Ending =
  { readonly kind: 'over' } | { readonly kind: 'failed'; readonly reason: string } | { readonly kind: 'late' } | { readonly kind: 'ended' };

export class TestRound {
  private readonly options: RoundOptions;
  private readonly open: Set<TestId>;
  private readonly started = new Map<TestId, Started>();
  private readonly stopped = Promise.withResolvers<Ending>();
  private outputBetween: KeptOutput;
  private quietTimer: NodeJS.Timeout | undefined;
  private lastWord: number;
  private judged = 0;
  private over = false;

  constructor(options: RoundOptions) {
    this.options = options;
    this.open = new Set(options.tests);
    this.outputBetween = new KeptOutput(options.output);
    this.lastWord = options.monotonic();
  }

  async run(): Promise<RoundResult> {
    const { held, signal } = this.options;
    const wasUsed = held.executed > 0;
    held.onOutput = (chunk) => this.currentOutput().add(chunk);
    const onAbort = (): void => this.stopped.resolve({ kind: 'ended' });
    signal.addEventListener('abort', onAbort);
    if (signal.aborted) onAbort();
    this.watchQuiet();
    const ending = await Promise.race([this.runTests(), this.stopped.promise]);
    signal.removeEventListener('abort', onAbort);
    // What is said from here on comes too late.
    this.over = true;
    clearTimeout(this.quietTimer);
    for (const { timer } of this.started.values()) clearTimeout(timer);
    held.executed += this.judged;
    return this.result(ending, wasUsed);
  }

  private async runTests(): Promise<Ending> {
    const { held, tests, variables } = this.options;
    try {
      held.runner ??= await held.purpose.adapter.open(held.context);
      await held.runner.run(tests, variables, {
        started: (test) => this.onStarted(test),
        finished: (finished) => this.onFinished(finished),
      });
      return { kind: 'over' };
    } catch (failure) {
      return { kind: 'failed', reason: problemOf(failure).message };
    }
  }

  // --------------------------------------------------------------------------------------------- what the adapter tells

  private onStarted(test: TestId): void {
    if (this.over || !this.open.has(test) || this.started.has(test)) return;
    const { timeout } = this.options.held.purpose.suite;
    const timer = setTimeout(() => this.tooLong(test), Math.min(timeout, longestTimer));
    this.started.set(test, { began: this.now, output: new KeptOutput(this.options.output), timer });
    this.spoke();
  }

  private onFinished(finished: FinishedTest): void {
    if (this.over || !this.open.has(finished.test)) return;
    const { test, verdict, duration, message, details, files = [] } = finished;
    this.judge(test, verdict, { duration: Math.max(0, duration), message, details, files });
    this.spoke();
  }

  private judge(test: TestId, verdict: Verdict, told: Partial<Pick<JudgedTest, 'duration' | 'message' | 'details' | 'files'>> = {}): void {
    const started = this.started.get(test);
    clearTimeout(started?.timer);
    this.started.delete(test);
    this.open.delete(test);
    this.judged++;
    const { duration = started ? this.now - started.began : 0, message, details, files = [] } = told;
    const began = started?.began ?? this.now - duration;
    const output = started?.output ?? this.takeOutputBetween();
    this.options.onJudged({ test, verdict, duration, began, message, details, files, output });
  }

  private currentOutput(): KeptOutput {
    return [...this.started.values()].at(-1)?.output ?? this.outputBetween;
  }

  private takeOutputBetween(): KeptOutput {
    const output = this.outputBetween;
    this.outputBetween = new KeptOutput(this.options.output);
    return output;
  }

  private get now(): number {
    return this.options.monotonic();
  }

  // -------------------------------------------------------------------------------------------------------- time limits

  private tooLong(test: TestId): void {
    if (this.over) return;
    const limit = spanText(this.options.held.purpose.suite.timeout);
    this.judge(test, 'broken', { message: `It took longer than ${limit} and was ended with everything that it had started.` });
    this.stopped.resolve({ kind: 'late' });
  }

  private spoke(): void {
    this.lastWord = this.now;
    this.watchQuiet();
  }

  /** A framework that does not say what it has begun has the time of all of its tests together. */
  private watchQuiet(): void {
    clearTimeout(this.quietTimer);
    if (this.over || this.started.size > 0 || this.open.size === 0) return;
    const limit = quietPatience + this.options.held.purpose.suite.timeout * this.open.size;
    this.quietTimer = setTimeout(
      () => {
        const message = `Nothing was heard of it for ${spanText(this.now - this.lastWord)}, longer than it may take.`;
        for (const test of this.open) this.judge(test, 'broken', { message });
        this.stopped.resolve({ kind: 'late' });
      },
      Math.min(limit, longestTimer),
    );
  }

  // ------------------------------------------------------------------------------------------------------------- the end

  private async result(ending: Ending, wasUsed: boolean): Promise<RoundResult> {
    const { held } = this.options;
    if (ending.kind === 'ended' || ending.kind === 'late') {
      // Nothing of it may go on beside what comes next.
      await held.group.end(ending.kind === 'ended' ? 500 : killGrace);
      return { left: [...this.open], reusable: false };
    }
    const crash = this.afterSignal();
    if (crash) return crash;
    if (ending.kind === 'over') return this.afterOrderlyEnd();
    return this.afterFailure(ending.reason, wasUsed);
  }

  /** The system or somebody ended a process of the runner. */
  private afterSignal(): RoundResult | undefined {
    const { held, memory } = this.options;
    const { strangeSignal } = held.group;
    if (strangeSignal === null || this.open.size === 0) return undefined;
    const tooMuch =
      held.group.ranOutOfMemory && memory !== null ? `It needed more memory than ${quantityText(memory, 'bytes')}.` : undefined;
    const own = ownFaults.has(strangeSignal) ? `Its process was ended by ${strangeSignal}.` : undefined;
    const message = tooMuch ?? own;
    if (message === undefined || this.started.size === 0) {
      return { left: [...this.open], lost: `The runner was ended by ${strangeSignal}.`, reusable: false };
    }
    for (const test of this.started.keys()) this.judge(test, 'broken', { message });
    return { left: [...this.open], reusable: false };
  }

  /** The runner says that this is all. What it began and did not finish it has come to its end over; the rest may have another runner. */
  private afterOrderlyEnd(): RoundResult {
    const { held } = this.options;
    const ended = held.group.running.size === 0;
    const begun = [...this.started.keys()];
    const missing = begun.length > 0 && ended ? begun : [...this.open];
    const { exitStatus } = held.group;
    const isBegun = missing === begun && exitStatus !== null;
    const message = isBegun
      ? `The test's process ended with exit status ${exitStatus} while this test was executed.`
      : 'The runner came to its end without a word about it.';
    for (const test of missing) this.judge(test, 'missing', { message });
    return { left: [...this.open], reusable: missing.length === 0 };
  }

  private afterFailure(reason: string, wasUsed: boolean): RoundResult {
    for (const test of this.started.keys())
      this.judge(test, 'missing', { message: `The runner came to its end without a word about it: ${reason}` });
    const left = [...this.open];
    // One that waited may have become useless meanwhile; a new one shows whether it is more.
    if (this.judged > 0 || wasUsed) return { left, reusable: false };
    return { left, failed: reason, reusable: false };
  }
}
