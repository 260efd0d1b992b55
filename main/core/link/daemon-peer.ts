/**
 * One daemon as the link sees it: whether it is there, what it offers, how its clock stands, and its epochs.
 *
 * A link that joins a running daemon starts with the record after the catalogue it is given. Every later epoch is wanted
 * from its first record on, and the end of the epoch before is asked of the spool.
 */
import type { Owned } from '#shared/disposable.ts';
import type { DaemonName, Epoch } from '#shared/identifiers.ts';
import type { Problem } from '#shared/problem.ts';
import type { Catalogue, Presence } from '#shared/protocol/observations.ts';
import { exactTimeOfDay } from '#shared/wording/times.ts';
import type { DaemonView } from '../ports.ts';
import { ClockOffset } from './clock-offset.ts';
import { requestDescription } from './describe-request.ts';
import { EarlyRecords } from './early-records.ts';
import { EpochStream, type EpochListener } from './epoch-stream.ts';
import { LifeSigns } from './life-signs.ts';
import type { LinkContext } from './link-context.ts';
import { Namesakes } from './namesakes.ts';
import { versionProblem } from './order-version.ts';
import { sumOf, type Received } from './received.ts';
import type { ObservedRecord } from './record-decoding.ts';
import { ToldPresence } from './told-presence.ts';
import { Voices } from './voices.ts';
import type { PresenceState } from '#shared/run/records.ts';

/** Epochs of a daemon that are kept account of; records of older ones are ignored. */
const maximumEpochs = 8;
/** ms between requests for a catalogue. */
const describePause = 250;
/** A daemon silent for this many of its intervals is lost. */
const intervalsUntilLost = 3;

export class DaemonPeer implements Owned {
  readonly daemon: DaemonName;
  private readonly context: LinkContext;
  private readonly streams = new Map<Epoch, EpochStream>();
  private readonly catalogues = new Map<Epoch, Catalogue>();
  private readonly early: EarlyRecords;
  private current: EpochStream | undefined;
  private readonly offset = new ClockOffset();
  private readonly toldPresence = new ToldPresence();
  private lastPresence: Presence | null = null;
  private readonly voices: Voices;
  private readonly signs: LifeSigns;
  /** ms since 1970: the last sign of life of the epoch before, while the present one is not told yet. */
  private lastSignBefore: number | null = null;
  /** Whether what it reported last is of the epoch that it speaks for now. */
  private vouched = false;
  /** Its last sign of life before it came back. */
  private silentSince: number | null = null;
  private state: DaemonView['state'] = 'never seen';
  /** The daemon was not there when the link first asked for it: its records are wanted from the first. */
  private knownAbsent = false;
  private describing = false;
  private describedAt = -Infinity;
  private cancelDescribe: (() => void) | undefined;
  private readonly endDescribing = new Set<() => void>();
  readonly namesakes: Namesakes;
  private disposed = false;
  /** Counts of epochs that are no longer kept account of. */
  private receivedBefore: Received = { records: 0, samples: 0, gapsFilled: 0, recordsLost: 0 };

  constructor(daemon: DaemonName, context: LinkContext) {
    this.daemon = daemon;
    this.context = context;
    const { clock, limits, budget } = context;
    this.signs = new LifeSigns(clock);
    this.voices = new Voices(clock);
    this.early = new EarlyRecords(budget);
    this.namesakes = new Namesakes({
      daemon,
      clock,
      pause: limits.namesakePause,
      patience: limits.namesakePatience,
      ask: () => this.describe(),
      onSettled: () => {
        if (this.catalogue) context.catalogueTaken(this.catalogue);
      },
      onSingle: ({ epoch }) => {
        const left = this.streams.get(epoch);
        if (left && left !== this.current) this.returnTo(left);
      },
      report: (problem) => context.report(problem),
    });
  }

  get catalogue(): Catalogue | null {
    return (this.current && this.catalogues.get(this.current.epoch)) ?? null;
  }

  get clockOffset(): number | null {
    return this.offset.value;
  }

