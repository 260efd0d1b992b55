/** Why what is shown is not live, if it is not: told in orange, with what the operator can do about it. */
import { useMemo } from 'react';
import type { ConnectionState } from '../../transport/core-connection.ts';
import { useHeld } from '../../components/use-held.ts';
import { lostAt, lostInWords, lostNow, neverSeen, silenceOf, unseenInWords, type LostDaemon } from '../../stores/absent-daemons.ts';
import { createChartsRange } from '../../stores/charts-range.ts';
import { createRunSession, useRunSession, type RunSessionState } from '../../stores/run-session.ts';
import { useReplay } from '../../stores/replay/replay.ts';
import { coreLossInWords, useSession, type SessionState } from '../../stores/session.ts';
import { useTimeAxis, type TimeRange } from '../../stores/time-axis.ts';
import { useStores } from '../../stores/context.ts';
import type { Stores } from '../../stores/stores.ts';
import { secondsText } from '#shared/wording/durations.ts';
import { timeOfDay } from '#shared/wording/times.ts';
import { listed } from '#shared/wording/names.ts';

export interface NotLive {
  readonly id: 'connection' | 'environment' | 'daemons' | 'unseen' | 'archived' | 'range';
  readonly message: string;
  /** ms since 1970; the time that went by since then is shown and counted on. */
  readonly since?: number;
  /** What happened then was over at once: it is told as so long ago. */
  readonly happened?: true;
  /** Said, though what this view shows is live all the same: no frame is drawn around it. */
  readonly aside?: true;
  readonly action?: { readonly title: string; readonly perform: () => void };
}

export interface Shown {
  readonly connection: ConnectionState;
  readonly view: SessionState['view'];
  readonly opened: boolean;
  readonly environment: Pick<NonNullable<SessionState['environment']>, 'environment' | 'connected' | 'router' | 'daemons'> | null;
  /** Daemons that were not seen yet have had time to be; an environment that was just opened knows nobody. */
  readonly missed?: boolean;
  /** ms since 1970, the page's clock: when the environment told how it stands. */
  readonly heardAt: number;
  /** `lost`: of a replay, the daemons that were lost at its moment. */
  readonly run: Pick<RunSessionState, 'run' | 'archived'> & {
    /** The core was lost during the run, which is not read anew yet. */
    readonly resuming?: boolean;
    readonly scenario: string | null;
    readonly release: string | null;
    readonly lost?: readonly LostDaemon[];
  };
  readonly range: TimeRange;
}

/** ms for which a listed daemon may not be seen before it is missed: it tells its presence every second. */
const patience = 5_000;

/** The most important reason first. */
export function notLiveReasons(
  stores: Stores,
  { connection, view, opened, environment, missed = false, heardAt, run, range }: Shown,
): readonly NotLive[] {
  const reasons: NotLive[] = [];
  if (connection.kind === 'lost') {
    const happened = connection.coreEnd === null ? {} : { happened: true as const };
    reasons.push({ id: 'connection', message: lostCore(connection, run), since: connection.since, ...happened });
  } else if (run.resuming) {
    reasons.push({ id: 'connection', message: `The core is back; what became of the run ${run.run} is being read` });
  } else if (opened && environment && !environment.connected) {
    // Daemons that were never heard are silent too, but tell nothing of since when.
    const silences = environment.daemons.flatMap(({ silence }) => (silence === null ? [] : [silence]));
    reasons.push({
      id: 'environment',
      message: `No connection to the router ${environment.router} of ${environment.environment}: everything there is unknown`,
      ...(silences.length > 0 && { since: heardAt - Math.min(...silences) }),
    });
  }
  const replayed = (view === 'run' || view === 'environment') && run.run !== null && run.archived;
  if (opened && environment?.connected && connection.kind !== 'lost' && !replayed)
    // Results of campaigns come through the core, whichever daemon is lost.
    reasons.push(
      ...absentDaemons(environment, missed, heardAt).map((each) => (view === 'campaigns' ? { ...each, aside: true as const } : each)),
    );
  if (replayed) {
    const release = run.release === null ? '' : `, release ${run.release}`;
    reasons.push({
      id: 'archived',
      message: `Replay of ${run.scenario ?? run.run}${release}${lostThen(run.lost ?? [])}`,
      action: { title: 'Return to live', perform: stores.get(createRunSession).returnToLive },
    });
  }
  if (view === 'run' && range.kind === 'fixed' && !run.archived) {
    reasons.push({
      id: 'range',
      message: `Fixed time range ${timeOfDay(range.from)} – ${timeOfDay(range.to)}`,
      action: { title: 'Back to live', perform: stores.get(createChartsRange).restoreRange },
    });
  }
  return reasons;
}

