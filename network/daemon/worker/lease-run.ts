/**
 * One lease, from being taken up to its end: its package is provided, its suite listed or its tests executed, round after round, until every
 * test has its verdict or the lease is ended. Never rejects, and always ends in one of the words of `leaseEnds`.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { z } from 'zod';
import { listedTestSchema, type ListedTest, type ServerPlan, type SuitePlan } from '#shared/campaign/plan.ts';
import type { Evidence, TestVerdict } from '#shared/campaign/records.ts';
import { testIdSchema, type TestId } from '#shared/campaign/words.ts';
import { ProblemError, problemOf } from '#shared/problem.ts';
import type { EndedLease, Lease } from '#shared/protocol/work.ts';
import { spanText } from '#shared/wording/durations.ts';
import type { Adapters } from './adapters/adapters.ts';
import { contentOf, type BlobTransfer } from './coordinator-link.ts';
import type { EvidenceKeeper } from './evidence.ts';
import type { PackageStore } from './package-store.ts';
import type { HeldRunner, RunnerHost, RunnerPurpose } from './runner-host.ts';
import { TestRound, type JudgedTest } from './test-round.ts';
import type { WorkerConfiguration } from './worker-section.ts';

/** ms that listing a suite may take. */
const listPatience = 10 * 60_000;
/** Tests of a suite. */
const mostListed = 1_000_000;

export interface LeaseServices {
  readonly configuration: WorkerConfiguration;
  readonly adapters: Adapters;
  readonly packages: PackageStore;
  readonly runners: RunnerHost;
  readonly evidence: EvidenceKeeper;
  readonly transfer: BlobTransfer;
  readonly monotonic: () => number;
}

export interface LeasedWork {
  readonly lease: Lease;
  readonly suite: SuitePlan;
  readonly server: Pick<ServerPlan, 'server' | 'variables'> | null;
  /** Why the worker may not execute it, as a sentence. */
  readonly refusal?: string | undefined;
}

export type LeaseOutcome = Pick<EndedLease, 'end' | 'reason' | 'verdicts'>;

class Ended extends Error {}

export class LeaseRun {
  readonly work: LeasedWork;
  /** In the worker's monotonic clock; undefined while it waits for a slot. */
  takenUpAt: number | undefined;
  private readonly services: LeaseServices;
  private readonly onEarly: (verdict: TestVerdict) => void;
  private readonly stopping = new AbortController();
  private readonly verdicts: Promise<TestVerdict>[] = [];
  private stopped: { readonly end: 'stopped' | 'runner-lost'; readonly reason: string } | undefined;

  constructor(work: LeasedWork, services: LeaseServices, onEarly: (verdict: TestVerdict) => void) {
    this.work = work;
    this.services = services;
    this.onEarly = onEarly;
  }

  /** Ends it with everything that came of it. */
  stop(end: 'stopped' | 'runner-lost', reason: string): void {
    this.stopped ??= { end, reason };
    this.stopping.abort();
  }

  async run(): Promise<LeaseOutcome> {
    this.takenUpAt = this.services.monotonic();
    const outcome = await this.outcome();
    const verdicts = await Promise.all(this.verdicts);
    const { end, reason } = this.stopped ?? outcome;
    return { end, ...(reason !== undefined && { reason: reason.slice(0, 2_000) }), verdicts };
  }

  private async outcome(): Promise<Pick<LeaseOutcome, 'end' | 'reason'>> {
    const { lease, refusal } = this.work;
    if (refusal !== undefined) return { end: 'refused', reason: refusal };
    try {
      const purpose = this.purpose();
      return await (lease.task.kind === 'list' ? this.list(purpose) : this.execute(purpose, lease.task.tests));
    } catch (failure) {
      return { end: 'set-up-failed', reason: problemOf(failure).message };
    }
  }

