/**
 * The points of a run of the past, fetched ahead of what is drawn. First every series as a whole, as fine as one request
 * gives it, so that any moment can be drawn at once; then, where more is to be seen, tiles of finer levels around the
 * picture, each level twice as fine as the one before. Drawing a frame never waits for a request.
 */
import type { Points } from '#shared/telemetry/decimation.ts';

export interface FetchedPoints {
  readonly name: string;
  readonly times: readonly number[];
  readonly values: readonly (number | null)[];
}

/** What a tile asks of the core; without a stretch: the whole run. */
export interface TileRequest {
  readonly series: readonly string[];
  readonly stretch: { readonly from: number; readonly to: number } | null;
  readonly columns: number;
}

export interface TileSource {
  fetch(request: TileRequest): Promise<readonly FetchedPoints[]>;
  /** There are points that were not there before. */
  changed(): void;
  failed(failure: unknown): void;
}

/** The picture: its stretch of time, its width, and how many ms it moves in a ms (0: it stands still). */
export interface Picture {
  readonly from: number;
  readonly to: number;
  readonly columns: number;
  readonly pace: number;
}

/** Columns of the whole run, and of one tile. */
export const wholeColumns = 4_000;
const tileColumns = 2_000;
/** Requests under way at once. */
const mostRequests = 2;
/** ms for which a tile must be in the picture at least; of a replay that is faster the coarser level is drawn. */
const leastShown = 400;
/** ms of playing for which tiles are fetched ahead. */
const ahead = 2_500;
const mostTilesAhead = 6;
const finestLevel = 24;
/** Points that are kept in tiles, of all series together; the least recently drawn tiles go first. */
const keptPoints = 4_000_000;

interface Tile {
  readonly points: ReadonlyMap<string, Points>;
  readonly size: number;
  used: number;
}

interface Whole {
  readonly points: Points;
  /** Nothing was left out: finer levels have nothing to add. */
  readonly complete: boolean;
}

export class PointTiles {
  private readonly source: TileSource;
  private readonly wholes = new Map<string, Whole>();
  private readonly tiles = new Map<string, Tile>();
  private readonly asked = new Set<string>();
  private readonly joined = new Map<string, { readonly key: string; readonly points: Points }>();
  private series: readonly string[] = [];
  private picture: Picture | null = null;
  private extent: { from: number; to: number } | null = null;
  private requests = 0;
  private turn = 0;
  private disposed = false;

  constructor(source: TileSource) {
    this.source = source;
  }

  /** Whether something is being fetched. */
  get busy(): boolean {
    return this.requests > 0;
  }

  dispose(): void {
    this.disposed = true;
    this.tiles.clear();
    this.wholes.clear();
    this.joined.clear();
  }

  /** Which series are drawn. Points of others are let go. */
  show(series: readonly string[]): void {
    const fresh = series.filter((name) => !this.series.includes(name));
    this.series = [...new Set(series)];
    for (const name of this.joined.keys()) if (!series.includes(name)) this.joined.delete(name);
    for (const name of this.wholes.keys()) if (!series.includes(name)) this.wholes.delete(name);
    // Tiles hold all series of their time: they lack those that are new.
    if (fresh.length > 0) this.tiles.clear();
    this.request();
  }

  /** What is drawn now; cheap enough for every frame. */
  look(picture: Picture): void {
    this.picture = picture;
    this.request();
  }

  /** The points of a series for the present picture; null before there are any. */
  points(series: string): Points | null {
    const whole = this.wholes.get(series);
    if (!whole) return null;
    const { picture } = this;
    if (!picture || whole.complete) return whole.points;
    const level = this.levelOf(picture);
    const [first, last] = this.tilesOf(level, picture.from, picture.to);
    for (let tile = first; tile <= last; tile++) if (!this.tiles.has(key(level, tile))) return whole.points;
    return level === 0 ? whole.points : this.join(series, level, first, last);
  }

  /** Joins tiles that lie beside each other; done once for as long as they are in the picture. */
  private join(series: string, level: number, first: number, last: number): Points {
    const wanted = `${level} ${first} ${last}`;
    const known = this.joined.get(series);
    if (known?.key === wanted) return known.points;
    const parts: Points[] = [];
    for (let index = first; index <= last; index++) {
      const tile = this.tiles.get(key(level, index));
      const part = tile?.points.get(series);
      if (tile) tile.used = ++this.turn;
      if (part) parts.push(part);
    }
    const points = joinPoints(parts);
    this.joined.set(series, { key: wanted, points });
    return points;
  }

  /** ms of one tile of a level. */
  private lengthOf(level: number): number {
    const { from, to } = this.extent ?? { from: 0, to: 1 };
    return ((to - from) / wholeColumns / 2 ** level) * tileColumns;
  }

  /** The coarsest level that is as fine as the picture, and whose tiles stay in it long enough; 0: the whole. */
  private levelOf({ from, to, columns, pace }: Picture): number {
    const wanted = (to - from) / Math.max(1, columns);
    let level = 0;
    while (level < finestLevel && this.lengthOf(level) / tileColumns > wanted) level++;
    while (level > 0 && this.lengthOf(level) < pace * leastShown) level--;
    return level;
  }

  private tilesOf(level: number, from: number, to: number): [first: number, last: number] {
    const length = this.lengthOf(level);
    const start = this.extent?.from ?? 0;
    const end = this.extent?.to ?? 0;
    const place = (time: number): number => Math.floor((Math.min(end, Math.max(start, time)) - start) / length);
    return [place(from), place(to)];
  }

