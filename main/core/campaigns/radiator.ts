/** What a radiator on a wall is shown, for the token of a link: the latest campaigns, and nothing that only an operator needs. */
import type { Clock } from '#platform/clock.ts';
import type { radiatorMethods, WallCampaign } from '#shared/contract/radiator.ts';
import type { CampaignSummary } from '#shared/contract/campaigns.ts';
import type { MethodResponse } from '#shared/contract/contract.ts';
import type { Caller, MethodTable } from '../contract/method-tables.ts';
import type { Campaigns } from './campaigns.ts';
import { RadiatorLinks } from './radiator-links.ts';

export interface RadiatorParts {
  readonly campaigns: Campaigns;
  readonly clock: Clock;
  readonly home: string;
  readonly nameOf: (caller: Caller) => string;
}

type Shown = MethodResponse<'radiator.show'>;

/** ms for which all walls are shown the same. */
const age = 500;
/** Campaigns of one name that a wall needs: its last green is among them, or it is told that there was none lately. */
const mostOfName = 50;

export function radiatorService({ campaigns, clock, home, nameOf }: RadiatorParts): MethodTable<keyof typeof radiatorMethods> {
  const links = new RadiatorLinks(home, clock);
  let last: { readonly at: number; readonly shown: Promise<Shown> } | null = null;
  const shown = (): Promise<Shown> => {
    if (last && clock.monotonic() - last.at < age) return last.shown;
    last = { at: clock.monotonic(), shown: wallOf(campaigns) };
    return last.shown;
  };
  return {
    'radiator.show': async ({ token }) => {
      await links.admit(token);
      return shown();
    },
    'radiator.links': async () => ({ links: [...(await links.list())] }),
    'radiator.link': async ({ name }, caller) => links.make(name, nameOf(caller)),
    'radiator.revoke': async ({ id }) => {
      await links.revoke(id);
      return {};
    },
  };
}

async function wallOf(campaigns: Campaigns): Promise<Shown> {
  const groups = Map.groupBy(await campaigns.list(), ({ name, environment }) => `${environment} ${name}`);
  const chosen = [...groups.values()].flatMap((group) => group.slice(0, mostOfName));
  const active = chosen.filter(({ endedAt }) => endedAt === null);
  const forecasts: Shown['forecasts'] = [];
  for (const { campaign, environment } of active) {
    const forecast = await forecastOf(campaigns, campaign);
    if (forecast) forecasts.push({ campaign, environment, forecast });
  }
  return { campaigns: chosen.map(onWall), forecasts };
}

async function forecastOf(campaigns: Campaigns, campaign: CampaignSummary['campaign']): Promise<{ p50: number; p90: number } | null> {
  const attended = await campaigns.of(campaign).catch(() => null);
  const forecast = attended?.knowledge(campaign)?.forecast;
  return forecast ? { p50: forecast.p50, p90: forecast.p90 } : null;
}

function onWall(summary: CampaignSummary): WallCampaign {
  const { campaign, name, environment, revision, startedAt, endedAt, outcome, tests, results, lookedAt, asOf } = summary;
  return { campaign, name, environment, revision, startedAt, endedAt, outcome, tests, results, lookedAt, asOf };
}
