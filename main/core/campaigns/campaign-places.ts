/** What the decision about consoles of other machines is told of campaigns: where each is, who started it, and what its files lead to. */
import type { CampaignState } from '#shared/campaign/campaign-state.ts';
import type { CampaignPlaces, CampaignReach } from '../ports.ts';
import type { Campaigns } from './campaigns.ts';
import { pathFrom, suitesOf } from './files/campaign-files.ts';
import { campaignWithoutPlan } from './ledger-problems.ts';
import { packagedPath } from './packages.ts';
import { readCampaignFile } from './start.ts';

export function placesOf(campaigns: Campaigns): CampaignPlaces {
  return {
    about: async (campaign) => {
      const { plan } = (await campaigns.state(campaign)).state;
      if (!plan) throw campaignWithoutPlan(campaign);
      return { environment: plan.environment, operator: plan.operator };
    },
    active: async () => (await campaigns.list()).filter(({ endedAt }) => endedAt === null),
    attend: async (environmentFile) => void (await campaigns.attend(environmentFile)),
    holds: async (campaign, hash) => holds((await campaigns.state(campaign)).state, hash),
    reaches,
  };
}

async function reaches(campaignFile: string): Promise<CampaignReach> {
  const { file, content, environmentFile } = await readCampaignFile(campaignFile);
  const suites = await suitesOf({ file, content, problems: [] });
  const servers = Object.values(content.servers);
  const { traces, allurectl, ...written } = content.results ?? {};
  const absolute = (paths: readonly (string | undefined)[]): string[] =>
    paths.filter((path) => path !== undefined).map((path) => pathFrom(file, path));
  return {
    environmentFile,
    servers: absolute(servers.map(({ environment }) => environment)),
    scenarios: absolute(servers.map(({ deploy }) => deploy)),
    packaged: suites.flatMap((suite) => (suite.content && packagedPath(suite.content, suite.file)) ?? []),
    written: absolute(Object.values(written)),
    sent: [traces, allurectl].flatMap((target) => target?.endpoint ?? []),
  };
}

function holds(state: CampaignState, hash: string): boolean {
  for (let test = 0; test < state.tests.size; test++) {
    if (state.tests.attemptsOf(test).some(({ verdict }) => verdict.evidence?.some((each) => each.hash === hash))) return true;
  }
  return false;
}
