/** Events of the daemons as they come, as rows; kept while the Environment view is shown. */
import { createStore } from 'zustand/vanilla';
import type { StreamItem } from '#shared/contract/contract.ts';
import type { DaemonEvent, LogSeverity } from '#shared/protocol/observations.ts';
import { inertText } from '../../components/inert-text.ts';
import { createSession } from '../../stores/session.ts';
import { storeHook } from '../../stores/context.ts';
import type { Stores } from '../../stores/stores.ts';

export interface EventRow {
  /** Counts rows, so that they keep their identity when old ones go. */
  readonly number: number;
  /** ms since 1970, the core's clock. */
  readonly time: number;
  readonly daemon: string;
  readonly component: string | null;
  readonly severity: LogSeverity;
  readonly text: string;
}

export interface EventsState {
  readonly rows: readonly EventRow[];
  /** Events that this console was too slow for. */
  readonly missed: number;
  /** The latest error of each component. */
  readonly lastErrors: ReadonlyMap<string, EventRow>;
}

type Told = StreamItem<'environment.events'>;

const maximumRows = 5_000;
export const noEvents: EventsState = { rows: [], missed: 0, lastErrors: new Map() };

type Words = Pick<EventRow, 'component' | 'severity' | 'text'>;

export function createEnvironmentEvents(stores: Stores) {
  const { currentCore, notifyUnlessLost } = stores.get(createSession);

  const environmentEvents = createStore<EventsState>(() => noEvents);

  /** Listens until the returned function is called. */
  function followEvents(environmentFile: string): () => void {
    environmentEvents.setState(noEvents, true);
    const core = currentCore();
    if (!core) return () => {};
    const stream = core.listen('environment.events', { environmentFile }, (item) => {
      environmentEvents.setState((state) => takeEvents(state, item), true);
    });
    stream.ended.catch(notifyUnlessLost);
    return () => stream.close();
  }

  return { ...environmentEvents, followEvents };
}

export const useEnvironmentEvents = storeHook(createEnvironmentEvents);

/** An event in words; null for what only programs need to know. */
export function wordsOf(event: DaemonEvent): Words | null {
  switch (event.kind) {
    case 'series-declared':
    case 'columns-declared':
      return null;
    case 'epoch-started':
      return { component: null, severity: 'info', text: `daemon started, version ${event.softwareVersion}` };
    case 'component-started':
      return { component: event.component, severity: 'info', text: `started, PID ${event.pid}` };
    case 'component-stopped':
      return { component: event.component, severity: 'info', text: `stopped, PID ${event.pid}` };
    case 'component-crashed':
      return { component: event.component, severity: 'error', text: `CRASHED, PID ${event.pid}${endOf(event)}` };
    case 'state':
      return { component: event.component, severity: 'info', text: `${event.previous ?? '–'} → ${event.state}` };
    case 'log':
      return { component: event.component, severity: event.severity, text: event.text };
    case 'command-accepted':
      return { component: null, severity: 'info', text: `${event.operator}: ${[event.action, ...event.arguments].join(' ')}` };
    case 'command-refused':
      return { component: null, severity: 'warning', text: `refused to ${event.operator}: ${event.action}: ${event.reason}` };
    case 'command-output':
      return { component: null, severity: event.stream === 'stderr' ? 'info' : 'debug', text: event.text };
    case 'command-finished': {
      const { status, exitStatus, success } = event.outcome;
      const exit = exitStatus === null ? '' : `, exit status ${exitStatus}`;
      return { component: null, severity: success ? 'info' : 'warning', text: `command ${status}${exit}` };
    }
    case 'notice':
      return { component: event.component ?? null, severity: event.severity, text: event.text };
  }
}

function endOf({ signal, exitStatus }: { readonly signal: string | null; readonly exitStatus: number | null }): string {
  if (signal !== null) return `, by signal ${signal}`;
  return exitStatus === null ? '' : `, exit status ${exitStatus}`;
}

/** The state with further events; the oldest go when there are too many. */
export function takeEvents(state: EventsState, { events, missed }: Told): EventsState {
  const lastErrors = new Map(state.lastErrors);
  let number = state.rows.at(-1)?.number ?? 0;
  const added: EventRow[] = [];
  for (const { daemon, received, event } of events) {
    const words = wordsOf(event);
    if (!words) continue;
    const row = { number: ++number, time: received, daemon, ...words, text: inertText(words.text) };
    added.push(row);
    if (row.component !== null && (row.severity === 'error' || row.severity === 'fatal')) lastErrors.set(row.component, row);
  }
  return { rows: [...state.rows, ...added].slice(-maximumRows), missed: state.missed + missed, lastErrors };
}
