/** The one decision: what begins where, in which order, and why something does not. */
import { describe, expect, test } from 'vitest';
import { Durations } from '#shared/campaign/durations.ts';
import { otherWorkerPatience } from '#shared/campaign/scheduling/admission.ts';
import { needsHelp, refusalText } from '#shared/campaign/scheduling/refusals.ts';
import { Scheduler } from '#shared/campaign/scheduling/scheduler.ts';
import type { WorkerOffer } from '#shared/campaign/scheduling/occupancy.ts';
import type { CampaignBody } from '#shared/campaign/records.ts';
import { MadeCampaign, offerOf, suiteName, suitePlan, verdictOf, type PlanWishes, type UnitWishes } from '../made-campaign.ts';

const hash = 'a'.repeat(64);
const packaged = { name: 'tests', hash, version: '8.0.412', prepare: [] };

/** A scheduler with campaigns whose ledgers follow what it gives away. */
class Desk {
  readonly scheduler: Scheduler;
  readonly campaigns: MadeCampaign[] = [];
  now = 0;

  constructor(durations?: Durations) {
    this.scheduler = new Scheduler(durations);
  }

  campaign(units: readonly UnitWishes[], wishes: PlanWishes = {}): MadeCampaign {
    const campaign = new MadeCampaign(wishes);
    campaign.time = this.now;
    this.campaigns.push(campaign);
    this.scheduler.attach(campaign.state);
    campaign.plan(units);
    return campaign;
  }

  /** Units that begin on a worker now, as `campaign/unit@server`; of the only campaign just `unit@server`. */
  ask(worker: string, more: Partial<WorkerOffer> = {}): string[] {
    const { assignments, turns } = this.scheduler.next(offerOf(worker, more), this.now);
    for (const { server, mode } of turns)
      for (const each of this.campaigns) if (each.state.servers.has(server)) each.write({ kind: 'server-turned', server, mode });
    return assignments.map((assignment) => {
      const number = this.campaigns.findIndex(({ state }) => state === assignment.campaign);
      const campaign = this.campaigns[number]!;
      campaign.time = this.now;
      campaign.record(assignment);
      return `${this.campaigns.length > 1 ? `${number}/` : ''}${assignment.unit}${assignment.server === null ? '' : `@${assignment.server}`}`;
    });
  }

  end(campaign: MadeCampaign, unit: number, verdict: 'passed' | 'failed' = 'passed'): void {
    const lease = [...campaign.state.leases.values()].find((each) => each.unit === unit)!;
    campaign.time = this.now;
    campaign.settle(
      lease.fence,
      'done',
      lease.tests.map((test) => verdictOf(test, verdict)),
    );
  }

  why(campaign: MadeCampaign, unit: number, worker: string | null = null): string | null {
    const refusal = this.scheduler.admit(campaign.state, unit, worker, this.now);
    return refusal && refusalText(refusal);
  }
}

