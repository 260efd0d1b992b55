/** Points of the replayed run for the charts: fetched ahead from the archive, for the pictures that are drawn. */
import type { RunId } from '#shared/identifiers.ts';
import type { Points } from '#shared/telemetry/decimation.ts';
import { createSession } from '../session.ts';
import { factorOf } from './play-clock.ts';
import { PointTiles, type FetchedPoints, type TileRequest } from './point-tiles.ts';
import { createReplay } from './replay.ts';
import type { Stores } from '../stores.ts';

/** Series that one request may name. */
const seriesOfRequest = 200;

async function fetchPoints(stores: Stores, run: RunId, { series, stretch, columns }: TileRequest): Promise<readonly FetchedPoints[]> {
  const core = stores.get(createSession).currentCore();
  if (!core) return [];
  const found: FetchedPoints[] = [];
  for (let from = 0; from < series.length; from += seriesOfRequest) {
    const names = series.slice(from, from + seriesOfRequest);
    found.push(...(await core.request('runs.points', { run, series: names, columns, ...stretch })).points);
  }
  return found;
}

/** Points of one run of the past, in tiles. `changed` is told when there are new ones. */
export function openTiles(stores: Stores, run: RunId, changed: () => void): PointTiles {
  let told = false;
  return new PointTiles({
    fetch: (request) => fetchPoints(stores, run, request),
    changed,
    // A run that is deleted while it is looked at fails with every request; that is told once.
    failed: (failure) => {
      if (!told) stores.get(createSession).notifyUnlessLost(failure);
      told = true;
    },
  });
}

/** How many ms a picture that follows the replay moves in a ms. */
export function pace(stores: Stores): number {
  const { playing, speed, start, end } = stores.get(createReplay).getState();
  return playing ? factorOf(speed, end - start) : 0;
}

export interface ReplayPoints {
  /** The points of a series for the present picture; null where there are none yet. */
  points(series: string): Points | null;
  show(series: readonly string[]): void;
  /** The stretch of time that is drawn now, and its width in px. */
  look(from: number, to: number, columns: number): void;
  readonly busy: boolean;
  dispose(): void;
}

/** Points of the run that is replayed; `look` says which stretch of it is drawn. */
export function replayPoints(stores: Stores, run: RunId, changed: () => void): ReplayPoints {
  const tiles = openTiles(stores, run, changed);
  return {
    points: (series) => tiles.points(series),
    show: (series) => tiles.show(series),
    look: (from, to, columns) => tiles.look({ from, to, columns, pace: pace(stores) }),
    get busy() {
      return tiles.busy;
    },
    dispose: () => tiles.dispose(),
  };
}
