/** Why what is shown is not live, if it is not: told in orange, with what the operator can do about it. */
import { useMemo } from 'react';
import type { ConnectionState } from '../../transport/core-connection.ts';
import { restoreRange } from '../../stores/charts-range.ts';
import { returnToLive, useRunSession, type RunSessionState } from '../../stores/run-session.ts';
import { useSession, type SessionState } from '../../stores/session.ts';
import { useTimeAxis, type TimeRange } from '../../stores/time-axis.ts';

export interface NotLive {
  readonly id: 'connection' | 'environment' | 'archived' | 'range';
  readonly message: string;
  /** ms since 1970; the time that went by since then is shown and counted on. */
  readonly since?: number;
  readonly action?: { readonly title: string; readonly perform: () => void };
}

export interface Shown {
  readonly connection: ConnectionState;
  readonly view: SessionState['view'];
  readonly opened: boolean;
  readonly environment: Pick<NonNullable<SessionState['environment']>, 'environment' | 'connected'> | null;
  readonly run: Pick<RunSessionState, 'run' | 'archived'> & { readonly scenario: string | null; readonly release: string | null };
  readonly range: TimeRange;
}

const clock = (time: number) => new Date(time).toLocaleTimeString('en-GB');

/** The most important reason first. */
export function notLiveReasons({ connection, view, opened, environment, run, range }: Shown): readonly NotLive[] {
  const reasons: NotLive[] = [];
  if (connection.kind === 'lost') {
    reasons.push({ id: 'connection', message: `No connection to the core: ${connection.reason}`, since: connection.since });
  } else if (opened && environment && !environment.connected) {
    reasons.push({ id: 'environment', message: `Environment ${environment.environment} is not connected: its values are old` });
  }
  if ((view === 'run' || view === 'environment') && run.run !== null && run.archived) {
    const release = run.release === null ? '' : `, release ${run.release}`;
    reasons.push({
      id: 'archived',
      message: `Replay of ${run.scenario ?? run.run}${release}`,
      action: { title: 'Return to live', perform: returnToLive },
    });
  }
  if (view === 'run' && range.kind === 'fixed' && !run.archived) {
    reasons.push({
      id: 'range',
      message: `Fixed time range ${clock(range.from)} – ${clock(range.to)}`,
      action: { title: 'Back to live', perform: restoreRange },
    });
  }
  return reasons;
}

export function useNotLive(): readonly NotLive[] {
  const connection = useSession((state) => state.connection);
  const view = useSession((state) => state.view);
  const opened = useSession((state) => state.workspace !== null);
  const environment = useSession((state) => state.environment);
  const run = useRunSession((state) => state.run);
  const archived = useRunSession((state) => state.archived);
  const scenario = useRunSession((state) => state.state.started?.scenario ?? null);
  const release = useRunSession((state) => state.state.started?.release ?? null);
  const range = useTimeAxis((state) => state.range);
  return useMemo(
    () => notLiveReasons({ connection, view, opened, environment, run: { run, archived, scenario, release }, range }),
    [connection, view, opened, environment, run, archived, scenario, release, range],
  );
}
