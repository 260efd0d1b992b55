/**
 * What consoles of other machines may do with campaigns. A campaign is reached where its environment is served; it is started and operated
 * only with the key of an environment that belongs to whoever asks, and everything that its files lead to has to be served as well.
 */
import type { CampaignPlaces } from '../ports.ts';
import type { Caller, Decoded } from '../contract/method-tables.ts';
import type { CampaignId } from '#shared/campaign/words.ts';
import type { MethodResponse } from '#shared/contract/contract.ts';
import { ProblemError } from '#shared/problem.ts';
import { listed } from '#shared/wording/names.ts';
import type { ServedPlaces } from './served-places.ts';

export interface CampaignCheckParts {
  readonly places: ServedPlaces;
  readonly campaigns: CampaignPlaces;
  /** Refuses who is not the operator of an environment. */
  readonly mayCommand: (environmentFile: string, caller: Caller) => Promise<void>;
}

type WithCampaign = { campaign: CampaignId };

export function campaignChecks({ places, campaigns, mayCommand }: CampaignCheckParts) {
  /** Served environments of the name in which a campaign is. */
  const environmentsOf = async (campaign: CampaignId): Promise<{ readonly files: readonly string[]; readonly operator: string }> => {
    const { environment, operator } = await campaigns.about(campaign);
    const files = await places.environmentsNamed(environment);
    if (files.length === 0) throw notServed(campaign);
    return { files, operator };
  };

  const seen = async <R extends WithCampaign>(request: R): Promise<R> => {
    await environmentsOf(request.campaign);
    return request;
  };

  /** With the key of one of its environments, which the caller has to own. */
  const keyed = async (request: WithCampaign, caller: Caller): Promise<{ readonly operator: string }> => {
    const { files, operator } = await environmentsOf(request.campaign);
    const refusals: unknown[] = [];
    for (const file of files) {
      const refusal: unknown = await mayCommand(file, caller).catch((failure: unknown) => failure);
      if (refusal !== undefined) refusals.push(refusal);
      else {
        await campaigns.attend(file);
        return { operator };
      }
    }
    throw refusals[0];
  };

  return {
    seen,
    compared: async (request: Decoded<'campaigns.compare'>): Promise<Decoded<'campaigns.compare'>> => {
      await seen({ campaign: request.with });
      return seen(request);
    },
    /** Campaigns go on with the key of who started them, as runs do. */
    operated: async <R extends WithCampaign>(request: R, caller: Caller): Promise<R> => {
      const { operator } = await keyed(request, caller);
      if (operator === caller.operator) return request;
      throw new ProblemError({
        code: 'campaign-of-another',
        message: `The campaign ${request.campaign} was started by ${operator} and goes on with the key of ${operator}; ${caller.operator ?? 'nobody'} may watch it.`,
        tip: `Ask ${operator}.`,
      });
    },
    removed: async <R extends WithCampaign>(request: R, caller: Caller): Promise<R> => {
      await keyed(request, caller);
      return request;
    },
    /** Evidence of this campaign: no other bytes of the store, such as those of packages. */
    evidenced: async (request: Decoded<'campaign.evidence'>): Promise<Decoded<'campaign.evidence'>> => {
      const { files } = await environmentsOf(request.campaign);
      if (!(await campaigns.holds(request.campaign, request.evidence.hash))) {
        throw new ProblemError({ code: 'no-evidence', message: `The campaign ${request.campaign} has no such evidence.` });
      }
      for (const file of files) await campaigns.attend(file);
      return request;
    },
    started: async (request: Decoded<'campaign.start'>, caller: Caller): Promise<Decoded<'campaign.start'>> => {
      const campaignFile = await places.campaign(request.campaignFile);
      const reach = await campaigns.reaches(campaignFile);
      const environmentFile = await places.environment(request.environmentFile ?? reach.environmentFile);
      const commanded = await Promise.all(reach.servers.map((file) => places.environment(file)));
      for (const file of new Set([environmentFile, ...commanded])) await mayCommand(file, caller);
      for (const scenario of reach.scenarios) await places.scenario(scenario);
      for (const path of reach.packaged) await places.packaged(path);
      for (const path of reach.written) await places.written(path);
      if (reach.sent.length > 0) throw notSent(reach.sent);
      if (request.failedOf !== undefined) {
        await campaigns.attend(environmentFile);
        await seen({ campaign: request.failedOf });
      }
      return { ...request, campaignFile, environmentFile };
    },
    /** Suites and campaign files are read where they stand in the workspace; one that is a link elsewhere is not. */
    described: async <R extends { folder: string }>(request: R): Promise<R> => {
      const folder = await places.workspace(request.folder);
      await places.campaignTexts(folder);
      return { ...request, folder };
    },
    /** The same of a text that is being written there. */
    written: async <R extends { folder: string; path: string }>(request: R): Promise<R> => {
      const folder = await places.workspace(request.folder);
      await places.campaignTexts(folder, request.path);
      return { ...request, folder };
    },
    listed: async (request: Decoded<'campaigns.list'>): Promise<Decoded<'campaigns.list'>> =>
      request.environmentFile === undefined ? {} : { environmentFile: await places.environment(request.environmentFile) },
    /** The campaigns of what is served, and no others. */
    told: async ({ campaigns: all }: MethodResponse<'campaigns.list'>): Promise<MethodResponse<'campaigns.list'>> => {
      const names = await places.environmentNames();
      return { campaigns: all.filter(({ environment }) => names.has(environment)) };
    },
    /** The same of what a wall is shown. */
    onWall: async ({ campaigns: all, forecasts }: MethodResponse<'radiator.show'>): Promise<MethodResponse<'radiator.show'>> => {
      const names = await places.environmentNames();
      const isServed = ({ environment }: { readonly environment: string }): boolean => names.has(environment);
      return { campaigns: all.filter(isServed), forecasts: forecasts.filter(isServed) };
    },
    /** How many of those go on. */
    active: async (): Promise<number> => {
      const names = await places.environmentNames();
      return (await campaigns.active()).filter(({ environment }) => names.has(environment)).length;
    },
  };
}

/** What is sent takes the secrets of this machine along, to wherever a file of the workspace says. */
function notSent(addresses: readonly string[]): ProblemError {
  return new ProblemError({
    code: 'results-sent',
    message: `The campaign sends its results to ${listed(addresses)}, with secrets of the served core's machine; so it is started on that machine only.`,
    tip: 'Take traces and allurectl out of results of the campaign file, and export them on that machine.',
  });
}

function notServed(campaign: CampaignId): ProblemError {
  return new ProblemError({
    code: 'not-served',
    message: `This core serves no campaign ${campaign}: it serves no environment of its name.`,
    tip: 'Whoever serves it names environments with --environment.',
  });
}
