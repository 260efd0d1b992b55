/** What an operator does with campaigns: starts one, stops it, has failed tests executed again, gives it priority, compares it. */
import { createStore } from 'zustand/vanilla';
import type { CampaignId, SuiteName } from '#shared/campaign/words.ts';
import type { CampaignSummary } from '#shared/contract/campaigns.ts';
import type { MethodRequest, MethodResponse } from '#shared/contract/contract.ts';
import { problemOf, type Problem } from '#shared/problem.ts';
import { askWork, type Work } from '../asked-work.ts';
import { storeHook } from '../context.ts';
import { createSession } from '../session.ts';
import type { Stores } from '../stores.ts';
import { createCampaigns } from './campaigns.ts';

type Deed = MethodRequest<'campaign.act'>['action'];
export type CampaignFile = MethodResponse<'campaigns.files'>['files'][number];
export type SuiteFile = MethodResponse<'suites.list'>['suites'][number];

export interface StartChoices {
  readonly files: readonly CampaignFile[];
  readonly suites: readonly SuiteFile[];
}

export interface ComparedCampaigns {
  readonly campaign: CampaignId;
  readonly with: CampaignId;
}

export interface CampaignDeedsState {
  /** Which dialog is open. */
  readonly dialog: 'start' | 'stop' | 'priority' | 'links' | null;
  /** What may be started; null until it is known. */
  readonly choices: StartChoices | null;
  /** Why it was not started. */
  readonly refusal: Problem | null;
  readonly starting: boolean;
  readonly comparison: Work<ComparedCampaigns, MethodResponse<'campaigns.compare'>['differences']>;
}

export function createCampaignDeeds(stores: Stores) {
  const { currentCore, currentFolder, inform, notify } = stores.get(createSession);
  const { showCampaign, showPart, readCampaigns } = stores.get(createCampaigns);

  const store = createStore<CampaignDeedsState>(() => ({
    dialog: null,
    choices: null,
    refusal: null,
    starting: false,
    comparison: { kind: 'nothing' },
  }));

  function close(): void {
    store.setState({ dialog: null });
  }

  /** Opens the dialog that starts a campaign, with what the workspace has. */
  async function askStart(): Promise<void> {
    const [core, folder] = [currentCore(), currentFolder()];
    if (!core || folder === null) return;
    store.setState({ dialog: 'start', choices: null, refusal: null });
    try {
      const [{ files }, { suites }] = await Promise.all([
        core.request('campaigns.files', { folder }),
        core.request('suites.list', { folder }),
      ]);
      store.setState({ choices: { files, suites } });
    } catch (failure) {
      store.setState({ refusal: problemOf(failure) });
    }
  }

  /** Starts it and shows it; what is refused stands in the dialog. */
  async function start(campaignFile: string, revision: string, suites: readonly SuiteName[] | null): Promise<void> {
    const core = currentCore();
    if (!core) return;
    store.setState({ starting: true, refusal: null });
    try {
      const chosen = { ...(revision !== '' && { revision }), ...(suites && { suites: [...suites] }) };
      const { campaign, problems } = await core.request('campaign.start', { campaignFile, ...chosen });
      for (const problem of problems) notify(problem);
      close();
      await readCampaigns();
      showCampaign(campaign);
      showPart('tests');
    } catch (failure) {
      store.setState({ refusal: problemOf(failure) });
    } finally {
      store.setState({ starting: false });
    }
  }

  /** Does something to a campaign; said when it is done. */
  async function act(campaign: CampaignId, action: Deed, done: string): Promise<void> {
    close();
    try {
      await currentCore()?.request('campaign.act', { campaign, action });
      inform(done);
    } catch (failure) {
      notify(problemOf(failure));
    }
  }

  /** Executes what failed once more: in a campaign that goes on within it, after one that is over as a campaign of its own. */
  async function retryFailed({ campaign, name, revision, endedAt }: CampaignSummary): Promise<void> {
    if (endedAt === null) return act(campaign, { kind: 'retry', tests: [] }, 'What failed is executed once more.');
    const [core, folder] = [currentCore(), currentFolder()];
    if (!core) return;
    try {
      const { files } = folder === null ? { files: [] } : await core.request('campaigns.files', { folder });
      const file = files.find((each) => each.name === name)?.file;
      if (file === undefined) return void notify({ severity: 'warning', code: 'no-campaign-file', ...noFile(name) });
      const started = await core.request('campaign.start', { campaignFile: file, revision, failedOf: campaign });
      await readCampaigns();
      showCampaign(started.campaign);
    } catch (failure) {
      notify(problemOf(failure));
    }
  }

  /** Says that whoever acts here has looked at a campaign that is red, or takes that back. */
  async function look({ campaign, name, lookedAt }: CampaignSummary): Promise<void> {
    const looked = lookedAt === null;
    try {
      await currentCore()?.request('campaign.look', { campaign, looked });
      inform(looked ? `Said that you have looked at ${name}; the radiator shows it.` : `Nobody has looked at ${name}, it is said now.`);
      await readCampaigns();
    } catch (failure) {
      notify(problemOf(failure));
    }
  }

  const place = {
    current: () => store.getState().comparison,
    put: (comparison: CampaignDeedsState['comparison']) => store.setState({ comparison }),
  };

  function compare(asked: ComparedCampaigns): void {
    const core = currentCore();
    if (!core) return;
    showPart('differences');
    void askWork(place, asked, async () => (await core.request('campaigns.compare', asked)).differences);
  }

  return { ...store, askStart, start, act, retryFailed, look, compare, close };
}

export const useCampaignDeeds = storeHook(createCampaignDeeds);

function noFile(name: string) {
  return {
    message: `What failed in ${name} cannot be executed again from here: the open workspace has no campaign file of this name.`,
    tip: 'Open the workspace that the campaign was started from.',
  };
}