  /** ms since the last sign of life; Infinity when there was none. */
  get silence(): number {
    return this.signs.silence;
  }

  /** ms of the silence in which a sign of life would have been noticed. */
  get silenceHeard(): number {
    return this.signs.silenceHeard;
  }

  get isLost(): boolean {
    return this.state === 'lost';
  }

  /** Why nothing is known at present of what it reports, as the rest of a sentence; null where something is. */
  absence(): string | null {
    const since = this.signs.at === null ? '' : `, silent since ${exactTimeOfDay(this.signs.at)}`;
    if (this.isLost && !this.context.connected()) return `the router is out of reach, and with it the daemon ${this.daemon}${since}`;
    if (this.isLost) return `the daemon ${this.daemon} is lost${since}`;
    return this.vouched || !this.current ? null : `the daemon ${this.daemon} was started anew and has not told anything yet`;
  }

  /** Whether nothing more is to come of an epoch. */
  hasEnded(epoch: Epoch): boolean {
    return this.streams.get(epoch)?.hasEnded ?? true;
  }

  /** ms since an epoch was heard to be present; Infinity when it never was. */
  silenceOf(epoch: Epoch): number {
    return this.voices.silenceOf(epoch);
  }

  /** Whether an epoch was heard to be present lately. */
  speaks(epoch: Epoch): boolean {
    return this.silenceOf(epoch) <= this.patience;
  }

  /** The number of the last record of an epoch that was told; null where the epoch is not followed. */
  told(epoch: Epoch): number | null {
    return this.streams.get(epoch)?.told ?? null;
  }

  view(): DaemonView {
    let received = this.receivedBefore;
    for (const stream of this.streams.values()) received = sumOf(received, stream.received);
    return {
      daemon: this.daemon,
      catalogue: this.catalogue,
      lastPresence: this.lastPresence,
      state: this.state,
      clockOffset: this.offset.value,
      problems: this.problems(),
      silence: this.signs.at === null ? null : this.silence,
      lastSign: this.signs.at,
      received,
    };
  }

  takePresence(presence: Presence): void {
    this.offset.observe(presence.time, this.context.clock.now());
    const previous = this.lastPresence;
    this.lastPresence = presence;
    if (this.voices.isContradiction(presence)) this.namesakes.suspect();
    this.voices.note(presence.epoch);
    const stream = this.streams.get(presence.epoch);
    if (!stream) {
      // It was started anew: until it tells what it offers now, nothing that it reported before is known to hold.
      if (this.current) this.lastSignBefore ??= this.signs.at;
      this.signOfLife(false);
      this.describe();
      return;
    }
    // Two presences in a row outweigh a catalogue of an epoch that nobody speaks for.
    const isAlone = !this.current || !this.speaks(this.current.epoch);
    if (stream !== this.current && previous?.epoch === presence.epoch && isAlone) this.returnTo(stream);
    stream.claim(presence.sequence);
    this.signOfLife();
    if (this.toldPresence.isOutdated(this.offset.value)) this.tellPresence('present');
  }

  takeRecord(record: ObservedRecord): void {
    const stream = this.streams.get(record.epoch);
    if (!stream) {
      this.early.keep(record);
      this.describe();
      return;
    }
    if (stream === this.current) this.signOfLife();
    stream.receive(record);
  }

  /** A catalogue that the daemon published. A new epoch begins only with one that it gave when asked, which nobody else can. */
  hearCatalogue(catalogue: Catalogue): void {
    const known = this.catalogues.get(catalogue.epoch);
    if (!known) return this.describe();
    if (known.bootNonce === catalogue.bootNonce) this.takeCatalogue(catalogue);
  }

