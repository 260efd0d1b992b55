/** The one decision: what begins where, in which order, and what a retry and a worker get. */
import { describe, expect, test } from 'vitest';
import { Durations } from '#shared/campaign/durations.ts';
import { otherWorkerPatience } from '#shared/campaign/scheduling/admission.ts';
import { needsHelp } from '#shared/campaign/scheduling/refusals.ts';
import type { WorkerOffer } from '#shared/campaign/scheduling/occupancy.ts';
import { offerOf, suiteName, suitePlan, verdictOf } from '../made-campaign.ts';
import { Desk } from './desk.ts';

const hash = 'a'.repeat(64);
const packaged = { name: 'tests', hash, version: '8.0.412', prepare: [] };

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
