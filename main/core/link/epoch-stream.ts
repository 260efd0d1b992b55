/**
 * One epoch of one daemon: its records in order, each exactly once. Gaps are filled from the daemon's spool; samples wait
 * until it is known which series they belong to.
 */
import type { Owned } from '#shared/disposable.ts';
import type { DaemonName, Epoch } from '#shared/identifiers.ts';
import type { Problem } from '#shared/problem.ts';
import type { Catalogue, DaemonEvent } from '#shared/protocol/observations.ts';
import type { SampleFrame } from '#shared/protocol/sample-frame.ts';
import type { SeriesDeclaration } from '#shared/telemetry/series.ts';
import type { Clock } from '#platform/clock.ts';
import type { LinkLimits } from './limits.ts';
import type { ObservedRecord } from './record-decoding.ts';
import { SequenceTracker, type ByteBudget, type GapNews, type Stretch } from './sequence-tracker.ts';
import { SeriesDictionary } from './series-dictionary.ts';
import { requestSpool, type SpoolAccess, type SpoolAnswer } from './spool-request.ts';
import { counted } from '#shared/wording/counts.ts';
import { secondsText } from '#shared/wording/durations.ts';

/** Where the ordered stream goes, and what it may ask for. */
export interface EpochListener {
  events(epoch: Epoch, number: number, events: readonly DaemonEvent[]): void;
  samples(frame: SampleFrame, series: readonly SeriesDeclaration[]): void;
  gap(epoch: Epoch, news: GapNews): void;
  /** A series is not known: ask the daemon for its catalogue; `catalogueAnswered` is called with what came. */
  wantCatalogue(): void;
  /** Whether the router can be reached now; if not, `resume` is called when it can. */
  reachable(): boolean;
  report(problem: Problem): void;
}

type Waiting =
  | { readonly kind: 'record'; readonly sequence: number; readonly record: ObservedRecord; readonly bytes: number }
  | { readonly kind: 'gap'; readonly news: GapNews };

/** Requests for a catalogue that brought none, or an old one, after which samples of unknown series are given up. */
const catalogueAttempts = 3;
/** Records by which one may be ahead of everything known and claimed; further ahead, its number is taken for damaged. */
const believableLeap = 10_000;
/** ms between fruitless requests to a spool, at most. */
const longestPause = 2_000;

export class EpochStream implements Owned {
  readonly epoch: Epoch;
  private readonly daemon: DaemonName;
  private readonly access: SpoolAccess;
  private readonly clock: Clock;
  private readonly limits: LinkLimits;
  private readonly budget: ByteBudget;
  private readonly listener: EpochListener;
  private readonly dictionary = new SeriesDictionary();
  private readonly tracker: SequenceTracker<ObservedRecord>;
  /** Output that waits for the series of its first record. */
  private waiting: Waiting[] = [];
  private waitingBytes = 0;
  private unansweredCatalogues = 0;

  /** What the daemon said last, and what it said at least twice. */
  private claimed = 0;
  private confirmed = 0;
  /** The highest number that was not believed since the last claim. */
  private doubted = 0;
  private cancelClaim: (() => void) | undefined;
  private filling: { abandon(): void } | undefined;
  /** In a pause until the daemon has said again that it used the missing numbers. */
  private awaitsConfirmation = false;
  private attempts = 0;
  private absentSince: number | undefined;
  private tail: 'live' | 'asking' | 'ended' = 'live';
  private disposed = false;

  readonly received = { records: 0, samples: 0, gapsFilled: 0, recordsLost: 0 };

  constructor(options: {
    readonly epoch: Epoch;
    readonly daemon: DaemonName;
    /** Number of the first record that is expected. */
    readonly first: number;
    readonly access: SpoolAccess;
    readonly limits: LinkLimits;
    readonly budget: ByteBudget;
    readonly listener: EpochListener;
  }) {
    this.epoch = options.epoch;
    this.daemon = options.daemon;
    this.access = options.access;
    this.clock = options.access.clock;
    this.limits = options.limits;
    this.budget = options.budget;
    this.listener = options.listener;
    const sink = {
      record: (sequence: number, record: ObservedRecord, bytes: number) => this.pass({ kind: 'record', sequence, record, bytes }),
      gap: (news: GapNews) => this.passGap(news),
    };
    this.tracker = new SequenceTracker<ObservedRecord>(options.first, sink, options.budget);
  }

  /** Takes a record, live or from the spool. */
  receive(record: ObservedRecord): void {
    if (this.disposed) return;
    // If it is real, the next presence claims it and the spool has it: nothing is lost by not believing it now.
    if (record.sequence > Math.max(this.tracker.highest, this.claimed) + believableLeap) {
      this.doubted = Math.max(this.doubted, record.sequence);
      return;
    }
    this.tracker.receive(record.sequence, record, record.bytes);
    if (this.tracker.firstMissing) this.scheduleFill(this.limits.gapDelay);
  }

