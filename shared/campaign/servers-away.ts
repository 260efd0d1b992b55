/** A campaign none of whose servers is ready: since when, until when it waits for one, and what is the matter with each. */
import type { CampaignState } from './campaign-state.ts';
import { serverPatience } from './plan.ts';
import type { Problem } from '#shared/problem.ts';
import { spanText } from '#shared/wording/durations.ts';
import { timeOfDay } from '#shared/wording/times.ts';

export interface ServersAway {
  /** ms since 1970: when the last of them went. */
  readonly since: number;
  /** ms since 1970: then it ends. */
  readonly until: number;
  /** ms */
  readonly patience: number;
  /** `london: It has lost LON. paris: …` */
  readonly reasons: string;
}

/** null: something that waits needs none, or one is ready, being deployed, or will never be again. */
export function serversAway(state: CampaignState): ServersAway | null {
  const { plan } = state;
  if (!plan || state.end || state.stop) return null;
  const servers = [...state.servers.values()];
  const away = servers.filter((server) => server.state === 'waiting' || server.state === 'lost');
  if (away.length === 0 || servers.some((server) => server.state === 'ready' || server.state === 'deploying')) return null;
  if (!waitsForServers(state)) return null;
  const patience = plan.serverPatience ?? serverPatience;
  const since = Math.max(state.planningFinished ?? plan.startedAt, ...away.map(({ awaySince }) => awaySince ?? plan.startedAt));
  const reasons = servers.map(({ server, state: stands, reason }) => `${server}: ${reason ?? `It is ${stands}.`}`).join(' ');
  return { since, until: since + patience, patience, reasons };
}

/** What people are told meanwhile. */
export function serversAwayProblem({ until, patience, reasons }: ServersAway): Problem {
  return {
    severity: 'warning',
    code: 'no-server-ready',
    message: `No server is ready. ${reasons}`.slice(0, 2_000),
    tip: `Bring one back: at ${timeOfDay(until)}, after ${spanText(patience)} (serverPatience of the campaign file), the campaign ends without the rest.`,
  };
}

/** Whether everything that is planned and waits needs a server, and nothing is executed. */
export function waitsForServers(state: CampaignState): boolean {
  const { plan, units } = state;
  if (!plan || plan.servers.length === 0 || state.planningFinished === null) return false;
  if (state.leases.size > 0 || units.countOf('waiting') === 0) return false;
  const needing = new Set(plan.suites.flatMap(({ suite, usesServer }) => (usesServer ? [suite] : [])));
  for (let unit = 0; unit < units.size; unit++) {
    const suite = units.at(unit)?.suite;
    if (units.stateOf(unit) === 'waiting' && suite !== undefined && !needing.has(suite)) return false;
  }
  return true;
}
