/** Which run may stand beside the replayed one, the likeliest first. Pure. */
import type { RunId } from '#shared/identifiers.ts';
import type { ArchivedRun } from '../archived-runs.ts';

type Choosable = Pick<ArchivedRun, 'run' | 'scenario' | 'release' | 'startedAt' | 'outcome' | 'decision' | 'mode' | 'damage'>;

/**
 * Finished runs but this one: first the latest accepted run of an earlier release of the same scenario, then the others of the same
 * scenario, then all others, each latest first.
 */
export function choicesBeside<Run extends Choosable>(runs: readonly Run[], shown: RunId): readonly Run[] {
  const own = runs.find(({ run }) => run === shown);
  const rank = ({ scenario, release, startedAt, decision, outcome }: Run): number => {
    if (own === undefined) return 0;
    if (scenario !== own.scenario) return 3;
    const earlier = release !== own.release && startedAt < own.startedAt;
    if (earlier && decision === 'accepted') return 0;
    return earlier && outcome === 'passed' ? 1 : 2;
  };
  return runs
    .filter(({ run, outcome, damage }) => run !== shown && (outcome !== null || damage !== null))
    .sort((left, right) => rank(left) - rank(right) || right.startedAt - left.startedAt);
}
