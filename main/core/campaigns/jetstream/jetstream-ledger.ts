/**
 * The ledger of a campaign on a stream. Each batch is appended behind the last message that is known here, so who does not know the last one
 * is refused by the server. When an answer is lost the ledger is read first: the batch may be there. What the server confirmed is then kept
 * on this machine's disk too, and only then durable.
 */
import { randomBytes } from 'node:crypto';
import { Emitter } from '#shared/disposable.ts';
import { ProblemError } from '#shared/problem.ts';
import type { CampaignRecord } from '#shared/campaign/records.ts';
import type { CampaignId } from '#shared/campaign/words.ts';
import { every, type Clock } from '#platform/clock.ts';
import { mayPass, type JetStream } from '#network/bus/jetstream.ts';
import { LogFollowers } from '../../archive/log-followers.ts';
import { Standstill } from '../../archive/standstill.ts';
import { AppendQueue } from '../append-queue.ts';
import { batchText, endsCampaign, lastOf, type Batch } from '../ledger-batch.ts';
import { damagedLedger, deposed, ledgerClosed, noCampaign } from '../ledger-problems.ts';
import type { Ledger } from '../ports.ts';
import { BatchAssembly, LedgerMessages, nothing, standingAfter, type LedgerMessage, type Standing } from './ledger-messages.ts';
import { LedgerMirror } from './ledger-mirror.ts';

const nameInProblems = 'The ledger';
/** ms between looks at a ledger that is followed, beside what its writer tells. */
const lookInterval = 500;
/** ms that what waits for the server is still tried when the ledger is closed. */
const closingPatience = 2_000;
/** Distance of the places in the stream that are remembered for late readers, in records. */
const markDistance = 1_024;
/** Batches that a reader holds at once. */
const readAtOnce = 64;
/** Times that a batch is sent again at once when somebody else's message, which is no batch, came between. */
const attempts = 5;

export interface JetStreamLedgerOptions {
  readonly campaign: CampaignId;
  readonly jetStream: JetStream;
  readonly stream: string;
  readonly subject: string;
  readonly newsSubject: string;
  /** This machine's own copy. */
  readonly mirrorFile: string;
  readonly clock: Clock;
  /** Told when it is closed. */
  readonly onClosed?: (ledger: Ledger) => void;
}

/** A place in the stream, and the last record up to there. */
interface Mark {
  readonly sequence: number;
  readonly place: number;
}

/** A batch as it was read, with the writer of the one before and the place of its last message. */
interface ReadBatch {
  readonly batch: Batch;
  readonly previous: string;
  readonly place: number;
}

export class JetStreamLedger implements Ledger {
  readonly campaign: CampaignId;
  private readonly options: JetStreamLedgerOptions;
  private readonly messages: LedgerMessages;
  private readonly standstill: Standstill;
  private readonly mirrorStandstill: Standstill;
  private readonly mirror: LedgerMirror;
  private readonly queue: AppendQueue;
  private readonly followers: LogFollowers<CampaignRecord>;
  private readonly committed = new Emitter<readonly CampaignRecord[]>();
  private readonly token = randomBytes(8).toString('hex');
  private readonly marks: Mark[] = [{ sequence: 0, place: 0 }];
  private assembly = new BatchAssembly();
  private standing: Standing = nothing;
  /** Sequence in the stream of the last message that is known. */
  private place = 0;
  private batches = 0;
  private pending: { readonly writer: string; met: boolean } | null = null;
  private turn: Promise<unknown> = Promise.resolve();
  private watching: { end(): void } | null = null;
  private closed = false;

  private constructor(options: JetStreamLedgerOptions) {
    this.campaign = options.campaign;
    this.options = options;
    this.messages = new LedgerMessages(options.jetStream, options.stream, options.subject);
    this.standstill = new Standstill(options.clock, options.jetStream.place);
    this.mirrorStandstill = new Standstill(options.clock, options.mirrorFile);
    this.mirror = new LedgerMirror({ campaign: options.campaign, file: options.mirrorFile, standstill: this.mirrorStandstill });
    this.queue = new AppendQueue(options.campaign, (after, records, text) => this.commit(after, records, text));
    const durable = (): number => this.standing.sequence;
    this.followers = new LogFollowers({
      get durableSequence() {
        return durable();
      },
      subscribe: (listener) => this.committed.subscribe(listener),
      read: (from) => this.read(from),
    });
  }

  /** Opens a ledger; `isNew`: there is none yet. What this machine has of it and the server lost is appended again. */
  static async open(options: JetStreamLedgerOptions, isNew = false): Promise<JetStreamLedger> {
    const ledger = new JetStreamLedger(options);
    const kept = await ledger.mirror.last();
    const last = await ledger.messages.last();
    if (last?.head?.removed || (!isNew && last === null && kept === 0)) throw noCampaign(options.campaign, options.jetStream.place);
    if (kept > 0) await ledger.appendLost(last);
    else await ledger.standAt(last);
    return ledger;
  }