describe('the order', () => {
  test('what failed last time, then the longest, then as planned', () => {
    const desk = new Desk();
    desk.campaign([{ expected: 10 }, { expected: 500 }, { expected: 10 }, { expected: 20, failedBefore: true }]);
    expect(desk.ask('w', { slots: 4 })).toEqual(['3', '1', '0', '2']);
  });

  test('over suites as within one', () => {
    const desk = new Desk();
    desk.campaign(
      [
        { suite: 'a', expected: 10 },
        { suite: 'b', expected: 90 },
        { suite: 'a', expected: 50 },
      ],
      {
        suites: [suitePlan('a'), suitePlan('b')],
      },
    );
    expect(desk.ask('w', { slots: 3 })).toEqual(['1', '2', '0']);
  });

  test('a higher priority first, but a lower one that waits long grows', () => {
    const desk = new Desk();
    const units = Array.from({ length: 100 }, (_, index) => ({ suite: index === 19 ? 'low' : 'high', expected: 1_000 }));
    const campaign = desk.campaign(units, { suites: [suitePlan('high', { priority: 2 }), suitePlan('low')] });
    expect(desk.ask('w', { slots: 1 })).toEqual(['0']);
    while (campaign.state.units.stateOf(19) === 'waiting') {
      desk.now += 5_000;
      desk.end(campaign, [...campaign.state.leases.values()][0]!.unit);
      expect(desk.ask('w')).toHaveLength(1);
    }
    // Two levels lower: a third minute brings it before the others.
    expect(desk.now).toBe(180_000);
  });

  test('somebody changes a priority', () => {
    const desk = new Desk();
    const campaign = desk.campaign([{ suite: 'a' }, { suite: 'b' }], { suites: [suitePlan('a'), suitePlan('b')] });
    campaign.write({ kind: 'prioritised', suite: suiteName('b'), priority: 3, operator: 'anna' });
    expect(desk.ask('w')).toEqual(['1']);
  });

  test('what nobody knows stands at the 90th percentile of its group, as it is learnt', () => {
    const durations = new Durations();
    for (let index = 0; index < 10; index += 1) {
      durations.learn(suiteName('s'), 'long', verdictOf(`seen${index}`, 'passed', { duration: 1_000 * index }));
    }
    const desk = new Desk(durations);
    desk.campaign([{ expected: 7_000 }, { group: 'long' }, { expected: 9_000 }]);
    expect(desk.ask('w', { slots: 3 })).toEqual(['2', '1', '0']);
    const learning = new Desk();
    const campaign = learning.campaign([{ group: 'x' }, { group: 'y' }, { group: 'y' }, { group: 'x' }]);
    expect(learning.ask('w', { slots: 2, free: 2 })).toEqual(['0', '1']);
    for (const [unit, duration] of [
      [0, 5],
      [1, 5_000],
    ] as const) {
      const lease = [...campaign.state.leases.values()].find((each) => each.unit === unit)!;
      campaign.settle(lease.fence, 'done', [verdictOf(`t${unit}`, 'passed', { duration })]);
    }
    expect(learning.ask('w', { slots: 1 })).toEqual(['2']);
  });
});

