/** The coordinator against scripted workers on a real ledger: every test has exactly one verdict per attempt, whatever is lost on the way. */
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ActiveCampaign } from '#main/core/campaigns/coordination/active-campaign.ts';
import { Coordinator } from '#main/core/campaigns/coordination/coordinator.ts';
import { ListingDesk } from '#main/core/campaigns/coordination/listing-desk.ts';
import { openJournalStore } from '#main/core/campaigns/journal/journal-store.ts';
import type { CampaignStore } from '#main/core/campaigns/ports.ts';
import { viewOf } from '#main/core/campaigns/view/campaign-view.ts';
import { systemClock } from '#platform/clock.ts';
import type { ListedTest } from '#shared/campaign/plan.ts';
import type { CampaignRecord } from '#shared/campaign/records.ts';
import type { EnvironmentName } from '#shared/identifiers.ts';
import type { Problem } from '#shared/problem.ts';
import { campaignPlan, serverName, suiteName, suitePlan, testId, type PlanWishes } from '../../../../shared/campaign/made-campaign.ts';
import { ManualClock } from '../../link/manual-clock.ts';
import { ScriptedWorker, type ScriptedWorkerOptions } from './scripted-worker.ts';

let folder = '';
let clock: ManualClock;
let store: CampaignStore;
let coordinator: Coordinator;
const problems: Problem[] = [];
const blobs = new Map<string, Buffer>();
const keep = (tests: readonly ListedTest[]): { hash: string; bytes: number } => {
  const bytes = Buffer.from(tests.map((each) => `${JSON.stringify(each)}\n`).join(''));
  const hash = createHash('sha256').update(bytes).digest('hex');
  blobs.set(hash, bytes);
  return { hash, bytes: bytes.length };
};
const read = (hash: string, offset: number, length: number): Promise<Uint8Array> =>
  Promise.resolve(blobs.get(hash)?.subarray(offset, offset + length) ?? new Uint8Array());

const coordinate = (): Coordinator =>
  new Coordinator({
    clock,
    listing: new ListingDesk(read, { expected: () => null, failedBefore: () => false }),
    report: (problem) => void problems.push(problem),
  });

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'testops-coordinator-'));
  clock = new ManualClock();
  problems.splice(0);
  store = openJournalStore({ folder, environment: 'TEST' as EnvironmentName, clock: systemClock });
  coordinator = coordinate();
  coordinator.begin();
});
afterEach(async () => {
  coordinator.dispose();
  await store.dispose();
  await rm(folder, { recursive: true, force: true, maxRetries: 3 });
});

const listedTests = (count: number, more: Partial<ListedTest> = {}): ListedTest[] =>
  Array.from({ length: count }, (_, index) => ({
    test: testId(`t${index}`),
    unit: `t${index}`,
    group: 'g',
    serial: false,
    tags: [],
    ...more,
  }));

const worker = (name: string, more: Partial<ScriptedWorkerOptions> = {}): ScriptedWorker =>
  new ScriptedWorker({ name, keep, tests: () => listedTests(4), ...more });

async function begin(wishes: PlanWishes = {}): Promise<ActiveCampaign> {
  const plan = campaignPlan(wishes);
  const ledger = await store.ledgers.create(plan.campaign);
  await ledger.append(0, [{ sequence: 1, time: clock.now(), kind: 'campaign-started', plan }]);
  const campaign = await ActiveCampaign.load(ledger, clock);
  coordinator.take(campaign);
  return campaign;
}

/** All that stands on the disk. */
async function records(campaign: ActiveCampaign): Promise<readonly CampaignRecord[]> {
  const ledger = await store.ledgers.open(campaign.id);
  const all: CampaignRecord[] = [];
  for await (const batch of ledger.read(1)) all.push(...batch);
  await ledger.dispose();
  return all;
}

/** Time passes, and the coordinator looks. */
async function pass(milliseconds: number): Promise<void> {
  for (let passed = 0; passed < milliseconds; passed += 250) clock.pass(250);
  await new Promise((resolve) => setImmediate(resolve));
}

