/**
 * What daemons observed while a run had no core: the log of an interrupted run gets it from their spools when the run is
 * recovered, or says that it is lost; and it is told which daemons were lost or started anew. Epochs that began and ended while nobody listened are known to nobody and stay out.
 */
import { heardAt, presencesSince, type PresenceNews } from './presences-since.ts';
import { NewsRecording } from '../engine/news-recording.ts';
import { Recorder } from '../engine/recorder.ts';
import type { InterruptedLog } from './interrupted-log.ts';
import type { DaemonView, Link, LinkNews, RecallRequest, RunJournal } from '../ports.ts';
import type { DaemonName, Epoch } from '#shared/identifiers.ts';

type Numbers = ReturnType<NonNullable<RunJournal['lastNumbers']>>[number];
type Range = readonly [from: number, to: number];

/** News that are held back while older records are fetched. */
const maximumHeld = 50_000;
const maximumHeldValues = 4_000_000;

/** What came from the environment meanwhile, in order. */
export interface HeldNews {
  /** Writes it into the log; whoever listens to the link from this turn on is told what follows. */
  release(): void;
}

/**
 * Fetches into the log what it lacks, up to now; what comes while it does is held back and follows when it is released.
 * Whoever awaits this must `release` in the same turn in which the next listener subscribes.
 */
export async function fetchMissed(journal: RunJournal, log: InterruptedLog, link: Link): Promise<HeldNews> {
  const failures: Error[] = [];
  const recorder = new Recorder(journal, (failure) => failures.push(failure));
  const recording = new NewsRecording(recorder);
  const numbers = journal.lastNumbers?.() ?? [];
  const views = link.daemons();
  const requests = missedBy(journal, numbers, log, views);
  const untold = new Untold(presencesSince(log, journal.manifest.catalogues, views), (news) => recording.record(news));
  const held = new Holding(link, numbers);
  try {
    await link.recall(requests, (news) => {
      untold.before(news);
      if (!isBefore(journal, link, numbers, news)) recording.record(news);
      return recorder.room();
    });
    const [failure] = failures;
    if (failure) throw failure;
    untold.tellAll();
  } catch (failure) {
    held.stop();
    throw failure;
  }
  return { release: () => held.stop().forEach((news) => recording.record(news)) };
}

/** Presences that are told once: of a daemon that was started anew before anything of its new epoch, of others when all was fetched. */
class Untold {
  private readonly news: Map<DaemonName, PresenceNews>;
  private readonly tell: (news: PresenceNews) => void;

  constructor(news: ReadonlyMap<DaemonName, PresenceNews>, tell: (news: PresenceNews) => void) {
    this.news = new Map(news);
    this.tell = tell;
  }

  before(fetched: LinkNews): void {
    if (fetched.kind !== 'events' && fetched.kind !== 'samples') return;
    const news = this.news.get(fetched.daemon);
    if (!news) return;
    const epoch = fetched.kind === 'events' ? fetched.epoch : fetched.frame.epoch;
    if (news.states && epoch === news.epoch) return this.tellOf(news);
    // What a spool holds of the time in which no core listened shows that the daemon was alive then.
    const lastSign = Math.max(news.lastSign, heardAt(fetched, news.clockOffset));
    this.news.set(fetched.daemon, { ...news, lastSign });
  }

  tellAll(): void {
    for (const news of this.news.values()) this.tellOf(news);
  }

  private tellOf(news: PresenceNews): void {
    this.news.delete(news.daemon);
    this.tell(news);
  }
}

/** States as lost what an interrupted run lacks when it is ended without a connection to its daemons. */
export async function stateUnasked(journal: RunJournal, log: InterruptedLog): Promise<void> {
  const numbers = journal.lastNumbers?.() ?? [];
  if (log.state.started?.mode === 'dry' || numbers.length === 0) return;
  const reason = 'The core died before these records were on its disk, and the run was ended without asking the daemon for them.';
  const appended = numbers.flatMap((each) =>
    certainlyMissing(each, log).map(([from, to]) =>
      journal.append({ kind: 'gap', daemon: each.daemon, epoch: each.epoch, from, to, state: 'lost', reason }),
    ),
  );
  const last = [...new Map(numbers.map((each) => [each.daemon, each])).values()];
  const named = last.map(({ daemon, highest }) => `${daemon} after its record ${highest}`).join(', ');
  const message = `What was observed between the death of the core and the end of the run is not in this log: ${named}.`.slice(0, 4_000);
  await Promise.all([...appended, journal.append({ kind: 'problem', severity: 'warning', code: 'records-not-asked', message, tip: null })]);
}

// ----------------------------------------------------------------------------------------------------------- what is missing

function missedBy(
  journal: RunJournal,
  numbers: readonly Numbers[],
  log: InterruptedLog,
  views: readonly DaemonView[],
): readonly RecallRequest[] {
  const known = numbers.map((each): RecallRequest => {
    const missing = certainlyMissing(each, log);
    const onwards = Math.max(each.highest, missing.at(-1)?.[1] ?? 0) + 1;
    return { daemon: each.daemon, epoch: each.epoch, missing, onwards, ...declaredIn(journal, log, views, each.daemon, each.epoch) };
  });
  const begun = views.flatMap((view): RecallRequest[] => {
    const first = firstOfUnknownEpoch(journal, numbers, view);
    if (!view.catalogue || first === null) return [];
    const { epoch } = view.catalogue;
    const declared = declaredIn(journal, log, views, view.daemon, epoch);
    return [{ daemon: view.daemon, epoch, missing: [], onwards: first, ...declared }];
  });
  return [...known, ...begun];
}