  /** The daemon says that it has used numbers up to this one: what is not here soon is missing. */
  claim(sequence: number): void {
    // A damaged claim stands alone; what two in a row agree on is sure enough to declare records lost.
    this.confirmed = Math.max(this.confirmed, Math.min(this.claimed, sequence));
    this.claimed = sequence;
    if (this.doubted > sequence + believableLeap) this.reportDoubted();
    this.doubted = 0;
    this.awaitTail();
    const missing = this.tracker.firstMissing;
    if (this.awaitsConfirmation && missing && missing.from <= this.confirmed) this.fillNow();
  }

  private awaitTail(): void {
    const { claimed } = this;
    if (claimed <= this.tracker.highest || this.cancelClaim || this.disposed) return;
    this.cancelClaim = this.clock.after(this.limits.tailDelay, () => {
      this.cancelClaim = undefined;
      this.tracker.expectUpTo(Math.min(claimed, this.claimed));
      if (this.tracker.firstMissing) this.scheduleFill(0);
      this.awaitTail();
    });
  }

  private reportDoubted(): void {
    this.listener.report({
      severity: 'warning',
      code: 'unbelievable-sequence',
      message: `${this.daemon} sent a record numbered ${this.doubted}, far beyond its last one (${this.tracker.highest}); it was left out.`,
    });
  }

  /** A catalogue of this epoch; or null when the daemon was asked and none came. */
  catalogueAnswered(catalogue: Catalogue | null): void {
    if (catalogue) this.dictionary.merge(catalogue);
    if (this.waiting.length === 0) return;
    this.unansweredCatalogues++;
    // A catalogue may be a little older than the samples that made the link ask for it.
    const first = this.waiting[0];
    const isRecent = catalogue !== null && (first?.kind !== 'record' || catalogue.sequence >= first.sequence);
    const giveUp = isRecent || this.unansweredCatalogues >= catalogueAttempts || this.tail !== 'live';
    this.releaseWaiting(giveUp);
    if (this.waiting.length > 0) this.listener.wantCatalogue();
  }

  /** The daemon has begun another epoch: gets the rest of this one from the spool, as far as it goes. */
  beginTail(): void {
    if (this.tail !== 'live' || this.disposed) return;
    this.tail = 'asking';
    this.cancelClaim?.();
    this.cancelClaim = undefined;
    this.tracker.expectUpTo(this.claimed);
    this.releaseWaiting(true);
    this.scheduleFill(0);
  }

  /** The router can be reached again. */
  resume(): void {
    this.attempts = 0;
    this.absentSince = undefined;
    if (this.tracker.firstMissing || this.tail === 'asking') this.scheduleFill(0);
  }

  /** The number of the last record that was told; all after it will be. */
  get told(): number {
    const first = this.waiting[0];
    if (!first) return this.tracker.next - 1;
    return (first.kind === 'record' ? first.sequence : first.news.from) - 1;
  }

  get hasEnded(): boolean {
    return this.tail === 'ended';
  }

  dispose(): void {
    this.disposed = true;
    this.cancelClaim?.();
    this.filling?.abandon();
    this.tracker.release();
    this.budget.used -= this.waitingBytes;
    this.waiting = [];
    this.waitingBytes = 0;
  }

  // ------------------------------------------------------------------------------------------------------------ delivery

  private passGap(news: GapNews): void {
    // That a gap is open is told when it is noticed; its end at its place in the order.
    if (news.state === 'open') this.listener.gap(this.epoch, news);
    else this.pass({ kind: 'gap', news });
  }

  private pass(item: Waiting): void {
    if (this.waiting.length > 0) this.wait(item);
    else if (!this.deliver(item, false)) {
      this.wait(item);
      this.unansweredCatalogues = 0;
      this.listener.wantCatalogue();
    }
  }

  private wait(item: Waiting): void {
    const bytes = item.kind === 'record' ? item.bytes : 0;
    this.waiting.push(item);
    this.waitingBytes += bytes;
    this.budget.used += bytes;
    if (this.budget.used > this.budget.limit) this.releaseWaiting(true);
  }

  /** Delivers what waits, as far as its series are known now; all of it when they are given up. */
  private releaseWaiting(giveUp: boolean): void {
    let done = 0;
    for (const item of this.waiting) {
      if (!this.deliver(item, giveUp)) break;
      const bytes = item.kind === 'record' ? item.bytes : 0;
      this.waitingBytes -= bytes;
      this.budget.used -= bytes;
      done++;
    }
    this.waiting.splice(0, done);
  }

  /** False: the series are not known, and it may be worth waiting for them. */
  private deliver(item: Waiting, giveUp: boolean): boolean {
    if (item.kind === 'gap') {
      const { state, from, to } = item.news;
      if (state === 'filled') this.received.gapsFilled++;
      if (state === 'lost') this.received.recordsLost += to - from + 1;
      this.listener.gap(this.epoch, item.news);
      return true;
    }
    return item.record.kind === 'events' ? this.deliverEvents(item.record) : this.deliverSamples(item.record.frame, giveUp);
  }