async function toItsEnd(
  campaign: ActiveCampaign,
  workers: readonly ScriptedWorker[],
  verdict: 'passed' | 'failed' = 'passed',
): Promise<void> {
  for (let turn = 0; turn < 50 && !campaign.state.end; turn++) {
    for (const each of workers) {
      await each.ask(coordinator);
      each.finish(verdict);
    }
    await pass(250);
  }
  await vi.waitFor(() => expect(campaign.state.end).not.toBeNull());
}

describe('a campaign', () => {
  test('is listed, executed and ended; what is told stands in the ledger', async () => {
    const campaign = await begin();
    const one = worker('one');
    const first = await one.ask(coordinator);
    expect(first.leases).toMatchObject([{ task: { kind: 'list' }, server: null, revision: 'rc1' }]);
    await toItsEnd(campaign, [one]);
    expect(campaign.state.end?.outcome).toBe('passed');
    expect(campaign.state.totals().results.passed).toBe(4);
    const kinds = (await records(campaign)).map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'leased')).toHaveLength(4);
    expect(kinds.filter((kind) => kind === 'settled')).toHaveLength(4);
    expect(kinds.at(-1)).toBe('campaign-ended');
    expect(one.ended).toEqual([]);
    expect(problems).toEqual([]);
  });

  test('tells the plan of a suite only to a worker that does not know it', async () => {
    await begin();
    const [one, two] = [worker('one'), worker('two')];
    await one.ask(coordinator);
    const { leases, suites } = await one.ask(coordinator);
    expect(Object.keys(suites)).toEqual([leases[0]?.suite]);
    const told = await coordinator.answer({ ...two.request(), knows: Object.keys(suites) });
    expect(told.leases.length).toBe(2);
    expect(told.suites).toEqual({});
  });

  test('of two suites begins with the one that is listed, and ends when both are executed', async () => {
    const campaign = await begin({ suites: [suitePlan('a'), suitePlan('b', { labels: ['gpu'] })] });
    const [plain, gpu] = [worker('plain'), worker('gpu', { labels: ['gpu'] })];
    await plain.ask(coordinator);
    expect(plain.running).toEqual([]);
    await plain.ask(coordinator);
    expect(plain.running).toHaveLength(2);
    expect(campaign.state.planningFinished).toBeNull();
    await toItsEnd(campaign, [plain, gpu]);
    expect(campaign.state.totals().results.passed).toBe(8);
  });

  test('whose suite cannot be listed fails, after another worker was asked', async () => {
    const campaign = await begin();
    const workers = [worker('one', { tests: () => null }), worker('two', { tests: () => null })];
    await toItsEnd(campaign, workers);
    expect(campaign.state.end?.outcome).toBe('failed');
    expect(campaign.state.suites.get(suiteName('s'))?.listed?.problem).toBe('No module named x');
    expect(workers.map(({ ended }) => ended)).toEqual([[], []]);
  });

  test('one worker that cannot list a suite does not keep another from it', async () => {
    const campaign = await begin();
    await toItsEnd(campaign, [worker('one', { tests: () => null }), worker('two')]);
    expect(campaign.state.end?.outcome).toBe('passed');
  });

  test('that is stopped ends what runs, and says what was not run', async () => {
    const campaign = await begin();
    const one = worker('one');
    await one.ask(coordinator);
    await one.ask(coordinator);
    expect(one.running).toHaveLength(2);
    await campaign.commit({ kind: 'stop-asked', operator: 'anna', reason: 'enough' });
    await one.ask(coordinator);
    expect(one.cancelled).toEqual(['The campaign was stopped.', 'The campaign was stopped.']);
    await toItsEnd(campaign, [one]);
    expect(campaign.state.end?.outcome).toBe('stopped');
    expect(campaign.state.totals().results['not run']).toBe(4);
  });

  test('whose servers are all out ends, and says why', async () => {
    const campaign = await begin({ suites: [suitePlan('s', { usesServer: true })], servers: { a: 1 } });
    const one = worker('one');
    await one.ask(coordinator);
    await one.ask(coordinator);
    await campaign.commit({ kind: 'server-changed', server: serverName('a'), state: 'out', reason: 'its deployment failed' });
    await pass(500);
    await vi.waitFor(() =>
      expect(campaign.state.end).toMatchObject({ outcome: 'not executed', reason: 'No server is left to execute the rest on.' }),
    );
  });
});

