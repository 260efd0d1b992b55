/** Whether a daemon takes the orders that this console signs, and what to update where it does not. */
import type { Problem } from '#shared/problem.ts';
import { orderVersion } from '#shared/protocol/commands.ts';
import type { Catalogue } from '#shared/protocol/observations.ts';

/** Why no order is sent to a daemon of this catalogue; null where its orders are those of this console. */
export function versionProblem({ daemon, host, softwareVersion, ...offered }: Catalogue): Problem | null {
  const taken = offered.orderVersion ?? 1;
  if (taken === orderVersion) return null;
  return {
    severity: 'error',
    code: 'daemon-order-version',
    message: `The daemon ${daemon} on ${host} (version ${softwareVersion}) takes orders of version ${taken}, and this console signs version ${orderVersion}: it cannot be commanded.`,
    tip: taken < orderVersion ? `Update the daemon ${daemon} on ${host}.` : 'Update this console.',
  };
}
