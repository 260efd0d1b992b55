/** A daemon as a worker of campaigns, put together: it asks for work, has packages ready, executes tests, and tells how they ended. */
import { chmod, mkdir, realpath, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Clock } from '#platform/clock.ts';
import { verifier } from '#platform/keys.ts';
import { Ownership, type Owned } from '#shared/disposable.ts';
import type { DaemonName, EnvironmentName, Epoch } from '#shared/identifiers.ts';
import type { Adapter } from '#shared/campaign/words.ts';
import type { LogSeverity } from '#shared/protocol/observations.ts';
import { workerPatience, workVersion, type Lease, type WorkAnswer } from '#shared/protocol/work.ts';
import { spanText } from '#shared/wording/durations.ts';
import { ProblemError, problemOf } from '#shared/problem.ts';
import type { ChildrenLedger } from '../execution/children-ledger.ts';
import type { Policy } from '../execution/policy.ts';
import { checkedUser } from '../execution/process-launch.ts';
import { builtAdapters, type Adapters } from './adapters/adapters.ts';
import { checkAnswer, type FalseAnswer } from './answer-check.ts';
import { BlobTransfer, type CoordinatorLink } from './coordinator-link.ts';
import { EvidenceKeeper } from './evidence.ts';
import { GuardKeeper } from './guard-keeper.ts';
import { KnownSuites } from './known-suites.ts';
import { LeaseBook } from './lease-book.ts';
import type { LeasedWork } from './lease-run.ts';
import { PackageStore } from './package-store.ts';
import { ProcessKeeper } from './process-keeper.ts';
import { RunnerHost } from './runner-host.ts';
import { openLimiter } from './runner-limits.ts';
import type { WorkerConfiguration } from './worker-section.ts';
import { WorkLoop } from './work-loop.ts';

/** ms that a worker which goes away waits for the ledger to have what it says last. */
const leavingPatience = 2_000;
/** ms in which the same trouble is told once. */
const noticeInterval = 60_000;
/** Bytes of a message beside leases and verdicts. */
const headBytes = 256 * 1024;

export interface WorkerOptions {
  readonly configuration: WorkerConfiguration;
  readonly environment: EnvironmentName;
  readonly daemon: DaemonName;
  readonly epoch: Epoch;
  readonly bootNonce: string;
  readonly policy: Policy;
  readonly link: CoordinatorLink;
  readonly ledger: Pick<ChildrenLedger, 'add' | 'remove'>;
  readonly clock: Clock;
  readonly guardCommand: readonly string[];
  readonly notice: (severity: LogSeverity, code: string, text: string) => void;
  /** Instead of those that are built in. */
  readonly adapters?: Adapters;
}

/** Starts a worker; `dispose` ends what it executes and says so. Rejects where its folder cannot be used. */
export async function startWorker(options: WorkerOptions): Promise<Owned> {
  const owned = new Ownership();
  try {
    const parts = await makeParts(options, owned);
    return new Worker(options, parts, owned);
  } catch (failure) {
    await owned.dispose().catch(() => undefined);
    throw failure;
  }
}

interface Parts {
  readonly book: LeaseBook;
  readonly packages: PackageStore;
  readonly runners: RunnerHost;
  readonly adapters: Adapters;
  onNews: () => void;
}

async function makeParts(options: WorkerOptions, owned: Ownership): Promise<Parts> {
  const { configuration, link, ledger, clock, notice, adapters = builtAdapters } = options;
  const folder = await openFolder(configuration);
  const marks = `${options.daemon}/${options.epoch}/work/`;
  const onLost = (how: string): void =>
    notice('warning', 'guard-lost', `The process that guards tests ended (${how}); another one is started.`);
  const guard = owned.own(new GuardKeeper({ command: options.guardCommand, marks, onLost }));
  const limiter = openLimiter(configuration.limits, (code, text) => notice('warning', code, text));
  const keeper = new ProcessKeeper({ guard, ledger, limiter, user: configuration.user, marks });
  const transfer = new BlobTransfer(link);
  const ending = new AbortController();
  owned.own(() => ending.abort());
  const parts: { runners?: RunnerHost; onNews: () => void } = { onNews: () => undefined };
  const packages = await PackageStore.open({
    configuration,
    folder: join(folder, 'packages'),
    transfer,
    keeper,
    onRemove: async (key) => parts.runners?.closeIdleOf(key),
    notice: (code, text) => notice('warning', code, text),
    signal: ending.signal,
  });
  const runners = owned.own(new RunnerHost({ configuration, keeper, packages, folder: join(folder, 'scratch') }));
  parts.runners = runners;
  const evidence = new EvidenceKeeper({ transfer, folder: join(folder, 'evidence'), ...configuration.evidence });
  const monotonic = (): number => clock.monotonic();
  const services = { configuration, adapters, packages, runners, evidence, transfer, monotonic };
  const book = new LeaseBook({ slots: configuration.slots, services, onNews: () => parts.onNews() });
  return Object.assign(parts, { book, packages, runners, adapters });
}

