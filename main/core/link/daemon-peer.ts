/**
 * One daemon as the link sees it: whether it is there, what it offers, how its clock stands, and its epochs.
 *
 * A link that joins a running daemon starts with the record after the catalogue it is given. Every later epoch is wanted
 * from its first record on, and the end of the epoch before is asked of the spool.
 */
import { RequestError } from '@nats-io/nats-core';
import type { Owned } from '#shared/disposable.ts';
import type { DaemonName, Epoch } from '#shared/identifiers.ts';
import { catalogueSchema, type Catalogue, type Presence } from '#shared/protocol/observations.ts';
import { subject } from '#shared/protocol/subjects.ts';
import type { DaemonView } from '../ports.ts';
import { ClockOffset } from './clock-offset.ts';
import { EpochStream, type EpochListener } from './epoch-stream.ts';
import type { LinkContext } from './link-context.ts';
import { versionProblem } from './order-version.ts';
import { bookkeepingBytes } from './sequence-tracker.ts';
import { decodeMessage, type ObservedRecord } from './record-decoding.ts';

/** Epochs of a daemon that are kept account of; records of older ones are ignored. */
const maximumEpochs = 8;
/** Epochs that are heard of while their catalogue is still being asked for. */
const maximumUnknownEpochs = 4;
/** Bytes of records that wait for the catalogue of their epoch. */
const maximumUnknownBytes = 16 * 1024 * 1024;
/** ms between requests for a catalogue. */
const describePause = 250;
/** ms by which the estimate of a clock's offset changes before it is told again. */
const notableOffset = 50;
/** A daemon silent for this many of its intervals is lost. */
const intervalsUntilLost = 3;

type Received = DaemonView['received'];

function sum(left: Received, right: Received): Received {
  return {
    records: left.records + right.records,
    samples: left.samples + right.samples,
    gapsFilled: left.gapsFilled + right.gapsFilled,
    recordsLost: left.recordsLost + right.recordsLost,
  };
}

export class DaemonPeer implements Owned {
  readonly daemon: DaemonName;
  private readonly context: LinkContext;
  private readonly streams = new Map<Epoch, EpochStream>();
  private readonly catalogues = new Map<Epoch, Catalogue>();
  /** Records of epochs whose catalogue is not known yet. */
  private readonly early = new Map<Epoch, ObservedRecord[]>();
  private earlyBytes = 0;
  private current: EpochStream | undefined;
  private readonly offset = new ClockOffset();
  private toldOffset: number | null = null;
  private lastPresence: Presence | null = null;
  /** ms, monotonic */
  private lastSign: number | undefined;
  /** ms since the last sign in which this process did not run, and could not have noticed another. */
  private unheard = 0;
  private state: DaemonView['state'] = 'never seen';
  /** The daemon was not there when the link first asked for it: its records are wanted from the first. */
  private knownAbsent = false;
  private describing = false;
  private describedAt = -Infinity;
  private cancelDescribe: (() => void) | undefined;
  private disposed = false;
  /** Counts of epochs that are no longer kept account of. */
  private receivedBefore: Received = { records: 0, samples: 0, gapsFilled: 0, recordsLost: 0 };

  constructor(daemon: DaemonName, context: LinkContext) {
    this.daemon = daemon;
    this.context = context;
  }

  get catalogue(): Catalogue | null {
    return (this.current && this.catalogues.get(this.current.epoch)) ?? null;
  }

  get clockOffset(): number | null {
    return this.offset.value;
  }

  /** ms since the last sign of life; Infinity when there was none. */
  get silence(): number {
    return this.lastSign === undefined ? Infinity : this.context.clock.monotonic() - this.lastSign;
  }

  /** ms of the silence in which a sign of life would have been noticed. */
  get silenceHeard(): number {
    return this.silence - this.unheard;
  }

  get isPresent(): boolean {
    return this.state === 'present';
  }

  /** Whether nothing more is to come of an epoch. */
  hasEnded(epoch: Epoch): boolean {
    return this.streams.get(epoch)?.hasEnded ?? true;
  }

  /** The number of the last record of an epoch that was told; null where the epoch is not followed. */
  told(epoch: Epoch): number | null {
    return this.streams.get(epoch)?.told ?? null;
  }

  view(): DaemonView {
    let received = this.receivedBefore;
    for (const stream of this.streams.values()) received = sum(received, stream.received);
    return {
      daemon: this.daemon,
      catalogue: this.catalogue,
      lastPresence: this.lastPresence,
      state: this.state,
      clockOffset: this.offset.value,
      silence: this.lastSign === undefined ? null : this.silence,
      received,
    };
  }

  takePresence(presence: Presence): void {
    this.offset.observe(presence.time, this.context.clock.now());
    const previous = this.lastPresence;
    this.lastPresence = presence;
    const stream = this.streams.get(presence.epoch);
    if (!stream) {
      this.signOfLife();
      this.describe();
      return;
    }
    // Two presences in a row outweigh a catalogue of an epoch that nobody speaks for.
    if (stream !== this.current && previous?.epoch === presence.epoch) this.returnTo(stream);
    stream.claim(presence.sequence);
    this.signOfLife();
    if (this.clockHasMoved()) this.tellPresence('present');
  }