  private takeCatalogue(catalogue: Catalogue): void {
    const { epoch } = catalogue;
    const before = this.catalogues.get(epoch);
    this.catalogues.set(epoch, catalogue);
    const known = this.streams.get(epoch);
    // Before anybody is told of it, and commands it.
    if (!known) this.namesakes.met();
    const stream = known ?? this.beginEpoch(catalogue);
    const isNews = JSON.stringify({ ...before, sequence: 0 }) !== JSON.stringify({ ...catalogue, sequence: 0 });
    if (stream === this.current && isNews) this.tellCatalogue(catalogue);
    this.signOfLife();
    stream.catalogueAnswered(catalogue);
    if (!known) this.early.release(epoch, (record) => stream.receive(record));
    stream.claim(catalogue.sequence);
  }

  /** Asks the daemon for its catalogue, unless that was done just now. */
  describe(): void {
    if (this.describing || this.disposed || this.cancelDescribe || !this.context.connected()) return;
    const due = this.describedAt + describePause - this.context.clock.monotonic();
    if (due <= 0) return this.askForCatalogue();
    this.cancelDescribe = this.context.clock.after(due, () => {
      this.cancelDescribe = undefined;
      this.askForCatalogue();
    });
  }

  disconnected(): void {
    this.becomeLost();
  }

  reconnected(): void {
    this.describe();
    for (const stream of this.streams.values()) stream.resume();
  }

  /** Looks at the silence, and asks again for a catalogue that did not come. `starved`: ms since the last look in which this process did not run. */
  tick(starved: number): void {
    this.signs.starved(starved);
    if (this.state === 'present' && !this.current) this.describe();
    if (this.state === 'present' && this.silenceHeard > this.patience) this.becomeLost();
  }

  dispose(): void {
    this.disposed = true;
    this.cancelDescribe?.();
    this.namesakes.dispose();
    for (const end of this.endDescribing) end();
    for (const stream of this.streams.values()) stream.dispose();
    this.early.drop();
  }

  /** ms of silence after which a daemon is lost. */
  private get patience(): number {
    return intervalsUntilLost * (this.lastPresence?.interval ?? 1) * 1_000;
  }

  private problems(): readonly Problem[] {
    const { catalogue } = this;
    return [this.namesakes.problem, catalogue && versionProblem(catalogue)].filter((problem) => problem !== null);
  }

  /** @param vouched whether it speaks for the epoch that is followed: only then what was reported in it holds */
  private signOfLife(vouched = true): void {
    const wasAway = this.silence;
    const heardBefore = this.signs.at;
    this.signs.note();
    this.vouch(vouched);
    const isBack = this.state !== 'present';
    if (isBack) this.silentSince = this.state === 'lost' ? heardBefore : null;
    this.state = 'present';
    // What was started anew is told with what it offers now.
    if (this.toldPresence.state !== 'present' && (vouched || !this.current)) this.tellPresence('present', this.silentSince);
    if (isBack && wasAway !== Infinity) for (const stream of this.streams.values()) stream.resume();
  }

  private vouch(vouched: boolean): void {
    if (this.vouched === vouched) return;
    this.vouched = vouched;
    this.context.readings.setPresent(this.daemon, vouched);
  }

  private becomeLost(): void {
    if (this.state !== 'present') return;
    this.state = 'lost';
    this.vouch(false);
    this.tellPresence('lost', this.signs.at);
  }

  /** @param lastSign of a lost daemon, or of one that comes back or was started anew; null: it was heard all the time */
  private tellPresence(state: PresenceState, lastSign: number | null = null): void {
    const { catalogue } = this;
    const epoch = (this.vouched || state === 'lost' ? this.current?.epoch : undefined) ?? this.lastPresence?.epoch ?? null;
    this.context.emit(this.toldPresence.news(this.daemon, { state, epoch, clockOffset: this.offset.value, catalogue, lastSign }));
  }

