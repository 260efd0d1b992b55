/**
 * The seat of the coordinator as a key of a bucket whose entries vanish after two seconds: who sits there writes it anew twice a second,
 * each time behind its own last entry, so nobody sits down beside somebody else. Old servers do not tell that an entry vanished; so rivals try.
 */
import { randomUUID } from 'node:crypto';
import { JetStreamApiError } from '@nats-io/jetstream';
import { Kvm, type KV } from '@nats-io/kv';
import { z } from 'zod';
import { Emitter } from '#shared/disposable.ts';
import { every, type Clock } from '#platform/clock.ts';
import type { JetStream } from '#network/bus/jetstream.ts';
import type { Seat } from '../ports.ts';

/** ms after which an entry vanishes, between entries, and that one may take to be written. */
export const seatLife = 2_000;
const seatInterval = 500;
const answerPatience = 1_000;

const entrySchema = z.object({ holder: z.string().max(256), token: z.string().max(64) });
type Entry = z.infer<typeof entrySchema> & { readonly revision: number };

interface Held {
  readonly token: string;
  readonly text: string;
  revision: number;
  /** Monotonic ms when its last entry was sent. */
  since: number;
  writing: boolean;
  stop: () => void;
}

export class JetStreamSeat implements Seat {
  private readonly bucket: KV;
  private readonly key: string;
  private readonly clock: Clock;
  private readonly lostSeat = new Emitter<undefined>();
  private held: Held | null = null;
  /** Of an entry whose answer was lost. */
  private readonly token = randomUUID();

  private constructor(bucket: KV, key: string, clock: Clock) {
    this.bucket = bucket;
    this.key = key;
    this.clock = clock;
  }

  static async open(jetStream: JetStream, bucket: string, key: string, clock: Clock): Promise<JetStreamSeat> {
    // From the stream's leader, never from a copy that may be late.
    return new JetStreamSeat(await new Kvm(jetStream.client).open(bucket, { allow_direct: false }), key, clock);
  }

  async take(holder: string): Promise<boolean> {
    if (this.held) return true;
    const text = JSON.stringify({ holder, token: this.token });
    const since = this.clock.monotonic();
    const revision = await this.create(text);
    if (revision === null) return false;
    const held: Held = { token: this.token, text, revision, since, writing: false, stop: () => undefined };
    held.stop = every(this.clock, seatInterval, () => void this.keep(held));
    this.held = held;
    return true;
  }

  async holder(): Promise<string | null> {
    return (await this.entry())?.holder ?? null;
  }

  onLost(listener: () => void): () => void {
    return this.lostSeat.subscribe(listener);
  }

  async giveBack(): Promise<void> {
    const { held } = this;
    this.held = null;
    held?.stop();
    // Where it cannot be said, the entry vanishes by itself.
    if (held) await this.bucket.delete(this.key, { previousSeq: held.revision }).catch(() => undefined);
  }

  dispose(): Promise<void> {
    return this.giveBack();
  }

  /** The revision of a new entry; null: somebody sits there, or it is not known. */
  private async create(text: string): Promise<number | null> {
    try {
      return await this.bucket.create(this.key, text);
    } catch {
      // It may be ours, by an attempt whose answer was lost.
      const entry = await this.entry().catch(() => null);
      return entry?.token === this.token ? entry.revision : null;
    }
  }

  private async keep(held: Held): Promise<void> {
    if (held.writing || this.held !== held) return;
    held.writing = true;
    const since = this.clock.monotonic();
    try {
      held.revision = await this.bucket.update(this.key, held.text, held.revision, answerPatience);
      held.since = since;
    } catch (failure) {
      if (failure instanceof JetStreamApiError) await this.lookAgain(held, since);
    } finally {
      held.writing = false;
    }
    if (this.clock.monotonic() - held.since > seatLife) this.lose(held);
  }

  /** The entry is not the one that was written last: ours by an answer that was lost, or somebody else's. */
  private async lookAgain(held: Held, since: number): Promise<void> {
    const entry = await this.entry().catch(() => undefined);
    if (entry === undefined) return;
    if (entry?.token !== held.token) {
      this.lose(held);
      return;
    }
    held.revision = entry.revision;
    held.since = since;
  }

  private lose(held: Held): void {
    if (this.held !== held) return;
    this.held = null;
    held.stop();
    this.lostSeat.emit(undefined);
  }

  private async entry(): Promise<Entry | null> {
    const found = await this.bucket.get(this.key);
    if (found?.operation !== 'PUT') return null;
    const { data } = entrySchema.safeParse(JSON.parse(found.string()));
    return data ? { ...data, revision: found.revision } : null;
  }
}
