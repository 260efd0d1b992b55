/**
 * Servers of campaigns, by their environments: deployed by a scenario of theirs, and watched over their own router. Their files are those of this
 * core's copy of the workspace, and only where it trusts them.
 */
import { access, constants } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isOutOfReach } from '#network/bus/connect.ts';
import type { Clock } from '#platform/clock.ts';
import type { Core } from '#shared/contract/contract.ts';
import type { CampaignPlan, ServerPlan } from '#shared/campaign/plan.ts';
import { problemOf, ProblemError, type Problem } from '#shared/problem.ts';
import { listed } from '#shared/wording/names.ts';
import type { EnvironmentPool, EnvironmentSource, OpenEnvironment } from '../environments/access.ts';
import type { ServerDesk } from './coordination/servers.ts';
import { followRun } from './followed-run.ts';
import { ownFile } from './own-files.ts';

/** ms that a deployment may take. */
const deploymentPatience = 3_600_000;
/** ms between looks at a server; and for which it may be away before its tests are given to others. */
const glance = 1_000;
const patience = 5_000;
/** ms in which an environment that can be opened mostly is. */
const openingPatience = 1_000;

export interface ServerDeskParts {
  readonly core: (operator: string) => Core;
  readonly environments: EnvironmentPool;
  readonly source: EnvironmentSource;
  readonly clock: Clock;
  /** Environment file of the workers by which this core takes part. */
  readonly environmentFile: string;
}

export function serverDesk(parts: ServerDeskParts): ServerDesk {
  const { core, environments, clock } = parts;
  const own = (file: string, plan: CampaignPlan): Promise<string> => ownFile(file, plan, parts.environmentFile);
  return {
    refusal: async (server, plan) => refusalOf(parts, server, (file) => own(file, plan)),
    deploy: async ({ deploy, environmentFile, variables }, { plan }, signal) => {
      const { run, outcome, reason } = await followRun(
        core(plan.operator),
        {
          scenarioFile: await own(deploy ?? '', plan),
          environmentFile: await own(environmentFile ?? plan.environmentFile, plan),
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
    watch: ({ environmentFile }, plan, told) => {
      if (environmentFile === null) {
        told(null);
        return () => undefined;
      }
      return watchEnvironment(environments, clock, () => own(environmentFile, plan), told);
    },
  };
}

/** Why this core cannot use what a server needs, whether or not it can be reached at present; null: it can. */
async function refusalOf(
  { environments, source, clock }: ServerDeskParts,
  { environmentFile, deploy }: ServerPlan,
  own: (file: string) => Promise<string>,
): Promise<Problem | null> {
  try {
    if (deploy !== null) {
      const file = await own(deploy);
      await source.admit?.(file);
      await access(file, constants.R_OK).catch(() => {
        throw new ProblemError({
          code: 'no-deployment',
          message: `The scenario ${file} is not there.`,
          tip: 'Have the workspace of the campaign there, at the same version.',
        });
      });
    }
    if (environmentFile !== null) await tryToOpen(environments, clock, await own(environmentFile));
    return null;
  } catch (failure) {
    const problem = problemOf(failure);
    return isOutOfReach(problem) ? null : problem;
  }
}

/** Rejects with what keeps this core from it. A router that is silent keeps nobody waiting: that is for whoever watches the server. */
function tryToOpen(environments: EnvironmentPool, clock: Clock, file: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(openingPatience, resolve);
    environments
      .lease(file)
      .then((lease) => lease.release())
      .then(resolve, reject)
      .finally(cancel);
  });
}

/** Holds the environment open; what is away for less than a few seconds is not told. */
function watchEnvironment(
  environments: EnvironmentPool,
  clock: Clock,
  fileHere: () => Promise<string>,
  told: (trouble: string | null) => void,
): () => void {
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
    const file = await fileHere();
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

/** Of the daemons that its file names, since other servers may share the environment; where it names none, of all. */
function troubleOf({ link, description: { expected } }: OpenEnvironment): string | null {
  if (!link.connected) return 'Its router is out of reach.';
  const seen = link.daemons().filter(({ state }) => state !== 'never seen');
  const lost = seen.filter(({ daemon, state }) => state === 'lost' && (expected.length === 0 || expected.includes(daemon)));
  if (lost.length > 0) return `It has lost ${listed(lost.map(({ daemon }) => daemon))}.`;
  const missing = expected.filter((daemon) => !seen.some((each) => each.daemon === daemon));
  return missing.length > 0 ? `It lacks ${listed(missing)}.` : null;
}