describe('a worker', () => {
  test('gets no more than its free slots take, so nothing stands behind a long one', () => {
    const desk = new Desk();
    desk.campaign(
      Array.from({ length: 9 }, () => ({ expected: 100_000 })),
      { suites: [suitePlan('s', { slots: 2 })] },
    );
    expect(desk.ask('w', { slots: 5 })).toEqual(['0', '1']);
    expect(desk.ask('w', { slots: 5 })).toEqual([]);
  });

  test('whose answer was lost gets nothing twice', () => {
    const desk = new Desk();
    const campaign = desk.campaign([{}, {}, {}]);
    expect(desk.ask('w', { slots: 2, free: 2 })).toHaveLength(2);
    expect(desk.ask('w', { slots: 2, free: 2 })).toEqual([]);
    expect(campaign.state.leases.size).toBe(2);
  });

  test.each<[string, Partial<WorkerOffer>, string]>([
    ['without the adapter', { adapters: ['go'] }, 'worker w does not have adapter pytest'],
    ['without a label', { labels: ['linux'] }, 'worker w does not have label gpu'],
    ['with too few slots', { labels: ['gpu'], slots: 1 }, 'worker w does not have 2 slots'],
    ['that is leaving', { labels: ['gpu'], slots: 2, leaving: true }, 'worker w is leaving'],
  ])('%s gets nothing, and why is said', (_, offer, reason) => {
    const desk = new Desk();
    const campaign = desk.campaign([{}], { suites: [suitePlan('s', { labels: ['gpu'], slots: 2 })] });
    expect(desk.ask('w', { slots: 4, ...offer })).toEqual([]);
    expect(desk.why(campaign, 0, 'w')).toBe(reason);
  });

  test('that refused a package is not asked again until it starts anew; when all have, that is said', () => {
    const desk = new Desk();
    const campaign = desk.campaign([{}], { suites: [suitePlan('s', { package: packaged })] });
    desk.ask('w');
    campaign.write({ kind: 'settled', fence: 1, end: 'refused', reason: 'not in daemon.yaml', verdicts: [] });
    expect(desk.ask('w')).toEqual([]);
    expect(desk.why(campaign, 0)).toBe('no worker takes package tests 8.0.412: not in daemon.yaml');
    expect(needsHelp(desk.scheduler.admit(campaign.state, 0, null, 0)!)).toBe(true);
    expect(desk.ask('w', { epoch: 'f'.repeat(16) as WorkerOffer['epoch'] })).toEqual(['0']);
  });

  test('with the package prepared or the suite warm has its units first, unless others are much longer', () => {
    const desk = new Desk();
    const suites = [suitePlan('cold', { package: { ...packaged, hash: 'b'.repeat(64) } }), suitePlan('warm', { package: packaged })];
    const units = [
      { suite: 'cold', expected: 20_000 },
      { suite: 'warm', expected: 5_000 },
      { suite: 'cold', expected: 90_000 },
    ];
    desk.campaign(units, { suites });
    expect(desk.ask('w', { slots: 3, packages: [hash], warm: ['warm'] })).toEqual(['2', '1', '0']);
  });

  test('has no slot idle for the sake of another one where something is warm', () => {
    const desk = new Desk();
    desk.campaign([{}], { suites: [suitePlan('s', { package: packaged })] });
    desk.scheduler.meet(offerOf('warm', { packages: [hash], warm: ['s'] }));
    expect(desk.ask('cold')).toEqual(['0']);
  });

  test('is alone with a serial unit that uses no server', () => {
    const desk = new Desk();
    const campaign = desk.campaign([{ serial: true, expected: 9 }, { expected: 5 }]);
    expect(desk.ask('w', { slots: 3 })).toEqual(['0']);
    expect(desk.why(campaign, 1, 'w')).toContain('needs it for itself');
    expect(desk.ask('v', { slots: 3 })).toEqual(['1']);
  });
});

describe('a retry', () => {
  test('goes to another worker where there is one', () => {
    const desk = new Desk();
    const campaign = desk.campaign([{}], { suites: [suitePlan('s', { retries: 2 })] });
    desk.ask('w');
    desk.scheduler.meet(offerOf('v'));
    desk.end(campaign, 0, 'failed');
    expect(desk.ask('w')).toEqual([]);
    expect(desk.why(campaign, 0, 'w')).toBe('worker w had it last: it waits for another one');
    expect(desk.ask('v')).toEqual(['0']);
  });

  test('stays where there is no other one that could, and where the other one does not come', () => {
    const desk = new Desk();
    const campaign = desk.campaign([{}], { suites: [suitePlan('s', { retries: 3 })] });
    desk.ask('w');
    desk.scheduler.meet(offerOf('v', { adapters: [] }));
    desk.end(campaign, 0, 'failed');
    expect(desk.ask('w')).toEqual(['0']);
    desk.scheduler.meet(offerOf('v'));
    desk.end(campaign, 0, 'failed');
    desk.now += otherWorkerPatience - 1;
    expect(desk.ask('w')).toEqual([]);
    desk.now += 1;
    expect(desk.ask('w')).toEqual(['0']);
  });

  test('that has waited long enough is not hidden behind a longer one that has not', () => {
    const desk = new Desk();
    const campaign = desk.campaign([{ expected: 10 }, { expected: 900 }], { suites: [suitePlan('s', { retries: 1 })] });
    desk.ask('w', { slots: 2 });
    desk.scheduler.meet(offerOf('v'));
    desk.end(campaign, 0, 'failed');
    desk.now += otherWorkerPatience / 2;
    desk.end(campaign, 1, 'failed');
    desk.now += otherWorkerPatience / 2;
    expect(desk.ask('w', { slots: 2 })).toEqual(['0']);
  });

  test('does not keep its worker from others, and goes first elsewhere', () => {
    const desk = new Desk();
    const campaign = desk.campaign([{ expected: 1 }, { expected: 900 }, { expected: 800 }], { suites: [suitePlan('s', { retries: 1 })] });
    campaign.execute(0, 'failed', 'w');
    desk.scheduler.meet(offerOf('v'));
    expect(desk.ask('w')).toEqual(['1']);
    expect(desk.ask('v')).toEqual(['0']);
  });

  test('goes to another server where there are several', () => {
    const desk = new Desk();
    const campaign = desk.campaign([{}], { suites: [suitePlan('s', { retries: 1, usesServer: true })], servers: { a: 2, b: 2 } });
    const [first] = desk.ask('w');
    desk.scheduler.meet(offerOf('v'));
    desk.end(campaign, 0, 'failed');
    const [second] = desk.ask('v');
    expect(new Set([first, second])).toEqual(new Set(['0@a', '0@b']));
  });
});

