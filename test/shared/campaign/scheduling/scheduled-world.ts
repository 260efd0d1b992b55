/**
 * A small world in which anything happens: workers come and die, servers are lost, leases end in every way, people stop and ask again, the
 * coordinator changes. After each step what the scheduler says is held against what can be counted simply from the ledger.
 */
import assert from 'node:assert/strict';
import { CampaignState } from '#shared/campaign/campaign-state.ts';
import type { Refusal } from '#shared/campaign/scheduling/refusals.ts';
import { refusalText } from '#shared/campaign/scheduling/refusals.ts';
import { Scheduler } from '#shared/campaign/scheduling/scheduler.ts';
import type { LeaseFact } from '#shared/campaign/campaign-model.ts';
import type { LeaseEnd, Verdict } from '#shared/campaign/words.ts';
import { MadeCampaign, offerOf, suiteName, suitePlan, verdictOf } from '../made-campaign.ts';

export interface Step {
  readonly kind: (typeof stepKinds)[number];
  /** Chooses among what there is. */
  readonly a: number;
  readonly b: number;
}

export const stepKinds = [
  'ask',
  'ask',
  'ask',
  'ask',
  'settle',
  'settle',
  'settle',
  'pass-time',
  'plan',
  'lose-worker',
  'find-worker',
  'lose-server',
  'find-server',
  'old-fence',
  'retry',
  'prioritise',
  'withdraw',
  'take-over',
  'stop',
] as const;

const workers = ['w0', 'w1', 'w2', 'w3'];
const slots = { w0: 1, w1: 2, w2: 4, w3: 2 } as Readonly<Record<string, number>>;
const servers = ['a', 'b', 'c'];
const serverSlots = { a: 3, b: 2, c: 4 } as Readonly<Record<string, number>>;
const limits = { licence: 4, database: 2 } as Readonly<Record<string, number>>;
const ends: readonly LeaseEnd[] = ['done', 'done', 'done', 'done', 'runner-lost', 'worker-lost', 'server-lost', 'set-up-failed', 'stopped'];
const verdicts: readonly Verdict[] = ['passed', 'passed', 'passed', 'failed', 'broken', 'skipped', 'missing'];
const suites = [
  suitePlan('light', { needs: { licence: 1 }, usesServer: true, retries: 1 }),
  suitePlan('heavy', { needs: { licence: 3, database: 1 }, slots: 2, retries: 2 }),
  suitePlan('labelled', { labels: ['gpu'], usesServer: true, priority: 2 }),
  suitePlan('plain', {}),
];

interface Open {
  readonly campaign: MadeCampaign;
  readonly lease: LeaseFact;
}

export class ScheduledWorld {
  private scheduler = new Scheduler();
  private campaigns: MadeCampaign[] = [];
  private now = 0;
  private readonly present = new Set(workers);
  private readonly over: { readonly campaign: MadeCampaign; readonly fence: number }[] = [];

  constructor() {
    for (const name of ['one', 'two']) {
      const campaign = new MadeCampaign({ name, suites, servers: serverSlots, capacities: limits }, { checked: false });
      this.campaigns.push(campaign);
      this.scheduler.attach(campaign.state);
      this.plan(campaign, 3);
    }
    for (const worker of workers) this.scheduler.meet(this.offer(worker));
  }

