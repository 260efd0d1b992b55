/** The Campaigns view: the campaigns of many tests over many workers, and the chosen one as it is now. */
import { Button, Loader, SegmentedControl } from '@mantine/core';
import { IconListCheck } from '@tabler/icons-react';
import { useEffect } from 'react';
import type { CampaignSummary, CampaignView } from '#shared/contract/campaigns.ts';
import { EmptyState } from '../../components/empty-state.tsx';
import { inertText } from '../../components/inert-text.ts';
import { Middle, Page } from '../../components/page.tsx';
import { Toolbar } from '../../components/toolbar.tsx';
import { createActions, useActions } from '../../stores/actions.ts';
import {
  campaignParts,
  createCampaigns,
  freshest,
  shownCampaign,
  useCampaigns,
  type CampaignPart,
} from '../../stores/campaigns/campaigns.ts';
import { createLiveCampaign, useLiveCampaign } from '../../stores/campaigns/live-campaign.ts';
import { useStores } from '../../stores/context.ts';
import { useConnectionGeneration } from '../../stores/remarks.ts';
import { useSession } from '../../stores/session.ts';
import { CampaignHead } from './campaign-head.tsx';
import { CampaignList } from './campaign-list.tsx';
import { campaignsActions, whyNot } from './campaigns-actions.ts';
import { DeedDialogs } from './deed-dialogs.tsx';
import { DifferencesPart } from './differences-part.tsx';
import { PlacesPart } from './places-part.tsx';
import { RadiatorLinksDialog } from './radiator-links.tsx';
import { TestsPart } from './tests-part.tsx';
import style from './campaigns.module.css';

const partTitles: Readonly<Record<CampaignPart, string>> = {
  tests: 'Tests',
  places: 'Servers and workers',
  differences: 'Differences',
};

interface ToolProps {
  readonly action: string;
  readonly title: string;
  /** Why it cannot be pressed; null: it can. */
  readonly not?: string | null;
}

/** A button for an action, with its key under the pointer. */
function Tool({ action, title, not = null }: ToolProps) {
  const { performAction } = useStores().get(createActions);
  const known = useActions(({ actions }) => actions.get(action));
  const key = known?.keys?.[0];
  return (
    <Button
      disabled={not !== null}
      title={not ?? `${known?.title ?? title}${key === undefined ? '' : ` (${key})`}`}
      onClick={() => performAction(action)}
    >
      {title}
    </Button>
  );
}

function CampaignsTools({ summary }: { readonly summary: CampaignSummary | null }) {
  const { showPart } = useStores().get(createCampaigns);
  const part = useCampaigns((state) => state.choice.part);
  const isLive = useSession((state) => state.connection.kind === 'connected');
  const opened = useSession((state) => state.workspace !== null);
  const onActive = whyNot(summary, isLive, 'act');
  const whyNotStart = isLive ? (opened ? null : 'Open a workspace first') : 'The core is lost';
  return (
    <Toolbar label="What is shown, and what is done">
      <SegmentedControl
        aria-label="Tests, servers and workers, or differences"
        data={campaignParts.map((value) => ({ value, label: partTitles[value] }))}
        value={part}
        onChange={(value) => showPart(campaignParts.find((each) => each === value) ?? part)}
      />
      <span className="rest" />
      <Tool action="campaigns.start" title="Start a campaign…" not={whyNotStart} />
      <Tool action="campaigns.stop" title="Stop…" not={onActive} />
      <Tool action="campaigns.retry" title="Retry failed" not={whyNot(summary, isLive, 'retry')} />
      <Tool action="campaigns.look" title={summary?.lookedAt ? 'Not looked at' : 'Looked at'} not={whyNot(summary, isLive, 'retry')} />
      <Tool action="campaigns.priority" title="Priority…" not={onActive} />
      <Tool action="campaigns.compare" title="Compare" not={summary ? (isLive ? null : 'The core is lost') : 'There is no campaign'} />
      <Tool
        action="campaigns.compare-other"
        title="Compare with…"
        not={summary ? (isLive ? null : 'The core is lost') : 'There is no campaign'}
      />
      <Tool action="view.radiator" title="Radiator" />
      <Tool action="campaigns.links" title="Links…" not={isLive ? null : 'The core is lost'} />
    </Toolbar>
  );
}

