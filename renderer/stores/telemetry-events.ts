/** Events of the environment while no run is shown: one stream, for the log and for the marks of the charts. */
import type { StreamItem } from '#shared/contract/contract.ts';
import { Emitter } from '#shared/disposable.ts';
import { useRunSession } from './run-session.ts';
import { useSession } from './session.ts';

export type EnvironmentEvents = StreamItem<'environment.events'>;

/** Events as they come; `null`: a stream begins (again) with the last events, what was there before is void. */
export const environmentEvents = new Emitter<EnvironmentEvents | null>();

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
  environmentEvents.emit(null);
  stream = connection.core.listen('environment.events', { environmentFile }, (item) => environmentEvents.emit(item));
}

let started = false;

/** Follows for the life of the page. */
export function startEnvironmentEvents(): void {
  if (started) return;
  started = true;
  useSession.subscribe(follow);
  useRunSession.subscribe(follow);
  follow();
}
