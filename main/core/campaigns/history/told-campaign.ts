/** What a campaign that has ended says of each of its tests: which attempts count for it, and what the others came of. */
import type { AttemptFact, CampaignState } from '#shared/campaign/campaign-state.ts';
import { causeText } from '#shared/campaign/cause-text.ts';
import { FailureCauses, type FailureCause } from '#shared/campaign/failure-causes.ts';
import { isStorm } from '#shared/campaign/flakiness.ts';
import { wantsCause, type PastCampaign, type ToldCause } from '#shared/campaign/test-past.ts';
import { isTriedAgain, isTrouble } from '#shared/campaign/words.ts';

/** Attempts that are cited with a cause. */
const mostCited = 5;
const longestMessage = 500;

export class ToldCampaign {
  /** So much failed that something common is wrong. */
  readonly storm: boolean;
  private readonly state: CampaignState;
  private readonly causes: FailureCauses;

  /** @param usual share of attempts that fail on other days */
  constructor(state: CampaignState, usual: number) {
    this.state = state;
    this.causes = new FailureCauses(state);
    let [failures, attempts] = [0, 0];
    for (let number = 0; number < state.tests.size; number += 1) {
      for (const { verdict } of state.tests.attemptsOf(number)) {
        if (verdict.verdict === 'skipped') continue;
        attempts += 1;
        if (isTriedAgain(verdict.verdict)) failures += 1;
      }
    }
    this.storm = isStorm(failures, attempts, usual);
  }

  /** null: nothing of it was executed. */
  of(number: number): PastCampaign | null {
    const { plan } = this.state;
    const named = this.state.testAt(number);
    const attempts = this.state.tests.attemptsOf(number);
    if (!plan || !named || attempts.length === 0) return null;
    const verdicts = attempts.map(({ verdict }) => verdict.verdict);
    const told = {
      campaign: plan.campaign,
      revision: plan.revision,
      package: this.state.suites.get(named.suite)?.plan.package?.hash ?? null,
      verdicts,
      duration: attempts.at(-1)?.verdict.duration ?? 0,
      ...(this.storm && { storm: true as const }),
    };
    const cause = wantsCause(verdicts) ? this.causes.of(number) : null;
    const counted = this.counted(attempts, cause);
    return { ...told, ...(counted && { counted }), ...(cause && { cause: toldCause(cause) }) };
  }

  /** Trouble of the infrastructure, a server or a worker that fails much, and a storm say nothing of the test; null: everything counts. */
  private counted(attempts: readonly AttemptFact[], cause: FailureCause | null): PastCampaign['counted'] | null {
    if (this.storm) return { passed: 0, failed: 0 };
    const elsewhere = new Set(cause?.kind === 'environment' || cause?.kind === 'infrastructure' ? cause.attempts : []);
    const silent = attempts.filter((each) => (each.lease.end !== null && isTrouble(each.lease.end)) || elsewhere.has(each));
    if (silent.length === 0) return null;
    const counts = { passed: 0, failed: 0 };
    for (const each of attempts) {
      if (each.verdict.verdict === 'passed') counts.passed += 1;
      else if (!silent.includes(each) && isTriedAgain(each.verdict.verdict)) counts.failed += 1;
    }
    return counts;
  }
}

function toldCause(cause: FailureCause): ToldCause {
  const attempts = cause.attempts.slice(-mostCited).map(({ lease, verdict }) => ({
    attempt: lease.attempt,
    worker: lease.worker,
    server: lease.server,
    verdict: verdict.verdict,
    message: verdict.message?.slice(0, longestMessage) ?? null,
  }));
  return { kind: cause.kind, text: causeText(cause), attempts };
}