  /** Asks for what is missing most, as long as requests may be made. */
  private request(): void {
    while (!this.disposed && this.requests < mostRequests) {
      const missing = this.missingWholes() ?? this.missingTile();
      if (!missing) return;
      void this.fetch(missing);
    }
  }

  private missingWholes(): Wanted | null {
    const names = this.series.filter((name) => !this.wholes.has(name) && !this.asked.has(name));
    if (names.length === 0) return null;
    for (const name of names) this.asked.add(name);
    return { request: { series: names, stretch: null, columns: wholeColumns }, keep: (found) => this.keepWholes(names, found) };
  }

  private missingTile(): Wanted | null {
    const { picture, extent } = this;
    const names = this.series.filter((name) => this.wholes.get(name)?.complete === false);
    if (!picture || !extent || names.length === 0) return null;
    const level = this.levelOf(picture);
    if (level === 0) return null;
    const length = this.lengthOf(level);
    const { from, to, pace } = picture;
    const reach = Math.min(mostTilesAhead * length, Math.max(length, pace * ahead));
    const [first, last] = this.tilesOf(level, from, to);
    const [before] = this.tilesOf(level, from - length, from);
    const [, after] = this.tilesOf(level, to, to + reach);
    const order = [...range(first, last), ...range(last + 1, after), ...range(before, first - 1)];
    const index = order.find((each) => !this.tiles.has(key(level, each)) && !this.asked.has(key(level, each)));
    if (index === undefined) return null;
    const name = key(level, index);
    this.asked.add(name);
    const stretch = { from: extent.from + index * length, to: extent.from + (index + 1) * length };
    const shown = this.series;
    return {
      request: { series: names, stretch, columns: tileColumns },
      keep: (found) => {
        this.asked.delete(name);
        if (shown === this.series) this.keepTile(name, found);
      },
    };
  }

  private async fetch({ request, keep }: Wanted): Promise<void> {
    this.requests++;
    try {
      const found = await this.source.fetch(request);
      if (!this.disposed) keep(found);
    } catch (failure) {
      // What failed is not asked for again and again: `asked` still has it.
      if (!this.disposed) this.source.failed(failure);
    } finally {
      this.requests--;
      if (!this.disposed) this.source.changed();
      this.request();
    }
  }

  private keepWholes(names: readonly string[], found: readonly FetchedPoints[]): void {
    for (const name of names) this.asked.delete(name);
    const byName = new Map(found.map((each) => [each.name, each]));
    for (const name of names) {
      const points = typed(byName.get(name));
      this.wholes.set(name, { points, complete: isComplete(points) });
      const [first, last] = [points.times[0], points.times[points.times.length - 1]];
      if (first === undefined || last === undefined) continue;
      this.extend(first, last + 1);
    }
  }

  /** Tiles are counted from the begin of the run; when that is found to be elsewhere they are void. */
  private extend(first: number, last: number): void {
    const { from, to } = this.extent ?? { from: first, to: last };
    const [lowest, highest] = [Math.min(from, first), Math.max(to, last)];
    if (this.extent && lowest === from && highest === to) return;
    this.extent = { from: lowest, to: highest };
    this.tiles.clear();
  }

  private keepTile(name: string, found: readonly FetchedPoints[]): void {
    const points = new Map(found.map((each) => [each.name, typed(each)]));
    const size = [...points.values()].reduce((sum, each) => sum + each.times.length, 0);
    this.tiles.set(name, { points, size, used: ++this.turn });
    this.joined.clear();
    let kept = [...this.tiles.values()].reduce((sum, tile) => sum + tile.size, 0);
    for (const [old, tile] of [...this.tiles].sort(([, left], [, right]) => left.used - right.used)) {
      if (kept <= keptPoints || old === name) break;
      kept -= tile.size;
      this.tiles.delete(old);
    }
  }
}

interface Wanted {
  readonly request: TileRequest;
  readonly keep: (found: readonly FetchedPoints[]) => void;
}

function key(level: number, tile: number): string {
  return `${level}:${tile}`;
}

function range(first: number, last: number): number[] {
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);
}

function typed(found: FetchedPoints | undefined): Points {
  const { times = [], values = [] } = found ?? {};
  return { times: Float64Array.from(times), values: Float64Array.from(values, (value) => value ?? Number.NaN) };
}

/** Parts in their order as one; the points that a part shares with the one before are taken once. */
export function joinPoints(parts: readonly Points[]): Points {
  if (parts.length === 1 && parts[0]) return parts[0];
  const most = parts.reduce((sum, { times }) => sum + times.length, 0);
  const [times, values] = [new Float64Array(most), new Float64Array(most)];
  let count = 0;
  for (const part of parts) {
    for (const [index, time] of part.times.entries()) {
      if (count > 0 && time <= (times[count - 1] ?? 0)) continue;
      times[count] = time;
      values[count] = part.values[index] ?? Number.NaN;
      count++;
    }
  }
  return { times: times.subarray(0, count), values: values.subarray(0, count) };
}

/** Whether a whole series is all of it: a column that was thinned out keeps two points or more. */
export function isComplete({ times }: Points, columns = wholeColumns): boolean {
  const [from, to] = [times[0] ?? 0, (times[times.length - 1] ?? 0) + 1];
  let before = -1;
  for (const time of times) {
    const column = Math.min(columns - 1, Math.floor(((time - from) / (to - from)) * columns));
    if (column === before) return false;
    before = column;
  }
  return true;
}
