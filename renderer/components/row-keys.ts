/** Keys that lead from row to row, alike in every list. */

/** Where the selection goes at a key, in a list of `count` rows of which `page` are seen; null: the key is not for the list. */
export function selectionAfter(key: string, current: number, count: number, page: number): number | null {
  const moves: Readonly<Record<string, number>> = {
    ArrowDown: current + 1,
    ArrowUp: current < 0 ? count - 1 : current - 1,
    PageDown: current + page,
    PageUp: current - page,
    Home: 0,
    End: count - 1,
  };
  const next = moves[key];
  return next === undefined || count === 0 ? null : Math.min(count - 1, Math.max(0, next));
}