describe('capacities', () => {
  const wishes = {
    suites: [suitePlan('s', { needs: { licence: 2 } }), suitePlan('t', { needs: { licence: 7 } })],
    capacities: { licence: 8 },
  };

  test('are weighted, and hold over all campaigns', () => {
    const desk = new Desk();
    desk.campaign([{}, {}, {}], wishes);
    desk.campaign([{}, {}, {}], { ...wishes, name: 'other' });
    expect(desk.ask('w', { slots: 9 })).toHaveLength(4);
  });

  test('say who holds them', () => {
    const desk = new Desk();
    const campaign = desk.campaign([{ suite: 't' }, { suite: 's' }], wishes);
    expect(desk.ask('w', { slots: 9 })).toEqual(['0']);
    expect(desk.why(campaign, 1, 'w')).toBe('capacity licence: 7 of 8 taken, needs 2, held by “t0” of t');
  });

  test('that nobody defines, or that are too small, say so', () => {
    const desk = new Desk();
    const campaign = desk.campaign([{}, { suite: 't' }], {
      ...wishes,
      suites: [suitePlan('s', { needs: { db: 1 } }), wishes.suites[1]!],
      capacities: { licence: 3 },
    });
    expect(desk.ask('w', { slots: 9 })).toEqual([]);
    expect(desk.why(campaign, 0)).toBe('nobody says how many slots capacity db has');
    expect(desk.why(campaign, 1)).toBe('capacity licence: has 3 in all, needs 7');
  });

  test('are free exactly once when a worker dies, however often that is said', () => {
    const desk = new Desk();
    const campaign = desk.campaign([{ suite: 't' }, { suite: 't' }, { suite: 't' }], wishes);
    desk.ask('w');
    desk.scheduler.lose('w');
    for (let time = 0; time < 3; time += 1) campaign.settle(1, 'worker-lost');
    expect(desk.ask('v', { slots: 9 })).toHaveLength(1);
    expect(desk.ask('u', { slots: 9 })).toEqual([]);
  });

  test('that were given away and did not get into the ledger are given back', () => {
    const desk = new Desk();
    const campaign = desk.campaign([{ suite: 't' }], wishes);
    const { assignments } = desk.scheduler.next(offerOf('w'), 0);
    expect(desk.why(campaign, 0)).toBe('worker w executes it');
    desk.scheduler.withdraw(assignments[0]!, 0);
    expect(desk.ask('v')).toEqual(['0']);
  });
});