  append(expected: number, records: readonly CampaignRecord[]): Promise<void> {
    return this.queue.append(expected, records);
  }

  async last(): Promise<number> {
    await this.patiently(() => this.catchUp());
    return this.standing.sequence;
  }

  async *read(from: number): AsyncGenerator<readonly CampaignRecord[]> {
    await this.patiently(() => this.catchUp());
    for await (const { batch } of this.readBatches(from)) {
      const { after, records } = batch;
      yield after >= from - 1 ? records : records.slice(from - after - 1);
    }
  }

  follow(from: number, listener: (records: readonly CampaignRecord[]) => void): () => void {
    const unsubscribe = this.followers.subscribe(from, listener);
    this.watching ??= this.watch();
    return () => {
      unsubscribe();
      if (this.followers.size > 0) return;
      this.watching?.end();
      this.watching = null;
    };
  }

  onStandstill(listener: (still: boolean, reason: string) => void): () => void {
    const ends = [this.standstill, this.mirrorStandstill].map((each) => each.subscribe((still, { message }) => listener(still, message)));
    return () => ends.forEach((end) => end());
  }

  async dispose(): Promise<void> {
    this.closed = true;
    this.watching?.end();
    this.watching = null;
    this.standstill.abandonAfter(closingPatience);
    this.mirrorStandstill.abandonAfter(closingPatience);
    await this.queue.close();
    await this.mirror.close();
    this.options.onClosed?.(this);
  }

  /** Marks the campaign as removed: nothing in a stream is deleted. */
  async markRemoved(): Promise<void> {
    await this.inTurn(async () => {
      const { sequence, writer } = this.standing;
      const head = { writer: `${this.token}-removed`, previous: writer, after: sequence, last: sequence, part: 1, parts: 1, ended: true };
      if ((await this.messages.append(this.place, { ...head, removed: true }, new Uint8Array())) === null) {
        throw deposed(this.campaign, sequence, sequence + 1);
      }
    });
  }

  private commit(after: number, records: readonly CampaignRecord[], text: string): Promise<void> {
    return this.inTurn(async () => {
      const batch: Batch = { after, writer: `${this.token}-${++this.batches}`, records };
      const bytes = Buffer.from(batchText(batch, text), 'utf8');
      this.pending = { writer: batch.writer, met: false };
      let sure = true;
      try {
        await this.standstill.insist(
          nameInProblems,
          async () => {
            if (!sure || this.standing.sequence !== after) await this.refresh();
            sure = false;
            await this.attempt(batch, bytes);
          },
          mayPass,
        );
        const { met } = this.pending;
        await this.mirror.keep(batch, text, (from) => this.readBatches(from));
        if (!met) this.committed.emit(records);
      } finally {
        this.pending = null;
      }
      const { connection } = this.options.jetStream;
      if (!connection.isClosed()) connection.publish(this.options.newsSubject);
    });
  }

  private async attempt(batch: Batch, bytes: Uint8Array): Promise<void> {
    for (let attempt = 0; attempt < attempts; attempt++) {
      if (this.pending?.met) return;
      if (this.standing.sequence !== batch.after) throw deposed(this.campaign, batch.after, this.standing.sequence);
      if (this.standing.ended) throw ledgerClosed(this.campaign);
      if (await this.send(batch, bytes)) return;
      await this.refresh();
    }
    if (!this.pending?.met) throw new Error('others write to it all the time');
  }

  /** Appends a batch behind the last known message; false: that is not the last one. */
  private async send(batch: Batch, bytes: Uint8Array): Promise<boolean> {
    const pieces = this.messages.pieces(bytes);
    const { writer, after, records } = batch;
    const head = { writer, previous: this.standing.writer, after, last: lastOf(batch), parts: pieces.length, ended: endsCampaign(records) };
    let { place } = this;
    for (const [index, piece] of pieces.entries()) {
      const next = await this.messages.append(place, { ...head, part: index + 1 }, piece);
      if (next === null) return false;
      place = next;
    }
    this.assembly = new BatchAssembly();
    this.place = place;
    this.stand({ sequence: head.last, writer, ended: head.ended }, place);
    return true;
  }

  /** Learns where the ledger stands: what others appended is read; what the server lost is appended again. */
  private async refresh(): Promise<void> {
    const kept = await this.mirror.last();
    const last = await this.messages.last();
    if (last?.head?.removed) throw ledgerClosed(this.campaign);
    const standing = last ? last.head && standingAfter(last.head) : nothing;
    if ((last?.place ?? 0) < this.place || (standing && standing.sequence < kept)) await this.appendLost(last);
    else await this.readOn();
  }

