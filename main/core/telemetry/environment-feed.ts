/** What is kept of every open environment for consoles that come later: its recent events, and the recent past of its series. */
import type { EnvironmentSource, OpenEnvironment } from '../environments/access.ts';
import { presenceRecord } from '../engine/news-recording.ts';
import type { Link, LinkNews } from '../ports.ts';
import type { Clock } from '#platform/clock.ts';
import { TelemetryHub } from './hub.ts';
import type { StreamItem } from '#shared/contract/contract.ts';
import { presenceInWords } from '#shared/run/presence-words.ts';
import { Emitter } from '#shared/disposable.ts';

export type FeedEvent = StreamItem<'environment.events'>['events'][number];

/** Events kept: enough for a second of a flood, so that who listens ten times a second misses nothing. */
const keptEvents = 10_000;

export class EventRing {
  /** Events ever taken. */
  total = 0;
  private readonly events: FeedEvent[] = [];

  push(event: FeedEvent): void {
    this.events[this.total % keptEvents] = event;
    this.total++;
  }

  /** Events from the given number on, at most `most`, and how many before them are gone for ever. */
  from(seen: number, most: number): { readonly events: FeedEvent[]; readonly missed: number } {
    const oldest = Math.max(0, this.total - keptEvents);
    const first = Math.max(seen, oldest);
    const events: FeedEvent[] = [];
    for (let number = first; number < Math.min(this.total, first + most); number++) {
      const event = this.events[number % keptEvents];
      if (event) events.push(event);
    }
    return { events, missed: first - seen };
  }
}

type PresenceNews = Extract<LinkNews, { kind: 'presence' }>;

export class EnvironmentFeed {
  private readonly presences = new Map<string, PresenceNews>();
  /** Whoever keeps this environment takes it down: that its daemons go is what was asked for. */
  private isTakenDown = false;
  /** Daemons that went with it. */
  private readonly takenDown = new Set<string>();
  readonly telemetry: TelemetryHub;
  readonly events = new EventRing();
  /** Told when events came. */
  readonly heard = new Emitter<void>();

  constructor(link: Link, clock: Clock) {
    this.telemetry = new TelemetryHub(link, clock);
    // Ends with the link, which is closed with the environment.
    link.subscribe((news) => {
      this.telemetry.hear(news);
      const received = clock.now();
      if (news.kind === 'presence') {
        const event = this.presenceEvent(news, received);
        if (!event) return;
        this.events.push({ daemon: news.daemon, received, event });
        return this.heard.emit();
      }
      if (news.kind !== 'events') return;
      for (const event of news.events) {
        // What series there are is listed, and may be very long.
        if (event.kind !== 'series-declared' && event.kind !== 'columns-declared')
          this.events.push({ daemon: news.daemon, received, event });
      }
      this.heard.emit();
    });
  }

  expectEnd(): void {
    this.isTakenDown = true;
  }

  /** What the core itself notices of a daemon, told among the events: it is lost, or back. Null where nothing changed. */
  private presenceEvent(news: PresenceNews, time: number): FeedEvent['event'] | null {
    const before = this.presences.get(news.daemon);
    this.presences.set(news.daemon, news);
    const isLost = news.state === 'lost';
    if (isLost === (before?.state === 'lost') && (isLost || !news.states)) return null;
    const text = presenceInWords({ ...presenceRecord(news), time, sequence: 1 }, before);
    const asked = this.wasAskedFor(news.daemon, isLost);
    const code = isLost ? (asked ? 'daemon-stopped' : 'daemon-lost') : 'daemon-back';
    const severity = asked ? 'info' : isLost ? 'error' : 'warning';
    const told = asked && isLost ? `daemon ${news.daemon} was stopped with its environment` : text;
    return { kind: 'notice', time, severity, code, text: told.slice(0, 1_000) };
  }

  /** Whether a daemon goes, or comes back, because its environment was taken down. */
  private wasAskedFor(daemon: string, isLost: boolean): boolean {
    if (isLost && this.isTakenDown) this.takenDown.add(daemon);
    if (isLost) return this.isTakenDown;
    this.isTakenDown = false;
    return this.takenDown.delete(daemon);
  }
}

/** An environment source whose open environments are fed from their first moment on. */
export class FedEnvironments implements EnvironmentSource {
  readonly describe: EnvironmentSource['describe'];
  readonly offlineCatalogue: EnvironmentSource['offlineCatalogue'];
  readonly open: EnvironmentSource['open'];
  readonly admit: NonNullable<EnvironmentSource['admit']>;
  private readonly feeds = new WeakMap<Link, EnvironmentFeed>();
  private readonly openNow = new Map<OpenEnvironment, string>();

  constructor(source: EnvironmentSource, clock: Clock) {
    this.describe = (file) => source.describe(file);
    this.offlineCatalogue = (file) => source.offlineCatalogue(file);
    this.admit = async (file) => source.admit?.(file);
    this.open = async (file) => {
      const environment = await source.open(file);
      this.feeds.set(environment.link, new EnvironmentFeed(environment.link, clock));
      this.openNow.set(environment, file);
      const { description, link, plugins } = environment;
      return {
        description,
        link,
        plugins,
        catalogue: () => environment.catalogue(),
        resolve: (words) => environment.resolve(words),
        drift: () => environment.drift(),
        ...(environment.fileChanged && { fileChanged: environment.fileChanged }),
        ...(environment.router && { router: environment.router }),
        pin: () => environment.pin(),
        dispose: async () => {
          this.openNow.delete(environment);
          await environment.dispose();
        },
      };
    };
  }

  /** The environments that are open now, for whatever reason. */
  opened(): readonly OpenEnvironment[] {
    return [...this.openNow.keys()];
  }

  /** An environment is taken down by whoever keeps it; what is told of its daemons says so. */
  expectEnd(file: string): void {
    for (const [{ link }, opened] of this.openNow) if (opened === file) this.feedOf(link).expectEnd();
  }

  /** What is kept of an environment that was opened here. */
  feedOf(link: Link): EnvironmentFeed {
    const feed = this.feeds.get(link);
    if (!feed) throw new Error('This environment was opened elsewhere; nothing of it is kept.');
    return feed;
  }
}
