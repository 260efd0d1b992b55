/**
 * Plans of suites that a worker was told and remembers, so that the coordinator tells each once: a suite with large settings is not in every answer.
 * They hold for the key that signed them: what one operator said about a hash is nothing that another one said.
 */
import type { SuitePlan } from '#shared/campaign/plan.ts';
import { RecentMap } from '#shared/recent-map.ts';
import type { WorkAnswer } from '#shared/protocol/work.ts';

/** Suites that are remembered: their hashes stand in every question. */
const remembered = 64;

export class KnownSuites {
  private key = '';
  private plans = new RecentMap<string, SuitePlan>(remembered);

  /** Takes what an answer tells. */
  learn({ suites }: WorkAnswer, key: string): void {
    if (key !== this.key) {
      this.key = key;
      this.plans = new RecentMap(remembered);
    }
    for (const [hash, plan] of Object.entries(suites)) this.plans.set(hash, plan);
  }

  get(hash: string): SuitePlan | undefined {
    return this.plans.get(hash);
  }

  get hashes(): readonly string[] {
    return [...this.plans.keys()];
  }
}