/** Daemons that are lost, and those that were never seen: of those nobody knows since when. */
function absentDaemons(environment: NonNullable<Shown['environment']>, missed: boolean, heardAt: number): readonly NotLive[] {
  const [lost, unseen] = [lostNow(environment), missed ? neverSeen(environment) : []];
  const silence = silenceOf(lost);
  return [
    ...(lost.length === 0
      ? []
      : [{ id: 'daemons' as const, message: lostInWords(lost), ...(silence !== null && { since: heardAt - silence }) }]),
    ...(unseen.length === 0 ? [] : [{ id: 'unseen' as const, message: unseenInWords(unseen) }]),
  ];
}

/** `Daemon MEP lost: A unknown, since 12:00:03`: the reason with the time of day, for the pointer that rests on the banner. */
export function inFull({ message, since }: NotLive): string {
  return since === undefined ? message : `${message}, since ${timeOfDay(since)}`;
}

/** `, for 4 s`, or `, 4 s ago`; empty where it is not known, and in the first second. */
export function lastedInWords({ since, happened }: Pick<NotLive, 'since' | 'happened'>, now: number): string {
  if (since === undefined || now - since < 1_000) return '';
  const lasted = secondsText(now - since, Math.floor);
  return happened ? `, ${lasted} ago` : `, for ${lasted}`;
}

const inShort: Readonly<Record<NotLive['id'], string>> = {
  connection: 'the core is lost',
  environment: 'the router is out of reach',
  daemons: 'daemons are lost',
  unseen: 'daemons were never seen',
  archived: 'a replay',
  range: 'a fixed time range',
};

/** ` (also: a replay)`: what there is beside the first reason. */
export function othersInWords([, ...others]: readonly Pick<NotLive, 'id'>[]): string {
  return others.length === 0 ? '' : ` (also: ${listed(others.map(({ id }) => inShort[id]))})`;
}

/** Whether the core is known to have ended, and in which run. Short, since the banner has one line. */
function lostCore(connection: Extract<ConnectionState, { kind: 'lost' }>, { run, resuming }: Shown['run']): string {
  const ended = connection.coreEnd !== null;
  const core = coreLossInWords(connection);
  if (!resuming) return `No connection to the core, ${ended ? 'another is started' : 'which is tried again'}: it ${core}`;
  return ended ? `The core ${core} during the run ${run}` : `The run ${run} may go on; the core ${core}`;
}

/** What a replay's moment lacks. */
function lostThen(lost: readonly LostDaemon[]): string {
  const silence = silenceOf(lost);
  if (lost.length === 0) return '';
  return `. ${lostInWords(lost)}${silence === null ? '' : `, for ${secondsText(silence, Math.floor)} then`}`;
}

export function useNotLive(): readonly NotLive[] {
  const stores = useStores();
  const connection = useSession((state) => state.connection);
  const view = useSession((state) => state.view);
  const opened = useSession((state) => state.workspace !== null);
  const environment = useSession((state) => state.environment);
  const missed = useHeld(environment !== null && environment.connected && neverSeen(environment).length > 0, patience);
  const run = useRunSession((state) => state.run);
  const archived = useRunSession((state) => state.archived);
  const resuming = useRunSession((state) => state.resuming);
  const scenario = useRunSession((state) => state.state.started?.scenario ?? null);
  const release = useRunSession((state) => state.state.started?.release ?? null);
  const range = useTimeAxis((state) => state.range);
  const daemons = useRunSession((state) => state.state.daemons);
  // To the second: a replay moves with every frame.
  const moment = useReplay((state) => (state.run === null ? null : Math.ceil(state.cursor / 1_000) * 1_000));
  const heardAt = useMemo(() => (environment === null ? 0 : Date.now()), [environment]);
  const lost = useMemo(() => (moment === null ? [] : lostAt({ daemons }, moment)), [daemons, moment]);
  return useMemo(
    () =>
      notLiveReasons(stores, {
        connection,
        view,
        opened,
        environment,
        missed,
        heardAt,
        run: { run, archived, resuming, scenario, release, lost },
        range,
      }),
    [connection, view, opened, environment, missed, heardAt, run, archived, resuming, scenario, release, lost, range],
  );
}