/** No campaign yet: what belongs here, and what to write where. */
function NoCampaigns() {
  const { performAction } = useStores().get(createActions);
  const opened = useSession((state) => state.workspace !== null);
  return (
    <EmptyState icon={<IconListCheck />} title="No campaign was started yet">
      <p>
        A campaign executes many tests once against one revision, over all workers of an environment. Write a suite and a campaign into the
        workspace:
      </p>
      <pre className={style['sample']}>
        {
          '# suites/smoke.yaml\nsuite: smoke\nadapter: scenario\ntags: [smoke]\nusesServer: false\n\n# campaigns/nightly.yaml\ncampaign: nightly'
        }
      </pre>
      <p>Suites of the adapter scenario are executed by this core; all others by daemons with a section worker.</p>
      <Button variant="filled" disabled={!opened} onClick={() => performAction('campaigns.start')}>
        Start a campaign…
      </Button>
    </EmptyState>
  );
}

function Part({ view }: { readonly view: CampaignView }) {
  const part = useCampaigns((state) => state.choice.part);
  if (part === 'places') return <PlacesPart view={view} />;
  return part === 'differences' ? <DifferencesPart view={view} /> : <TestsPart view={view} />;
}

function Campaign({ summary }: { readonly summary: CampaignSummary }) {
  const { followCampaign } = useStores().get(createLiveCampaign);
  const generation = useConnectionGeneration();
  const { campaign } = summary;
  const view = useLiveCampaign((state) => state.view);
  const problem = useLiveCampaign((state) => state.problem);
  const isLost = useSession((state) => state.connection.kind === 'lost');
  // A campaign that is executed again after its end is followed anew.
  useEffect(() => followCampaign(campaign), [campaign, generation]);
  if (view?.campaign === campaign)
    return (
      <>
        <CampaignHead view={view} />
        <Part view={view} />
      </>
    );
  if (problem)
    return (
      <EmptyState title="The campaign could not be read">
        <p>{inertText(problem.message)}</p>
        {problem.tip !== undefined && <p>{inertText(problem.tip)}</p>}
      </EmptyState>
    );
  if (isLost)
    return (
      <EmptyState title="The core was lost before the campaign was read">
        <p>It is read as soon as a core is there again.</p>
      </EmptyState>
    );
  return (
    <Middle label="Reading the campaign">
      <Loader size={16} />
    </Middle>
  );
}

function Content({ summary }: { readonly summary: CampaignSummary | null }) {
  const { readCampaigns } = useStores().get(createCampaigns);
  const campaigns = useCampaigns((state) => state.campaigns);
  const problem = useCampaigns((state) => state.problem);
  const isLost = useSession((state) => state.connection.kind === 'lost');
  if (campaigns === null && problem)
    return (
      <EmptyState title="The campaigns could not be read">
        <p>{inertText(problem.message)}</p>
        <Button onClick={() => void readCampaigns()}>Read again</Button>
      </EmptyState>
    );
  if (campaigns === null && isLost)
    return (
      <EmptyState title="The core was lost before the campaigns were read">
        <p>They are read as soon as a core is there again.</p>
      </EmptyState>
    );
  if (campaigns === null)
    return (
      <Middle label="Reading the campaigns">
        <Loader size={16} />
      </Middle>
    );
  if (!summary) return <NoCampaigns />;
  return (
    <div className={style['columns']}>
      <CampaignList campaigns={campaigns} />
      <div className={style['campaign']}>
        <Campaign key={summary.campaign} summary={summary} />
      </div>
    </div>
  );
}

export function CampaignsView() {
  const stores = useStores();
  const { followList, followChoice } = stores.get(createCampaigns);
  const { registerActions } = stores.get(createActions);
  const generation = useConnectionGeneration();
  const listed = useCampaigns(shownCampaign);
  const view = useLiveCampaign((state) => state.view);
  const summary = freshest(listed, view);
  useEffect(() => (generation === null ? undefined : followList()), [generation]);
  useEffect(followChoice, []);
  useEffect(() => registerActions(campaignsActions(stores)), []);
  return (
    <Page>
      <CampaignsTools summary={summary} />
      <div className={style['content']}>
        <Content summary={summary} />
      </div>
      <DeedDialogs />
      <RadiatorLinksDialog />
    </Page>
  );
}
