/** What a failure most likely comes of. */
import { describe, expect, test } from 'vitest';
import { FailureCauses, hypergeometricTail, withoutNumbers } from '#shared/campaign/failure-causes.ts';
import type { Verdict } from '#shared/campaign/words.ts';
import { MadeCampaign, suitePlan, verdictOf } from './made-campaign.ts';

/** Executes one unit after another, each on a server. */
function executed(
  attempts: readonly (readonly [unit: number, server: string, verdict: Verdict, message?: string])[],
  units: number,
): MadeCampaign {
  const campaign = new MadeCampaign({ suites: [suitePlan('s', { retries: 3, usesServer: true })], servers: { a: 9, b: 9, c: 9 } });
  campaign.plan(Array.from({ length: units }, () => ({})));
  for (const [unit, server, verdict, message] of attempts) {
    const fence = campaign.lease(unit, `w${unit % 7}`, server);
    campaign.settle(fence, 'done', [verdictOf(`t${unit}`, verdict, message === undefined ? {} : { message })]);
  }
  return campaign;
}

const causeOf = (campaign: MadeCampaign, unit: number): string => new FailureCauses(campaign.state).of(unit).kind;

describe('the cause', () => {
  test('is the infrastructure where no attempt came to a verdict', () => {
    const campaign = executed([], 1);
    for (let time = 0; time < 4; time += 1) {
      campaign.write({ kind: 'settled', fence: campaign.lease(0), end: 'runner-lost', reason: 'out of memory', verdicts: [] });
    }
    const cause = new FailureCauses(campaign.state).of(0);
    expect(cause).toMatchObject({ kind: 'infrastructure', reasons: Array.from({ length: 4 }, () => 'out of memory') });
  });

  test('is the server where much that is unrelated fails there and nowhere else', () => {
    const servers = ['a', 'b', 'c'];
    const all = Array.from(
      { length: 60 },
      (_, unit) => [unit, servers[unit % 3]!, unit % 3 === 1 && unit % 2 === 0 ? 'failed' : 'passed'] as const,
    );
    const cause = new FailureCauses(executed(all, 60).state).of(4);
    expect(cause).toMatchObject({ kind: 'environment', place: 'server', name: 'b' });
    expect(cause.attempts).toHaveLength(1);
  });

  test('is the product where it fails always, in the same words on several servers', () => {
    const campaign = executed(
      [
        [0, 'a', 'failed', 'order 17 was lost'],
        [0, 'b', 'failed', 'order 4711 was lost'],
        [1, 'a', 'passed'],
        [2, 'b', 'passed'],
      ],
      3,
    );
    expect(causeOf(campaign, 0)).toBe('product');
  });

  test('is the test where it alone disagrees with itself', () => {
    const campaign = executed(
      [
        [0, 'a', 'failed', 'too slow'],
        [0, 'b', 'passed'],
        [1, 'a', 'passed'],
        [2, 'b', 'passed'],
      ],
      3,
    );
    expect(causeOf(campaign, 0)).toBe('test');
  });

  test('is not known of a single failure', () => {
    expect(
      causeOf(
        executed(
          [
            [0, 'a', 'failed', 'no'],
            [1, 'a', 'passed'],
          ],
          2,
        ),
        0,
      ),
    ).toBe('not known');
  });
});

test('messages are the same when only numbers differ', () => {
  expect(withoutNumbers('order 17 at 0xdeadbeef, 12:30:01.5')).toBe(withoutNumbers('order 4711 at 0x1, 1:02:03'));
});

test('the hypergeometric tail is that of drawing balls', () => {
  // 2 of 2 red ones among 2 drawn of 4: 1 of 6.
  expect(hypergeometricTail(2, 2, 2, 4)).toBeCloseTo(1 / 6, 10);
  expect(hypergeometricTail(1, 2, 2, 4)).toBeCloseTo(5 / 6, 10);
  expect(hypergeometricTail(0, 2, 2, 4)).toBeCloseTo(1, 10);
});
