/** Where a campaign is executed, and what of: its suites, servers and workers as the ledger tells them. */
import type { LeaseFact, LostWork, ServerFact, SuiteFact, WorkerFact } from './campaign-model.ts';
import type { CampaignPlan } from './plan.ts';
import type { CampaignRecord } from './records.ts';
import type { ServerName, SuiteName } from './words.ts';

type RecordOf<Kind extends CampaignRecord['kind']> = Extract<CampaignRecord, { kind: Kind }>;

/** Tests of a loss that are named. */
const shownLost = 3;

export class CampaignPlaces {
  readonly suites = new Map<SuiteName, SuiteFact>();
  readonly servers = new Map<ServerName, ServerFact>();
  readonly workers = new Map<string, WorkerFact>();
  /** Why what waits is waiting, as it was told last. */
  waits: RecordOf<'waits-told'> | null = null;

  /** Servers wait until a record says more of them. */
  begin(plan: CampaignPlan): void {
    for (const suite of plan.suites) {
      this.suites.set(suite.suite, { plan: suite, priority: suite.priority, listed: null, refusals: new Map() });
    }
    const asked = { state: 'waiting', mode: null, reason: null, run: null, changedAt: null, deployed: false, leases: 0 } as const;
    for (const { server, slots } of plan.servers) this.servers.set(server, { ...asked, server, slots, awaySince: plan.startedAt });
  }

  listSuite({ suite, tests, units, problem }: RecordOf<'suite-listed'>): boolean {
    const known = this.suites.get(suite);
    if (!known) return false;
    this.suites.set(suite, { ...known, listed: { tests, units, problem } });
    return true;
  }

  prioritise(suite: SuiteName, priority: number): boolean {
    const known = this.suites.get(suite);
    if (!known) return false;
    this.suites.set(suite, { ...known, priority });
    return true;
  }

  /** A worker will not execute a suite: it is not asked again in this epoch. */
  refuse(suite: SuiteName | undefined, { worker, epoch, reason }: LeaseFact): void {
    const known = suite === undefined ? undefined : this.suites.get(suite);
    if (!known) return;
    this.suites.set(known.plan.suite, { ...known, refusals: new Map(known.refusals).set(worker, { epoch, reason }) });
  }

  tellWaits(record: RecordOf<'waits-told'>): boolean {
    this.waits = record;
    return true;
  }

  changeServer(record: RecordOf<'server-changed' | 'server-turned'>): boolean {
    const known = this.servers.get(record.server);
    if (!known) return false;
    if (record.kind === 'server-turned') {
      this.servers.set(record.server, { ...known, mode: record.mode });
    } else {
      const { state, time } = record;
      const [reason, run] = [record.reason ?? null, record.run ?? known.run];
      const awaySince = state === 'ready' || state === 'deploying' ? null : (known.awaySince ?? time);
      const deployed = known.deployed || state === 'ready';
      this.servers.set(record.server, { ...known, state, reason, run, changedAt: time, deployed, awaySince });
    }
    return true;
  }

  changeWorker({ worker, state, epoch, slots, labels, host, reason, time }: RecordOf<'worker-changed'>): boolean {
    const { leases = 0, lost = null } = this.workers.get(worker) ?? {};
    this.workers.set(worker, { worker, state, epoch, slots, labels, host, reason: reason ?? null, changedAt: time, leases, lost });
    return true;
  }

  /** A lease went with its worker. @param tests those of it that were without a verdict */
  loseWork({ worker, endedAt }: LeaseFact, tests: LostWork['latest']['tests']): void {
    const known = this.workers.get(worker);
    if (!known || endedAt === null) return;
    const before = known.lost?.latest.at === endedAt ? known.lost.latest : { count: 0, tests: [] };
    const latest = { at: endedAt, count: before.count + tests.length, tests: [...before.tests, ...tests].slice(0, shownLost) };
    const lost = { leases: (known.lost?.leases ?? 0) + 1, tests: (known.lost?.tests ?? 0) + tests.length, latest };
    this.workers.set(worker, { ...known, lost });
  }

  /** @param change 1: a lease began, -1: it is over */
  occupy({ worker, server }: LeaseFact, change: 1 | -1): void {
    const known = this.workers.get(worker);
    if (known) this.workers.set(worker, { ...known, leases: known.leases + change });
    const place = server === null ? undefined : this.servers.get(server);
    if (place) this.servers.set(place.server, { ...place, leases: place.leases + change });
  }
}
