/** What the contract asks about the past of tests, answered out of what is remembered of them. */
import { driftOf } from '#shared/analysis/trends.ts';
import {
  burnInOf,
  countedOf,
  flakinessOfPast,
  lastDisagreement,
  startOf,
  type PastCampaign,
  type PastFlakiness,
  type TestPast,
} from '#shared/campaign/test-past.ts';
import type { CampaignId, SuiteName, TestId } from '#shared/campaign/words.ts';
import type { MethodResponse } from '#shared/contract/contract.ts';
import { ProblemError } from '#shared/problem.ts';
import type { Quarantined } from '../quarantine.ts';
import type { TestHistory } from './test-history.ts';

type History = MethodResponse<'tests.history'>;
type Flaky = MethodResponse<'tests.flaky'>;

/** Rows of a list; of more, those of which least is certain are left out. */
const mostRows = 1_000;

export function historyOf(history: TestHistory, suite: SuiteName, test: TestId, quarantined: Quarantined): History {
  const past = history.of(suite, test);
  if (!past) {
    throw new ProblemError({
      code: 'unknown-test',
      message: `Nothing is known of a test ${test} in the suite ${suite}.`,
      tip: 'A test has a history when a campaign in which it was executed has ended.',
    });
  }
  const { campaigns } = past;
  const durations = campaigns.map(({ verdicts, duration }) => (isWhole(verdicts) ? duration : null));
  const entry = quarantined(suite, test);
  return {
    suite,
    test,
    group: past.group,
    campaigns: campaigns.map(({ campaign, revision, package: hash, verdicts, duration, storm, cause, ...told }) => {
      const { passed, failed } = countedOf({ verdicts, ...told });
      return {
        campaign,
        startedAt: startOf(campaign),
        revision,
        package: hash,
        verdicts,
        duration,
        passed,
        failed,
        storm: storm ?? false,
        cause: cause ?? null,
      };
    }),
    duration: {
      expected: past.duration,
      drift: driftOf(
        durations,
        campaigns.map(({ revision }) => revision),
      ),
    },
    flakiness: toldFlakiness(flakinessOfPast(past)),
    burnIn: burnInOf(past),
    quarantine: entry ? { owner: entry.owner, reason: entry.reason, reference: entry.reference, expires: entry.expires } : null,
  };
}

/** Whether its duration is one that it took to its own end. */
function isWhole(verdicts: PastCampaign['verdicts']): boolean {
  const last = verdicts.at(-1);
  return last === 'passed' || last === 'failed';
}

export function flakyOf(history: TestHistory, quarantined: Quarantined): Flaky {
  const tests: Flaky['tests'] = [];
  const burningIn: Flaky['burningIn'] = [];
  const storms = new Map<CampaignId, number>();
  for (const [suite, past] of history.all()) {
    for (const { campaign, storm } of past.campaigns) if (storm) storms.set(campaign, (storms.get(campaign) ?? 0) + 1);
    const { passes, wanted, over } = burnInOf(past);
    if (!over) burningIn.push({ suite, test: past.test, passes, wanted });
    const flakiness = flakinessOfPast(past);
    if (flakiness.intermittent) tests.push(rowOf(suite, past, flakiness, quarantined));
  }
  return {
    tests: tests.toSorted((one, other) => other.flakiness.low - one.flakiness.low).slice(0, mostRows),
    burningIn: burningIn.toSorted((one, other) => one.passes - other.passes).slice(0, mostRows),
    total: { tests: tests.length, burningIn: burningIn.length },
    storms: [...storms]
      .map(([campaign, count]) => ({ campaign, startedAt: startOf(campaign), tests: count }))
      .toSorted((one, other) => other.startedAt - one.startedAt),
  };
}

function rowOf(suite: SuiteName, past: TestPast, flakiness: PastFlakiness, quarantined: Quarantined): Flaky['tests'][number] {
  const last = lastDisagreement(past);
  return {
    suite,
    test: past.test,
    flakiness: toldFlakiness(flakiness),
    last: last ? { campaign: last.campaign, startedAt: startOf(last.campaign), revision: last.revision, cause: last.cause ?? null } : null,
    passes: burnInOf(past).passes,
    quarantined: quarantined(suite, past.test) !== undefined,
  };
}

function toldFlakiness({ judgement, failures, attempts, rate, low, high }: PastFlakiness): History['flakiness'] {
  return { judgement, failures, attempts, rate: attempts === 0 ? null : rate, low, high };
}
