/** Which daemons of the environment, or of a moment of a replayed run, are not there, and what is unknown because of it. */
import type { EnvironmentStatus } from '#shared/contract/environments.ts';
import { namedComponents } from '#shared/run/presence-words.ts';
import { entriesOf, type RunState } from '#shared/run/run-state.ts';
import { listed } from '#shared/wording/names.ts';
import { counted } from '#shared/wording/counts.ts';

export interface LostDaemon {
  readonly daemon: string;
  /** ms since its last sign of life; null: not known. */
  readonly silence: number | null;
  readonly components: readonly string[];
}

/** How many daemons of a status are not there; null where all are. */
export function absenceOf({ daemons }: Pick<EnvironmentStatus, 'daemons'>): string | null {
  const lost = daemons.filter(({ presence }) => presence === 'lost').length;
  const unseen = daemons.filter(({ presence }) => presence === 'never seen').length;
  if (lost + unseen === 0) return null;
  const what = unseen === 0 ? 'lost' : lost === 0 ? 'not seen' : 'absent';
  return `${lost + unseen} of ${counted(daemons.length, 'daemon')} ${what}`;
}

/** The lost daemons of a status. */
export function lostNow({ daemons }: Pick<EnvironmentStatus, 'daemons'>): readonly LostDaemon[] {
  return daemons
    .filter(({ presence }) => presence === 'lost')
    .map(({ daemon, silence, components }) => ({ daemon, silence, components: components.map(({ component }) => component) }));
}

/** The daemons that the environment file lists and that nobody has seen since the environment was opened. */
export function neverSeen({ daemons }: Pick<EnvironmentStatus, 'daemons'>): readonly string[] {
  return daemons.filter(({ presence }) => presence === 'never seen').map(({ daemon }) => daemon);
}

/** `Daemon MON never seen`; empty where all were. */
export function unseenInWords(daemons: readonly string[]): string {
  return daemons.length === 0 ? '' : `${daemonsInWords(daemons)} never seen`;
}

/** `Daemon MEP`, `Daemons MEP, GW and MON`. */
function daemonsInWords(names: readonly string[]): string {
  return `${names.length > 1 ? 'Daemons' : 'Daemon'} ${listed(names)}`;
}

/** The daemons that were lost at a moment of a run. @param now ms since 1970: the moment */
export function lostAt(state: Pick<RunState, 'daemons'>, now: number): readonly LostDaemon[] {
  return entriesOf(state.daemons).flatMap(([daemon, { silentSince, components }]) =>
    silentSince === null ? [] : [{ daemon, silence: Math.max(0, now - silentSince), components }],
  );
}

/** `MEP lost: A, B unknown`, or of several `MEP and GW lost: A, B unknown`. */
export function lostInWords(lost: readonly LostDaemon[]): string {
  const names = lost.map(({ daemon }) => daemon);
  const unknown = listed(
    lost.flatMap(({ components }) => components),
    namedComponents,
  );
  return `${daemonsInWords(names)} lost${unknown === '' ? '' : `: ${unknown} unknown`}`;
}

/** ms since the last sign of life of any of them; null: not known. */
export function silenceOf(lost: readonly LostDaemon[]): number | null {
  const known = lost.flatMap(({ silence }) => (silence === null ? [] : [silence]));
  return known.length === 0 ? null : Math.max(...known);
}
