/**
 * The recent past of every series of an open environment, for consoles that begin to look at one. Every sample of the
 * network passes here, so it costs a comparison, and a few array writes where it is kept: series that nobody looks at are
 * kept ten times a second at the most. Times are corrected to the core's clock.
 */
import type { Link, LinkNews } from '../ports.ts';
import type { Clock } from '#platform/clock.ts';
import { PointRing } from './point-ring.ts';
import type { KnownSeries } from '#shared/contract/telemetry.ts';
import { Emitter } from '#shared/disposable.ts';
import type { DaemonName } from '#shared/identifiers.ts';
import type { DaemonEvent } from '#shared/protocol/observations.ts';
import { seriesName, type SeriesDeclaration } from '#shared/telemetry/series.ts';

/** Points kept: of a series that somebody looks at, and of others; all together, and series at the most. */
const bounds = { asked: 6_000, usual: 600, fewest: 60, points: 4_000_000, series: 60_000 } as const;
/** ms between kept points of a series that nobody looks at: ten a second, with room for a sampler that is a little early. */
const sparing = 90;
/** ms by which a daemon's clock must have moved before its points are corrected differently: points stay in order. */
const noticeableOffset = 20;
/** ms; a point that is older than the last one by more means that a clock was set, by less that points are doubled. */
const setClock = 5_000;
/** ms of silence after which a series counts as given up by its daemon, and another daemon may report it. */
const givenUp = 10_000;

interface Series {
  readonly name: string;
  readonly ring: PointRing;
  declaration: SeriesDeclaration;
  daemon: DaemonName;
  /** How many listeners look at it. */
  asked: number;
}

/** The series of the values of a frame; null: one that is not kept. */
type Resolved = readonly (Series | null)[];

export class TelemetryHub {
  /** Told when samples came. */
  readonly sampled = new Emitter<void>();
  private readonly link: Link;
  private readonly clock: Clock;
  private readonly series = new Map<string, Series>();
  /** By the array of a column set, which is the same object for every frame of it. */
  private readonly resolved = new WeakMap<readonly SeriesDeclaration[], Resolved>();
  private readonly asked = new Map<string, number>();
  private readonly offsets = new Map<DaemonName, number>();

  constructor(link: Link, clock: Clock) {
    this.link = link;
    this.clock = clock;
    for (const { daemon, catalogue, clockOffset } of link.daemons()) {
      this.correct(daemon, clockOffset);
      this.learn(daemon, catalogue?.series ?? []);
    }
  }

  /** Takes what the link tells. */
  hear(news: LinkNews): void {
    switch (news.kind) {
      case 'samples':
        this.takeSamples(news.daemon, news.frame.time, news.frame.values, news.series);
        this.sampled.emit();
        break;
      case 'presence':
        this.correct(news.daemon, news.clockOffset);
        if (news.state === 'lost') this.interrupt(news.daemon);
        break;
      case 'catalogue':
        this.learn(news.catalogue.daemon, news.catalogue.series);
        break;
      case 'events':
        for (const event of news.events) this.takeEvent(news.daemon, event);
        break;
      case 'connection':
      case 'gap':
      case 'problem':
        break;
    }
  }

  /** All series that were declared, by name. */
  list(): KnownSeries[] {
    const known = [...this.series.values()].map(({ name, declaration, daemon }) => knownSeries(name, declaration, daemon));
    return known.sort((left, right) => (left.name < right.name ? -1 : 1));
  }

  /** Keeps these series in full from now on; returns the function that ends it. */
  ask(names: readonly string[]): () => void {
    for (const name of names) this.count(name, 1);
    let over = false;
    return () => {
      if (over) return;
      over = true;
      for (const name of names) this.count(name, -1);
    };
  }

  /** The kept points of a series; undefined where nothing is known of it. */
  points(name: string): PointRing | undefined {
    return this.series.get(name)?.ring;
  }

  /** Whether a series has no current value. */
  isStale(name: string): boolean {
    return this.link.reading(name) === null;
  }

  private count(name: string, by: number): void {
    const asked = (this.asked.get(name) ?? 0) + by;
    if (asked > 0) this.asked.set(name, asked);
    else this.asked.delete(name);
    const found = this.series.get(name);
    if (found) found.asked = asked;
  }

  private takeSamples(daemon: DaemonName, sampled: number, values: Float64Array, declarations: readonly SeriesDeclaration[]): void {
    const resolved = this.resolved.get(declarations) ?? this.resolve(daemon, declarations);
    const time = sampled - (this.offsets.get(daemon) ?? 0);
    const usual = this.usualCapacity();
    for (let index = 0; index < resolved.length; index++) {
      const series = resolved[index];
      if (!series) continue;
      const { ring } = series;
      const elapsed = time - ring.newest;
      if (elapsed < sparing && (series.asked === 0 || elapsed <= 0) && elapsed > -setClock) continue;
      if (series.daemon !== daemon && !this.takeOver(series, daemon, time)) continue;
      if (elapsed <= -setClock) ring.clear();
      ring.push(time, values[index] ?? Number.NaN, series.asked > 0 ? bounds.asked : usual);
    }
  }

  /** The more series there are, the less of each is kept. */
  private usualCapacity(): number {
    return Math.max(bounds.fewest, Math.min(bounds.usual, Math.floor(bounds.points / Math.max(1, this.series.size))));
  }

  private resolve(daemon: DaemonName, declarations: readonly SeriesDeclaration[]): Resolved {
    const resolved = declarations.map((declaration) => this.seriesOf(daemon, declaration));
    this.resolved.set(declarations, resolved);
    return resolved;
  }

  private seriesOf(daemon: DaemonName, declaration: SeriesDeclaration): Series | null {
    const name = seriesName(declaration);
    const found = this.series.get(name);
    if (found) return found;
    if (this.series.size >= bounds.series) return null;
    const series = { name, ring: new PointRing(), declaration, daemon, asked: this.asked.get(name) ?? 0 };
    this.series.set(name, series);
    return series;
  }

  /** Two daemons that report one series would draw one line out of two; the first is believed for as long as it speaks. */
  private takeOver(series: Series, daemon: DaemonName, time: number): boolean {
    const silent = time - series.ring.newest > givenUp;
    if (silent) series.daemon = daemon;
    return silent;
  }

  private takeEvent(daemon: DaemonName, event: DaemonEvent): void {
    if (event.kind === 'series-declared') this.learn(daemon, event.series);
  }

  private learn(daemon: DaemonName, declarations: readonly SeriesDeclaration[]): void {
    for (const declaration of declarations) {
      const series = this.seriesOf(daemon, declaration);
      if (series?.daemon === daemon) series.declaration = declaration;
    }
  }

  private correct(daemon: DaemonName, offset: number | null): void {
    const applied = this.offsets.get(daemon);
    if (offset === null || (applied !== undefined && Math.abs(applied - offset) < noticeableOffset)) return;
    this.offsets.set(daemon, offset);
  }

  /** A line must not lead over the time in which its daemon was not heard. */
  private interrupt(daemon: DaemonName): void {
    for (const { ring, daemon: owner } of this.series.values()) {
      if (owner === daemon && ring.total > 0) ring.push(ring.newest + 1, Number.NaN, bounds.fewest);
    }
  }

  /** ms since 1970, the core's clock. */
  now(): number {
    return this.clock.now();
  }
}

/** A series as the contract tells it. */
export function knownSeries(
  name: string,
  { component, metric, unit, kind, help }: Omit<SeriesDeclaration, 'id'>,
  daemon: string,
): KnownSeries {
  return { name, component, metric, unit, kind, daemon, ...(help !== undefined && { help }) };
}
