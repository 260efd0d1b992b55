/**
 * A ledger as messages on its subject of a stream. A batch is one message, or several where it is larger than a message may be; its head
 * stands in a header, so that where the ledger stands can be told from its last message alone.
 */
import { z } from 'zod';
import type { StoredMsg } from '@nats-io/jetstream';
import type { JetStream } from '#network/bus/jetstream.ts';
import { readBatch, type Batch } from '../ledger-batch.ts';

/** The header with the head of a batch. */
const headHeader = 'Testops-Batch';
/** Bytes of a message that are left to its headers. */
const headBytes = 4 * 1024;
/** Messages that are asked for at once. */
const widest = 32;

const headSchema = z.object({
  /** Of the batch. */
  writer: z.string().max(64),
  /** Of the batch before; empty: there is none. So a ledger that another history took the place of is noticed. */
  previous: z.string().max(64),
  after: z.int().min(0),
  /** Sequence of its last record. */
  last: z.int().min(0),
  /** From 1. */
  part: z.int().min(1),
  parts: z.int().min(1),
  /** Nothing may follow. */
  ended: z.boolean(),
  /** The campaign was removed. */
  removed: z.boolean().optional(),
});
export type BatchHead = z.infer<typeof headSchema>;

export interface LedgerMessage {
  /** Of the stream. */
  readonly place: number;
  /** Null: it is no part of a ledger, and counts for nothing. */
  readonly head: BatchHead | null;
  readonly bytes: Uint8Array;
}

export class LedgerMessages {
  private readonly jetStream: JetStream;
  private readonly stream: string;
  private readonly subject: string;

  constructor(jetStream: JetStream, stream: string, subject: string) {
    this.jetStream = jetStream;
    this.stream = stream;
    this.subject = subject;
  }

  async last(): Promise<LedgerMessage | null> {
    return messageOf(await this.jetStream.lastMessage(this.stream, this.subject));
  }

  /** Messages from a place on, as far as there are any now. Several are asked for at once when there are known, or turn out, to be many. */
  async *from(place: number, expected = 1): AsyncGenerator<LedgerMessage> {
    let next = place;
    for (let width = Math.max(1, Math.min(expected, widest)); ; width = Math.min(width * 2, widest)) {
      const asked = Array.from({ length: width }, (_, index) => this.jetStream.nextMessage(this.stream, this.subject, next + index));
      for (const found of await Promise.all(asked)) {
        if (found && found.seq < next) continue;
        const message = messageOf(found);
        if (message === null) return;
        next = message.place + 1;
        yield message;
      }
    }
  }

  /** Appends a part behind the last message of the subject; null: another is the last. */
  append(after: number, head: BatchHead, bytes: Uint8Array): Promise<number | null> {
    return this.jetStream.append(this.subject, after, bytes, { [headHeader]: JSON.stringify(head) });
  }

  /** A batch cut into pieces that fit into messages. */
  pieces(bytes: Uint8Array): Uint8Array[] {
    const longest = this.jetStream.longestMessage - headBytes;
    return Array.from({ length: Math.max(1, Math.ceil(bytes.length / longest)) }, (_, index) =>
      bytes.subarray(index * longest, (index + 1) * longest),
    );
  }
}

function messageOf(stored: StoredMsg | null): LedgerMessage | null {
  return stored && { place: stored.seq, head: headOf(stored), bytes: stored.data };
}

function headOf({ header }: StoredMsg): BatchHead | null {
  try {
    return headSchema.parse(JSON.parse(header.get(headHeader)));
  } catch {
    return null;
  }
}

/** Where a ledger stands after a message. */
export interface Standing {
  readonly sequence: number;
  /** Of the last whole batch. */
  readonly writer: string;
  readonly ended: boolean;
}

export const nothing: Standing = { sequence: 0, writer: '', ended: false };

/** A batch whose last part is missing does not count. */
export function standingAfter(head: BatchHead): Standing {
  if (head.part < head.parts) return { sequence: head.after, writer: head.previous, ended: false };
  return { sequence: head.last, writer: head.writer, ended: head.ended };
}

/** Puts the parts of batches together again. */
export class BatchAssembly {
  private parts: LedgerMessage[] = [];

  /** The batch that a message completes; null: it completes none. */
  take(message: LedgerMessage): Batch | null {
    const { head } = message;
    const before = this.parts.at(-1)?.head;
    if (!head) return null;
    if (head.part > 1 && !(before?.writer === head.writer && before.part === head.part - 1)) return null;
    this.parts = head.part === 1 ? [message] : [...this.parts, message];
    if (head.part < head.parts) return null;
    const read = readBatch(Buffer.concat(this.parts.map(({ bytes }) => bytes)).toString('utf8'));
    this.parts = [];
    if ('damage' in read) throw new Error(read.damage);
    return read.batch;
  }
}