  private deliverEvents(record: ObservedRecord & { readonly kind: 'events' }): true {
    for (const event of record.events) this.dictionary.learn(event);
    if (record.skipped > 0) {
      this.listener.report({
        severity: 'warning',
        code: 'unknown-event',
        message: `${this.daemon} told of ${counted(record.skipped, 'event')} in record ${record.sequence} that this console does not understand; that was left out.`,
        tip: 'Check that daemon and console are of matching versions.',
      });
    }
    this.received.records++;
    this.listener.events(this.epoch, record.sequence, record.events);
    return true;
  }

  private deliverSamples(frame: SampleFrame, giveUp: boolean): boolean {
    const resolved = this.dictionary.resolve(frame);
    if (resolved.kind === 'series') {
      this.received.records++;
      this.received.samples += frame.values.length;
      this.listener.samples(frame, resolved.series);
      return true;
    }
    if (resolved.kind === 'unknown' && !giveUp) return false;
    const reason =
      resolved.kind === 'unknown'
        ? `${this.daemon} does not say which series these values belong to.`
        : `${this.daemon} sent a number of values that does not fit its column set.`;
    this.received.recordsLost++;
    this.listener.gap(this.epoch, { from: frame.sequence, to: frame.sequence, state: 'lost', reason });
    return true;
  }

  // ------------------------------------------------------------------------------------------------------------- filling

  private scheduleFill(delay: number): void {
    if (this.filling || this.disposed) return;
    const cancel = this.clock.after(delay, () => void this.fill());
    this.filling = { abandon: cancel };
  }

  /** Does not wait out a pause. */
  private fillNow(): void {
    this.filling?.abandon();
    this.filling = undefined;
    this.scheduleFill(0);
  }

  private async fill(): Promise<void> {
    this.filling = undefined;
    this.awaitsConfirmation = false;
    const wanted = this.wanted();
    if (!wanted || this.disposed || !this.listener.reachable()) return;
    const before = this.tracker.next;
    let fresh = 0;
    const request = requestSpool(this.access, this.daemon, { epoch: this.epoch, ...wanted }, (record) => {
      if (record.sequence < wanted.from || record.sequence > wanted.to) return;
      fresh++;
      this.receive(record);
    });
    this.filling = request;
    const answer = await request.answered;
    this.filling = undefined;
    if (this.disposed) return;
    const lost = this.settleLost(answer, wanted);
    if (this.tail === 'asking' && !this.tracker.firstMissing && answer.kind === 'end' && fresh === 0) return void (this.tail = 'ended');
    this.carryOn(answer, wanted, this.tracker.next > before || lost > 0);
  }

  /** What to ask for next: the first gap; or, when the epoch is over, what may have come after the last record known. */
  private wanted(): Stretch | undefined {
    const missing = this.tracker.firstMissing;
    if (missing) return { from: missing.from, to: Math.min(missing.to, missing.from + this.limits.spoolSpan - 1) };
    if (this.tail !== 'asking') return undefined;
    return { from: this.tracker.highest + 1, to: this.tracker.highest + this.limits.spoolSpan };
  }

  private settleLost(answer: SpoolAnswer, wanted: Stretch): number {
    if (answer.kind !== 'end' || answer.end.epoch !== this.epoch) return 0;
    let count = 0;
    for (const { from, to, reason } of answer.end.lost) {
      count += this.tracker.declareLost(Math.max(from, wanted.from), Math.min(to, wanted.to, this.surelyUsed), reason);
    }
    return count;
  }

  /** Numbers up to this one were used: only these can be lost. A higher one may still come, if a damaged number made it seem missing. */
  private get surelyUsed(): number {
    return this.tail === 'live' ? this.confirmed : Infinity;
  }

  private carryOn(answer: SpoolAnswer, wanted: Stretch, progress: boolean): void {
    if (progress) {
      this.attempts = 0;
      this.absentSince = undefined;
      return this.scheduleFill(0);
    }
    if (!this.listener.reachable()) return;
    // The daemon answers, and nobody knows yet whether these numbers were ever used: its next presences tell.
    if (answer.kind === 'end' && wanted.from > this.surelyUsed) {
      this.scheduleFill(longestPause);
      this.awaitsConfirmation = true;
      return;
    }
    if (answer.kind === 'nobody') this.absentSince ??= this.clock.monotonic();
    else this.attempts++;
    const absence = this.absentSince === undefined ? 0 : this.clock.monotonic() - this.absentSince;
    if (this.attempts >= this.limits.spoolAttempts || absence > this.limits.spoolPatience) return this.giveUp(absence);
    this.scheduleFill(Math.min(longestPause, 125 * 2 ** Math.min(this.attempts + 1, 8)));
  }

  private giveUp(absence: number): void {
    const missing = this.tracker.firstMissing;
    const reason =
      absence > this.limits.spoolPatience
        ? `${this.daemon} has been away for ${secondsText(absence)}.`
        : `${this.daemon} did not send these records again, asked ${counted(this.attempts, 'time')}.`;
    this.attempts = 0;
    this.absentSince = undefined;
    if (missing) this.tracker.declareLost(missing.from, missing.to, reason);
    else if (this.tail === 'asking') this.tail = 'ended';
    this.scheduleFill(0);
  }
}