/** Holes in what the log has of an epoch, and what its core already knew to exist beyond. */
function certainlyMissing({ daemon, epoch, highest, missing }: Numbers, { state }: InterruptedLog): readonly Range[] {
  const ofEpoch = state.gaps.filter((gap) => gap.daemon === daemon && gap.epoch === epoch);
  const claimed = Math.max(highest, ...ofEpoch.map(({ to }) => to));
  return claimed > highest ? [...missing, [highest + 1, claimed]] : missing;
}

/** A daemon of this run speaks in an epoch of which the log has nothing: the first number of it that belongs to the run. */
function firstOfUnknownEpoch(journal: RunJournal, numbers: readonly Numbers[], view: DaemonView): number | null {
  const { catalogue, daemon } = view;
  const { manifest } = journal;
  const takesPart = manifest.daemons.includes(daemon) || numbers.some((each) => each.daemon === daemon);
  if (!catalogue || !takesPart || numbers.some((each) => each.daemon === daemon && each.epoch === catalogue.epoch)) return null;
  const atStart = manifest.catalogues.find((each) => each.daemon === daemon && each.epoch === catalogue.epoch);
  if (atStart) return atStart.sequence + 1;
  return epochStart(catalogue.epoch) - (view.clockOffset ?? 0) >= manifest.startedAt ? 1 : null;
}

/** ms since 1970, daemon's clock: an epoch begins with it, hexadecimal. */
function epochStart(epoch: Epoch): number {
  return Number.parseInt(epoch.slice(0, 12), 16);
}

function declaredIn(journal: RunJournal, log: InterruptedLog, views: readonly DaemonView[], daemon: DaemonName, epoch: Epoch) {
  const present = views.find((view) => view.daemon === daemon)?.catalogue;
  const atStart = journal.manifest.catalogues.find((each) => each.daemon === daemon && each.epoch === epoch);
  // Numbers of series are never used again in an epoch, so its newest catalogue holds for all of it.
  return { catalogue: present?.epoch === epoch ? present : (atStart ?? null), declarations: log.declarations(daemon, epoch) };
}

/** Whether this was observed before the run began: the catalogue at its start may be older than the run. */
function isBefore({ manifest }: RunJournal, link: Link, numbers: readonly Numbers[], news: LinkNews): boolean {
  if (news.kind !== 'events' && news.kind !== 'samples') return false;
  const epoch = news.kind === 'events' ? news.epoch : news.frame.epoch;
  if (numbers.some((each) => each.daemon === news.daemon && each.epoch === epoch)) return false;
  const offset = link.daemons().find(({ daemon }) => daemon === news.daemon)?.clockOffset ?? 0;
  const times = news.kind === 'events' ? news.events.map(({ time }) => time) : [news.frame.time];
  return Math.max(...times) - offset < manifest.startedAt;
}

// ------------------------------------------------------------------------------------------------------------ what comes now

/** Holds back what the link tells, bounded: of records beyond the bound it is said that they are lost. */
class Holding {
  private readonly news: LinkNews[] = [];
  private readonly highest: ReadonlyMap<string, number>;
  private readonly dropped = new Map<string, Extract<LinkNews, { kind: 'gap' }>>();
  private readonly unsubscribe: () => void;
  private values = 0;

  constructor(link: Link, numbers: readonly Numbers[]) {
    this.highest = new Map(numbers.map(({ daemon, epoch, highest }) => [`${daemon} ${epoch}`, highest]));
    this.unsubscribe = link.subscribe((news) => this.hold(news));
  }

  stop(): readonly LinkNews[] {
    this.unsubscribe();
    return [...this.news, ...this.dropped.values()];
  }

  private hold(news: LinkNews): void {
    if (news.kind !== 'events' && news.kind !== 'samples') {
      if (this.news.length < 2 * maximumHeld) this.news.push(news);
      return;
    }
    const [epoch, number] = news.kind === 'events' ? [news.epoch, news.number] : [news.frame.epoch, news.frame.sequence];
    const key = `${news.daemon} ${epoch}`;
    // A link that lags behind the dead core's may tell what that one has already written.
    if (number <= (this.highest.get(key) ?? 0)) return;
    const values = news.kind === 'samples' ? news.frame.values.length : 0;
    const gap = this.dropped.get(key);
    if (!gap && this.news.length < maximumHeld && this.values + values <= maximumHeldValues) {
      this.values += values;
      this.news.push(news);
      return;
    }
    const reason = 'Too much came while older records were fetched.';
    this.dropped.set(key, {
      kind: 'gap',
      daemon: news.daemon,
      epoch,
      from: gap?.from ?? number,
      to: Math.max(gap?.to ?? 0, number),
      state: 'lost',
      reason,
    });
  }
}
