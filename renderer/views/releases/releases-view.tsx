/** The Releases view: candidates with their sheets, or trends of a scenario over them. */
import { Button, Loader, SegmentedControl } from '@mantine/core';
import { IconRocket } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { EmptyState } from '../../components/empty-state.tsx';
import { inertText } from '../../components/inert-text.ts';
import { Middle, Page } from '../../components/page.tsx';
import { Toolbar } from '../../components/toolbar.tsx';
import { createActions } from '../../stores/actions.ts';
import { createArchivedRuns } from '../../stores/archived-runs.ts';
import { createReleases, releasesHalves, useReleases, type ReleasesHalf } from '../../stores/releases.ts';
import { useConnectionGeneration } from '../../stores/remarks.ts';
import { loadSampleHistory } from '../../stores/sample-history.ts';
import { releasesActions } from './releases-actions.ts';
import { SheetsHalf, SheetTools } from './sheets-half.tsx';
import { TrendsHalf, TrendTools } from './trends-half.tsx';
import style from './releases.module.css';
import { useStores } from '../../stores/context.ts';

const halfTitles: Readonly<Record<ReleasesHalf, string>> = { sheets: 'Release candidates', trends: 'Trends' };

function ReleasesTools({ half }: { readonly half: ReleasesHalf }) {
  const { showHalf } = useStores().get(createReleases);
  return (
    <Toolbar label="What is shown">
      <SegmentedControl
        aria-label="Release candidates or trends"
        data={releasesHalves.map((value) => ({ value, label: halfTitles[value] }))}
        value={half}
        onChange={(value) => showHalf(releasesHalves.find((each) => each === value) ?? half)}
      />
      {half === 'sheets' ? <SheetTools /> : <TrendTools />}
    </Toolbar>
  );
}

/** Nothing was run to its end yet: what belongs here, and how to get it. */
function NoReleases() {
  const stores = useStores();
  const { performAction } = stores.get(createActions);
  const [busy, setBusy] = useState(false);
  const load = async () => {
    setBusy(true);
    await loadSampleHistory(stores);
    setBusy(false);
  };
  return (
    <EmptyState icon={<IconRocket />} title="No release candidate was tested yet">
      <p>
        Here each release candidate is judged: its runs, what changed since an earlier one, and what is still open. Run a scenario and tell
        its release, or look at the recorded runs of the demo.
      </p>
      <Button variant="filled" onClick={() => performAction('view.run')}>
        Go to the Run view
      </Button>
      <Button loading={busy} onClick={() => void load()}>
        Load the sample history
      </Button>
    </EmptyState>
  );
}

function Content({ half }: { readonly half: ReleasesHalf }) {
  const { readReleasesAgain } = useStores().get(createReleases);
  const releases = useReleases((state) => state.releases);
  const problem = useReleases((state) => state.problem);
  if (releases === null && problem)
    return (
      <EmptyState title="The release candidates could not be read">
        <p>{inertText(problem.message)}</p>
        {problem.tip !== undefined && <p>{inertText(problem.tip)}</p>}
        <Button onClick={readReleasesAgain}>Read again</Button>
      </EmptyState>
    );
  if (releases === null)
    return (
      <Middle label="Reading the release candidates">
        <Loader size={16} />
      </Middle>
    );
  if (releases.length === 0) return <NoReleases />;
  return half === 'sheets' ? <SheetsHalf releases={releases} /> : <TrendsHalf />;
}

export function ReleasesView() {
  const stores = useStores();
  const { followArchivedRuns } = stores.get(createArchivedRuns);
  const { followReleases } = stores.get(createReleases);
  const { registerActions } = stores.get(createActions);
  const generation = useConnectionGeneration();
  const half = useReleases((state) => state.choice.half);
  useEffect(() => (generation === null ? undefined : followArchivedRuns()), [generation]);
  useEffect(followReleases, [generation]);
  useEffect(() => registerActions(releasesActions(stores)), []);
  return (
    <Page>
      <ReleasesTools half={half} />
      <div className={style['content']}>
        <Content half={half} />
      </div>
    </Page>
  );
}
