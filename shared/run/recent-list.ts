/**
 * A list that keeps its latest items and counts all it ever had. It is never changed in place, and a new version shares
 * most of its memory with the old one, so that a reader can keep many versions (replay does) and adding stays cheap.
 */

const chunkSize = 64;

export interface RecentList<Item> {
  /** Items ever added. */
  readonly total: number;
  /** Index (counted over all items ever added) of the oldest item that is still kept. */
  readonly first: number;
  readonly chunks: readonly (readonly Item[])[];
}

export const emptyList: RecentList<never> = { total: 0, first: 0, chunks: [] };

/** The list with one more item; the oldest are dropped, a chunk at a time, when more than `keep` are there. */
export function append<Item>(list: RecentList<Item>, item: Item, keep: number): RecentList<Item> {
  const { total, first, chunks } = list;
  const last = chunks.at(-1);
  const grown = last && last.length < chunkSize ? [...chunks.slice(0, -1), [...last, item]] : [...chunks, [item]];
  const surplus = total + 1 - first - keep >= chunkSize;
  return surplus
    ? { total: total + 1, first: first + (grown[0]?.length ?? 0), chunks: grown.slice(1) }
    : { total: total + 1, first, chunks: grown };
}

/** The list with the item at an index (counted over all ever added) replaced; unchanged where that is no longer kept. */
export function replaceAt<Item>(list: RecentList<Item>, index: number, item: Item): RecentList<Item> {
  const place = index - list.first;
  const chunk = list.chunks[Math.floor(place / chunkSize)];
  if (place < 0 || index >= list.total || !chunk) return list;
  const chunks = list.chunks.with(Math.floor(place / chunkSize), chunk.with(place % chunkSize, item));
  return { ...list, chunks };
}

/** The item at an index (counted over all ever added); undefined where it is not kept. */
export function itemAt<Item>(list: RecentList<Item>, index: number): Item | undefined {
  const place = index - list.first;
  return place < 0 ? undefined : list.chunks[Math.floor(place / chunkSize)]?.[place % chunkSize];
}

/** The items kept, oldest first. */
export function itemsOf<Item>(list: RecentList<Item>): Item[] {
  return list.chunks.flat();
}