describe('several campaigns', () => {
  test('of the same priority share the slots, whoever came first', () => {
    const desk = new Desk();
    const many = Array.from({ length: 20 }, () => ({ expected: 9_000 }));
    desk.campaign(many, { name: 'one' });
    desk.campaign(
      many.map(() => ({ expected: 10 })),
      { name: 'two' },
    );
    const began = desk.ask('w', { slots: 10 });
    expect(began.filter((each) => each.startsWith('0/'))).toHaveLength(5);
  });

  test('of which one is stopped leave everything to the other', () => {
    const desk = new Desk();
    const one = desk.campaign([{}, {}], { name: 'one' });
    desk.campaign([{}, {}], { name: 'two' });
    one.write({ kind: 'stop-asked', operator: 'anna', reason: '' });
    expect(desk.ask('w', { slots: 4 })).toEqual(['1/0', '1/1']);
    expect(desk.why(one, 0)).toBe('anna has stopped the campaign');
  });

  test('of which one has ended hold nothing any more', () => {
    const desk = new Desk();
    const one = desk.campaign([{}], { name: 'one', suites: [suitePlan('s', { needs: { db: 1 } })], capacities: { db: 1 } });
    desk.campaign([{}], { name: 'two', suites: [suitePlan('s', { needs: { db: 1 } })], capacities: { db: 1 } });
    expect(desk.ask('w', { slots: 2 })).toEqual(['0/0']);
    one.write({ kind: 'campaign-ended', outcome: 'stopped' });
    expect(desk.ask('w', { slots: 2 })).toEqual(['1/0']);
  });
});

describe('a heavy unit', () => {
  test('is not starved by light ones: after a while slots are kept free for it', () => {
    const desk = new Desk();
    const suites = [suitePlan('light', { needs: { licence: 1 } }), suitePlan('heavy', { needs: { licence: 3 } })];
    const units = [{ suite: 'heavy', expected: 1 }, ...Array.from({ length: 2_000 }, () => ({ suite: 'light', expected: 1_000 }))];
    const campaign = desk.campaign(units, { suites, capacities: { licence: 3 } });
    const heavyBegan = (): boolean => campaign.state.units.stateOf(0) !== 'waiting';
    // One light unit ends each second, so three licences are never free at once by themselves.
    for (let second = 0; second < 300 && !heavyBegan(); second += 1) {
      desk.now = second * 1_000;
      const [oldest] = campaign.state.leases.values();
      if (oldest && second > 3) desk.end(campaign, oldest.unit);
      desk.ask('w', { slots: 8 });
    }
    expect(heavyBegan()).toBe(true);
    expect(desk.now).toBeLessThan(100_000);
  });

  test('for which a worker is kept free says so to the others', () => {
    const desk = new Desk();
    const suites = [suitePlan('light'), suitePlan('heavy', { slots: 4 })];
    const units = [
      { suite: 'light', expected: 900 },
      { suite: 'heavy', expected: 1 },
      { suite: 'light', expected: 800 },
      { suite: 'light', expected: 5 },
    ];
    const campaign = desk.campaign(units, { suites });
    expect(desk.ask('w', { slots: 4, free: 1 })).toEqual(['0']);
    desk.now = 50_000;
    expect(desk.ask('w', { slots: 4, free: 1 })).toEqual(['2']);
    desk.now = 100_000;
    expect(desk.ask('w', { slots: 4, free: 2 })).toEqual([]);
    expect(desk.why(campaign, 3, 'w')).toBe('worker w is kept free for unit 1 of suite heavy, which has waited long');
    desk.end(campaign, 0);
    desk.end(campaign, 2);
    expect(desk.ask('w', { slots: 4 })).toEqual(['1']);
  });
});

test('what is kept free for a unit is given up when its servers are lost', () => {
  const desk = new Desk();
  const suites = [suitePlan('light', { needs: { licence: 1 } }), suitePlan('heavy', { needs: { licence: 3 }, usesServer: true })];
  const units = [
    { suite: 'light', expected: 9 },
    { suite: 'heavy', expected: 1 },
    { suite: 'light', expected: 8 },
    { suite: 'light', expected: 7 },
  ];
  const campaign = desk.campaign(units, { suites, servers: { a: 2 }, capacities: { licence: 3 } });
  expect(desk.ask('w', { slots: 1 })).toEqual(['0']);
  desk.now = 50_000;
  expect(desk.ask('u', { slots: 1 })).toEqual(['2']);
  desk.now = 100_000;
  expect(desk.ask('v', { slots: 1 })).toEqual([]);
  campaign.server('a', 'lost');
  expect(desk.ask('v', { slots: 1 })).toEqual(['3']);
});

