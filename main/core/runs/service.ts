/** What consoles ask about the list of runs: which go on, and when the list is not as it was. */
import { watch } from 'node:fs';
import type { ActiveRuns } from './active-runs.ts';
import type { MethodTable, StreamTable } from '../contract/method-tables.ts';
import type { Clock } from '#platform/clock.ts';
import { Change, pause, producedStream } from '../contract/produced-stream.ts';
import { Emitter } from '#shared/disposable.ts';

/** ms between two items at the least. */
const pace = 250;
/** ms after which a console is told to look again, whatever was heard: other consoles may share the archive. */
const unheard = 30_000;

export interface RunsServiceParts {
  readonly runs: ActiveRuns;
  readonly clock: Clock;
  /** Folder of the archive. */
  readonly archiveFolder: string;
}

/** Calls back when a run comes into the archive or leaves it, whoever did it; returns the unsubscribe. */
function watchArchive(folder: string, changed: () => void): () => void {
  try {
    const watcher = watch(folder, { persistent: false }, changed);
    watcher.on('error', () => watcher.close());
    return () => watcher.close();
  } catch {
    // Without it, runs of other consoles are seen when the list is looked at again.
    return () => undefined;
  }
}

export class RunsService {
  readonly methods: MethodTable<'runs.active'>;
  readonly streams: StreamTable<'runs.changes'>;
  private readonly changes = new Emitter<void>();

  constructor({ runs, clock, archiveFolder }: RunsServiceParts) {
    this.methods = { 'runs.active': async () => ({ runs: [...runs.list()] }) };
    this.streams = {
      'runs.changes': (_, listener) =>
        producedStream(listener, async (deliver, signal) => {
          const change = new Change();
          const mark = (): void => change.mark();
          const stops = [runs.onChange(mark), this.changes.subscribe(mark), watchArchive(archiveFolder, mark)];
          try {
            while (!signal.aborted) {
              await deliver({ active: runs.list().length });
              await pause(clock, pace, signal);
              await change.wait(clock, unheard, signal);
            }
          } finally {
            for (const stop of stops) stop();
          }
        }),
    };
  }

  /** The list was changed by a request: a run was imported, deleted, or the list made anew. */
  changed(): void {
    this.changes.emit();
  }
}