  private purpose(): RunnerPurpose {
    const { lease, suite, server } = this.work;
    const { adapters, configuration } = this.services;
    const adapter = adapters[suite.adapter];
    if (!adapter) throw new ProblemError({ code: 'no-adapter', message: `This worker's software has no adapter "${suite.adapter}".` });
    const settings = adapter.settings.safeParse(suite.settings);
    if (!settings.success) {
      const message = `The settings of ${suite.suite} are not those of ${suite.adapter}: ${z.prettifyError(settings.error)}`;
      throw new ProblemError({ code: 'bad-settings', message });
    }
    const variables = {
      ...threadVariables(configuration.limits.threads),
      ...suite.variables,
      ...server?.variables,
      ...(server && { TESTOPS_SERVER: server.server }),
    };
    return { suiteHash: lease.suite, suite, adapter, settings: settings.data, server: lease.server, variables };
  }

  // ----------------------------------------------------------------------------------------------------------- executing

  private async execute(purpose: RunnerPurpose, tests: readonly TestId[]): Promise<Pick<LeaseOutcome, 'end' | 'reason'>> {
    let left: readonly TestId[] = [...new Set(tests)];
    for (let fresh = false; left.length > 0; fresh = true) {
      const held = await this.whileWanted(this.services.runners.lend(purpose, fresh), (late) => this.services.runners.giveBack(late));
      const round = await this.round(held, left);
      if (this.stopped) break;
      if (round.lost !== undefined) return { end: 'runner-lost', reason: round.lost };
      if (round.failed !== undefined) return { end: 'set-up-failed', reason: round.failed };
      left = round.left;
    }
    return { end: 'done' };
  }

  private async round(held: HeldRunner, tests: readonly TestId[]) {
    const { configuration, runners, monotonic } = this.services;
    const round = new TestRound({
      held,
      tests,
      variables: this.leaseVariables(),
      output: configuration.output,
      memory: configuration.limits.memory,
      monotonic,
      onJudged: (judged) => this.take(judged, held),
      signal: this.stopping.signal,
    });
    const result = await round.run();
    // Files of the last tests are read before the scratch folder goes.
    await Promise.all(this.verdicts);
    await (result.reusable ? runners.giveBack(held) : runners.discard(held));
    return result;
  }

  private leaseVariables(): Readonly<Record<string, string>> {
    const { campaign, attempt, unique, revision } = this.work.lease;
    return { TESTOPS_CAMPAIGN: campaign, TESTOPS_REVISION: revision, TESTOPS_ATTEMPT: String(attempt), TESTOPS_UNIQUE: unique };
  }

  private take(judged: JudgedTest, held: HeldRunner): void {
    const verdict = this.bareVerdict(judged);
    this.onEarly(verdict);
    this.verdicts.push(this.withEvidence(verdict, judged, held));
  }

  private bareVerdict({ test, verdict, duration, began, message, details }: JudgedTest): TestVerdict {
    const offset = Math.max(0, began - (this.takenUpAt ?? began));
    return {
      test,
      verdict,
      duration,
      offset,
      ...(message !== undefined && { message: message.slice(0, 2_000) }),
      ...(details !== undefined && details !== '' && { details: details.slice(0, 16_384) }),
    };
  }

  private async withEvidence(verdict: TestVerdict, { output, files }: JudgedTest, held: HeldRunner): Promise<TestVerdict> {
    // The last words of a test may still be on their way when its end is known.
    await nextTurn();
    const within = [held.scratch, held.provided.folder];
    const { evidence, remarks } = await this.services.evidence.keep({ output, files, within }, this.stopping.signal);
    const details = [verdict.details ?? '', ...remarks.slice(0, 20)].filter((each) => each !== '').join('\n');
    return {
      ...verdict,
      ...(details !== '' && { details: remarks.length > 0 ? details.slice(-16_384) : details }),
      ...(evidence.length > 0 && { evidence: [...evidence].slice(0, 100) }),
    };
  }

  // ------------------------------------------------------------------------------------------------------------- listing