describe('servers that are not ready', () => {
  const lost = { kind: 'server-changed', server: serverName('a'), state: 'lost', reason: 'It has lost LON.' } as const;
  const serverless = { suites: [suitePlan('s', { usesServer: true })], servers: { a: 1 }, serverPatience: 60_000 };

  test('are waited for and that is said; then the campaign ends as not executed, and says why', async () => {
    const campaign = await begin(serverless);
    await worker('one').ask(coordinator);
    const one = worker('one');
    await one.ask(coordinator);
    await one.ask(coordinator);
    await campaign.commit(lost);
    await pass(30_000);
    await one.ask(coordinator);
    expect(viewOf(campaign.state, clock.now())?.problems).toMatchObject([
      { code: 'no-server-ready', message: 'No server is ready. a: It has lost LON.', tip: expect.stringContaining('1 min') as string },
    ]);
    expect(campaign.state.end).toBeNull();
    await pass(31_000);
    await vi.waitFor(() =>
      expect(campaign.state.end).toMatchObject({
        outcome: 'not executed',
        reason: 'No server was ready for 1 min. a: It has lost LON.',
      }),
    );
  });

  test('do not end it while one of them is back in time, and what was executed is not called not executed', async () => {
    const campaign = await begin(serverless);
    const one = worker('one');
    await one.ask(coordinator);
    await one.ask(coordinator);
    await campaign.commit(lost);
    await pass(50_000);
    await campaign.commit({ ...lost, state: 'ready', reason: undefined });
    await one.ask(coordinator);
    expect(one.running).toHaveLength(1);
    await campaign.commit(lost);
    await pass(50_000);
    expect(campaign.state.end).toBeNull();
    expect(viewOf(campaign.state, clock.now())?.problems).toHaveLength(1);
  });

  test('that the coordinator before this one had lost have time to be found', async () => {
    const campaign = await begin(serverless);
    const one = worker('one');
    await one.ask(coordinator);
    await one.ask(coordinator);
    await campaign.commit(lost);
    coordinator.dispose();
    clock.pass(3_600_000);
    coordinator = coordinate();
    coordinator.begin();
    coordinator.take(await ActiveCampaign.load(await store.ledgers.open(campaign.id), clock));
    await pass(5_000);
    expect(coordinator.campaign(campaign.id)?.state.end).toBeNull();
    await pass(6_000);
    await vi.waitFor(() => expect(coordinator.active()).toEqual([]));
  });
});

