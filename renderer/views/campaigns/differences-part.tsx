/** What differs between two campaigns, test by test: newly failing first. */
import { Button } from '@mantine/core';
import { IconArrowsDiff } from '@tabler/icons-react';
import type { CampaignView } from '#shared/contract/campaigns.ts';
import type { MethodResponse } from '#shared/contract/contract.ts';
import { counted } from '#shared/wording/counts.ts';
import { durationText } from '#shared/wording/durations.ts';
import { notKnown } from '#shared/wording/numbers.ts';
import { DataGrid } from '../../components/data-grid.tsx';
import { useDataGrid, type GridColumn, type GridDefinition } from '../../components/data-grid-columns.ts';
import { EmptyState } from '../../components/empty-state.tsx';
import { inertText } from '../../components/inert-text.ts';
import { Middle } from '../../components/page.tsx';
import { Bar } from '../../components/toolbar.tsx';
import { shownAnswer } from '../../stores/asked-work.ts';
import { createActions } from '../../stores/actions.ts';
import { useCampaignDeeds } from '../../stores/campaigns/campaign-deeds.ts';
import { createCampaignTests, keyOfTest, useCampaignTests } from '../../stores/campaigns/campaign-tests.ts';
import { createCampaigns } from '../../stores/campaigns/campaigns.ts';
import { useStores } from '../../stores/context.ts';
import type { Tone } from './campaign-words.ts';
import style from './campaigns.module.css';

type Difference = MethodResponse<'campaigns.compare'>['differences'][number];

const kinds: Readonly<Record<Difference['kind'], { readonly tone: Tone; readonly sign: string }>> = {
  'newly failing': { tone: 'fail', sign: '✗' },
  'newly passing': { tone: 'ok', sign: '✓' },
  slower: { tone: 'warn', sign: '↓' },
  new: { tone: 'paused', sign: '+' },
  gone: { tone: 'muted', sign: '−' },
};

const columns: readonly GridColumn<Difference>[] = [
  {
    name: 'kind',
    title: 'Difference',
    width: 120,
    value: ({ kind }) => Object.keys(kinds).indexOf(kind),
    cell: ({ kind }) => (
      <span className={style['toned']} data-tone={kinds[kind].tone}>
        {kinds[kind].sign} {kind}
      </span>
    ),
  },
  { name: 'suite', title: 'Suite', width: 110, value: ({ suite }) => suite, cell: ({ suite }) => inertText(suite) },
  {
    name: 'test',
    title: 'Test',
    width: 240,
    growsTo: Infinity,
    value: ({ test }) => test,
    cell: ({ test }) => <code>{inertText(test)}</code>,
  },
  { name: 'before', title: 'Before', width: 110, value: ({ before }) => before, cell: ({ before }) => before ?? notKnown },
  { name: 'now', title: 'Now', width: 110, value: ({ now }) => now, cell: ({ now }) => now ?? notKnown },
  {
    name: 'took',
    title: 'Took before',
    width: 90,
    isNumber: true,
    value: ({ durationBefore }) => durationBefore,
    cell: ({ durationBefore }) => durationText(durationBefore, 'steady'),
  },
  {
    name: 'takes',
    title: 'Takes now',
    width: 90,
    isNumber: true,
    value: ({ durationNow }) => durationNow,
    cell: ({ durationNow }) => durationText(durationNow, 'steady'),
  },
];

const differencesGrid: GridDefinition<Difference> = {
  name: 'campaign-differences',
  columns,
  keyOf: (each) => `${each.kind} ${keyOfTest(each)}`,
  sort: { column: 'kind', descending: false },
};

/** px */
const rowHeight = 26;

function Differences({ differences, other }: { readonly differences: readonly Difference[]; readonly other: string }) {
  const stores = useStores();
  const { choose } = stores.get(createCampaignTests);
  const chosen = useCampaignTests((state) => state.chosen);
  const grid = useDataGrid(differencesGrid, differences);
  const current = chosen && differences.find((each) => keyOfTest(each) === keyOfTest(chosen));
  return (
    <>
      <Bar kind="line">
        <span>
          Compared with <code>{other}</code>: {differences.length === 0 ? 'nothing differs.' : counted(differences.length, 'difference')}
        </span>
      </Bar>
      <DataGrid
        grid={grid}
        label="Differences"
        current={current ? differencesGrid.keyOf(current) : null}
        rowHeight={rowHeight}
        onChoose={choose}
        onOpen={() => stores.get(createCampaigns).showPart('tests')}
      />
    </>
  );
}

export function DifferencesPart({ view }: { readonly view: CampaignView }) {
  const { performAction } = useStores().get(createActions);
  const comparison = useCampaignDeeds((state) => state.comparison);
  const answered = shownAnswer(comparison);
  if (answered?.asked.campaign === view.campaign)
    return (
      <div className={style['tests']}>
        <Differences differences={answered.answer} other={answered.asked.with} />
      </div>
    );
  if (comparison.kind === 'asking') return <Middle label="Comparing the campaigns">…</Middle>;
  return (
    <EmptyState icon={<IconArrowsDiff />} title="Nothing is compared yet">
      <p>
        {comparison.kind === 'failed'
          ? inertText(comparison.problem.message)
          : 'Compare this campaign with an earlier one: newly failing, newly passing, slower, new and gone tests.'}
      </p>
      <Button variant="filled" onClick={() => performAction('campaigns.compare')}>
        Compare with…
      </Button>
    </EmptyState>
  );
}
