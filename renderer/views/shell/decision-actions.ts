/** Deciding about runs from wherever they are shown: the chosen ones of the archive, the candidate of a comparison, the run in the Run view. */
import type { RunId } from '#shared/identifiers.ts';
import type { Action } from '../../stores/actions.ts';
import { useArchivedRuns } from '../../stores/archived-runs.ts';
import { compareRuns, isComparable, shownWork } from '../../stores/comparison.ts';
import { finishedRun } from '../../stores/run-session.ts';
import { useSession } from '../../stores/session.ts';
import { runOfReleases } from '../../stores/trends.ts';
import { chosenRuns } from '../archive/archive-store.ts';
import { askCause, askDecision, decisionTitles, showDecisionHistory } from '../decisions/index.tsx';
import { decisions } from '#shared/run/run-words.ts';

/** The finished runs that the operator looks at. */
function runsInView(): readonly RunId[] {
  switch (useSession.getState().view) {
    case 'archive':
      return chosenRuns().flatMap(({ run, outcome }) => (outcome === null ? [] : [run]));
    case 'compare':
      return [shownWork()?.comparison.candidate.run].filter((run) => run !== undefined);
    case 'releases':
      return [runOfReleases()].filter((run) => run !== null);
    case 'run':
      return [finishedRun()].filter((run) => run !== null);
    default:
      return [];
  }
}

/** Of these, those that can be compared. */
function comparableRuns() {
  if (useSession.getState().view === 'archive') return chosenRuns().filter(isComparable);
  const inView = runsInView();
  return (useArchivedRuns.getState().runs ?? []).filter((run) => inView.includes(run.run) && isComparable(run));
}

const any = () => runsInView().length > 0;
const keys = { accepted: ['Mod+Alt+A'], rejected: ['Mod+Alt+X'], undecided: [] } as const;

export function decisionActions(): readonly Action[] {
  return [
    ...decisions.map((decision) => ({
      id: `decision.${decision}`,
      title: `${decisionTitles[decision]} the run…`,
      group: 'Decision',
      keys: keys[decision],
      enabled: any,
      perform: () => askDecision(runsInView(), decision),
    })),
    {
      id: 'decision.annotate',
      title: 'Annotate the run with a cause…',
      group: 'Decision',
      enabled: any,
      perform: () => askCause(runsInView()),
    },
    {
      id: 'decision.history',
      title: 'Show what was said about the run',
      group: 'Decision',
      enabled: () => runsInView().length === 1,
      perform: () => runsInView().forEach(showDecisionHistory),
    },
    {
      id: 'decision.compare',
      title: 'Compare the run',
      group: 'Decision',
      enabled: () => useSession.getState().view !== 'compare' && comparableRuns().length > 0,
      perform: () => compareRuns(comparableRuns()),
    },
  ];
}