describe('what is lost on the way', () => {
  test('an answer: the same lease is given again, and executed once', async () => {
    const campaign = await begin();
    const one = worker('one');
    await one.ask(coordinator);
    await one.ask(coordinator);
    one.finish();
    // Neither the settling nor the new leases arrive.
    const lost = await coordinator.answer(one.request());
    expect(lost.leases).toHaveLength(2);
    const again = await one.ask(coordinator);
    expect(again.leases.map(({ fence }) => fence)).toEqual(lost.leases.map(({ fence }) => fence));
    expect(again.settled).toEqual(lost.settled);
    await toItsEnd(campaign, [one]);
    expect(campaign.state.totals()).toMatchObject({ late: 0, oddities: 0 });
    expect((await records(campaign)).filter(({ kind }) => kind === 'leased')).toHaveLength(4);
  });

  test('a list: it is asked for again, and planned once', async () => {
    const campaign = await begin();
    const one = worker('one');
    const [lost] = (await coordinator.answer(one.request())).leases;
    const [again] = (await one.ask(coordinator)).leases;
    expect(again?.fence).toBe(lost?.fence);
    one.ended.push(...one.ended);
    await one.ask(coordinator);
    await toItsEnd(campaign, [one]);
    expect(campaign.state.totals()).toMatchObject({ tests: 4, oddities: 0 });
  });

  test('a worker: its leases go to another after five seconds, and what it says later is evidence', async () => {
    const campaign = await begin();
    const [one, two] = [worker('one'), worker('two')];
    await one.ask(coordinator);
    await one.ask(coordinator);
    const held = one.running.map(({ fence }) => fence);
    await pass(4_500);
    expect([...campaign.state.leases.keys()]).toEqual(held);
    await pass(1_000);
    expect(campaign.state.leases.size).toBe(0);
    expect(campaign.state.workers.get('one')?.state).toBe('lost');
    await toItsEnd(campaign, [two]);
    expect(campaign.state.totals().results.passed).toBe(4);
    one.finish('failed');
    expect(campaign.state.totals().results.failed).toBe(0);
  });

  test('a worker that comes back is told to end what was given away, and what it had ended is late', async () => {
    const campaign = await begin();
    const [one, two] = [worker('one'), worker('two')];
    await one.ask(coordinator);
    await one.ask(coordinator);
    await pass(6_000);
    await two.ask(coordinator);
    const [kept, ended] = one.running;
    one.end(ended!, 'done', [{ test: testId('t1'), verdict: 'failed', duration: 1, offset: 0 }]);
    await one.ask(coordinator);
    expect(one.cancelled).toEqual(['It was given to another worker.']);
    expect(one.ended.map(({ fence }) => fence)).toEqual([kept?.fence]);
    expect(campaign.state.totals()).toMatchObject({ late: 1, undecided: 4 });
    await toItsEnd(campaign, [one, two]);
    expect(campaign.state.end?.outcome).toBe('passed');
  });

  test('a worker that is started anew executes nothing of before', async () => {
    const campaign = await begin();
    const one = worker('one');
    await one.ask(coordinator);
    await one.ask(coordinator);
    const anew = worker('one', { epoch: 'fedcba9876543210' });
    await anew.ask(coordinator);
    const ends = (await records(campaign)).flatMap((record) => (record.kind === 'settled' ? [record.end] : []));
    expect(ends).toEqual(['worker-lost', 'worker-lost']);
    await toItsEnd(campaign, [anew]);
    expect(campaign.state.end?.outcome).toBe('passed');
  });

  test('a lease that its worker forgot is given back at once', async () => {
    const campaign = await begin();
    const one = worker('one');
    await one.ask(coordinator);
    await one.ask(coordinator);
    await one.ask(coordinator);
    one.running.splice(0, 1);
    await one.ask(coordinator);
    const told = (await records(campaign)).flatMap((record) => (record.kind === 'settled' ? [[record.end, record.reason]] : []));
    expect(told).toEqual([['runner-lost', 'The worker one does not know of it any more.']]);
    await toItsEnd(campaign, [one]);
    expect(campaign.state.end?.outcome).toBe('passed');
  });

  test('a server: what is executed there is ended by its worker before anybody else has it', async () => {
    const campaign = await begin({ suites: [suitePlan('s', { usesServer: true })], servers: { a: 2, b: 2 } });
    const change = (server: string, state: 'ready' | 'lost') =>
      campaign.commit({
        kind: 'server-changed',
        server: serverName(server),
        state,
        ...(state === 'lost' && { reason: 'Its router is away.' }),
      });
    await change('a', 'ready');
    const [one, two] = [worker('one'), worker('two')];
    await one.ask(coordinator);
    await one.ask(coordinator);
    const held = one.running.map(({ fence }) => fence);
    await change('b', 'ready');
    await change('a', 'lost');
    await two.ask(coordinator);
    // They are at work at the first one until it says otherwise.
    expect([...campaign.state.leases.keys()]).toEqual(expect.arrayContaining(held));
    const [green, red] = one.running;
    one.end(green!, 'done', [{ test: testId('t0'), verdict: 'passed', duration: 1, offset: 0 }]);
    one.end(red!, 'done', [{ test: testId('t1'), verdict: 'failed', duration: 1, offset: 0 }]);
    await one.ask(coordinator);
    const ends = (await records(campaign)).flatMap((record) => (record.kind === 'settled' ? [[record.end, record.reason]] : []));
    expect(ends).toEqual([
      ['done', undefined],
      ['server-lost', 'Its router is away.'],
    ]);
    await toItsEnd(campaign, [one, two]);
    expect(campaign.state.totals().results).toMatchObject({ passed: 4, failed: 0 });
  });

  test('a server, in the middle of which the core is lost too: its worker ends what another core finds there', async () => {
    const campaign = await begin({ suites: [suitePlan('s', { usesServer: true })], servers: { a: 2, b: 2 } });
    await campaign.commit({ kind: 'server-changed', server: serverName('a'), state: 'ready' });
    const one = worker('one');
    await one.ask(coordinator);
    await one.ask(coordinator);
    await campaign.commit({ kind: 'server-changed', server: serverName('a'), state: 'lost', reason: 'Its router is away.' });
    coordinator.dispose();
    coordinator = coordinate();
    const again = await ActiveCampaign.load(await store.ledgers.open(campaign.id), clock);
    coordinator.take(again);
    coordinator.begin();
    await one.ask(coordinator);
    expect(one.cancelled).toEqual(['Its router is away.', 'Its router is away.']);
    await again.commit({ kind: 'server-changed', server: serverName('a'), state: 'ready' });
    await toItsEnd(again, [one]);
    expect(again.state.totals().results).toMatchObject({ passed: 4 });
    expect(again.state.pastLeases.filter(({ end }) => end === 'server-lost').length).toBe(2);
  });

  test('time in which the coordinator itself did not run is nobody’s silence', async () => {
    const campaign = await begin();
    const one = worker('one');
    await one.ask(coordinator);
    await one.ask(coordinator);
    clock.stall(60_000);
    await new Promise((resolve) => setImmediate(resolve));
    expect(campaign.state.leases.size).toBe(2);
  });
});