  step({ kind, a, b }: Step): void {
    for (const campaign of this.campaigns) campaign.time = this.now;
    const campaign = this.campaigns[a % this.campaigns.length]!;
    switch (kind) {
      case 'ask':
        this.ask(workers[a % workers.length]!, b);
        break;
      case 'settle':
        this.settle(a, b);
        break;
      case 'pass-time':
        this.now += [1, 100, 5_000, 40_000, 130_000][b % 5]!;
        break;
      case 'plan':
        if (!campaign.state.stop && campaign.state.units.size < 60) this.plan(campaign, b);
        break;
      case 'lose-worker':
        this.loseWorker(workers[a % workers.length]!);
        break;
      case 'find-worker':
        this.present.add(workers[a % workers.length]!);
        this.scheduler.meet(this.offer(workers[a % workers.length]!));
        break;
      case 'lose-server':
        this.loseServer(servers[b % servers.length]!);
        break;
      case 'find-server':
        for (const each of this.campaigns) each.server(servers[b % servers.length]!, 'ready');
        break;
      case 'old-fence':
        this.sayAgain(a);
        break;
      case 'retry':
        campaign.write({ kind: 'retry-asked', units: [b % Math.max(1, campaign.state.units.size)], operator: 'anna' });
        break;
      case 'prioritise':
        campaign.write({ kind: 'prioritised', suite: b % 2 ? null : suiteName('plain'), priority: (b % 7) - 3, operator: 'anna' });
        break;
      case 'withdraw':
        this.withdraw(workers[a % workers.length]!);
        break;
      case 'take-over':
        this.takeOver();
        break;
      case 'stop':
        if (b % 40 === 0) campaign.write({ kind: 'stop-asked', operator: 'anna', reason: '' });
        break;
    }
    this.check();
  }

  /** Everybody is there again, and everything passes: it must come to its end. */
  finish(): void {
    for (const server of servers) for (const campaign of this.campaigns) campaign.server(server, 'ready');
    for (const worker of workers) {
      this.present.add(worker);
      this.scheduler.meet(this.offer(worker));
    }
    for (let round = 0; round < 2_000 && this.campaigns.some(({ state }) => !state.isExhausted); round += 1) {
      this.now += 70_000;
      for (const campaign of this.campaigns) campaign.time = this.now;
      for (const worker of workers) this.ask(worker, 0);
      this.check();
      for (const { campaign, lease } of this.open()) this.end(campaign, lease, 'done', () => 'passed');
    }
    for (const { state, ...campaign } of this.campaigns) {
      const waiting = Array.from({ length: state.units.size }, (_, unit) => unit).filter((unit) => state.units.stateOf(unit) === 'waiting');
      const why = waiting.map((unit) => this.scheduler.admit(state, unit, null, this.now)).map((each) => each && refusalText(each));
      assert.ok(state.isExhausted, `${campaign.records.length} records, and these wait: ${why.join('; ')}`);
    }
    for (const campaign of this.campaigns) {
      campaign.write({ kind: 'campaign-ended', outcome: 'failed' });
      assert.equal(campaign.state.totals().undecided, 0);
      assert.deepEqual(CampaignState.of(campaign.records).totals(), campaign.state.totals());
    }
  }

  private offer(worker: string): ReturnType<typeof offerOf> {
    return offerOf(worker, { slots: slots[worker]!, free: slots[worker]! - this.takenOf(worker), labels: worker === 'w2' ? ['gpu'] : [] });
  }

  private plan(campaign: MadeCampaign, choice: number): void {
    campaign.plan(
      Array.from({ length: 1 + (choice % 6) }, (_, index) => {
        const suite = suites[(choice + index) % suites.length]!.suite;
        const tests = choice % 3 === 0 ? [`t${campaign.state.units.size + index}a`, `t${campaign.state.units.size + index}b`] : undefined;
        const expected = index % 3 === 0 ? null : ((choice * 37 + index * 11) % 50) * 100;
        return { suite, serial: (choice + index) % 5 === 0, expected, failedBefore: index === 4, ...(tests ? { tests } : {}) };
      }),
    );
  }

  private ask(worker: string, choice: number): void {
    if (!this.present.has(worker)) return;
    const offer = this.offer(worker);
    const { assignments, turns } = this.scheduler.next(offer, this.now);
    for (const { server, mode } of turns) for (const campaign of this.campaigns) campaign.write({ kind: 'server-turned', server, mode });
    for (const assignment of assignments) {
      assert.ok(assignment.tests.length > 0);
      this.campaignOf(assignment.campaign).record(assignment);
    }
    if (choice % 3 === 0) this.checkNothingAdmissible(worker);
  }

