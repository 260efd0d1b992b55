/** What campaigns that have ended leave of their tests, in real files; and what is answered out of it. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { flakyOf, historyOf } from '#main/core/campaigns/history/history-answers.ts';
import { quarantinedIn } from '#main/core/campaigns/quarantine.ts';
import { TestHistory } from '#main/core/campaigns/history/test-history.ts';
import { methods } from '#shared/contract/contract.ts';
import type { CampaignState } from '#shared/campaign/campaign-state.ts';
import type { Verdict } from '#shared/campaign/words.ts';
import { problemOf } from '#shared/problem.ts';
import { MadeCampaign, suiteName, suitePlan, testId, verdictOf } from '../../../../shared/campaign/made-campaign.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'testops-history-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

type Attempt = readonly [verdict: Verdict, server?: string];

/** A campaign that has ended: attempts by test. */
function campaign(number: number, tests: Readonly<Record<string, readonly Attempt[]>>, revision = 'rc1'): CampaignState {
  const made = new MadeCampaign({
    name: `n${number}`,
    revision,
    suites: [suitePlan('s', { retries: 5, usesServer: true })],
    servers: { a: 9, b: 9, c: 9 },
  });
  made.plan(Object.keys(tests).map((name) => ({ tests: [name] })));
  Object.entries(tests).forEach(([name, attempts], unit) => {
    for (const [verdict, server = 'a'] of attempts)
      made.settle(made.lease(unit, 'w1', server), 'done', [
        verdictOf(name, verdict, { message: `${name} ${verdict}`, duration: 10 + number }),
      ]);
  });
  made.write({ kind: 'campaign-ended', outcome: 'failed' });
  return made.state;
}

const nobody = quarantinedIn([]);

async function learnt(...campaigns: readonly CampaignState[]): Promise<TestHistory> {
  const history = await TestHistory.open(folder);
  for (const state of campaigns) await history.learn(state);
  // What another core finds.
  return TestHistory.open(folder);
}

function flaky(history: TestHistory, quarantined = nobody) {
  return methods['tests.flaky'].response.parse(flakyOf(history, quarantined));
}

test('the history of a test has each campaign, its drift, and its quarantine', async () => {
  const history = await learnt(
    ...Array.from({ length: 12 }, (_, number) => campaign(number, { t: [['passed']] }, `rc${Math.floor(number / 4)}`)),
  );
  const entry = { suite: suiteName('s'), test: testId('t'), owner: 'bo', reference: 'T-7', reason: 'slow', expires: 5 };
  const told = methods['tests.history'].response.parse(historyOf(history, suiteName('s'), testId('t'), quarantinedIn([entry])));
  expect(told.campaigns.map(({ revision }) => revision)).toEqual([
    'rc0',
    'rc0',
    'rc0',
    'rc0',
    'rc1',
    'rc1',
    'rc1',
    'rc1',
    'rc2',
    'rc2',
    'rc2',
    'rc2',
  ]);
  expect(told.duration.drift).toMatchObject({ perRun: 1, direction: 'up' });
  expect(told.duration.drift?.p).toBeLessThan(0.01);
  expect(told).toMatchObject({
    flakiness: { judgement: 'steady', failures: 0, attempts: 12 },
    burnIn: { passes: 12, wanted: 29, over: false },
    quarantine: { owner: 'bo' },
  });
});

test('a test that nobody has executed has none', async () => {
  const history = await learnt();
  const failure = ((): unknown => {
    try {
      return historyOf(history, suiteName('s'), testId('t'), nobody);
    } catch (thrown) {
      return problemOf(thrown);
    }
  })();
  expect(failure).toMatchObject({ code: 'unknown-test' });
});

describe('tests that disagree with themselves', () => {
  const steady = Object.fromEntries(Array.from({ length: 30 }, (_, number) => [`s${number}`, [['passed']] as const]));

  test('are told with rate, interval, and the attempts that say what it comes of', async () => {
    const history = await learnt(
      campaign(1, {
        ...steady,
        t: [
          ['failed', 'a'],
          ['passed', 'b'],
        ],
      }),
      campaign(2, {
        ...steady,
        t: [
          ['broken', 'b'],
          ['passed', 'a'],
        ],
      }),
    );
    const { tests, burningIn, total, storms } = flaky(history);
    expect(tests).toMatchObject([
      {
        test: 't',
        flakiness: { judgement: 'intermittent', failures: 2, attempts: 4, rate: 0.5 },
        last: {
          revision: 'rc1',
          cause: {
            kind: 'test',
            attempts: [
              { attempt: 1, worker: 'w1', server: 'b', verdict: 'broken', message: 't broken' },
              { attempt: 2, server: 'a', verdict: 'passed' },
            ],
          },
        },
        passes: 1,
        quarantined: false,
      },
    ]);
    expect(total).toEqual({ tests: 1, burningIn: 31 });
    expect(burningIn[0]).toMatchObject({ test: 't', passes: 1, wanted: 29 });
    expect(storms).toEqual([]);
  });

  test('are not those that a storm of failures spoiled', async () => {
    const storm = Object.fromEntries(Object.keys(steady).map((name) => [name, [['failed'], ['passed']] as const]));
    const history = await learnt(campaign(1, steady), campaign(2, storm), campaign(3, steady));
    const { tests, storms } = flaky(history);
    expect(tests).toEqual([]);
    expect(storms).toMatchObject([{ tests: 30 }]);
    expect(
      methods['tests.history'].response.parse(historyOf(history, suiteName('s'), testId('s1'), nobody)).campaigns.map((each) => each.storm),
    ).toEqual([false, true, false]);
  });

  test('are not those that one bad server failed', async () => {
    const many = Object.fromEntries(
      Array.from({ length: 90 }, (_, number) => [
        `m${number}`,
        number % 15 === 0
          ? ([
              ['failed', 'b'],
              ['passed', 'a'],
            ] as const)
          : ([['passed', number % 2 ? 'a' : 'c']] as const),
      ]),
    );
    const { tests } = flaky(await learnt(campaign(1, many), campaign(2, many)));
    expect(tests).toEqual([]);
  });

  test('are found again in files that were written before causes were kept', async () => {
    await learnt(campaign(1, { t: [['failed'], ['passed']] }), campaign(2, { t: [['failed'], ['passed']] }));
    const file = join(folder, 's.json');
    const kept = JSON.parse(await readFile(file, 'utf8')) as { tests: { campaigns: Record<string, unknown>[] }[] };
    for (const each of kept.tests) for (const told of each.campaigns) delete told['cause'];
    await writeFile(file, JSON.stringify(kept));
    expect(flaky(await TestHistory.open(folder)).tests).toMatchObject([
      { flakiness: { judgement: 'intermittent' }, last: { cause: null } },
    ]);
  });
});
