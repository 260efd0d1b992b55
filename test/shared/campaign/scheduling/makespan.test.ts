/** How long whole campaigns take, in simulated time, against the least that they could take. */
import { describe, expect, test } from 'vitest';
import { Scheduler } from '#shared/campaign/scheduling/scheduler.ts';
import { cases } from '../../../thoroughness.ts';
import { MadeCampaign, suitePlan } from '../made-campaign.ts';
import { execute, mixedCampaign, mixedCases, skewedCampaign } from '../simulated-execution.ts';

const minute = 60_000;

test(`10,000 skewed tests, 2 % of them new, over 120 slots: at most 1.02 of the bound`, { timeout: 20 * minute }, () => {
  // From 4 on: of the first three, two have one test that is longer than all others together take.
  for (let seed = 4; seed < 4 + cases(20, 3); seed += 1) {
    const { ratio, inOrder, longest } = skewedCampaign(seed);
    expect(ratio, `seed ${seed}`).toBeLessThanOrEqual(1.02);
    if (longest < 1) expect(inOrder, `seed ${seed}: a queue in the order of the plan`).toBeGreaterThan(ratio);
  }
});

describe('serial and parallel units mixed', () => {
  test.each(mixedCases)('on $servers servers of $slots: the moving split is at most 1.02 of the bound', (mixed) => {
    for (let seed = 1; seed <= cases(10, 1); seed += 1) expect(mixedCampaign(mixed, seed)).toBeLessThanOrEqual(1.02);
  });

  test('no fixed split does as well in all of them', () => {
    const best = mixedCases.map((mixed) =>
      Math.min(...Array.from({ length: mixed.servers - 1 }, (_, index) => mixedCampaign(mixed, 1, index + 1))),
    );
    mixedCases.forEach((mixed, index) => expect(best[index]).toBeGreaterThanOrEqual(mixedCampaign(mixed, 1) - 0.001));
    expect(Math.max(...best)).toBeGreaterThan(1.1);
  });

  test('a server that dies in the middle costs no more than its share', () => {
    const servers = { a: 4, b: 4, c: 4, d: 4 };
    const campaign = new MadeCampaign({ suites: [suitePlan('s', { usesServer: true })], servers }, { checked: false });
    const lengths = Array.from({ length: 2_000 }, (_, index) => 1_000 + (index % 7) * 500);
    campaign.plan(lengths.map((expected, index) => ({ expected, serial: index % 10 === 0 })));
    const serial = lengths.filter((_, index) => index % 10 === 0).reduce((sum, each) => sum + each, 0);
    const parallel = lengths.reduce((sum, each) => sum + each, 0) - serial;
    const whole = (serial + parallel / 4) / 4;
    const at = whole / 2;
    const took = execute({
      scheduler: new Scheduler(),
      campaigns: [campaign],
      workers: new Map([
        ['w1', 8],
        ['w2', 8],
      ]),
      duration: (_, unit) => lengths[unit]!,
      event: {
        at,
        happen: () => {
          campaign.time = at;
          campaign.server('a', 'lost');
          for (const { fence, server } of campaign.state.leases.values()) if (server === 'a') campaign.settle(fence, 'server-lost');
        },
      },
    });
    expect(campaign.state.totals().results.passed).toBe(2_000);
    // Half of the work is left for three of four; what was lost is executed again.
    expect(took).toBeLessThanOrEqual((at + (whole - at) * (4 / 3)) * 1.02 + 4_000);
  });
});

test('two campaigns of the same priority end as if each had half', () => {
  const make = (name: string, count: number): MadeCampaign => {
    const campaign = new MadeCampaign({ name }, { checked: false });
    campaign.plan(Array.from({ length: count }, () => ({ expected: 1_000 })));
    return campaign;
  };
  const [small, large] = [make('small', 100), make('large', 1_000)];
  let smallEnded = 0;
  const took = execute({
    scheduler: new Scheduler(),
    campaigns: [large, small],
    workers: new Map([['w', 10]]),
    duration: () => 1_000,
    watch: (_, time) => {
      if (smallEnded === 0 && small.state.isExhausted) smallEnded = time;
    },
  });
  expect(smallEnded).toBe(20_000);
  expect(took).toBe(110_000);
});
