/** Live series and events for consoles: first what is known of the past, then what is new, several times a second. */
import { daemonPatience } from '../runs/start-surroundings.ts';
import type { MethodTable, StreamTable } from '../contract/method-tables.ts';
import type { EnvironmentFeed, FedEnvironments } from './environment-feed.ts';
import { useEnvironment, type EnvironmentParts } from '../environments/use.ts';
import type { PointStretch } from './point-ring.ts';
import { Change, pause, producedStream, type Deliver } from '../contract/produced-stream.ts';
import type { TelemetryHub } from './hub.ts';
import { plainPoints, visiblePoints } from './visible-points.ts';
import type { Points } from '#shared/contract/telemetry.ts';
import type { DecodedStream } from '../contract/method-tables.ts';
import type { StreamItem } from '#shared/contract/contract.ts';
import type { Clock } from '#platform/clock.ts';

/**
 * ms between two items at the least: ten a second, with a little room, since what is sampled ten times a second would
 * otherwise come later with every item.
 */
const pace = 90;
/** ms after which the series are looked at although no sample came: whether they are stale. */
const unsampled = 300;
/** ms after which an item is sent although nothing is new: it tells that the core lives, and its time. */
const unheard = 1_000;
/** Events that are told first, and at most in one item. */
const events = { past: 1_000, inOneItem: 2_000 } as const;

type LiveRequest = DecodedStream<'telemetry.live'>;
type LiveItem = StreamItem<'telemetry.live'>;

export function telemetryService(
  parts: EnvironmentParts,
  fed: FedEnvironments,
): {
  readonly methods: MethodTable<'series.list'>;
  readonly streams: StreamTable<'telemetry.live' | 'environment.events'>;
} {
  const { clock, environments } = parts;
  return {
    methods: {
      'series.list': ({ environmentFile }) =>
        environments.use(environmentFile, async ({ link, description }) => {
          await link.ready(description.expected, daemonPatience);
          return { series: fed.feedOf(link).telemetry.list() };
        }),
    },
    streams: {
      'telemetry.live': (request, listener) =>
        producedStream(listener, (deliver, signal) =>
          useEnvironment(
            parts,
            request.environmentFile,
            signal,
            ({ link }) => followSeries(fed.feedOf(link).telemetry, request, clock, deliver, signal),
            // Nothing of it is current while its router cannot be reached.
            () => deliver({ now: clock.now(), points: [], stale: request.series, lag: null }),
          ),
        ),
      'environment.events': ({ environmentFile }, listener) =>
        producedStream(listener, (deliver, signal) =>
          useEnvironment(parts, environmentFile, signal, ({ link }) => followEvents(fed.feedOf(link), clock, deliver, signal)),
        ),
    },
  };
}

async function followSeries(
  hub: TelemetryHub,
  request: LiveRequest,
  clock: Clock,
  deliver: Deliver<LiveItem>,
  signal: AbortSignal,
): Promise<void> {
  const names = [...new Set(request.series)];
  const forget = hub.ask(names);
  const followed = new FollowedSeries(hub, names, request);
  const change = new Change();
  const unsubscribe = hub.sampled.subscribe(() => change.mark());
  try {
    await deliver(followed.past());
    let told = clock.monotonic();
    while (!signal.aborted) {
      await pause(clock, pace, signal);
      await change.wait(clock, unsampled, signal);
      const item = followed.next();
      if (!item && clock.monotonic() - told < unheard) continue;
      told = clock.monotonic();
      await deliver(item ?? followed.nothingNew());
    }
  } finally {
    unsubscribe();
    forget();
  }
}

/** What one listener has been told of its series. */
class FollowedSeries {
  private readonly hub: TelemetryHub;
  private readonly names: readonly string[];
  private readonly window: number;
  private readonly columns: number;
  private readonly seen = new Map<string, number>();
  private stale = '';

  constructor(hub: TelemetryHub, names: readonly string[], { window, columns }: Pick<LiveRequest, 'window' | 'columns'>) {
    this.hub = hub;
    this.names = names;
    this.window = window;
    this.columns = columns;
  }

  /** Everything of the window, thinned out to what can be seen. */
  past(): LiveItem {
    const now = this.hub.now();
    return this.item(
      now,
      this.take((stretch) => visiblePoints(stretch, { from: now - this.window, to: now + 1, columns: this.columns })),
    );
  }

  /** What came since the last item; null when nothing is new. */
  next(): LiveItem | null {
    const now = this.hub.now();
    // A listener that was slow gets what it missed thinned out, so that an item stays as large as a window.
    const points = this.take((stretch) => {
      const { times } = stretch;
      return visiblePoints(stretch, { from: times[0] ?? 0, to: (times.at(-1) ?? 0) + 1, columns: this.columns });
    });
    const before = this.stale;
    const item = this.item(now, points);
    return points.length > 0 || this.stale !== before ? item : null;
  }

  nothingNew(): LiveItem {
    return this.item(this.hub.now(), []);
  }

  private take(shape: (stretch: PointStretch) => PointStretch): Points[] {
    return this.names.flatMap((name) => {
      const ring = this.hub.points(name);
      const seen = this.seen.get(name) ?? 0;
      if (!ring || ring.total === seen) return [];
      this.seen.set(name, ring.total);
      const shown = shape(ring.since(seen));
      return shown.times.length === 0 ? [] : [plainPoints(name, shown)];
    });
  }

  private item(now: number, points: Points[]): LiveItem {
    const stale = this.names.filter((name) => this.hub.isStale(name));
    this.stale = stale.join('\n');
    const newest = Math.max(...points.map(({ times }) => times.at(-1) ?? Number.NEGATIVE_INFINITY));
    // Clocks are known to some ms only; nothing is seen before it happens.
    return { now, points, stale, lag: Number.isFinite(newest) ? Math.max(0, now - newest) : null };
  }
}

async function followEvents(
  feed: EnvironmentFeed,
  clock: Clock,
  deliver: Deliver<StreamItem<'environment.events'>>,
  signal: AbortSignal,
): Promise<void> {
  const change = new Change();
  const unsubscribe = feed.heard.subscribe(() => change.mark());
  try {
    let seen = Math.max(0, feed.events.total - events.past);
    for (let first = true; !signal.aborted; first = false) {
      const batch = feed.events.from(seen, events.inOneItem);
      seen += batch.missed + batch.events.length;
      if (first || batch.events.length > 0) await deliver(batch);
      // Whoever is behind is not made to wait as well.
      if (seen === feed.events.total) await change.wait(clock, 60_000, signal);
      await pause(clock, pace, signal);
    }
  } finally {
    unsubscribe();
  }
}