  /** The server stands behind this machine's copy, after a power cut: the rest of it is appended again. */
  private async appendLost(last: LedgerMessage | null): Promise<void> {
    const known = this.standing;
    await this.standAt(last);
    const lost = await this.mirror.after(this.standing);
    if (lost === null) {
      await this.mirror.setAside();
      if (known.sequence > 0) {
        throw damagedLedger(this.campaign, `the nats-server lost its records after ${this.standing.sequence}`);
      }
      return;
    }
    for (const batch of lost) {
      if (lastOf(batch) <= this.standing.sequence) continue;
      if (await this.send(batch, Buffer.from(batchText(batch), 'utf8'))) continue;
      // Another core does the same.
      await this.readOn();
      if (this.standing.sequence < lastOf(batch)) throw new Error('others write to it at the same time');
    }
  }

  private catchUp(): Promise<void> {
    return this.inTurn(async () => {
      const last = await this.messages.last();
      // The server lost some of it; what was read before is met once more, perhaps at other places.
      if ((last?.place ?? 0) < this.place) this.place = 0;
      await this.readOn();
    });
  }

  private async readOn(): Promise<void> {
    for await (const message of this.messages.from(this.place + 1)) {
      this.place = message.place;
      if (message.head?.removed) return;
      const batch = this.assembled(message);
      if (!message.head || batch === null || lastOf(batch) <= this.standing.sequence) continue;
      if (batch.after !== this.standing.sequence || message.head.previous !== this.standing.writer) {
        throw damagedLedger(this.campaign, `the nats-server lost some of its records up to ${this.standing.sequence}`);
      }
      if (this.pending?.writer === batch.writer) this.pending.met = true;
      this.stand({ sequence: lastOf(batch), writer: batch.writer, ended: message.head.ended }, message.place);
      this.committed.emit(batch.records);
    }
  }

  private assembled(message: LedgerMessage, assembly = this.assembly): Batch | null {
    try {
      return assembly.take(message);
    } catch (failure) {
      throw damagedLedger(this.campaign, failure instanceof Error ? failure.message : String(failure));
    }
  }

  /** Batches from the one on that holds a record, as far as the ledger is known. */
  private async *readBatches(from: number): AsyncGenerator<ReadBatch> {
    const end = this.standing.sequence;
    let at: Mark = this.marks.findLast(({ sequence }) => sequence < from) ?? { sequence: 0, place: 0 };
    while (at.sequence < end) {
      const start = at;
      for (const each of await this.patiently(() => this.readSome(start, end))) {
        at = { sequence: lastOf(each.batch), place: each.place };
        this.mark(at.sequence, at.place);
        if (at.sequence >= from) yield each;
      }
    }
  }

  /** Some batches behind a place, at least one. */
  private async readSome(at: Mark, end: number): Promise<ReadBatch[]> {
    const assembly = new BatchAssembly();
    const found: ReadBatch[] = [];
    let { sequence } = at;
    for await (const message of this.messages.from(at.place + 1, end - sequence)) {
      const batch = this.assembled(message, assembly);
      if (!message.head || batch?.after !== sequence) continue;
      sequence = lastOf(batch);
      found.push({ batch, previous: message.head.previous, place: message.place });
      if (found.length >= readAtOnce || sequence >= end) break;
    }
    if (found.length === 0) throw damagedLedger(this.campaign, `the nats-server lost its records after ${sequence}`);
    return found;
  }

  /** Where the last message says; where it says nothing, or is part of what is not whole yet, the ledger is read from its beginning. */
  private async standAt(last: LedgerMessage | null): Promise<void> {
    const head = last?.head && last.head.part === last.head.parts ? last.head : null;
    this.assembly = new BatchAssembly();
    this.standing = head ? standingAfter(head) : nothing;
    this.place = head && last ? last.place : 0;
    if (last && !head) await this.readOn();
  }

  private stand(standing: Standing, place: number): void {
    this.standing = standing;
    this.mark(standing.sequence, place);
  }

  private mark(sequence: number, place: number): void {
    if (sequence - (this.marks.at(-1)?.sequence ?? 0) >= markDistance) this.marks.push({ sequence, place });
  }

  private watch(): { end(): void } {
    const look = (): void => void this.catchUp().catch((failure: unknown) => this.giveUpWatching(failure));
    const stop = every(this.options.clock, lookInterval, look);
    const news = this.options.jetStream.connection.subscribe(this.options.newsSubject, { callback: look });
    look();
    return {
      end: () => {
        stop();
        news.unsubscribe();
      },
    };
  }

  /** While the server is away it is looked for; a ledger that is damaged is followed no more. */
  private giveUpWatching(failure: unknown): void {
    if (!(failure instanceof ProblemError)) return;
    this.watching?.end();
    process.emitWarning(`${this.campaign} is not followed any more: ${failure.message}`);
  }

  /** Asks again while the server is away. */
  private async patiently<T>(ask: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await ask();
      } catch (failure) {
        if (this.closed || !mayPass(failure)) throw failure;
        await new Promise<void>((resolve) => void this.options.clock.after(lookInterval, resolve));
      }
    }
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.turn.then(work);
    this.turn = result.catch(() => undefined);
    return result;
  }
}
