/** What the list of runs tells of each run, column by column. */
import type { GridColumn, GridDefinition } from '../../components/data-grid-columns.ts';
import { inertText } from '../../components/inert-text.ts';
import { VerdictLabel } from '../../components/verdict-label.tsx';
import type { ArchivedRun } from '../../stores/archived-runs.ts';
import { DecisionLabel } from '../decisions/index.tsx';
import { checksText, verdictOf } from './archive-rows.ts';
import { durationText } from '#shared/wording/durations.ts';
import { quantityText } from '#shared/wording/quantities.ts';
import { countText } from '#shared/wording/counts.ts';
import { dateAndTime } from '#shared/wording/times.ts';
import { notKnown } from '#shared/wording/numbers.ts';

/** Those with most checks that were not met first, then by how many there were. */
function checksOrder({ totals }: ArchivedRun): number | null {
  return totals ? totals.checksNotMet * 1_000_000 + totals.checksMet : null;
}

const columns: readonly GridColumn<ArchivedRun>[] = [
  {
    name: 'verdict',
    title: 'Verdict',
    width: 84,
    value: verdictOf,
    cell: (run) => <VerdictLabel verdict={verdictOf(run)} />,
    tip: (run) => run.reason ?? undefined,
  },
  {
    name: 'decision',
    title: 'Decision',
    width: 92,
    value: (run) => run.decision,
    cell: (run) => (run.outcome === null ? notKnown : <DecisionLabel decision={run.decision} />),
  },
  {
    name: 'scenario',
    title: 'Scenario',
    width: 110,
    growsTo: 430,
    value: (run) => run.scenario,
    cell: (run) => inertText(run.scenario) + (run.mode === 'dry' ? ' (dry run)' : ''),
  },
  {
    name: 'release',
    title: 'Release',
    width: 64,
    growsTo: 150,
    value: (run) => run.release,
    cell: (run) => inertText(run.release),
  },
  {
    name: 'started',
    title: 'Started',
    width: 120,
    value: (run) => run.startedAt,
    descendingFirst: true,
    cell: (run) => dateAndTime(run.startedAt),
  },
  {
    name: 'duration',
    title: 'Duration',
    width: 74,
    isNumber: true,
    value: (run) => run.duration,
    cell: (run) => durationText(run.duration, 'steady'),
  },
  {
    name: 'steps',
    title: 'Steps',
    width: 56,
    isNumber: true,
    value: (run) => run.totals?.steps ?? null,
    cell: (run) => (run.totals ? countText(run.totals.steps) : notKnown),
  },
  {
    name: 'checks',
    title: 'Checks',
    width: 64,
    isNumber: true,
    value: checksOrder,
    cell: (run) => checksText(run) || notKnown,
  },
  {
    name: 'size',
    title: 'Size',
    width: 66,
    isNumber: true,
    value: (run) => run.totals?.bytes ?? null,
    cell: (run) => quantityText(run.totals?.bytes ?? null, 'bytes', 'steady'),
  },
  {
    name: 'operator',
    title: 'Operator',
    width: 78,
    growsTo: Infinity,
    value: (run) => run.operator,
    cell: (run) => inertText(run.operator),
  },
];

export const runsGrid: GridDefinition<ArchivedRun> = {
  name: 'runs',
  columns,
  keyOf: ({ run }) => run,
  sort: { column: 'started', descending: true },
};
