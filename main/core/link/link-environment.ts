/** From an environment file to an open link: reads key and certificates, connects to the router, opens the link. */
import { connectToRouter } from '#network/bus/connect.ts';
import { readKeyFile, signerFromSeed } from '#network/bus/keys.ts';
import { readTlsFiles } from '#network/bus/tls-files.ts';
import type { Problem } from '#shared/problem.ts';
import type { Clock, Link } from '../ports.ts';
import type { Environment } from '../workspace/environment.ts';
import type { LinkLimits } from './limits.ts';
import { openLink } from './link.ts';

export interface EnvironmentLinkOptions {
  readonly clock: Clock;
  readonly limits?: Partial<LinkLimits>;
  /** Waits for a router that does not listen yet, instead of failing at once. */
  readonly waitForRouter?: boolean;
  /** Told once per kind of trouble while the router is waited for. */
  readonly onWaiting?: (problem: Problem) => void;
  readonly signal?: AbortSignal;
}

/** Rejects with a ProblemError when the key or a certificate cannot be read, or the router cannot be reached. */
export async function linkEnvironment(environment: Environment, options: EnvironmentLinkOptions): Promise<Link> {
  const { operator } = environment;
  const seed = await readKeyFile(operator.keyFile);
  const tls = environment.tls ? await readTlsFiles(environment.tls) : undefined;
  const connection = await connectToRouter({
    url: environment.router,
    name: `testops console of ${operator.name}`,
    user: operator.name,
    seed,
    tls,
    waitOnFirstConnect: options.waitForRouter ?? false,
    onWaiting: options.onWaiting,
    signal: options.signal,
  });
  return openLink({
    environment: environment.name,
    connection,
    operator: { name: operator.name, signer: signerFromSeed(seed) },
    expected: environment.daemons,
    clock: options.clock,
    ...(options.limits && { limits: options.limits }),
  });
}
