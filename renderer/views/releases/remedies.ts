/** What the buttons beside an open question do. */
import type { ReleaseSheet } from '#shared/analysis/trend.ts';
import { runIdSchema, type RunId } from '#shared/identifiers.ts';
import { createComparison } from '../../stores/comparison.ts';
import { createReleases } from '../../stores/releases.ts';
import { openScenarioToRun } from '../../stores/scenario-to-run.ts';
import { createSession } from '../../stores/session.ts';
import { createTrends } from '../../stores/trends.ts';
import { createArchive } from '../archive/archive-store.ts';
import { openAt } from '../compare/jump.ts';
import { createDecisions } from '../decisions/index.tsx';
import { askPrevious } from './releases-actions.ts';
import { releaseText, type Question, type Remedy } from './release-words.ts';
import type { Stores } from '../../stores/stores.ts';

/** Accepted runs that a sheet compares with at the most. */
const sheetBaseline = 20;

export function remedyTitle(remedy: Remedy, { scenario }: Question, { previous }: Pick<ReleaseSheet, 'previous'>): string {
  switch (remedy) {
    case 'accept':
      return 'Accept…';
    case 'reject':
      return 'Reject…';
    case 'explain':
      return 'Explain…';
    case 'explain run':
      return 'Explain the run…';
    case 'open':
      return 'Open the run';
    case 'compare':
      return 'Open in Compare';
    case 'run scenario':
      return scenario === null ? 'Run it' : `Run ${scenario}`;
    case 'baseline runs':
      return previous === null ? 'Show the runs' : `Accept runs of ${releaseText(previous)}`;
    case 'choose previous':
      return 'Compare with another…';
    case 'trend':
      return 'Show its trend';
  }
}

/** Sets a run against the accepted runs of the release before, as the sheet did; `finding`: whose evidence is shown. */
export function openInCompare(stores: Stores, candidate: RunId, previous: string | null, finding: string | null): void {
  const { selectFinding, setChoice } = stores.get(createComparison);
  selectFinding(finding);
  setChoice({ candidate, baseline: { kind: 'accepted', release: previous, last: sheetBaseline } });
  stores.get(createSession).setState({ view: 'compare' });
}

export function showTrendOf(stores: Stores, scenario: string): void {
  stores.get(createTrends).chooseScenario(scenario);
  stores.get(createReleases).showHalf('trends');
}

export function performRemedy(stores: Stores, remedy: Remedy, question: Question, { previous }: ReleaseSheet): void {
  const { askDecision, askCause } = stores.get(createDecisions);
  const { scenario, sentence, finding } = question;
  const run = runIdSchema.safeParse(question.run).data;
  switch (remedy) {
    case 'accept':
      return run && askDecision([run], 'accepted');
    case 'reject':
      return run && askDecision([run], 'rejected');
    case 'explain':
      return run && finding !== undefined ? askCause([run], { id: finding, sentence }) : undefined;
    case 'explain run':
      return run && askCause([run]);
    case 'open':
      return run && openAt(stores, run, null);
    case 'compare':
      return run && openInCompare(stores, run, previous, finding ?? null);
    case 'run scenario':
      return scenario === null ? undefined : void openScenarioToRun(stores, scenario);
    case 'baseline runs':
      return stores.get(createArchive).showInArchive({ release: previous, text: scenario ?? '' });
    case 'choose previous':
      return askPrevious(stores);
    case 'trend':
      return scenario === null ? undefined : showTrendOf(stores, scenario);
  }
}
