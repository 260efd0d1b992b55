/**
 * Which rows of a long list are in sight. All rows have one height; a list that would be higher than a browser can make
 * an element is drawn to scale, so that every row can be reached by the scroll bar.
 */

/** px; browsers give up between 16 and 33 million, less on fine displays. */
const highestList = 12_000_000;

export interface RowWindow {
  /** px of the whole list, for the scroll bar. */
  readonly height: number;
  /** Place of the first row in sight. */
  readonly first: number;
  /** Place after the last one. */
  readonly end: number;
  /** px of the first row that are above the window. */
  readonly offset: number;
  /** Whether the last row is in sight at the foot. */
  readonly atEnd: boolean;
}

export interface Scrolling {
  readonly count: number;
  readonly rowHeight: number;
  /** px of the list that can be seen. */
  readonly viewport: number;
  readonly top: number;
}

/** How many rows' px one px of scrolling is. */
function scaleOf({ count, rowHeight, viewport }: Omit<Scrolling, 'top'>): { readonly height: number; readonly scale: number } {
  const natural = count * rowHeight;
  const height = Math.min(natural, highestList);
  const scrollable = height - viewport;
  return { height, scale: scrollable > 0 ? (natural - viewport) / scrollable : 1 };
}

/** The rows in sight where the list is scrolled to `top`. */
export function rowWindow(scrolling: Scrolling): RowWindow {
  const { count, rowHeight, viewport, top } = scrolling;
  const { height, scale } = scaleOf(scrolling);
  const farthest = Math.max(0, count * rowHeight - viewport);
  const position = Math.min(farthest, Math.max(0, top * scale));
  const first = Math.min(count, Math.floor(position / rowHeight));
  const rows = Math.ceil(viewport / rowHeight) + 1;
  return {
    height,
    first,
    end: Math.min(count, first + rows),
    offset: position - first * rowHeight,
    atEnd: position >= farthest - rowHeight / 2,
  };
}

/** Where to scroll so that a row is at the top of the window; its end is farther than that for the last rows. */
export function scrollTopOf(place: number, scrolling: Omit<Scrolling, 'top'>): number {
  const { height, scale } = scaleOf(scrolling);
  return Math.max(0, Math.min(height - scrolling.viewport, (place * scrolling.rowHeight) / scale));
}

/** Where to scroll so that a row is in sight; null when it is. Rows from elsewhere come into the middle. */
export function scrollInto(place: number, scrolling: Scrolling): number | null {
  const { rowHeight, viewport } = scrolling;
  const { first, offset } = rowWindow(scrolling);
  const rows = Math.max(1, Math.floor(viewport / rowHeight));
  const firstWhole = offset > 0 ? first + 1 : first;
  if (place >= firstWhole && place < first + rows) return null;
  if (place === firstWhole - 1) return scrollTopOf(place, scrolling);
  if (place === first + rows) return scrollTopOf(place - rows + 1, scrolling);
  return scrollTopOf(Math.max(0, place - Math.floor(rows / 2)), scrolling);
}