describe('another coordinator', () => {
  test('gives nothing and settles nothing before it has all campaigns, then goes on with the leases that there are', async () => {
    const campaign = await begin();
    const one = worker('one');
    await one.ask(coordinator);
    await one.ask(coordinator);
    const [done] = one.running;
    one.end(done!, 'done', [{ test: testId('t0'), verdict: 'passed', duration: 1, offset: 0 }]);
    coordinator.dispose();
    await campaign.dispose();

    coordinator = coordinate();
    const early = await one.ask(coordinator);
    expect([early.leases, early.settled, early.cancel]).toEqual([[], [], []]);
    const ledger = await store.ledgers.open(campaign.id);
    const taken = await ActiveCampaign.load(ledger, clock);
    coordinator.take(taken);
    coordinator.begin();
    expect(taken.state.leases.size).toBe(2);
    await one.ask(coordinator);
    expect(one.ended).toEqual([]);
    expect(taken.state.totals().results.passed).toBe(1);
    await toItsEnd(taken, [one]);
    expect(taken.state.totals()).toMatchObject({ results: { passed: 4 }, oddities: 0, late: 0 });
    const leased = (await records(taken)).flatMap((record) => (record.kind === 'leased' ? [record.unit] : []));
    expect(leased.toSorted((one, other) => one - other)).toEqual([0, 1, 2, 3]);
  });

  test('that has appended deposes the first, which lets the campaign go and gives no answer', async () => {
    const campaign = await begin();
    const one = worker('one');
    await one.ask(coordinator);
    const other = await store.ledgers.open(campaign.id);
    const last = await other.last();
    await other.append(last, [{ sequence: last + 1, time: 1, kind: 'coordinator-changed', core: 'other', host: 'h' }]);
    await expect(one.ask(coordinator)).rejects.toThrow(/ledger|append|record/i);
    expect(coordinator.active()).toEqual([]);
    expect(problems.map(({ code }) => code)).toContain('deposed');
    await other.dispose();
  });
});

describe('retries', () => {
  test('are executed as often as the suite says, by another worker where there is one, and are no pass', async () => {
    const campaign = await begin({ suites: [suitePlan('s', { retries: 1 })] });
    const [one, two] = [worker('one', { slots: 4 }), worker('two', { slots: 4 })];
    await one.ask(coordinator);
    await one.ask(coordinator);
    await two.ask(coordinator);
    one.finish('failed');
    await one.ask(coordinator);
    expect(one.running).toEqual([]);
    await two.ask(coordinator);
    expect(two.running).toHaveLength(4);
    await toItsEnd(campaign, [two, one]);
    expect(campaign.state.totals().results['passed on retry']).toBe(4);
    expect(campaign.state.end?.outcome).toBe('passed');
  });
});
