/**
 * What a run is compared with while nobody chooses: the accepted runs of one release candidate, and why that one. The third question,
 * Compare, the command line and reports all ask here, so that they never differ.
 *
 * The releases with accepted runs of the candidate's scenario and environment are tried from the candidate's own backwards, then the
 * later ones: a run is held against what was there before it rather than what came after. The first that has enough runs for a verdict
 * is taken; where none has, the first of all. A release without accepted runs is never taken.
 */
import { minimumBaselineRuns, type ComparedRun } from './comparison.ts';
import { counted } from '#shared/wording/counts.ts';

/** What is known of a run that could be a baseline: finished, undamaged and live. */
export type BaselineRun = Pick<ComparedRun, 'run' | 'scenario' | 'environment' | 'release' | 'startedAt' | 'outcome' | 'decision'>;

/** The run to compare; before it is started, its environment or release (null) need not be known, nor has it a name. */
export interface RunToCompare {
  readonly run: string | null;
  readonly scenario: string;
  readonly environment: string | null;
  readonly release: string | null;
  /** Infinity: not begun yet. */
  readonly startedAt: number;
}

export interface UsualBaseline<Run extends BaselineRun = BaselineRun> {
  readonly release: string;
  /** Newest first, as many as were asked for. */
  readonly runs: readonly Run[];
  /** In words: `16 accepted runs of rc1, the release under test itself; no other release has accepted runs`. */
  readonly reason: string;
}

/** Release candidates in the order in which they were first run. */
export function releaseOrder(runs: readonly Pick<BaselineRun, 'release' | 'startedAt'>[]): readonly string[] {
  const first = new Map<string, number>();
  for (const { release, startedAt } of runs) first.set(release, Math.min(startedAt, first.get(release) ?? Infinity));
  return [...first].sort(([, left], [, right]) => left - right).map(([release]) => release);
}

/** Accepted runs that a run can be compared with, newest first; never the run itself. */
export function acceptedLike<Run extends BaselineRun>(candidate: RunToCompare, runs: readonly Run[]): readonly Run[] {
  return runs
    .filter(
      ({ run, scenario, environment, outcome, decision }) =>
        decision === 'accepted' &&
        outcome !== 'interrupted' &&
        run !== candidate.run &&
        scenario === candidate.scenario &&
        (candidate.environment === null || environment === candidate.environment),
    )
    .toSorted((one, other) => other.startedAt - one.startedAt);
}

/**
 * The usual baseline of a run; null: no other run of its scenario and environment is accepted.
 * @param runs all finished, undamaged live runs, of whatever scenario: they say in which order the releases came
 * @param last how many accepted runs at the most
 */
export function usualBaseline<Run extends BaselineRun>(
  candidate: RunToCompare,
  runs: readonly Run[],
  last: number,
): UsualBaseline<Run> | null {
  const byRelease = Map.groupBy(acceptedLike(candidate, runs), ({ release }) => release);
  const tried = inTrialOrder(candidate, runs).flatMap(({ release, place }) => {
    const accepted = byRelease.get(release);
    return accepted ? [{ release, place, accepted }] : [];
  });
  const chosen = tried.find(({ accepted }) => accepted.length >= minimumBaselineRuns) ?? tried[0];
  if (!chosen) return null;
  const passedOver = tried.slice(0, tried.indexOf(chosen));
  const others = tried.length - 1;
  return { release: chosen.release, runs: chosen.accepted.slice(0, last), reason: inWords(chosen, { last, passedOver, others }) };
}

type Place = 'own' | 'earlier' | 'later' | 'any';

interface Tried {
  readonly release: string;
  readonly place: Place;
  readonly accepted: readonly BaselineRun[];
}

function inTrialOrder(candidate: RunToCompare, runs: readonly BaselineRun[]): readonly { release: string; place: Place }[] {
  const { release, startedAt } = candidate;
  const order = releaseOrder(release === null ? runs : [...runs, { release, startedAt }]);
  if (release === null) return order.toReversed().map((each) => ({ release: each, place: 'any' }));
  const own = order.indexOf(release);
  return [
    { release, place: 'own' },
    ...order
      .slice(0, own)
      .toReversed()
      .map((each) => ({ release: each, place: 'earlier' as const })),
    ...order.slice(own + 1).map((each) => ({ release: each, place: 'later' as const })),
  ];
}

/** The name of a release in a sentence; a run need not have one. */
export function releaseInWords(release: string): string {
  return release === '' ? 'no release' : release;
}

interface Around {
  readonly last: number;
  readonly passedOver: readonly Tried[];
  /** Other releases with accepted runs. */
  readonly others: number;
}

function inWords({ release, place, accepted }: Tried, { last, passedOver, others }: Around): string {
  const all = accepted.length;
  const runs = last < all ? `the last ${last} of ${all} accepted runs` : counted(all, 'accepted run');
  return `${runs} of ${releaseInWords(release)}${placeInWords(place)}; ${besides(place, all, passedOver, others)}`;
}

function placeInWords(place: Place): string {
  switch (place) {
    case 'own':
      return ', the release under test itself';
    case 'earlier':
      return ', an earlier release';
    case 'later':
      return ', a later release';
    case 'any':
      return '';
  }
}

/** Why not another release. */
function besides(place: Place, accepted: number, passedOver: readonly Tried[], others: number): string {
  const few = accepted < minimumBaselineRuns ? `; a verdict needs ${minimumBaselineRuns}` : '';
  if (passedOver.length > 0) {
    const named = passedOver.map(
      (each) =>
        `${each.place === 'own' ? `${releaseInWords(each.release)} itself` : releaseInWords(each.release)} has only ${each.accepted.length}`,
    );
    return `${named.join(', ')}, and a verdict needs ${minimumBaselineRuns}`;
  }
  if (others === 0) return `no other release has accepted runs${few}`;
  const has = few === '' ? 'has enough for a verdict' : 'has any';
  if (place === 'later') return `no release up to its own ${has}${few}`;
  return `the newest release${place === 'any' ? '' : ' up to its own'} that ${has}${few}`;
}