  takeRecord(record: ObservedRecord): void {
    const stream = this.streams.get(record.epoch);
    if (!stream) {
      this.keepEarly(record);
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
    const stream = known ?? this.beginEpoch(catalogue);
    const isNews = JSON.stringify({ ...before, sequence: 0 }) !== JSON.stringify({ ...catalogue, sequence: 0 });
    if (stream === this.current && isNews) this.tellCatalogue(catalogue);
    this.signOfLife();
    stream.catalogueAnswered(catalogue);
    if (!known) this.releaseEarly(stream);
    stream.claim(catalogue.sequence);
  }

  /** Asks the daemon for its catalogue, unless that was done just now. */
  describe(): void {
    if (this.describing || this.disposed || this.cancelDescribe || !this.context.connected()) return;
    const due = this.describedAt + describePause - this.context.clock.monotonic();
    if (due <= 0) return void this.askForCatalogue();
    this.cancelDescribe = this.context.clock.after(due, () => {
      this.cancelDescribe = undefined;
      void this.askForCatalogue();
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
    this.unheard += starved;
    if (this.state === 'present' && !this.current) this.describe();
    const interval = (this.lastPresence?.interval ?? 1) * 1_000;
    if (this.state === 'present' && this.silenceHeard > intervalsUntilLost * interval) this.becomeLost();
  }

  dispose(): void {
    this.disposed = true;
    this.cancelDescribe?.();
    for (const stream of this.streams.values()) stream.dispose();
    this.dropEarly();
  }

  // --------------------------------------------------------------------------------------------------------------- presence

  private signOfLife(): void {
    const wasAway = this.silence;
    this.lastSign = this.context.clock.monotonic();
    this.unheard = 0;
    if (this.state === 'present') return;
    this.state = 'present';
    this.context.readings.setPresent(this.daemon, true);
    this.tellPresence('present');
    if (wasAway !== Infinity) for (const stream of this.streams.values()) stream.resume();
  }

  private becomeLost(): void {
    if (this.state !== 'present') return;
    this.state = 'lost';
    this.context.readings.setPresent(this.daemon, false);
    this.tellPresence('lost');
  }

  /** Since it was told last; small changes of the estimate are no news. */
  private clockHasMoved(): boolean {
    const { value } = this.offset;
    return value !== null && (this.toldOffset === null || Math.abs(value - this.toldOffset) > notableOffset);
  }

  private tellPresence(state: 'present' | 'lost'): void {
    const epoch = this.current?.epoch ?? this.lastPresence?.epoch ?? null;
    this.toldOffset = this.offset.value;
    this.context.emit({ kind: 'presence', daemon: this.daemon, state, epoch, clockOffset: this.offset.value });
  }

  // -------------------------------------------------------------------------------------------------------------- catalogue

  private async askForCatalogue(): Promise<void> {
    this.describing = true;
    this.describedAt = this.context.clock.monotonic();
    const { connection, environment, limits } = this.context;
    let catalogue: Catalogue | null = null;
    try {
      const reply = await connection.request(subject(environment, 'describe', this.daemon), '', { timeout: limits.describeTimeout });
      const decoded = decodeMessage(catalogueSchema, reply.data, `the catalogue of ${this.daemon}`);
      if ('problem' in decoded) this.context.report(decoded.problem);
      else if (decoded.value.daemon === this.daemon) catalogue = decoded.value;
    } catch (failure) {
      if (failure instanceof RequestError && failure.isNoResponders() && this.streams.size === 0) this.knownAbsent = true;
    }
    this.describing = false;
    if (this.disposed) return;
    if (catalogue) this.takeCatalogue(catalogue);
    for (const stream of this.streams.values()) if (stream.epoch !== catalogue?.epoch) stream.catalogueAnswered(null);
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

  // ----------------------------------------------------------------------------------------------------------------- epochs

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
    if (this.early.get(epoch)?.some((record) => record.sequence === 1)) return true;
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
    if (this.state === 'present') this.tellPresence('present');
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
      this.receivedBefore = sum(this.receivedBefore, stream.received);
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

  private keepEarly(record: ObservedRecord): void {
    const known = this.early.get(record.epoch);
    if (!known && this.early.size >= maximumUnknownEpochs) this.dropEarly();
    // What is dropped here is asked of the spool once the catalogue is known.
    const { budget } = this.context;
    const cost = record.bytes + bookkeepingBytes;
    if (this.earlyBytes + cost > maximumUnknownBytes || budget.used + cost > budget.limit) this.dropEarly();
    if (budget.used + cost > budget.limit) return;
    const list = this.early.get(record.epoch) ?? [];
    list.push(record);
    this.early.set(record.epoch, list);
    this.earlyBytes += cost;
    budget.used += cost;
  }

  private releaseEarly(stream: EpochStream): void {
    const records = this.early.get(stream.epoch) ?? [];
    this.early.delete(stream.epoch);
    for (const record of records) {
      this.earlyBytes -= record.bytes + bookkeepingBytes;
      this.context.budget.used -= record.bytes + bookkeepingBytes;
      stream.receive(record);
    }
  }

  private dropEarly(): void {
    this.early.clear();
    this.context.budget.used -= this.earlyBytes;
    this.earlyBytes = 0;
  }
}