  private askForCatalogue(): void {
    this.describing = true;
    this.describedAt = this.context.clock.monotonic();
    const end = requestDescription(this.context, this.daemon, this.context.limits.describeTimeout, {
      answered: (catalogue, nobody) => {
        this.describing = false;
        if (nobody && this.streams.size === 0) this.knownAbsent = true;
        if (catalogue) this.voices.note(catalogue.epoch);
        if (catalogue) this.takeCatalogue(catalogue);
        for (const stream of this.streams.values()) if (stream.epoch !== catalogue?.epoch) stream.catalogueAnswered(null);
      },
      others: (catalogues) => {
        for (const { epoch } of catalogues) this.voices.note(epoch);
        this.namesakes.several(catalogues);
      },
      over: (catalogues) => {
        this.endDescribing.delete(end);
        this.namesakes.answered(catalogues);
      },
    });
    this.endDescribing.add(end);
  }

  private tellCatalogue(catalogue: Catalogue): void {
    for (const { component, owner, ignored } of this.context.readings.takeCatalogue(catalogue)) {
      this.context.report({
        severity: 'warning',
        code: 'ambiguous-component',
        message: `The component ${component} is reported by ${owner} and by ${ignored}; only ${owner} counts.`,
        tip: 'Name it in the configuration of one daemon only.',
      });
    }
    const outdated = versionProblem(catalogue);
    if (outdated) this.context.report(outdated);
    this.context.emit({ kind: 'catalogue', catalogue });
    this.context.catalogueTaken(catalogue);
  }

  private beginEpoch(catalogue: Catalogue): EpochStream {
    const isFirst = this.streams.size === 0;
    const { limits, budget } = this.context;
    const stream = new EpochStream({
      epoch: catalogue.epoch,
      daemon: this.daemon,
      first: isFirst && !this.beganWhileLinked(catalogue.epoch) ? catalogue.sequence + 1 : 1,
      access: this.context,
      limits,
      budget,
      listener: this.listenerFor(),
    });
    this.streams.set(catalogue.epoch, stream);
    this.forgetOldEpochs();
    this.makeCurrent(stream);
    return stream;
  }

  /** Whether a daemon that is met for the first time was started after the link was opened. */
  private beganWhileLinked(epoch: Epoch): boolean {
    if (this.early.hasFirst(epoch)) return true;
    // Being absent alone proves nothing: right after a router's restart everybody is.
    const startedAt = Number.parseInt(epoch.slice(0, 12), 16) - (this.offset.value ?? 0);
    return this.knownAbsent && startedAt >= this.context.openedAt;
  }

  private makeCurrent(stream: EpochStream): void {
    const previous = this.current;
    this.current = stream;
    if (!previous || previous === stream) return;
    previous.beginTail();
    this.context.readings.forgetValues(this.daemon);
    this.vouch(this.state === 'present');
    if (this.state === 'present') this.tellPresence('present', this.lastSignBefore ?? this.silentSince);
    this.lastSignBefore = null;
  }

  private returnTo(stream: EpochStream): void {
    this.makeCurrent(stream);
    const catalogue = this.catalogues.get(stream.epoch);
    if (catalogue) this.tellCatalogue(catalogue);
  }

  private forgetOldEpochs(): void {
    for (const [epoch, stream] of this.streams) {
      if (this.streams.size <= maximumEpochs) return;
      if (stream === this.current) continue;
      stream.dispose();
      this.receivedBefore = sumOf(this.receivedBefore, stream.received);
      this.streams.delete(epoch);
      this.catalogues.delete(epoch);
    }
  }

  private listenerFor(): EpochListener {
    const { context, daemon } = this;
    return {
      events: (epoch, number, events) => {
        if (epoch === this.current?.epoch) context.readings.takeEvents(daemon, events);
        context.emit({ kind: 'events', daemon, epoch, number, events });
        context.eventsTaken(daemon, events);
      },
      samples: (frame, series) => {
        if (frame.epoch === this.current?.epoch) context.readings.takeSamples(daemon, series, frame.values, frame.time);
        context.emit({ kind: 'samples', daemon, frame, series });
      },
      gap: (epoch, news) => context.emit({ kind: 'gap', daemon, epoch, ...news }),
      wantCatalogue: () => this.describe(),
      reachable: () => context.connected(),
      report: (problem) => context.report(problem),
    };
  }
}
