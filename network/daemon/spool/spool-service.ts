/**
 * Answers requests for records that somebody missed: one request at a time, each answer bounded, and paced so that
 * catching up never crowds out what is live.
 */
import { headers } from '@nats-io/nats-core';
import type { Msg, NatsConnection } from '@nats-io/nats-core';
import { spoolKindHeader, spoolRequestSchema } from '#shared/protocol/observations.ts';
import type { SpoolEnd, SpoolRequest } from '#shared/protocol/observations.ts';
import type { Spool } from './spool.ts';

/** Bytes of records in one answer; the reader asks again for more. */
const answerBytes = 4 * 1024 * 1024;
/** Bytes after which the router must have taken what was sent before more is sent. */
const paceBytes = 512 * 1024;
/** ms that the router may take for that; a reader of a dead connection asks again. */
const paceTime = 10_000;
const maximumWaiting = 32;

export class SpoolService {
  private readonly spool: Spool;
  private readonly waiting: { readonly request: SpoolRequest; readonly message: Msg }[] = [];
  private connection: NatsConnection | undefined;
  private answering = false;

  constructor(spool: Spool) {
    this.spool = spool;
  }

  /** Requests that wait for their turn. */
  get queued(): number {
    return this.waiting.length;
  }

  /** Takes a request from the network, whatever it is; one that is none gets no answer. */
  handle(connection: NatsConnection, message: Msg): void {
    this.connection = connection;
    const request = decodeSpoolRequest(message.data);
    if (!request || !message.reply) return;
    if (this.waiting.length < maximumWaiting) this.waiting.push({ request, message });
    // Too many at once: this one is to ask again.
    else sendEnd(message, { epoch: request.epoch, sent: 0, lost: [], next: request.from });
    if (!this.answering) void this.answerAll();
  }

  private async answerAll(): Promise<void> {
    this.answering = true;
    for (let next = this.waiting.shift(); next; next = this.waiting.shift()) {
      // A connection that closes in the middle of an answer ends this answer only.
      await this.answer(next.request, next.message).catch(() => undefined);
    }
    this.answering = false;
  }

  private async answer(request: SpoolRequest, message: Msg): Promise<void> {
    const { records, lost, next } = await this.spool.read(request.epoch, request.from, request.to, answerBytes);
    let unpaced = 0;
    for (const record of records) {
      const kind = headers();
      kind.set(spoolKindHeader, record.kind);
      message.respond(record.bytes, { headers: kind });
      unpaced += record.bytes.length;
      if (unpaced < paceBytes) continue;
      unpaced = 0;
      await this.taken();
    }
    sendEnd(message, { epoch: request.epoch, sent: records.length, lost, next });
  }

  private async taken(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error('The router took nothing for too long.')), paceTime);
      timer.unref();
    });
    try {
      await Promise.race([this.connection?.flush(), late]);
    } finally {
      clearTimeout(timer);
    }
  }
}

export function decodeSpoolRequest(bytes: Uint8Array): SpoolRequest | undefined {
  if (bytes.length > 1_000) return undefined;
  try {
    const decoded = spoolRequestSchema.safeParse(JSON.parse(Buffer.from(bytes).toString('utf8')));
    return decoded.success && decoded.data.from <= decoded.data.to ? decoded.data : undefined;
  } catch {
    return undefined;
  }
}

function sendEnd(message: Msg, end: SpoolEnd): void {
  const kind = headers();
  kind.set(spoolKindHeader, 'end');
  message.respond(JSON.stringify(end), { headers: kind });
}
