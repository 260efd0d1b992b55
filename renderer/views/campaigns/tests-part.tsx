/** The tests of a campaign: what failed above, all of them in a list that the core filters, and the chosen one with its attempts. */
import { Button, Loader, Select, TextInput } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { testResults } from '#shared/campaign/words.ts';
import type { CampaignView, TestRow } from '#shared/contract/campaigns.ts';
import { counted } from '#shared/wording/counts.ts';
import { DataGrid } from '../../components/data-grid.tsx';
import { useWindowedGrid } from '../../components/data-grid-columns.ts';
import { EmptyState } from '../../components/empty-state.tsx';
import { inertBlock, inertText } from '../../components/inert-text.ts';
import { Middle } from '../../components/page.tsx';
import { Bar } from '../../components/toolbar.tsx';
import { createActions } from '../../stores/actions.ts';
import {
  createCampaignTests,
  everyTest,
  isFiltered,
  keyOfTest,
  useCampaignTests,
  type TestsFilter,
} from '../../stores/campaigns/campaign-tests.ts';
import { useLiveCampaign } from '../../stores/campaigns/live-campaign.ts';
import { useStores } from '../../stores/context.ts';
import { useSession } from '../../stores/session.ts';
import { FailureList } from './failure-list.tsx';
import { testsGrid } from './test-columns.tsx';
import { TestDetails } from './test-details.tsx';
import style from './campaigns.module.css';

/** px */
const rowHeight = 26;
/** ms between two looks at what is seen, while the campaign goes on. */
const lookInterval = 400;
/** ms without a key after which what was typed is asked for. */
const typingPause = 150;

const states: readonly TestRow['state'][] = ['waiting', 'running', 'over'];

function TextFilter() {
  const stores = useStores();
  const { registerActions } = stores.get(createActions);
  const { setFilter } = stores.get(createCampaignTests);
  const text = useCampaignTests((state) => state.filter.text);
  const [typed, setTyped] = useState(text);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => setTyped(text), [text]);
  useEffect(() => {
    if (typed === text) return;
    const timer = setTimeout(() => setFilter({ text: typed }), typingPause);
    return () => clearTimeout(timer);
  }, [typed]);
  useEffect(
    () =>
      registerActions([
        {
          id: 'campaigns.filter',
          title: 'Filter the tests',
          group: 'Campaigns',
          keys: ['Mod+F'],
          whileTyping: true,
          perform: () => input.current?.select(),
        },
      ]),
    [],
  );
  return (
    <TextInput
      ref={input}
      aria-label="Filter tests"
      placeholder="Filter: name, message …"
      value={typed}
      onChange={(event) => setTyped(event.currentTarget.value)}
      w={200}
    />
  );
}

function TestTools({ view, filter, total }: { readonly view: CampaignView; readonly filter: TestsFilter; readonly total: number }) {
  const { setFilter } = useStores().get(createCampaignTests);
  const suites = view.suites.map(({ suite }) => suite);
  return (
    <Bar>
      <TextFilter />
      <Select
        aria-label="Suite"
        placeholder="Any suite"
        data={suites}
        value={filter.suite}
        onChange={(suite) => setFilter({ suite })}
        clearable
        w={130}
      />
      <Select
        aria-label="Result"
        placeholder="Any result"
        data={[...testResults]}
        value={filter.result}
        onChange={(value) => setFilter({ result: testResults.find((each) => each === value) ?? null })}
        clearable
        w={130}
      />
      <Select
        aria-label="State"
        placeholder="Any state"
        data={[...states]}
        value={filter.state}
        onChange={(value) => setFilter({ state: states.find((each) => each === value) ?? null })}
        clearable
        w={110}
      />
      <span className="muted" role="status">
        {isFiltered(filter) ? `${counted(total, 'test')} of ${view.tests}` : counted(total, 'test')}
        {filter.failure !== null && ', of one group of failures'}
      </span>
      {isFiltered(filter) && <Button onClick={() => setFilter(everyTest)}>Show all</Button>}
    </Bar>
  );
}

/** Why there is no test in the list. */
function NoTests({ view, filter, known }: { readonly view: CampaignView; readonly filter: TestsFilter; readonly known: boolean }) {
  const isLive = useSession((state) => state.connection.kind === 'connected');
  if (known && isFiltered(filter)) return <EmptyState title="No test fits the filter" />;
  // The campaign tells how many there are before they have come.
  if (!known || view.tests > 0) {
    if (!isLive) return <EmptyState title="The core was lost before the tests were read" />;
    return (
      <Middle label="Reading the tests">
        <Loader size={16} />
      </Middle>
    );
  }
  if (view.planning)
    return (
      <EmptyState title="The tests are being listed">
        <p>A worker lists the tests of each suite; they appear here as soon as their suite is known.</p>
        {view.suites.map(
          ({ suite, problem }) => problem !== null && <p key={suite} className={style['message']}>{`${suite}: ${inertBlock(problem)}`}</p>,
        )}
      </EmptyState>
    );
  return (
    <EmptyState title="This campaign has no tests">
      <p>{view.reason === null ? 'No suite of it lists any.' : inertText(view.reason)}</p>
    </EmptyState>
  );
}

/** Asks for what is seen once more as the campaign goes on, though not for each change of many. */
function useFreshTests(campaign: CampaignView['campaign']): void {
  const { showTestsOf, readAgain } = useStores().get(createCampaignTests);
  const told = useLiveCampaign((state) => state.told);
  const waits = useRef(false);
  useEffect(() => showTestsOf(campaign), [campaign]);
  useEffect(() => {
    if (waits.current) return;
    waits.current = true;
    const timer = setTimeout(() => {
      waits.current = false;
      readAgain();
    }, lookInterval);
    stop.current = () => clearTimeout(timer);
  }, [told]);
  const stop = useRef(() => {});
  useEffect(() => () => stop.current(), []);
}

export function TestsPart({ view }: { readonly view: CampaignView }) {
  const { see, choose } = useStores().get(createCampaignTests);
  const { rows, filter, known, problem, chosen } = useCampaignTests();
  const grid = useWindowedGrid(testsGrid, rows, see);
  useFreshTests(view.campaign);
  return (
    <div className={style['tests']}>
      <FailureList failures={view.failures} />
      <TestTools view={view} filter={filter} total={rows.length} />
      <div className={style['testsAndDetails']}>
        {problem ? (
          <EmptyState title="The tests could not be read">
            <p>{inertText(problem.message)}</p>
          </EmptyState>
        ) : rows.length === 0 ? (
          <NoTests view={view} filter={filter} known={known} />
        ) : (
          <DataGrid
            grid={grid}
            label="Tests"
            current={chosen && keyOfTest(chosen)}
            rowHeight={rowHeight}
            onChoose={choose}
            onLetGo={() => choose(null)}
          />
        )}
        <TestDetails view={view} />
      </div>
    </div>
  );
}