  /** A suite that cannot be listed is its own fault: the verdict says so, and nobody tries elsewhere. */
  private async list(purpose: RunnerPurpose): Promise<Pick<LeaseOutcome, 'end' | 'reason'>> {
    const { runners, monotonic } = this.services;
    const held = await this.whileWanted(runners.lend(purpose, true), (late) => runners.discard(late));
    const began = monotonic();
    const verdict = { test: testIdSchema.parse('list'), offset: began - (this.takenUpAt ?? began) };
    try {
      const listing = this.whileWanted(withTimeLimit(purpose.adapter.list(held.context)), () => Promise.resolve());
      const tests = checkList(await listing);
      const evidence = await this.storeList(tests);
      this.verdicts.push(Promise.resolve({ ...verdict, verdict: 'passed', duration: monotonic() - began, evidence: [evidence] }));
    } catch (failure) {
      if (failure instanceof Ended) return { end: 'stopped' };
      const { code, message } = problemOf(failure);
      if (code === 'not-stored' || code === 'no-core') return { end: 'set-up-failed', reason: `The list could not be stored: ${message}` };
      this.verdicts.push(
        Promise.resolve({ ...verdict, verdict: 'broken', duration: monotonic() - began, message: message.slice(0, 2_000) }),
      );
    } finally {
      await runners.discard(held);
    }
    return { end: 'done' };
  }

  private async storeList(tests: readonly ListedTest[]): Promise<Evidence> {
    const content = contentOf(Buffer.from(tests.map((test) => `${JSON.stringify(test)}\n`).join('')));
    await this.services.transfer.store(content, this.stopping.signal);
    return { name: 'tests.ndjson', type: 'application/x-ndjson', hash: content.hash, bytes: content.size };
  }

  /** What is not waited for any more, because the lease was ended, is given back when it comes. */
  private async whileWanted<T>(coming: Promise<T>, giveBack: (late: T) => Promise<void>): Promise<T> {
    const { signal } = this.stopping;
    const aborted = Promise.withResolvers<never>();
    const onAbort = (): void => aborted.reject(new Ended());
    signal.addEventListener('abort', onAbort);
    if (signal.aborted) onAbort();
    try {
      return await Promise.race([coming, aborted.promise]);
    } catch (failure) {
      if (failure instanceof Ended) void coming.then(giveBack).catch(() => undefined);
      throw failure;
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }
}

async function withTimeLimit<T>(listing: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<never>((_, reject) => {
    const message = `Listing its tests took longer than ${spanText(listPatience)}.`;
    timer = setTimeout(() => reject(new ProblemError({ code: 'not-listed', message })), listPatience);
  });
  try {
    return await Promise.race([listing, tooLong]);
  } finally {
    clearTimeout(timer);
  }
}

function checkList(tests: readonly ListedTest[]): readonly ListedTest[] {
  if (tests.length > mostListed) throw new ProblemError({ code: 'not-listed', message: `It has more than ${mostListed} tests.` });
  const seen = new Set<string>();
  return tests.map((test) => {
    const { data, error } = listedTestSchema.safeParse(test);
    if (!data) throw new ProblemError({ code: 'not-listed', message: `A test was not listed as it should be: ${z.prettifyError(error)}` });
    if (seen.has(data.test))
      throw new ProblemError({ code: 'not-listed', message: `The test "${data.test.slice(0, 200)}" is listed twice.` });
    seen.add(data.test);
    return data;
  });
}

/** Libraries that start a thread for each processor would have every runner use all of them. */
function threadVariables(threads: number): Readonly<Record<string, string>> {
  if (threads === 0) return {};
  const names = ['OMP', 'OPENBLAS', 'MKL', 'NUMEXPR', 'RAYON'].map((each) => `${each}_NUM_THREADS`);
  return Object.fromEntries([...names, 'VECLIB_MAXIMUM_THREADS'].map((name) => [name, String(threads)]));
}
