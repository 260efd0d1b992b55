/** Events of the environment while no run is shown: one stream, for the log and for the marks of the charts. */
import type { StreamItem } from '#shared/contract/contract.ts';
import { Emitter } from '#shared/disposable.ts';
import { createRunSession } from './run-session.ts';
import { createSession } from './session.ts';
import type { Stores } from './stores.ts';

export type EnvironmentEvents = StreamItem<'environment.events'>;

type Listener = (item: EnvironmentEvents | null) => void;
/** Events that a late listener is given at most; the stream itself begins with a thousand. */
const recentEvents = 4_000;

export function createTelemetryEvents(stores: Stores) {
  const session = stores.get(createSession);
  const runSession = stores.get(createRunSession);

  const items = new Emitter<EnvironmentEvents | null>();
  /** The last items of the present stream, for listeners that come later than it began. */
  let recent: EnvironmentEvents[] = [];
  let recentCount = 0;

  function take(item: EnvironmentEvents): void {
    recent.push(item);
    recentCount += item.events.length;
    while (recentCount > recentEvents && recent.length > 1) recentCount -= recent.shift()?.events.length ?? 0;
    items.emit(item);
  }

  function begin(): void {
    recent = [];
    recentCount = 0;
    items.emit(null);
  }

  /**
   * Follows the events, the last ones first; `null`: a stream begins (again) with the last events, what was there before is
   * void. Returns the end of it.
   */
  function followEnvironmentEvents(listener: Listener): () => void {
    for (const item of recent) listener(item);
    return items.subscribe(listener);
  }

  let stream: { close(): void } | undefined;
  let key = '';

  /** Listens exactly while there is a connection and an environment, and no run is shown. */
  function follow(): void {
    const { connection, environmentFile } = session.getState();
    const wanted = connection.kind === 'connected' && environmentFile !== null && runSession.getState().run === null;
    const present = wanted ? `${connection.generation} ${environmentFile}` : '';
    if (present === key) return;
    key = present;
    stream?.close();
    stream = undefined;
    if (!wanted) return;
    begin();
    stream = connection.core.listen('environment.events', { environmentFile }, take);
  }

  /** Listens from the beginning on. */
  function start(): void {
    session.subscribe(follow);
    runSession.subscribe(follow);
    follow();
  }

  start();
  stores.own(() => stream?.close());

  return { followEnvironmentEvents };
}
