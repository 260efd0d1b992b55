/** What the one decision shares out: capacities, slots among campaigns, room that is kept free for a heavy unit. */
import { describe, expect, test } from 'vitest';
import type { CampaignBody } from '#shared/campaign/records.ts';
import { offerOf, suitePlan } from '../made-campaign.ts';
import { Desk } from './desk.ts';

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

test('a lease that the ledger has and nobody gave away is held as well', () => {
  const desk = new Desk();
  const campaign = desk.campaign([{}, {}], { suites: [suitePlan('s', { needs: { db: 1 } })], capacities: { db: 1 } });
  campaign.write({ kind: 'leased', fence: 1, unit: 0, attempt: 1, worker: 'x', epoch: '0123456789abcdef', server: null } as CampaignBody);
  expect(desk.ask('w', { slots: 2 })).toEqual([]);
});