describe('why something waits', () => {
  test('is told as how many go before it', () => {
    const desk = new Desk();
    const campaign = desk.campaign(Array.from({ length: 9 }, (_, index) => ({ expected: 100 - index })));
    expect(desk.why(campaign, 8)).toBe('there is no worker');
    desk.scheduler.meet(offerOf('w'));
    expect(desk.why(campaign, 8)).toBe('8 units ahead');
    expect(desk.why(campaign, 0)).toBeNull();
    desk.ask('w');
    expect(desk.why(campaign, 0)).toBe('worker w executes it');
    expect(desk.why(campaign, 8)).toBe('worker w is full: 1 of 1 taken, needs 1');
  });

  test('names what no worker has', () => {
    const desk = new Desk();
    const campaign = desk.campaign([{}], { suites: [suitePlan('s', { labels: ['gpu'] })] });
    desk.scheduler.meet(offerOf('w'));
    desk.scheduler.meet(offerOf('v', { adapters: [] }));
    expect(desk.why(campaign, 0)).toBe('no worker has label gpu');
  });

  test('names the servers', () => {
    const desk = new Desk();
    const campaign = desk.campaign([{}, {}], { suites: [suitePlan('s', { usesServer: true })], servers: { a: 1, b: 1 } });
    for (const server of ['a', 'b']) campaign.server(server, 'waiting');
    desk.scheduler.meet(offerOf('w', { slots: 9 }));
    expect(desk.why(campaign, 0)).toBe('none of the servers a and b is ready');
    expect(needsHelp(desk.scheduler.admit(campaign.state, 0, null, 0)!)).toBe(false);
    campaign.server('b', 'out');
    campaign.server('a', 'ready');
    expect(desk.ask('w', { slots: 9 })).toEqual(['0@a']);
    expect(desk.why(campaign, 1)).toBe('server a is full: 1 of 1 taken, needs 1');
    campaign.server('a', 'out');
    expect(needsHelp(desk.scheduler.admit(campaign.state, 1, null, 0)!)).toBe(true);
  });
});

