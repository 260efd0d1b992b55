/** Environments for streams: used for as long as somebody listens, and waited for while their router cannot be reached. */
import type { EnvironmentDescription, EnvironmentPool, EnvironmentSource, OpenEnvironment } from './access.ts';
import type { Clock } from '#platform/clock.ts';
import { pause } from '../contract/produced-stream.ts';
import { problemOf } from '#shared/problem.ts';

export interface EnvironmentParts {
  readonly environments: EnvironmentPool;
  readonly source: EnvironmentSource;
  readonly clock: Clock;
}

/** Troubles of a first connection that pass by themselves when the router comes. */
const passing = new Set(['router-closed', 'router-silent', 'router-unreachable', 'router-connection', 'router-name-unknown']);
/** ms between attempts to reach a router. */
const betweenAttempts = 1_000;

/**
 * Leases the environment of a file and works with it. While its router cannot be reached, `meanwhile` is told what the
 * file says, and it is tried again; any other trouble is the caller's.
 */
export async function useEnvironment(
  { environments, source, clock }: EnvironmentParts,
  file: string,
  signal: AbortSignal,
  work: (environment: OpenEnvironment) => Promise<void>,
  meanwhile?: (description: EnvironmentDescription) => Promise<void>,
): Promise<void> {
  while (!signal.aborted) {
    const lease = await environments.lease(file).catch((failure: unknown) => {
      if (!passing.has(problemOf(failure).code)) throw failure;
      return null;
    });
    if (lease) {
      try {
        return await work(lease.environment);
      } finally {
        lease.release();
      }
    }
    if (meanwhile) await meanwhile(await source.describe(file));
    await pause(clock, betweenAttempts, signal);
  }
}
