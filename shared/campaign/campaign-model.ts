/** What is known of a campaign at a moment: the facts that campaign-state.ts folds out of its ledger, and who is told when they change. */
import type { DaemonName, Epoch } from '#shared/identifiers.ts';
import type { SuitePlan } from './plan.ts';
import type { CampaignBodyOf, TestVerdict } from './records.ts';
import type { LeaseEnd, ServerName, ServerState, SuiteName, TestId, TestResult } from './words.ts';

/** `over`: nothing of it is owed any more. It waits again when somebody asks for one more attempt. */
export type UnitState = 'waiting' | 'leased' | 'over';

/** One attempt of a unit, given to one worker. */
export interface LeaseFact {
  readonly fence: number;
  readonly unit: number;
  /** Of this unit, from 1. */
  readonly attempt: number;
  readonly worker: DaemonName;
  readonly epoch: Epoch;
  readonly server: ServerName | null;
  /** What was to be executed: all tests of the unit, or those that were owed. */
  readonly tests: readonly TestId[];
  /** ms since 1970. */
  readonly leasedAt: number;
  readonly takenUpAt: number | null;
  readonly endedAt: number | null;
  /** null: it goes on. */
  readonly end: LeaseEnd | null;
  readonly reason: string | null;
}

/** One verdict about one test, and the lease that it came of. */
export interface AttemptFact {
  readonly lease: LeaseFact;
  readonly verdict: TestVerdict;
}

export interface ServerFact {
  readonly server: ServerName;
  readonly slots: number;
  readonly state: ServerState;
  /** null: nobody has decided yet, it executes what is parallel. */
  readonly mode: 'serial' | 'parallel' | null;
  readonly reason: string | null;
  /** The run of its deployment. */
  readonly run: string | null;
  /** ms since 1970 of its last change; null: none yet. */
  readonly changedAt: number | null;
  /** Whether it was ready once, so that its deployment is done. */
  readonly deployed: boolean;
  /** ms since 1970 from when on nothing could be executed on it; null: it is ready, or being deployed. */
  readonly awaySince: number | null;
  /** Leases that are executed on it. */
  readonly leases: number;
}

export interface WorkerFact {
  readonly worker: DaemonName;
  readonly state: 'present' | 'lost' | 'leaving';
  readonly epoch: Epoch;
  readonly slots: number;
  readonly labels: readonly string[];
  readonly host: string;
  readonly reason: string | null;
  readonly changedAt: number;
  /** Leases that it executes. */
  readonly leases: number;
  /** What it was lost with, over the whole campaign; null: it never was. */
  readonly lost: LostWork | null;
}

/** What went with a worker that was lost: leases, tests of them that were without a verdict, and some of those of the last time. */
export interface LostWork {
  readonly leases: number;
  readonly tests: number;
  readonly latest: {
    readonly at: number;
    readonly count: number;
    readonly tests: readonly { readonly suite: SuiteName; readonly test: TestId }[];
  };
}

export interface SuiteFact {
  readonly plan: SuitePlan;
  /** Of its plan, or as somebody has decided since. */
  readonly priority: number;
  /** What was listed; null: not yet. */
  readonly listed: Pick<CampaignBodyOf<'suite-listed'>, 'tests' | 'units' | 'problem'> | null;
  /** Workers that refused it, by name: the epoch in which they did, and why. */
  readonly refusals: ReadonlyMap<string, { readonly epoch: Epoch; readonly reason: string | null }>;
}

export interface CampaignTotals {
  readonly tests: number;
  readonly units: number;
  readonly waiting: number;
  readonly leased: number;
  readonly over: number;
  /** Tests by what is said of them in the end; a test that is executed once more is not among them. */
  readonly results: Readonly<Record<TestResult, number>>;
  /** Tests of which nothing is said yet. */
  readonly undecided: number;
  /** Tests of which something is said, and that are executed once more. */
  readonly retriesOwed: number;
  /** Verdicts that came after their lease was over. */
  readonly late: number;
  /** Records that did not fit and changed nothing. */
  readonly oddities: number;
}

/** Who must know of each change at once, such as the scheduler. Told when the state has changed already. */
export interface CampaignObserver {
  unitWaits(unit: number): void;
  leaseBegan(lease: LeaseFact): void;
  /** Told before the unit waits again. */
  leaseEnded(lease: LeaseFact, verdicts: readonly TestVerdict[]): void;
  serverChanged(server: ServerName): void;
  prioritised(suite: SuiteName | null): void;
  ended(): void;
}
