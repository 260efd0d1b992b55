/** Events of the environment while no run is shown: one stream, for the log and for the marks of the charts. */
import type { StreamItem } from '#shared/contract/contract.ts';
import { Emitter } from '#shared/disposable.ts';
import { useRunSession } from './run-session.ts';
import { useSession } from './session.ts';

export type EnvironmentEvents = StreamItem<'environment.events'>;

type Listener = (item: EnvironmentEvents | null) => void;

const items = new Emitter<EnvironmentEvents | null>();
/** The last items of the present stream, for listeners that come later than it began. */
let recent: EnvironmentEvents[] = [];
let recentCount = 0;
/** Events that a late listener is given at most; the stream itself begins with a thousand. */
const recentEvents = 4_000;

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
export function followEnvironmentEvents(listener: Listener): () => void {
  start();
  for (const item of recent) listener(item);
  return items.subscribe(listener);
}

let stream: { close(): void } | undefined;
let key = '';

/** Listens exactly while there is a connection and an environment, and no run is shown. */
function follow(): void {
  const { connection, environmentFile } = useSession.getState();
  const wanted = connection.kind === 'connected' && environmentFile !== null && useRunSession.getState().run === null;
  const present = wanted ? `${connection.generation} ${environmentFile}` : '';
  if (present === key) return;
  key = present;
  stream?.close();
  stream = undefined;
  if (!wanted) return;
  begin();
  stream = connection.core.listen('environment.events', { environmentFile }, take);
}

let started = false;

/** Listens for the life of the page, once somebody wants it. */
function start(): void {
  if (started) return;
  started = true;
  useSession.subscribe(follow);
  useRunSession.subscribe(follow);
  follow();
}
