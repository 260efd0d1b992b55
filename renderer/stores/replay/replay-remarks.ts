/** Bookmarks and notes of the replayed run: places to go to that people left beside it. The run itself is never changed. */
import { create } from 'zustand';
import { standingRemarks, type Remark } from '#shared/run/remarks.ts';
import { seek, useReplay } from './replay.ts';

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

/** Places of the run that is replayed, in the order of their moments. */
export const useReplayPlaces = create<{ readonly places: readonly Place[] }>(() => ({ places: [] }));

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

/** ms: a place so near counts as the one that is shown. */
const near = 1;

/** The place that comes next after a time, or before it. */
export function placeBeside(places: readonly Place[], time: number, direction: 'next' | 'previous'): Place | null {
  const found = direction === 'next' ? places.find((each) => each.time > time + near) : places.findLast((each) => each.time < time - near);
  return found ?? null;
}

/** Goes to the next bookmark or note, or the one before. */
export function placeBy(direction: 'next' | 'previous'): void {
  const place = placeBeside(useReplayPlaces.getState().places, useReplay.getState().cursor, direction);
  if (place) seek(place.time);
}