  private settle(a: number, b: number): void {
    const open = this.open();
    const chosen = open[a % Math.max(1, open.length)];
    if (!chosen) return;
    const end = ends[b % ends.length]!;
    this.end(
      chosen.campaign,
      chosen.lease,
      end,
      (index) => verdicts[(b + index * 3) % verdicts.length]!,
      end === 'done' ? undefined : b % 2,
    );
  }

  private end(
    campaign: MadeCampaign,
    lease: LeaseFact,
    end: LeaseEnd,
    verdict: (index: number) => Verdict,
    most = Number.POSITIVE_INFINITY,
  ): void {
    const judged = lease.tests.slice(0, most);
    campaign.settle(
      lease.fence,
      end,
      judged.map((test, index) => verdictOf(test, verdict(index))),
    );
    this.over.push({ campaign, fence: lease.fence });
  }

  private loseWorker(worker: string): void {
    this.present.delete(worker);
    this.scheduler.lose(worker);
    for (const { campaign, lease } of this.open()) if (lease.worker === worker) this.end(campaign, lease, 'worker-lost', () => 'passed', 0);
  }

  private loseServer(server: string): void {
    for (const campaign of this.campaigns) campaign.server(server, 'lost');
    for (const { campaign, lease } of this.open()) if (lease.server === server) this.end(campaign, lease, 'server-lost', () => 'passed', 0);
  }

  /** What comes with a fence that is over changes nothing. */
  private sayAgain(choice: number): void {
    const old = this.over[choice % Math.max(1, this.over.length)];
    if (!old) return;
    const before = old.campaign.state.totals();
    old.campaign.settle(old.fence, 'done', [verdictOf('t0', 'failed')]);
    assert.deepEqual(old.campaign.state.totals(), { ...before, oddities: before.oddities + 1 });
  }

  /** Given away, and the ledger did not take it. */
  private withdraw(worker: string): void {
    if (!this.present.has(worker)) return;
    const { assignments, turns } = this.scheduler.next(this.offer(worker), this.now);
    for (const { server, mode } of turns) for (const campaign of this.campaigns) campaign.write({ kind: 'server-turned', server, mode });
    for (const assignment of assignments) this.scheduler.withdraw(assignment, this.now);
  }

  /** Another coordinator folds the ledgers and goes on. */
  private takeOver(): void {
    this.scheduler = new Scheduler();
    for (const campaign of this.campaigns) {
      assert.deepEqual(CampaignState.of(campaign.records).totals(), campaign.state.totals());
      this.scheduler.attach(campaign.state);
    }
    for (const worker of this.present) this.scheduler.meet(this.offer(worker));
  }

  private campaignOf(state: CampaignState): MadeCampaign {
    return this.campaigns.find((campaign) => campaign.state === state)!;
  }

  private open(): Open[] {
    return this.campaigns.flatMap((campaign) => [...campaign.state.leases.values()].map((lease) => ({ campaign, lease })));
  }

  private suiteOf({ campaign, lease }: Open): (typeof suites)[number] {
    return suites.find(({ suite }) => suite === campaign.state.units.at(lease.unit)!.suite)!;
  }

  private takenOf(worker: string): number {
    return this.sum((open) => (open.lease.worker === worker ? this.suiteOf(open).slots : 0));
  }

  private capacityOf(name: string): number {
    return this.sum((open) => this.suiteOf(open).needs[name] ?? 0);
  }

  private sum(value: (open: Open) => number): number {
    return this.open().reduce((sum, open) => sum + value(open), 0);
  }

