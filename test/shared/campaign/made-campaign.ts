/** Campaigns for tests: a plan, and a ledger that is written record by record while the state follows. */
import type { DaemonName, Epoch } from '#shared/identifiers.ts';
import { CampaignState } from '#shared/campaign/campaign-state.ts';
import { campaignPlanSchema, type CampaignPlan, type SuitePlan, type Unit } from '#shared/campaign/plan.ts';
import { campaignRecordSchema, type CampaignBody, type CampaignRecord, type TestVerdict } from '#shared/campaign/records.ts';
import type { Assignment } from '#shared/campaign/scheduling/scheduler.ts';
import type { WorkerOffer } from '#shared/campaign/scheduling/occupancy.ts';
import type { LeaseEnd, ServerName, SuiteName, TestId, Verdict } from '#shared/campaign/words.ts';

/** Of every worker, unless a test says otherwise. */
export const epoch = '0123456789abcdef' as Epoch;

export const suiteName = (name: string): SuiteName => name as SuiteName;
export const serverName = (name: string): ServerName => name as ServerName;
export const testId = (id: string): TestId => id as TestId;

export const suitePlan = (name: string, more: Partial<SuitePlan> = {}): SuitePlan => ({
  suite: suiteName(name),
  adapter: 'pytest',
  package: null,
  settings: {},
  tags: [],
  serial: [],
  labels: [],
  slots: 1,
  needs: {},
  priority: 0,
  retries: 0,
  timeout: 60_000,
  usesServer: false,
  variables: {},
  ...more,
});

export interface PlanWishes {
  readonly name?: string;
  readonly suites?: readonly SuitePlan[];
  /** Slots by name. */
  readonly servers?: Readonly<Record<string, number>>;
  readonly capacities?: Readonly<Record<string, number>>;
  readonly quarantine?: CampaignPlan['quarantine'];
  readonly revision?: string;
  readonly only?: CampaignPlan['only'];
  readonly serverPatience?: number;
  readonly chosen?: true;
}

export function campaignPlan({ name = 'nightly', suites = [suitePlan('s')], servers = {}, ...more }: PlanWishes = {}): CampaignPlan {
  return campaignPlanSchema.parse({
    format: 1,
    campaign: `20261120T221735Z-${name}-3f9a`,
    name,
    title: '',
    environment: 'test',
    environmentFile: 'test.yaml',
    revision: 'rc1',
    operator: 'anna',
    startedAt: 0,
    suites,
    servers: Object.entries(servers).map(([server, slots]) => ({ server, slots, environmentFile: null, deploy: null, variables: {} })),
    capacities: {},
    quarantine: [],
    only: null,
    repeats: null,
    softwareVersion: '0',
    workspaceCommit: null,
    ...more,
  });
}

export interface UnitWishes {
  readonly suite?: string;
  readonly tests?: readonly string[];
  readonly group?: string;
  readonly serial?: boolean;
  readonly expected?: number | null;
  readonly failedBefore?: boolean;
}

export const offerOf = (worker: string, more: Partial<WorkerOffer> = {}): WorkerOffer => {
  const slots = more.slots ?? 1;
  return {
    worker: worker as DaemonName,
    epoch,
    slots,
    free: slots,
    labels: [],
    adapters: ['pytest'],
    packages: [],
    warm: [],
    leaving: false,
    ...more,
  };
};

export const verdictOf = (test: string, verdict: Verdict = 'passed', more: Partial<TestVerdict> = {}): TestVerdict => ({
  test: testId(test),
  verdict,
  duration: 10,
  offset: 0,
  ...more,
});

/** A ledger whose every record is valid, and the state that follows it. */
export class MadeCampaign {
  readonly state = new CampaignState();
  readonly records: CampaignRecord[] = [];
  time = 0;
  private readonly kept: boolean;
  private readonly checked: boolean;
  private sequence = 0;
  private units = 0;

  /** @param options where there are very many records they need not be `kept`, nor each `checked` by its schema */
  constructor(wishes: PlanWishes = {}, { kept = true, checked = true } = {}) {
    this.kept = kept;
    this.checked = checked;
    this.write({ kind: 'campaign-started', plan: campaignPlan(wishes) });
    for (const server of Object.keys(wishes.servers ?? {})) this.server(server, 'ready');
  }

  write(body: CampaignBody): void {
    this.sequence += 1;
    const record = { sequence: this.sequence, time: this.time, ...body };
    if (this.checked) campaignRecordSchema.parse(record);
    if (this.kept) this.records.push(record);
    this.state.apply(record);
  }

  server(server: string, state: 'ready' | 'lost' | 'out' | 'waiting'): void {
    this.write({ kind: 'server-changed', server: serverName(server), state });
  }

  /** Plans units; a unit without tests has one, named by its number. @returns the number of the first */
  plan(units: readonly UnitWishes[], finished = true): number {
    const first = this.units;
    const planned = units.map(({ suite = 's', tests, group = 'g', serial = false, expected = null, failedBefore = false }): Unit => {
      const unit = this.units++;
      return {
        unit,
        suite: suiteName(suite),
        tests: (tests ?? [`t${unit}`]).map(testId),
        group,
        serial,
        tags: [],
        expected,
        failedBefore,
      };
    });
    for (let from = 0; from < planned.length; from += 10_000) {
      this.write({ kind: 'units-planned', units: planned.slice(from, from + 10_000) });
    }
    if (finished) this.write({ kind: 'planning-finished' });
    return first;
  }

  lease(unit: number, worker = 'w1', server: string | null = null, tests?: readonly string[]): number {
    const fence = this.state.lastFence + 1;
    const attempt = (this.state.units.lastLeaseOf(unit)?.attempt ?? 0) + 1;
    const only = tests ? { tests: tests.map(testId) } : {};
    const place = server === null ? null : serverName(server);
    this.write({ kind: 'leased', fence, unit, attempt, worker, epoch, server: place, ...only } as CampaignBody);
    return fence;
  }

  /** Writes down what the scheduler gave away. @returns its fence */
  record({ unit, attempt, worker, epoch, server, tests }: Assignment): number {
    const fence = this.state.lastFence + 1;
    const only = tests.length === this.state.units.at(unit)?.tests.length ? {} : { tests: [...tests] };
    this.write({ kind: 'leased', fence, unit, attempt, worker, epoch, server, ...only });
    return fence;
  }

  settle(fence: number, end: LeaseEnd = 'done', verdicts: readonly TestVerdict[] = []): void {
    this.write({ kind: 'settled', fence, end, verdicts: [...verdicts] });
  }

  /** Leases a unit and settles it with one verdict for each of its tests that is owed. */
  execute(unit: number, verdict: Verdict = 'passed', worker = 'w1', more: Partial<TestVerdict> = {}): void {
    const owed = this.state.owedTests(unit);
    const fence = this.lease(unit, worker, null, owed);
    this.settle(
      fence,
      'done',
      owed.map((test) => verdictOf(test, verdict, more)),
    );
  }

  resultOf(test: string, suite = 's'): string | null {
    const number = this.state.numberOf(suiteName(suite), testId(test));
    return number === undefined ? 'unknown' : this.state.tests.resultOf(number);
  }
}
