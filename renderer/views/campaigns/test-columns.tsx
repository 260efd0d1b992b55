/** What the list of tests tells of each, column by column. The core has put them in order: failures first. */
import type { TestRow } from '#shared/contract/campaigns.ts';
import { durationText } from '#shared/wording/durations.ts';
import { notKnown } from '#shared/wording/numbers.ts';
import type { GridColumn, GridDefinition } from '../../components/data-grid-columns.ts';
import { inertText } from '../../components/inert-text.ts';
import { LongName } from '../../components/long-name.tsx';
import { keyOfTest } from '../../stores/campaigns/campaign-tests.ts';
import { standingOf } from './campaign-words.ts';
import style from './campaigns.module.css';

function Standing({ row }: { readonly row: TestRow }) {
  const { tone, sign, words } = standingOf(row);
  return (
    <span className={style['toned']} data-tone={tone}>
      {sign} {words}
      {row.quarantined && ' (quarantined)'}
    </span>
  );
}

/** Characters at the end of a test's id that stay, where there is no room for all of it. */
const nameEnd = 24;

const columns: readonly GridColumn<TestRow>[] = [
  { name: 'result', title: 'Result', width: 104, value: ({ result }) => result, cell: (row) => <Standing row={row} /> },
  { name: 'suite', title: 'Suite', width: 80, value: ({ suite }) => suite, cell: ({ suite }) => inertText(suite) },
  {
    name: 'test',
    title: 'Test',
    width: 160,
    growsTo: Infinity,
    weight: 3,
    value: ({ test }) => test,
    cell: ({ test }) => (
      <code>
        <LongName name={inertText(test)} end={nameEnd} />
      </code>
    ),
    tip: ({ test }) => test,
  },
  {
    name: 'message',
    title: 'Message',
    width: 60,
    growsTo: Infinity,
    value: ({ message }) => message,
    cell: ({ message }) => (message === null ? '' : inertText(message)),
    tip: ({ message }) => message ?? undefined,
  },
  {
    name: 'duration',
    title: 'Duration',
    width: 70,
    isNumber: true,
    value: ({ duration }) => duration,
    cell: ({ duration }) => durationText(duration, 'steady'),
  },
  { name: 'attempts', title: 'Attempts', width: 62, isNumber: true, value: ({ attempts }) => attempts, cell: ({ attempts }) => attempts },
  { name: 'worker', title: 'Worker', width: 70, value: ({ worker }) => worker, cell: ({ worker }) => worker ?? notKnown },
  { name: 'server', title: 'Server', width: 60, value: ({ server }) => server, cell: ({ server }) => server ?? notKnown },
];

export const testsGrid: GridDefinition<TestRow> = { name: 'campaign-tests', columns, keyOf: keyOfTest, isOrdered: true };