/** Its folder, with nothing in it of a start before but packages. Runners of another user must be able to go through it. */
async function openFolder({ folder, user }: WorkerConfiguration): Promise<string> {
  checkedUser(user);
  try {
    await mkdir(folder, { recursive: true, mode: 0o755 });
    await chmod(folder, 0o755).catch(() => undefined);
    for (const name of ['scratch', 'evidence']) await rm(join(folder, name), { recursive: true, force: true, maxRetries: 3 });
    return await realpath(folder);
  } catch (failure) {
    const message = `The folder of worker cannot be used: ${problemOf(failure).message}.`;
    throw new ProblemError({
      code: 'work-folder',
      message,
      tip: 'Let the user that the daemon runs as write it, or name another one under worker.folder.',
    });
  }
}

class Worker implements Owned {
  private readonly options: WorkerOptions;
  private readonly parts: Parts;
  private readonly owned: Ownership;
  private readonly loop: WorkLoop;
  private readonly adapters: readonly Adapter[];
  private readonly told = new Map<string, number>();
  private readonly suites = new KnownSuites();
  private leaving = false;

  constructor(options: WorkerOptions, parts: Parts, owned: Ownership) {
    this.options = options;
    this.parts = parts;
    this.owned = owned;
    this.adapters = options.configuration.adapters.filter((adapter) => parts.adapters[adapter]);
    const { environment, daemon: worker, epoch, policy, clock, link } = options;
    const checking = { environment, worker, epoch, policy, adapters: options.configuration.adapters, verify: verifier };
    this.loop = new WorkLoop({
      link,
      clock,
      question: (nonce, now) => this.question(nonce, now),
      check: (bytes, nonce) => checkAnswer(bytes, nonce, checking),
      onAnswer: (answer, key) => this.take(answer, key),
      onFalse: (found) => this.tellFalse(found),
      onSilence: () => this.endBySilence(),
    });
    parts.onNews = () => this.loop.news();
  }

  /** Nothing new, everything ended, and that told until the ledger has it, or for as long as somebody who goes away may wait. */
  async dispose(): Promise<void> {
    this.leaving = true;
    const { book } = this.parts;
    book.stopAll('The worker goes away.');
    await book.allEnded();
    const until = this.options.clock.monotonic() + leavingPatience;
    this.loop.news();
    while (book.hasEnded && this.options.clock.monotonic() < until) await wait(20);
    this.loop.dispose();
    await this.owned.dispose();
  }

  private question(nonce: string, now: number): string {
    const { environment, daemon, epoch, bootNonce, configuration, link } = this.options;
    const { book, packages, runners } = this.parts;
    const { running, ended, early } = book.told(now, link.longestMessage - headBytes);
    const head = {
      version: workVersion,
      environment,
      worker: daemon,
      epoch,
      bootNonce,
      nonce,
      host: hostname(),
      slots: configuration.slots,
      free: this.leaving ? 0 : book.free,
      labels: configuration.labels,
      adapters: this.adapters,
      packages: packages.hashes,
      warm: runners.warmSuites.slice(0, 1_000),
      knows: this.suites.hashes,
      running,
      early,
      leaving: this.leaving,
    };
    // What was put into text already is not read again only to be written once more.
    return `${JSON.stringify(head).slice(0, -1)},"ended":[${ended.join(',')}]}`;
  }

  private take(answer: WorkAnswer, key: string): void {
    const { book } = this.parts;
    book.settle(answer.settled);
    for (const { campaign, fence, reason } of answer.cancel) book.stop({ campaign, fence }, reason);
    if (this.leaving) return;
    this.suites.learn(answer, key);
    book.take(answer.leases.flatMap((lease) => this.workOf(lease, answer, key)));
    // What did not fit into the question before.
    if (book.hasEarly || (answer.settled.length > 0 && book.hasEnded)) this.loop.news();
  }

  /** A lease whose suite was never told says nothing; the coordinator gives it again when it is not told to run. */
  private workOf(lease: Lease, answer: WorkAnswer, key: string): readonly LeasedWork[] {
    const suite = this.suites.get(lease.suite);
    const server = lease.server === null ? null : answer.servers[lease.server];
    if (!suite || server === undefined) {
      this.tell('work-unclear', `A lease of campaign ${lease.campaign} came without its suite or its server.`);
      return [];
    }
    return [{ lease, suite, server, refusal: this.refusal(suite, key) }];
  }

  private refusal(suite: LeasedWork['suite'], key: string): string | undefined {
    const { configuration, policy } = this.options;
    const { adapter } = suite;
    if (!configuration.adapters.includes(adapter))
      return `The worker may not use the adapter "${adapter}". See "worker.adapters" of daemon.yaml.`;
    if (!policy.allowsWork(key, [adapter])) return `Whose key this is may give no work of "${adapter}" here. See "trust" of daemon.yaml.`;
    return this.parts.packages.refusal(suite.package);
  }

  private tellFalse({ code, reason }: FalseAnswer): void {
    this.tell(`work-${code}`, `An answer about work was refused. ${reason}`);
  }

  private endBySilence(): void {
    if (this.parts.book.isIdle) return;
    const reason = `The coordinator was silent for ${spanText(workerPatience)}.`;
    this.tell('work-silence', `${reason} Everything that ran for campaigns is ended.`);
    this.parts.book.stopAll(reason);
  }

  private tell(code: string, text: string): void {
    const now = this.options.clock.monotonic();
    if ((this.told.get(code) ?? Number.NEGATIVE_INFINITY) > now - noticeInterval) return;
    this.told.set(code, now);
    this.options.notice('warning', code, text);
  }
}
