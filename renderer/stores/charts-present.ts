/**
 * What the lanes of states show of the present: the environment's status alone tells it, as it does in every other view. While a run
 * goes on, its log tells which daemons are lost or back, since the status comes sooner or later than it.
 */
import type { EnvironmentStatus } from '#shared/contract/environments.ts';
import type { Happenings } from './charts-markers.ts';

interface Present {
  /** ms since 1970, the core's clock. */
  readonly now: number;
  /** The same: when the core was heard last. */
  readonly heardAt: number;
  /** A run that goes on is shown, and its log is heard. */
  readonly isLogged: boolean;
}

/** @param environment null: nobody tells how it stands, since the core is lost or the environment is closed */
export function takePresent(
  happenings: Happenings,
  environment: Pick<EnvironmentStatus, 'daemons'> | null,
  { now, heardAt, isLogged }: Present,
): void {
  if (environment === null) {
    if (!isLogged) happenings.hearNothing(heardAt);
    return;
  }
  for (const { daemon, presence, components, lastSign, catalogue } of environment.daemons) {
    const names = components.map(({ component }) => component);
    if (presence === 'lost') happenings.loseDaemon(daemon, names, lastSign ?? now, catalogue?.epoch ?? null);
    else if (presence === 'present' && !isLogged) happenings.regainDaemon(daemon, now, true);
    if (presence !== 'present' || happenings.isLost(daemon)) continue;
    for (const { component, state } of components) if (state !== 'unknown') happenings.rememberState(component, now, state);
  }
}
