/** Servers of campaigns, by their environments: deployed by a scenario of theirs, and watched over their own router. */
import { dirname } from 'node:path';
import type { Clock } from '#platform/clock.ts';
import type { Core } from '#shared/contract/contract.ts';
import { problemOf } from '#shared/problem.ts';
import { listed } from '#shared/wording/names.ts';
import type { EnvironmentPool, OpenEnvironment } from '../environments/access.ts';
import type { ServerDesk } from './coordination/servers.ts';
import { followRun } from './followed-run.ts';

/** ms that a deployment may take. */
const deploymentPatience = 3_600_000;
/** ms between looks at a server; and for which it may be away before its tests are given to others. */
const glance = 1_000;
const patience = 5_000;

export interface ServerDeskParts {
  readonly core: (operator: string) => Core;
  readonly environments: EnvironmentPool;
  readonly clock: Clock;
}

export function serverDesk({ core, environments, clock }: ServerDeskParts): ServerDesk {
  return {
    deploy: async ({ deploy, environmentFile, variables }, { plan }, signal) => {
      const { run, outcome, reason } = await followRun(
        core(plan.operator),
        {
          scenarioFile: deploy ?? '',
          environmentFile: environmentFile ?? plan.environmentFile,
          release: plan.revision,
          variables: { ...variables },
          policy: 'abort',
          attended: false,
        },
        deploymentPatience,
        signal,
      );
      return {
        passed: outcome === 'passed',
        run,
        reason: outcome === 'passed' ? 'deployed' : `Its deployment ${outcome}: ${reason ?? 'no reason was told'}`,
      };
    },
    watch: ({ environmentFile }, told) => {
      if (environmentFile === null) {
        told(null);
        return () => undefined;
      }
      return watchEnvironment(environments, clock, environmentFile, told);
    },
  };
}

/** Holds the environment open; what is away for less than a few seconds is not told. */
function watchEnvironment(environments: EnvironmentPool, clock: Clock, file: string, told: (trouble: string | null) => void): () => void {
  let stopped = false;
  let release: () => void = () => undefined;
  let cancel: () => void = () => undefined;
  let troubledSince: number | null = null;
  let last: string | null | undefined;
  const tell = (trouble: string | null): void => {
    if (trouble === last) return;
    last = trouble;
    told(trouble);
  };
  const look = (environment: OpenEnvironment | null, failure: string | null): void => {
    const trouble = failure ?? (environment ? troubleOf(environment) : null);
    if (trouble === null) {
      troubledSince = null;
      tell(null);
    } else {
      troubledSince ??= clock.monotonic();
      if (last === undefined || clock.monotonic() - troubledSince >= patience) tell(trouble);
    }
  };
  const begin = async (): Promise<void> => {
    if (stopped) return;
    try {
      const lease = await environments.lease(file);
      if (stopped) return lease.release();
      release = () => lease.release();
      const again = (): void => {
        look(lease.environment, null);
        cancel = clock.after(glance, again);
      };
      await lease.environment.link.ready(lease.environment.description.expected, patience);
      if (!stopped) again();
    } catch (failure) {
      look(null, `The environment in ${dirname(file)} cannot be opened: ${problemOf(failure).message}`);
      if (!stopped) cancel = clock.after(glance, () => void begin());
    }
  };
  void begin();
  return () => {
    stopped = true;
    cancel();
    release();
  };
}

function troubleOf({ link, description }: OpenEnvironment): string | null {
  if (!link.connected) return 'Its router is out of reach.';
  const lost = link.daemons().filter(({ state }) => state === 'lost');
  if (lost.length > 0) return `It has lost ${listed(lost.map(({ daemon }) => daemon))}.`;
  const known = new Set(link.daemons().map(({ daemon }) => daemon));
  const missing = description.expected.filter((daemon) => !known.has(daemon));
  return missing.length > 0 ? `It lacks ${listed(missing)}.` : null;
}
