/** What a campaign's records come to: units, attempts, results, retries, trouble of the infrastructure, and records that do not fit. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CampaignState } from '#shared/campaign/campaign-state.ts';
import type { CampaignBody } from '#shared/campaign/records.ts';
import { isTriedAgain, leaseEnds, verdicts, type Verdict } from '#shared/campaign/words.ts';
import { cases } from '../../thoroughness.ts';
import { campaignPlan, epoch, MadeCampaign, offerOf, serverName, suiteName, suitePlan, testId, verdictOf } from './made-campaign.ts';

const retrying = (retries: number): MadeCampaign => new MadeCampaign({ suites: [suitePlan('s', { retries })] });

describe('an attempt', () => {
  test.each(verdicts)('%s is what is said of its test', (verdict) => {
    const campaign = retrying(0);
    campaign.plan([{}]);
    campaign.execute(0, verdict);
    expect(campaign.resultOf('t0')).toBe(verdict);
    expect(campaign.state.units.stateOf(0)).toBe('over');
    expect(campaign.state.isExhausted).toBe(true);
  });

  test('that fails is followed by as many as the suite says, and passed then is passed on retry', () => {
    const campaign = retrying(2);
    campaign.plan([{}, {}]);
    campaign.execute(0, 'failed', 'w1');
    expect(campaign.resultOf('t0')).toBe('failed');
    expect(campaign.state.totals()).toMatchObject({ waiting: 2, retriesOwed: 1 });
    campaign.execute(0, 'passed', 'w2');
    expect(campaign.resultOf('t0')).toBe('passed on retry');
    for (const worker of ['w1', 'w2', 'w3']) campaign.execute(1, 'broken', worker);
    expect(campaign.state.tests.attemptsOf(1).map(({ lease }) => lease.worker)).toEqual(['w1', 'w2', 'w3']);
    expect(campaign.state.totals()).toMatchObject({ over: 2, retriesOwed: 0, oddities: 0 });
    expect(campaign.state.isExhausted).toBe(true);
  });

  test('of several tests is repeated for those alone that failed', () => {
    const campaign = retrying(1);
    campaign.plan([{ tests: ['a', 'b', 'c'] }]);
    campaign.settle(campaign.lease(0), 'done', [verdictOf('a'), verdictOf('b', 'failed'), verdictOf('c')]);
    expect(campaign.state.owedTests(0)).toEqual(['b']);
    campaign.execute(0);
    expect(['a', 'b', 'c'].map((id) => campaign.resultOf(id))).toEqual(['passed', 'passed on retry', 'passed']);
  });

  test('that ended without a word about a test leaves it missing', () => {
    const campaign = retrying(0);
    campaign.plan([{ tests: ['a', 'b'] }]);
    campaign.settle(campaign.lease(0), 'done', [verdictOf('a')]);
    expect(campaign.resultOf('b')).toBe('missing');
  });

  test('counts the first verdict of a test, and none of a test that it was not to execute', () => {
    const campaign = retrying(0);
    campaign.plan([{ tests: ['a', 'b'] }]);
    campaign.settle(campaign.lease(0, 'w1', null, ['a']), 'done', [verdictOf('a'), verdictOf('a', 'failed'), verdictOf('b', 'failed')]);
    expect(campaign.resultOf('a')).toBe('passed');
    expect(campaign.resultOf('b')).toBeNull();
    expect(campaign.state.units.stateOf(0)).toBe('waiting');
    expect(campaign.state.totals().oddities).toBe(1);
  });
});

describe('trouble of the infrastructure', () => {
  test.each(leaseEnds.filter((end) => end !== 'done' && end !== 'stopped'))(
    '%s: executed again three times, then infrastructure',
    (end) => {
      const campaign = retrying(0);
      campaign.plan([{}]);
      for (let time = 0; time < 4; time += 1) {
        expect(campaign.state.units.stateOf(0)).toBe('waiting');
        campaign.settle(campaign.lease(0), end);
      }
      expect(campaign.resultOf('t0')).toBe('infrastructure');
      expect(campaign.state.units.stateOf(0)).toBe('over');
    },
  );

  test('keeps the verdicts that came before it, and executes the rest', () => {
    const campaign = retrying(0);
    campaign.plan([{ tests: ['a', 'b', 'c'] }]);
    campaign.settle(campaign.lease(0), 'worker-lost', [verdictOf('a')]);
    expect(campaign.state.owedTests(0)).toEqual(['b', 'c']);
    campaign.execute(0);
    expect(campaign.state.totals().results).toMatchObject({ passed: 3, infrastructure: 0 });
  });

  test('that one test makes is borne by this one: the others behind it are executed', () => {
    const campaign = retrying(0);
    campaign.plan([{ tests: ['a', 'kills', 'c', 'd'] }]);
    // Whatever executes `kills` dies of it.
    for (let round = 0; round < 20 && campaign.state.units.stateOf(0) === 'waiting'; round += 1) {
      const owed = campaign.state.owedTests(0);
      const before = owed.includes(testId('kills')) ? owed.slice(0, owed.indexOf(testId('kills'))) : owed;
      const end = before.length === owed.length ? 'done' : 'runner-lost';
      campaign.settle(
        campaign.lease(0, 'w1', null, owed),
        end,
        before.map((id) => verdictOf(id)),
      );
    }
    expect(['a', 'kills', 'c', 'd'].map((id) => campaign.resultOf(id))).toEqual(['passed', 'infrastructure', 'passed', 'passed']);
  });

  test('in a retry leaves the verdict that there is', () => {
    const campaign = retrying(1);
    campaign.plan([{}]);
    campaign.execute(0, 'failed');
    for (let time = 0; time < 4; time += 1) campaign.settle(campaign.lease(0), 'runner-lost');
    expect(campaign.resultOf('t0')).toBe('failed');
    expect(campaign.state.isExhausted).toBe(true);
  });

  test('is nobody’s when a lease was stopped', () => {
    const campaign = retrying(0);
    campaign.plan([{}]);
    for (let time = 0; time < 9; time += 1) campaign.settle(campaign.lease(0), 'stopped');
    expect(campaign.state.units.stateOf(0)).toBe('waiting');
    campaign.execute(0);
    expect(campaign.resultOf('t0')).toBe('passed');
  });
});

describe('asked for by hand', () => {
  test('once more: what is red, beyond its retries', () => {
    const campaign = retrying(0);
    campaign.plan([{ tests: ['a', 'b'] }, {}]);
    campaign.settle(campaign.lease(0), 'done', [verdictOf('a'), verdictOf('b', 'failed')]);
    campaign.execute(1);
    campaign.write({ kind: 'retry-asked', units: [0], operator: 'anna' });
    expect(campaign.state.owedTests(0)).toEqual(['b']);
    campaign.execute(0);
    expect(campaign.resultOf('b')).toBe('passed on retry');
    expect(campaign.state.isExhausted).toBe(true);
  });

  test('once more, of a unit that is green: all of it', () => {
    const campaign = retrying(0);
    campaign.plan([{ tests: ['a', 'b'] }]);
    campaign.execute(0);
    campaign.write({ kind: 'retry-asked', units: [0, 77], operator: 'anna' });
    expect(campaign.state.owedTests(0)).toEqual(['a', 'b']);
    expect(campaign.state.totals().oddities).toBe(1);
  });

  test('a stop: nothing more begins, what runs comes to its end, the rest was not run', () => {
    const campaign = retrying(3);
    campaign.plan([{}, {}], false);
    const fence = campaign.lease(0);
    campaign.write({ kind: 'stop-asked', operator: 'anna', reason: 'enough' });
    expect(campaign.state.isExhausted).toBe(false);
    campaign.settle(fence, 'done', [verdictOf('t0', 'failed')]);
    expect(campaign.state.isExhausted).toBe(true);
    campaign.write({ kind: 'campaign-ended', outcome: 'stopped' });
    expect([campaign.resultOf('t0'), campaign.resultOf('t1')]).toEqual(['failed', 'not run']);
    expect(campaign.state.totals()).toMatchObject({ waiting: 0, over: 2, retriesOwed: 0 });
  });

  test('a priority, of a suite or of all', () => {
    const campaign = retrying(0);
    campaign.write({ kind: 'prioritised', suite: suiteName('s'), priority: 5, operator: 'anna' });
    campaign.write({ kind: 'prioritised', suite: null, priority: -2, operator: 'anna' });
    expect([campaign.state.suites.get(suiteName('s'))?.priority, campaign.state.priority]).toEqual([5, -2]);
  });
});

describe('a campaign that has ended', () => {
  test('leaves no test running, also when its coordinator was killed', () => {
    const campaign = retrying(0);
    campaign.plan([{}, {}], false);
    campaign.lease(0);
    campaign.write({ kind: 'campaign-ended', outcome: 'stopped', reason: 'given up' });
    expect(campaign.state.leases.size).toBe(0);
    expect(campaign.state.totals()).toMatchObject({ leased: 0, undecided: 0, results: { 'not run': 2 } });
  });

  test('changes no more', () => {
    const campaign = retrying(1);
    campaign.plan([{}]);
    const fence = campaign.lease(0);
    campaign.write({ kind: 'campaign-ended', outcome: 'failed' });
    const before = campaign.state.totals();
    campaign.settle(fence, 'done', [verdictOf('t0')]);
    campaign.write({ kind: 'retry-asked', units: [0], operator: 'anna' });
    expect(campaign.state.totals()).toEqual({ ...before, oddities: 2 });
  });
});

describe('a record that does not fit', () => {
  test.each<[string, CampaignBody]>([
    ['an old fence', { kind: 'settled', fence: 1, end: 'done', verdicts: [verdictOf('t0', 'failed')] }],
    ['a fence that was never given', { kind: 'settled', fence: 99, end: 'done', verdicts: [] }],
    ['a lease of a unit that is not there', leased({ fence: 7, unit: 55 })],
    ['a lease of a unit that is leased', leased({ fence: 7, unit: 1 })],
    ['a lease with an old fence', leased({ fence: 1, unit: 2 })],
    ['a lease on a server that is not there', { ...leased({ fence: 7, unit: 2 }), server: serverName('moon') } as CampaignBody],
    ['a server of another campaign', { kind: 'server-changed', server: serverName('moon'), state: 'ready' }],
    ['a suite of another campaign', { kind: 'suite-listed', suite: suiteName('moon'), tests: 1, units: 1 }],
    ['a second start', { kind: 'campaign-started', plan: campaignPlan() }],
  ])('%s changes nothing and is an oddity', (_, body) => {
    const campaign = retrying(0);
    campaign.plan([{}, {}, {}]);
    campaign.execute(0);
    campaign.lease(1);
    const before = campaign.state.totals();
    campaign.write(body);
    expect(campaign.state.totals()).toEqual({ ...before, oddities: before.oddities + 1 });
    expect(campaign.resultOf('t0')).toBe('passed');
    expect(campaign.state.leases.size).toBe(1);
  });

  test('a record that was had already changes nothing', () => {
    const campaign = retrying(1);
    campaign.plan([{}]);
    campaign.execute(0, 'failed');
    const { state, records } = campaign;
    const before = state.totals();
    for (const record of records) state.apply(record);
    expect(state.totals()).toEqual({ ...before, oddities: records.length });
  });

  test('what comes late is kept as evidence', () => {
    const campaign = retrying(0);
    campaign.plan([{}]);
    campaign.settle(campaign.lease(0), 'worker-lost');
    campaign.write({ kind: 'late', fence: 1, worker: 'w1', verdicts: [verdictOf('t0')] } as CampaignBody);
    expect(campaign.resultOf('t0')).toBeNull();
    expect(campaign.state.totals()).toMatchObject({ late: 1, oddities: 0 });
    expect(campaign.state.late).toHaveLength(1);
  });
});

test('a worker that refuses a suite is remembered, with its epoch', () => {
  const campaign = retrying(0);
  campaign.plan([{}]);
  campaign.write({ kind: 'settled', fence: campaign.lease(0), end: 'refused', reason: 'not allowed', verdicts: [] });
  expect(campaign.state.suites.get(suiteName('s'))?.refusals.get('w1')).toMatchObject({ reason: 'not allowed' });
});

function leased({ fence, unit }: { fence: number; unit: number }): CampaignBody {
  return { kind: 'leased', fence, unit, attempt: 1, worker: 'w1', epoch: '0123456789abcdef', server: null } as CampaignBody;
}

// ------------------------------------------------------------------------------------------------- against a simple model

const verdict = fc.constantFrom(...verdicts);
const action = fc.oneof(
  fc.record({ do: fc.constant('lease' as const), unit: fc.nat(6), subset: fc.nat(3) }),
  fc.record({
    do: fc.constant('settle' as const),
    fence: fc.nat(12),
    end: fc.constantFrom(...leaseEnds),
    said: fc.array(verdict, { maxLength: 4 }),
  }),
  fc.record({ do: fc.constant('ask' as const), unit: fc.nat(6) }),
);

interface ModelTest {
  readonly history: Verdict[];
  troubles: number;
  allowed: number;
}

test(`any records against a simple model (seed 20261202)`, () => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 60, size: 'max' }), (actions) => {
      const campaign = retrying(1);
      campaign.plan([{ tests: ['a', 'b', 'c'] }, {}, {}, { tests: ['x', 'y'] }]);
      const names = [['a', 'b', 'c'], ['t1'], ['t2'], ['x', 'y']];
      const model = new Map<string, ModelTest>(names.flat().map((id) => [id, { history: [], troubles: 0, allowed: 2 }]));
      const running = new Map<number, { unit: number; tests: string[] }>();
      const owed = (id: string): boolean => {
        const { history, troubles, allowed } = model.get(id)!;
        return troubles <= 3 && history.length < allowed && (history.length === 0 || isTriedAgain(history.at(-1)!) || asked.has(id));
      };
      const asked = new Set<string>();
      for (const each of actions) {
        if (each.do === 'lease') {
          const tests = (names[each.unit] ?? []).filter(owed).slice(0, each.subset + 1);
          const busy = [...running.values()].some(({ unit }) => unit === each.unit);
          const fits = tests.length > 0 && !busy;
          const fence = campaign.lease(each.unit, 'w1', null, tests);
          expect(campaign.state.leases.has(fence)).toBe(fits);
          if (fits) running.set(fence, { unit: each.unit, tests });
        } else if (each.do === 'settle') {
          const lease = running.get(each.fence);
          const tests = lease?.tests.slice(0, each.said.length) ?? [];
          if (each.fence > 0)
            campaign.settle(
              each.fence,
              each.end,
              tests.map((id, index) => verdictOf(id, each.said[index])),
            );
          if (!lease) continue;
          running.delete(each.fence);
          tests.forEach((id, index) => judge(id, each.said[index]!));
          const rest = lease.tests.slice(tests.length);
          if (each.end === 'done') rest.forEach((id) => judge(id, 'missing'));
          else if (each.end === 'runner-lost' && tests.length > 0) rest.slice(0, 1).forEach((id) => (model.get(id)!.troubles += 1));
          else if (each.end !== 'stopped') rest.forEach((id) => (model.get(id)!.troubles += 1));
        } else {
          const all = names[each.unit] ?? [];
          const wanting = all.filter((id) => {
            const { history, troubles } = model.get(id)!;
            return history.length === 0 || isTriedAgain(history.at(-1)!) || (troubles > 3 && history.length === 0);
          });
          campaign.write({ kind: 'retry-asked', units: [each.unit], operator: 'anna' });
          for (const id of wanting.length > 0 ? wanting : all) {
            const known = model.get(id)!;
            known.allowed = Math.max(known.allowed, known.history.length + 1);
            known.troubles = 0;
            asked.add(id);
          }
        }
        for (const [id, { history, troubles }] of model) expect(campaign.resultOf(id), id).toBe(said(history, troubles));
        names.forEach((tests, unit) => {
          expect(campaign.state.owedTests(unit), `unit ${unit}`).toEqual(tests.filter(owed));
          const leasedNow = [...running.values()].some((lease) => lease.unit === unit);
          expect(campaign.state.units.stateOf(unit)).toBe(leasedNow ? 'leased' : tests.some(owed) ? 'waiting' : 'over');
        });
      }
      expect(CampaignState.of(campaign.records).totals()).toEqual(campaign.state.totals());

      function judge(id: string, given: Verdict): void {
        const known = model.get(id)!;
        known.history.push(given);
        known.troubles = 0;
        asked.delete(id);
      }
    }),
    { numRuns: cases(20_000, 300), seed: 20_261_202 },
  );
});

function said(history: readonly Verdict[], troubles: number): string | null {
  const last = history.at(-1);
  if (last === undefined) return troubles > 3 ? 'infrastructure' : null;
  return last === 'passed' && history.some(isTriedAgain) ? 'passed on retry' : last;
}

describe('counts', () => {
  test('add up: a test that is tried again is not done, and is counted by its result when that is final', () => {
    const campaign = retrying(1);
    campaign.plan([{}, {}, {}]);
    campaign.execute(0, 'failed');
    campaign.execute(1, 'passed');
    expect(campaign.state.totals()).toMatchObject({ undecided: 1, retriesOwed: 1, results: { failed: 0, passed: 1 } });
    expect(campaign.state.tests.triesLeftOf(0)).toBe(1);
    campaign.execute(0, 'failed');
    expect(campaign.state.totals()).toMatchObject({ undecided: 1, retriesOwed: 0, results: { failed: 1, passed: 1 } });
    expect(campaign.state.tests.triesLeftOf(0)).toBe(0);
    campaign.write({ kind: 'retry-asked', units: [0], operator: 'anna' });
    expect(campaign.state.totals()).toMatchObject({ retriesOwed: 1, results: { failed: 0 } });
    campaign.write({ kind: 'campaign-ended', outcome: 'stopped' });
    expect(campaign.state.totals()).toMatchObject({ undecided: 0, retriesOwed: 0, results: { failed: 1, passed: 1, 'not run': 1 } });
  });

  test('an attempt that came to nothing is one', () => {
    const campaign = retrying(0);
    campaign.plan([{}]);
    campaign.settle(campaign.lease(0), 'worker-lost');
    campaign.execute(0);
    expect(campaign.state.tests.beginningsOf(0)).toBe(2);
    expect(campaign.state.tests.attemptsOf(0)).toHaveLength(1);
  });
});

test('a worker that is lost is known by what it had', () => {
  const campaign = retrying(0);
  campaign.write({ kind: 'worker-changed', worker: offerOf('w1').worker, state: 'present', epoch, slots: 2, labels: [], host: 'vm' });
  campaign.plan([{ tests: ['a', 'b', 'c', 'd'] }, {}]);
  const [first, second] = [campaign.lease(0), campaign.lease(1)];
  campaign.time = 5;
  campaign.settle(first, 'worker-lost', [verdictOf('a')]);
  campaign.settle(second, 'worker-lost');
  expect(campaign.state.workers.get('w1')?.lost).toMatchObject({ leases: 2, tests: 4, latest: { count: 4 } });
  expect(campaign.state.workers.get('w1')?.lost?.latest.tests.map(({ test }) => test)).toEqual(['b', 'c', 'd']);
});

test('reasons to wait hold until others are told, or another core decides', () => {
  const campaign = retrying(0);
  campaign.plan([{}]);
  campaign.write({ kind: 'waits-told', waits: [{ reason: 'no worker has label gpu', count: 1, units: [0] }] });
  expect(campaign.state.waits?.waits).toMatchObject([{ reason: 'no worker has label gpu' }]);
  campaign.write({ kind: 'coordinator-changed', core: 'other', host: 'vm' });
  expect(campaign.state.waits).toBeNull();
});
