/**
 * Our own scenarios as tests: the core executes them itself, as a worker in its own process. A scenario is one test; its run stands in the archive
 * as any other, and what it ended with is the verdict.
 */
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { Clock } from '#platform/clock.ts';
import type { ListedTest, SuitePlan } from '#shared/campaign/plan.ts';
import type { Evidence, TestVerdict } from '#shared/campaign/records.ts';
import { testIdSchema, type TestId, type Verdict } from '#shared/campaign/words.ts';
import type { Owned } from '#shared/disposable.ts';
import type { DaemonName, EnvironmentName, Epoch } from '#shared/identifiers.ts';
import { problemOf, type Problem } from '#shared/problem.ts';
import { beatInterval, workVersion, type EndedLease, type Lease, type WorkAnswer, type WorkRequest } from '#shared/protocol/work.ts';
import { listName } from './listings.ts';

export interface ExecutedScenario {
  readonly verdict: Exclude<Verdict, 'missing'>;
  /** ms */
  readonly duration: number;
  readonly message: string | null;
  readonly run: string | null;
}

/** What executes scenarios; the runs' room does. */
export interface ScenarioDesk {
  list(suite: SuitePlan): Promise<readonly ListedTest[]>;
  /** Rejects when the run could not even be started. */
  execute(test: TestId, lease: Lease, suite: SuitePlan, signal: AbortSignal): Promise<ExecutedScenario>;
  /** Keeps a list of tests as a blob. */
  keep(text: string): Promise<Pick<Evidence, 'hash' | 'bytes'>>;
}

export interface ScenarioWorkerParts {
  readonly clock: Clock;
  readonly environment: EnvironmentName;
  readonly slots: number;
  readonly desk: ScenarioDesk;
  /** null: nobody coordinates at present. */
  readonly ask: (request: WorkRequest) => Promise<WorkAnswer | null>;
  readonly report: (problem: Problem) => void;
}

interface Running {
  readonly lease: Lease;
  readonly stop: AbortController;
  /** ms, monotonic. */
  readonly takenUpAt: number;
}

/** No daemon has this name: it is kept for the core. */
export const coreWorkerName = 'core' as DaemonName;

export class ScenarioWorker implements Owned {
  private readonly parts: ScenarioWorkerParts;
  private readonly epoch = randomBytes(8).toString('hex') as Epoch;
  private readonly running = new Map<string, Running>();
  private readonly executions = new Set<Promise<void>>();
  private ended: EndedLease[] = [];
  private asking = false;
  private again = false;
  private cancelBeat: () => void = () => undefined;
  private disposed = false;

  constructor(parts: ScenarioWorkerParts) {
    this.parts = parts;
    void this.turn();
  }

  /** Asks now: something may have come. */
  nudge(): void {
    void this.turn();
  }

  async dispose(): Promise<void> {
    this.disposed = true;
    this.cancelBeat();
    for (const { stop } of this.running.values()) stop.abort();
    await Promise.all(this.executions);
  }

  private async turn(): Promise<void> {
    if (this.disposed) return;
    if (this.asking) {
      this.again = true;
      return;
    }
    this.asking = true;
    this.again = false;
    this.cancelBeat();
    try {
      const answer = await this.parts.ask(this.request());
      if (answer) this.take(answer);
    } catch (failure) {
      const problem = problemOf(failure);
      // Whoever coordinates now is asked again.
      if (problem.code !== 'deposed') this.parts.report(problem);
    }
    this.asking = false;
    if (this.disposed) return;
    if (this.again) return this.turn();
    this.cancelBeat = this.parts.clock.after(beatInterval, () => void this.turn());
  }

