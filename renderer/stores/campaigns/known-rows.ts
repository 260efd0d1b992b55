/** Rows of a long list of which only parts are here, in windows of one size; an old window stays until its newer one has come. */

/** Rows that are asked for at once. */
export const windowSize = 500;

/** Windows that are kept beside those that are seen. */
const mostWindows = 20;

export class KnownRows<Row> {
  readonly length: number;
  private readonly windows: ReadonlyMap<number, readonly Row[]>;

  constructor(length = 0, windows: ReadonlyMap<number, readonly Row[]> = new Map()) {
    this.length = length;
    this.windows = windows;
  }

  at(place: number): Row | undefined {
    return place < this.length ? this.windows.get(Math.floor(place / windowSize))?.[place % windowSize] : undefined;
  }

  /** Among those that are here; none: -1. */
  findIndex(isMeant: (row: Row) => boolean): number {
    for (const [window, rows] of this.windows) {
      const at = rows.findIndex(isMeant);
      if (at >= 0) return window * windowSize + at;
    }
    return -1;
  }

  /** These rows with one window as it is now; the windows that were asked for longest ago go first. */
  with(window: number, rows: readonly Row[], length: number): KnownRows<Row> {
    const windows = new Map([...this.windows].filter(([each]) => each !== window));
    windows.set(window, rows);
    const gone = [...windows.keys()].slice(0, Math.max(0, windows.size - mostWindows));
    for (const each of gone) windows.delete(each);
    return new KnownRows(length, windows);
  }
}

/** The windows that these rows stand in. */
export function windowsOf(first: number, last: number): readonly number[] {
  const [from, to] = [Math.floor(first / windowSize), Math.floor(last / windowSize)];
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}
