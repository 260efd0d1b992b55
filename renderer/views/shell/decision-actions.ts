/** Deciding about runs from wherever they are shown: the chosen ones of the archive, the candidate of a comparison, the run in the Run view. */
import type { RunId } from '#shared/identifiers.ts';
import type { Action } from '../../stores/actions.ts';
import { createArchivedRuns } from '../../stores/archived-runs.ts';
import { createComparison, isComparable } from '../../stores/comparison.ts';
import { createRunSession } from '../../stores/run-session.ts';
import { createSession } from '../../stores/session.ts';
import { createTrends } from '../../stores/trends.ts';
import { createArchive } from '../archive/archive-store.ts';
import { createDecisions, decisionTitles } from '../decisions/index.tsx';
import { decisions } from '#shared/run/run-words.ts';
import type { Stores } from '../../stores/stores.ts';

/** The finished runs that the operator looks at. */
function runsInView(stores: Stores): readonly RunId[] {
  switch (stores.get(createSession).getState().view) {
    case 'archive':
      return stores
        .get(createArchive)
        .chosenRuns()
        .flatMap(({ run, outcome }) => (outcome === null ? [] : [run]));
    case 'compare':
      return [stores.get(createComparison).shownWork()?.comparison.candidate.run].filter((run) => run !== undefined);
    case 'releases':
      return [stores.get(createTrends).runOfReleases()].filter((run) => run !== null);
    case 'run':
      return [stores.get(createRunSession).finishedRun()].filter((run) => run !== null);
    default:
      return [];
  }
}

/** Of these, those that can be compared. */
function comparableRuns(stores: Stores) {
  if (stores.get(createSession).getState().view === 'archive') return stores.get(createArchive).chosenRuns().filter(isComparable);
  const inView = runsInView(stores);
  return (stores.get(createArchivedRuns).getState().runs ?? []).filter((run) => inView.includes(run.run) && isComparable(run));
}

const any = (stores: Stores) => runsInView(stores).length > 0;
const keys = { accepted: ['Mod+Alt+A'], rejected: ['Mod+Alt+X'], undecided: [] } as const;

export function decisionActions(stores: Stores): readonly Action[] {
  const { askDecision, askCause, showDecisionHistory } = stores.get(createDecisions);
  return [
    ...decisions.map((decision) => ({
      id: `decision.${decision}`,
      title: `${decisionTitles[decision]} the run…`,
      group: 'Decision',
      keys: keys[decision],
      enabled: () => any(stores),
      perform: () => askDecision(runsInView(stores), decision),
    })),
    {
      id: 'decision.annotate',
      title: 'Annotate the run with a cause…',
      group: 'Decision',
      enabled: () => any(stores),
      perform: () => askCause(runsInView(stores)),
    },
    {
      id: 'decision.history',
      title: 'Show what was said about the run',
      group: 'Decision',
      enabled: () => runsInView(stores).length === 1,
      perform: () => runsInView(stores).forEach(showDecisionHistory),
    },
    {
      id: 'decision.compare',
      title: 'Compare the run',
      group: 'Decision',
      enabled: () => stores.get(createSession).getState().view !== 'compare' && comparableRuns(stores).length > 0,
      perform: () => stores.get(createComparison).compareRuns(comparableRuns(stores)),
    },
  ];
}
