/** Bookmarks and notes of the replayed run: places to go to that people left beside it. The run itself is never changed. */
import { createStore } from 'zustand/vanilla';
import { standingRemarks, type Remark } from '#shared/run/remarks.ts';
import { createReplay } from './replay.ts';
import { storeHook } from '../context.ts';
import type { Stores } from '../stores.ts';

/** A bookmark, or a note about a moment. */
export interface Place {
  /** Number of the remark. */
  readonly number: number;
  readonly kind: 'bookmark' | 'note';
  /** ms since 1970, in the run. */
  readonly time: number;
  readonly text: string;
  readonly author: string;
}

/** ms: a place so near counts as the one that is shown. */
const near = 1;

export function createReplayPlaces(stores: Stores) {
  const replay = stores.get(createReplay);
  const { seek } = replay;

  /** Places of the run that is replayed, in the order of their moments. */
  const replayPlaces = createStore<{ readonly places: readonly Place[] }>(() => ({ places: [] }));

  /** Goes to the next bookmark or note, or the one before. */
  function placeBy(direction: 'next' | 'previous'): void {
    const place = placeBeside(replayPlaces.getState().places, replay.getState().cursor, direction);
    if (place) seek(place.time);
  }

  return { ...replayPlaces, placeBy };
}

export const useReplayPlaces = storeHook(createReplayPlaces);

/** Those of the remarks that stand and are about a moment. */
export function placesOf(remarks: readonly Remark[]): readonly Place[] {
  return standingRemarks(remarks)
    .flatMap((remark): Place[] => {
      if (remark.kind !== 'bookmark' && remark.kind !== 'note') return [];
      const { number, kind, time, text, author } = remark;
      return time === null ? [] : [{ number, kind, time, text, author }];
    })
    .sort((left, right) => left.time - right.time || left.number - right.number);
}

/** The place that comes next after a time, or before it. */
export function placeBeside(places: readonly Place[], time: number, direction: 'next' | 'previous'): Place | null {
  const found = direction === 'next' ? places.find((each) => each.time > time + near) : places.findLast((each) => each.time < time - near);
  return found ?? null;
}