  private request(): WorkRequest {
    const { environment, slots } = this.parts;
    const running = [...this.running.values()].map(({ lease: { campaign, fence } }) => ({ campaign, fence }));
    return {
      version: workVersion,
      environment,
      worker: coreWorkerName,
      epoch: this.epoch,
      bootNonce: this.epoch,
      nonce: randomBytes(16).toString('hex'),
      host: hostname(),
      slots,
      free: Math.max(0, slots - this.running.size),
      labels: [],
      adapters: ['scenario'],
      packages: [],
      warm: [],
      running,
      ended: this.ended.slice(0, 1_000),
      early: [],
      leaving: false,
    };
  }

  private take({ settled, cancel, leases, suites }: WorkAnswer): void {
    const over = new Set(settled.map(keyOf));
    this.ended = this.ended.filter((each) => !over.has(keyOf(each)));
    for (const name of cancel) this.running.get(keyOf(name))?.stop.abort();
    for (const lease of leases) {
      const suite = suites[lease.suite];
      const known = this.running.has(keyOf(lease)) || this.ended.some((each) => keyOf(each) === keyOf(lease));
      if (suite && !known) this.begin(lease, suite);
    }
  }

  private begin(lease: Lease, suite: SuitePlan): void {
    const running: Running = { lease, stop: new AbortController(), takenUpAt: this.parts.clock.monotonic() };
    this.running.set(keyOf(lease), running);
    const execution = this.execute(running, suite).then((ended) => {
      this.running.delete(keyOf(lease));
      this.executions.delete(execution);
      this.ended.push(ended);
      void this.turn();
    });
    this.executions.add(execution);
  }

  /** Never rejects. */
  private async execute(running: Running, suite: SuitePlan): Promise<EndedLease> {
    const { lease, stop } = running;
    const verdicts: TestVerdict[] = [];
    try {
      if (lease.task.kind === 'list') return this.end(running, 'done', [await this.listVerdict(suite)]);
      for (const test of lease.task.tests) {
        if (stop.signal.aborted) break;
        const verdict = await this.verdict(test, running, suite);
        if (verdict) verdicts.push(verdict);
      }
    } catch (failure) {
      return this.end(running, 'set-up-failed', verdicts, problemOf(failure).message);
    }
    return this.end(running, stop.signal.aborted ? 'stopped' : 'done', verdicts);
  }

  private async listVerdict(suite: SuitePlan): Promise<TestVerdict> {
    const tests = await this.parts.desk.list(suite);
    const kept = await this.parts.desk.keep(tests.map((test) => `${JSON.stringify(test)}\n`).join(''));
    const evidence = [{ name: listName, type: 'application/x-ndjson', ...kept }];
    return { test: testIdSchema.parse('list'), verdict: 'passed', duration: 0, offset: 0, evidence };
  }

  /** Null: it was stopped. What cannot be started is broken, and says why. */
  private async verdict(test: TestId, { lease, stop, takenUpAt }: Running, suite: SuitePlan): Promise<TestVerdict | null> {
    const { clock, desk } = this.parts;
    const began = clock.monotonic();
    const offset = began - takenUpAt;
    try {
      const { verdict, duration, message, run } = await desk.execute(test, lease, suite, stop.signal);
      if (stop.signal.aborted) return null;
      return {
        test,
        verdict,
        duration,
        offset,
        ...(message !== null && { message: message.slice(0, 2_000) }),
        ...(run !== null && { details: `The run ${run} of the archive.` }),
      };
    } catch (failure) {
      if (stop.signal.aborted) return null;
      const { message } = problemOf(failure);
      return { test, verdict: 'broken', duration: clock.monotonic() - began, offset, message: message.slice(0, 2_000) };
    }
  }

  private end({ lease, takenUpAt }: Running, end: EndedLease['end'], verdicts: TestVerdict[], reason?: string): EndedLease {
    const { campaign, fence } = lease;
    const takenUpBefore = this.parts.clock.monotonic() - takenUpAt;
    return { campaign, fence, end, takenUpBefore, verdicts, ...(reason !== undefined && { reason: reason.slice(0, 2_000) }) };
  }
}

function keyOf({ campaign, fence }: { readonly campaign: string; readonly fence: number }): string {
  return `${campaign} ${fence}`;
}