describe('servers', () => {
  const wishes = { suites: [suitePlan('s', { usesServer: true })], servers: { a: 4 } };

  test('execute a serial unit alone', () => {
    const desk = new Desk();
    const campaign = desk.campaign([{ serial: true, expected: 1_000 }, { expected: 10 }, { expected: 10 }], wishes);
    expect(desk.ask('w', { slots: 8 })).toEqual(['0@a']);
    expect(desk.why(campaign, 1)).toBe('server a executes its serial units');
    desk.end(campaign, 0);
    expect(desk.ask('w', { slots: 8 })).toEqual(['1@a', '2@a']);
  });

  test('that execute parallel units end these before a serial one begins', () => {
    const desk = new Desk();
    const campaign = desk.campaign([{ expected: 10 }, { expected: 10 }], wishes);
    expect(desk.ask('w', { slots: 8 })).toEqual(['0@a', '1@a']);
    campaign.plan([{ serial: true, expected: 10 }, { expected: 10 }]);
    expect(desk.ask('w', { slots: 8 })).toEqual([]);
    expect(desk.why(campaign, 2)).toBe('server a executes parallel units, and it needs a server for itself');
    desk.end(campaign, 0);
    desk.end(campaign, 1);
    expect(desk.ask('w', { slots: 8 })).toEqual(['2@a']);
  });

  test('that die give their tests back, and the split is computed anew for the others', () => {
    const desk = new Desk();
    const units = [
      ...Array.from({ length: 8 }, () => ({ serial: true, expected: 1_000 })),
      ...Array.from({ length: 8 }, () => ({ expected: 1_000 })),
    ];
    const campaign = desk.campaign(units, { suites: wishes.suites, servers: { a: 2, b: 2 } });
    const began = desk.ask('w', { slots: 9 });
    const serialServer = began.find((each) => each.startsWith('0@'))!.slice(2);
    campaign.server(serialServer, 'lost');
    for (const lease of campaign.state.leases.values()) {
      if (lease.server === serialServer) campaign.settle(lease.fence, 'server-lost', []);
    }
    expect(campaign.state.units.stateOf(0)).toBe('waiting');
    desk.scheduler.meet(offerOf('v', { slots: 9 }));
    for (let round = 0; round < 40 && !campaign.state.isExhausted; round += 1) {
      for (const lease of campaign.state.leases.values()) desk.end(campaign, lease.unit);
      for (const worker of ['v', 'w']) for (const each of desk.ask(worker, { slots: 9 })) expect(each).not.toContain(`@${serialServer}`);
    }
    expect(campaign.state.totals().results.passed).toBe(16);
  });

  test('are as many serial as it takes, anew when one dies', () => {
    const desk = new Desk();
    const units = [
      ...Array.from({ length: 40 }, () => ({ serial: true, expected: 1_000 })),
      ...Array.from({ length: 80 }, () => ({ expected: 1_000 })),
    ];
    const campaign = desk.campaign(units, { suites: wishes.suites, servers: { a: 2, b: 2, c: 2, d: 2 } });
    desk.scheduler.meet(offerOf('w', { slots: 8 }));
    desk.ask('w', { slots: 8 });
    const serial = (): string[] => [...campaign.state.servers.values()].filter(({ mode }) => mode === 'serial').map(({ server }) => server);
    expect(serial()).toHaveLength(2);
    const [dead] = serial();
    campaign.server(dead!, 'lost');
    for (const { fence, server } of campaign.state.leases.values()) if (server === dead) campaign.settle(fence, 'server-lost');
    desk.ask('w', { slots: 8 });
    expect(serial().filter((server) => server !== dead)).toHaveLength(2);
  });

  test('of each campaign execute its serial units, whatever another one needs', () => {
    const desk = new Desk();
    desk.campaign([{ serial: true, expected: 10 }], { name: 'one', suites: wishes.suites, servers: { a: 4 } });
    desk.campaign([{ serial: true, expected: 10 }, { expected: 90_000 }], { name: 'two', suites: wishes.suites, servers: { b: 4 } });
    const began = desk.ask('w', { slots: 8 });
    expect(began).toContain('0/0@a');
    expect(began).toContain('1/0@b');
  });

  test('stay as they were when another coordinator takes over', () => {
    const desk = new Desk();
    const campaign = desk.campaign([{ serial: true, expected: 1_000 }, { serial: true, expected: 900 }, { expected: 1 }], wishes);
    desk.ask('w', { slots: 8 });
    const next = new Scheduler();
    next.attach(campaign.state);
    expect(next.next(offerOf('v', { slots: 8 }), 0).assignments).toEqual([]);
    desk.end(campaign, 0);
    expect(next.next(offerOf('v', { slots: 8 }), 0).assignments.map(({ unit, attempt }) => [unit, attempt])).toEqual([[1, 1]]);
  });
});

test('a lease that the ledger has and nobody gave away is held as well', () => {
  const desk = new Desk();
  const campaign = desk.campaign([{}, {}], { suites: [suitePlan('s', { needs: { db: 1 } })], capacities: { db: 1 } });
  campaign.write({ kind: 'leased', fence: 1, unit: 0, attempt: 1, worker: 'x', epoch: '0123456789abcdef', server: null } as CampaignBody);
  expect(desk.ask('w', { slots: 2 })).toEqual([]);
});
