/** A worker that does what a test says: it keeps account of its leases as a real one does, and executes nothing. */
import type { Coordinator } from '#main/core/campaigns/coordination/coordinator.ts';
import type { UnsignedAnswer } from '#main/core/campaigns/coordination/answer-builder.ts';
import type { ListedTest } from '#shared/campaign/plan.ts';
import type { TestVerdict } from '#shared/campaign/records.ts';
import type { Verdict } from '#shared/campaign/words.ts';
import { testIdSchema } from '#shared/campaign/words.ts';
import type { DaemonName, EnvironmentName, Epoch } from '#shared/identifiers.ts';
import type { EndedLease, Lease, WorkRequest } from '#shared/protocol/work.ts';

export interface ScriptedWorkerOptions {
  readonly name: string;
  readonly slots?: number;
  readonly epoch?: string;
  readonly labels?: readonly string[];
  /** Puts a list of tests where the coordinator reads it. */
  readonly keep: (tests: readonly ListedTest[]) => { readonly hash: string; readonly bytes: number };
  /** The tests of a suite. */
  readonly tests: (suite: string) => readonly ListedTest[] | null;
}

export class ScriptedWorker {
  readonly running: Lease[] = [];
  ended: EndedLease[] = [];
  readonly cancelled: string[] = [];
  leaving = false;
  private readonly options: ScriptedWorkerOptions;
  private nonces = 0;

  constructor(options: ScriptedWorkerOptions) {
    this.options = options;
  }

  request(): WorkRequest {
    const { name, slots = 2, epoch = '0123456789abcdef', labels = [] } = this.options;
    return {
      version: 1,
      environment: 'TEST' as EnvironmentName,
      worker: name as DaemonName,
      epoch: epoch as Epoch,
      bootNonce: 'boot-nonce',
      nonce: `nonce-${String(this.nonces++).padStart(12, '0')}`,
      host: 'localhost',
      slots,
      free: Math.max(0, slots - this.running.length),
      labels: [...labels],
      adapters: ['pytest'],
      packages: [],
      warm: [],
      running: this.running.map(({ campaign, fence }) => ({ campaign, fence })),
      ended: this.ended,
      early: [],
      leaving: this.leaving,
    };
  }

  /** Asks, and takes what is answered. */
  async ask(coordinator: Coordinator): Promise<UnsignedAnswer> {
    const answer = await coordinator.answer(this.request());
    this.take(answer);
    return answer;
  }

  take({ settled, cancel, leases, suites }: UnsignedAnswer): void {
    this.ended = this.ended.filter((each) => !settled.some(({ campaign, fence }) => campaign === each.campaign && fence === each.fence));
    for (const { campaign, fence, reason } of cancel) {
      this.cancelled.push(reason);
      const at = this.running.findIndex((each) => each.campaign === campaign && each.fence === fence);
      if (at >= 0) this.end(this.running[at]!, 'stopped', []);
    }
    for (const lease of leases) {
      if (this.running.some(({ fence }) => fence === lease.fence)) continue;
      this.running.push(lease);
      if (lease.task.kind === 'list') this.list(lease, suites[lease.suite]?.suite ?? '');
    }
  }

  /** Ends all that it executes with this verdict. */
  finish(verdict: Verdict = 'passed'): void {
    for (const lease of this.running.slice()) {
      const tests = lease.task.kind === 'execute' ? lease.task.tests : [];
      this.end(
        lease,
        'done',
        tests.map((test) => ({ test, verdict, duration: 10, offset: 0, ...(verdict === 'failed' && { message: 'expected 1, got 2' }) })),
      );
    }
  }

  end(lease: Lease, end: EndedLease['end'], verdicts: TestVerdict[]): void {
    this.running.splice(this.running.indexOf(lease), 1);
    this.ended.push({ campaign: lease.campaign, fence: lease.fence, end, takenUpBefore: 5, verdicts });
  }

  private list(lease: Lease, suite: string): void {
    const tests = this.options.tests(suite);
    if (tests === null) {
      this.running.splice(this.running.indexOf(lease), 1);
      this.ended.push({
        campaign: lease.campaign,
        fence: lease.fence,
        end: 'set-up-failed',
        reason: 'No module named x',
        takenUpBefore: 5,
        verdicts: [],
      });
      return;
    }
    const kept = this.options.keep(tests);
    const evidence = [{ name: 'tests.ndjson', type: 'application/x-ndjson', ...kept }];
    this.end(lease, 'done', [{ test: testIdSchema.parse('list'), verdict: 'passed', duration: 1, offset: 0, evidence }]);
  }
}