  private check(): void {
    for (const [name, limit] of Object.entries(limits)) assert.ok(this.capacityOf(name) <= limit, name);
    for (const worker of workers) assert.ok(this.takenOf(worker) <= slots[worker]!, worker);
    for (const server of servers) this.checkServer(server);
    for (const { state } of this.campaigns) this.checkCampaign(state);
  }

  private checkServer(server: string): void {
    const there = this.open().filter(({ lease }) => lease.server === server);
    const serial = there.filter(({ campaign, lease }) => campaign.state.units.at(lease.unit)!.serial);
    if (serial.length > 0) assert.equal(there.length, 1, server);
    else assert.ok(there.reduce((sum, open) => sum + this.suiteOf(open).slots, 0) <= serverSlots[server]!, server);
  }

  private checkCampaign(state: CampaignState): void {
    const { tests, undecided, retriesOwed, results, waiting, leased, over, units } = state.totals();
    assert.equal(waiting + leased + over, units);
    assert.equal(leased, state.leases.size);
    assert.equal(undecided + retriesOwed + Object.values(results).reduce((sum, each) => sum + each, 0), tests);
    for (let test = 0; test < state.tests.size; test += 1) {
      const fences = state.tests.attemptsOf(test).map(({ lease }) => lease.fence);
      assert.equal(new Set(fences).size, fences.length);
    }
    for (let unit = 0; unit < state.units.size; unit += 1) {
      assert.equal(state.owedTests(unit).length, state.tests.owedOf(unit));
      assert.equal(state.units.stateOf(unit) === 'over', state.tests.owedOf(unit) === 0, `unit ${unit}`);
    }
  }

  /** A worker that has asked has left nothing that it could have begun, and every reason that is given is true. */
  private checkNothingAdmissible(worker: string): void {
    for (const { state } of this.campaigns) {
      for (let unit = 0; unit < state.units.size; unit += 1) {
        if (state.units.stateOf(unit) !== 'waiting') continue;
        const refusal = this.scheduler.admit(state, unit, worker, this.now);
        assert.ok(refusal, `unit ${unit} could begin on ${worker}`);
        assert.notEqual(refusal.kind, 'ahead');
        assert.match(refusalText(refusal), /^\S.+[^.]$/);
        this.checkTrue(state, unit, worker, refusal);
      }
    }
  }

  private checkTrue(state: CampaignState, unit: number, worker: string, refusal: Refusal): void {
    const planned = state.units.at(unit)!;
    const plan = suites.find(({ suite }) => suite === planned.suite)!;
    switch (refusal.kind) {
      case 'stopped':
        return assert.ok(state.stop);
      case 'labels':
        return assert.ok(plan.labels.length > 0 && worker !== 'w2');
      case 'too-many-slots':
        return assert.ok(plan.slots > slots[worker]!);
      case 'another-worker':
        assert.equal(state.units.lastLeaseOf(unit)?.worker, worker);
        return assert.ok([...this.present].some((each) => each !== worker));
      case 'capacity':
        return assert.ok(this.capacityOf(refusal.capacity) + plan.needs[refusal.capacity]! > limits[refusal.capacity]!);
      case 'servers-not-ready':
        return assert.ok([...state.servers.values()].every((server) => server.state !== 'ready'));
      case 'server-full':
        for (const server of refusal.servers) {
          const taken = this.sum((open) => (open.lease.server === server ? this.suiteOf(open).slots : 0));
          assert.ok(taken + plan.slots > serverSlots[server]!, server);
        }
        return undefined;
      case 'server-serial':
      case 'server-parallel':
        return assert.ok(plan.usesServer && (planned.serial || refusal.kind === 'server-serial'));
      case 'worker-full':
        return assert.ok(this.takenOf(worker) + plan.slots > slots[worker]!);
      case 'worker-alone':
        return assert.ok(this.takenOf(worker) > 0);
      case 'reserved':
        return undefined;
      default:
        return assert.fail(`unexpected: ${refusalText(refusal)}`);
    }
  }
}
