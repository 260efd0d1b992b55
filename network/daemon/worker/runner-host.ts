/**
 * Keeps runners: each with the processes that came of it, a scratch folder, and the package that it uses. A warm one stays for the next
 * lease of the same suite, package and server, until it has executed enough tests, takes too much memory, or was idle for too long.
 */
import { chmod, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { SuitePlan } from '#shared/campaign/plan.ts';
import { residentBytes } from './resident-memory.ts';
import type { AdapterContext, Runner, TestAdapter } from './adapters/adapter.ts';
import { killGrace } from './guarded-process.ts';
import type { PackageStore, ProvidedPackage } from './package-store.ts';
import type { ProcessGroup, ProcessKeeper } from './process-keeper.ts';
import type { WorkerConfiguration } from './worker-section.ts';

/** What a runner is for. */
export interface RunnerPurpose {
  /** Hash of the suite's plan. */
  readonly suiteHash: string;
  readonly suite: SuitePlan;
  readonly adapter: TestAdapter;
  /** Decoded by the adapter. */
  readonly settings: unknown;
  readonly server: string | null;
  /** Of suite, server and worker. */
  readonly variables: Readonly<Record<string, string>>;
}

export interface RunnerHostOptions {
  readonly configuration: Pick<WorkerConfiguration, 'slots' | 'recycle'>;
  readonly keeper: Pick<ProcessKeeper, 'group'>;
  readonly packages: Pick<PackageStore, 'provide'>;
  /** Where runners have their scratch folders. */
  readonly folder: string;
}

export class HeldRunner {
  readonly key: string;
  readonly purpose: RunnerPurpose;
  readonly group: ProcessGroup;
  readonly provided: ProvidedPackage;
  readonly scratch: string;
  readonly context: AdapterContext;
  /** Told all output of its processes. */
  onOutput: ((chunk: Buffer) => void) | undefined;
  runner: Runner | undefined;
  /** Tests that it has executed. */
  executed = 0;
  /** Processes that it had when it was given back. */
  processes = 0;
  idleTimer: NodeJS.Timeout | undefined;
  private closing: Promise<void> | undefined;

  constructor(
    key: string,
    purpose: RunnerPurpose,
    provided: ProvidedPackage,
    scratch: string,
    makeGroup: (held: HeldRunner) => ProcessGroup,
  ) {
    this.key = key;
    this.purpose = purpose;
    this.provided = provided;
    this.scratch = scratch;
    this.group = makeGroup(this);
    this.context = {
      folder: provided.folder,
      scratch,
      settings: purpose.settings,
      timeout: purpose.suite.timeout,
      start: (options) => this.group.start(options),
    };
  }

  /** Ends it with everything that came of it. Politely it may tear down what it set up; in any case it is over then. */
  close(how: 'politely' | 'at once' = 'politely'): Promise<void> {
    this.closing ??= this.end(how);
    return this.closing;
  }

  private async end(how: 'politely' | 'at once'): Promise<void> {
    clearTimeout(this.idleTimer);
    if (how === 'politely' && this.runner) await withinPatience(this.runner.close());
    await this.group.end(how === 'politely' ? killGrace : 500);
    this.provided.release();
    await rm(this.scratch, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined);
  }
}

/** ms that a runner may take to tear down. */
const closePatience = 10_000;

async function withinPatience(closing: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const enough = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, closePatience);
  });
  await Promise.race([closing.catch(() => undefined), enough]);
  clearTimeout(timer);
}

export class RunnerHost {
  private readonly options: RunnerHostOptions;
  private readonly idle = new Set<HeldRunner>();
  private readonly lent = new Set<HeldRunner>();
  private count = 0;

  constructor(options: RunnerHostOptions) {
    this.options = options;
  }

  /** Suites that have a runner which waits for tests. */
  get warmSuites(): readonly string[] {
    return [...new Set([...this.idle, ...this.lent].filter(({ runner }) => runner?.warm).map(({ purpose }) => purpose.suite.suite))];
  }

  /** A runner that waits, or a new one; rejects with a ProblemError where its package cannot be provided. `fresh`: a new one in any case. */
  async lend(purpose: RunnerPurpose, fresh = false): Promise<HeldRunner> {
    const provided = await this.options.packages.provide(purpose.suite.package);
    const key = JSON.stringify([purpose.suiteHash, provided.key, purpose.server]);
    const waiting = fresh ? undefined : this.waiting(key);
    if (waiting) {
      provided.release();
      this.lent.add(waiting);
      return waiting;
    }
    await this.makeRoom();
    // Several may be made at once: each keeps its own number.
    const number = ++this.count;
    const scratch = join(this.options.folder, String(number));
    await mkdir(scratch, { recursive: true, mode: 0o755 });
    const temporary = join(scratch, 'tmp');
    await mkdir(temporary);
    await chmod(temporary, 0o777);
    const held = new HeldRunner(key, purpose, provided, scratch, (self) => this.group(self, number, temporary));
    this.lent.add(held);
    return held;
  }

  /** It stays for the next lease, if it may. */
  async giveBack(held: HeldRunner): Promise<void> {
    this.lent.delete(held);
    held.onOutput = undefined;
    const { recycle } = this.options.configuration;
    const worn = held.executed >= recycle.tests || (recycle.memory !== null && residentBytes(held.group.pids) > recycle.memory);
    if (!held.runner?.warm || held.group.strangeSignal !== null || worn || recycle.idle === 0) return held.close();
    held.processes = held.group.running.size;
    held.idleTimer = setTimeout(() => void this.drop(held), recycle.idle);
    held.idleTimer.unref();
    this.idle.add(held);
    await this.makeRoom(1);
  }

  /** It is of no more use. */
  async discard(held: HeldRunner, how: 'politely' | 'at once' = 'at once'): Promise<void> {
    this.lent.delete(held);
    await held.close(how);
  }

  /** Closes those that wait and use this package. */
  async closeIdleOf(packageKey: string): Promise<void> {
    await Promise.all([...this.idle].filter(({ provided }) => provided.key === packageKey).map((held) => this.drop(held)));
  }

  async dispose(): Promise<void> {
    await Promise.all([...this.idle, ...this.lent].map((held) => held.close('at once')));
    this.idle.clear();
    this.lent.clear();
  }

  private group(held: HeldRunner, number: number, temporary: string): ProcessGroup {
    const { suite, variables } = held.purpose;
    return this.options.keeper.group({
      name: `runner-${number}`,
      title: `tests of ${suite.suite}`,
      directory: held.provided.folder,
      variables: { TMPDIR: temporary, ...variables },
      onOutput: (chunk) => held.onOutput?.(chunk),
    });
  }

  private waiting(key: string): HeldRunner | undefined {
    for (const held of this.idle) {
      if (held.key !== key) continue;
      // One that died while it waited is none.
      if (held.group.strangeSignal !== null || held.group.running.size < held.processes) {
        void this.drop(held);
        continue;
      }
      clearTimeout(held.idleTimer);
      this.idle.delete(held);
      return held;
    }
    return undefined;
  }

  /** No more runners than slots: those that waited longest go first. */
  private async makeRoom(over = 0): Promise<void> {
    const most = this.options.configuration.slots + over;
    const tooMany = this.idle.size + this.lent.size + 1 - most;
    await Promise.all([...this.idle].slice(0, Math.max(0, tooMany)).map((held) => this.drop(held)));
  }

  private async drop(held: HeldRunner): Promise<void> {
    this.idle.delete(held);
    await held.close();
  }
}
