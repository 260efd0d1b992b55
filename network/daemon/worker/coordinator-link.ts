/** What a worker needs of the connection to its router, and blobs over it: fetched and stored in stretches, again and again until it works. */
import { createHash } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { ProblemError } from '#shared/problem.ts';
import { RecentMap } from '#shared/recent-map.ts';
import type { askedKinds } from '#shared/protocol/subjects.ts';
import { blobProblemHeader, blobSizeHeader, chunkBytes, storeAnswerSchema, storeHeader } from '#shared/protocol/work.ts';
import type { Question } from '../publishing/publisher.ts';

export interface Answer {
  readonly data: Uint8Array;
  readonly headers?: { get(name: string): string } | undefined;
}

export interface CoordinatorLink {
  ask(kind: (typeof askedKinds)[number], payload: Uint8Array | string, question: Question): Promise<Answer>;
  /** Bytes that a message may have. */
  readonly longestMessage: number;
}

/** ms that one request may take. */
const requestTimeout = 5_000;
/** ms between attempts. */
const retryInterval = 250;
/** ms without any success after which a transfer is given up; what has arrived is kept. */
const transferPatience = 20_000;
/** Smaller blobs are sent without asking first whether they are there. */
const probedFrom = 16 * 1024;
/** ms for which a blob that was stored is known to be there. */
const knownFor = 60_000;

export interface Stretch {
  readonly bytes: Uint8Array;
  /** Bytes of the whole blob. */
  readonly size: number;
}

/** The content of a blob that is to be stored. */
export interface BlobContent {
  readonly hash: string;
  readonly size: number;
  read(offset: number, length: number): Promise<Uint8Array>;
}

export class BlobTransfer {
  private readonly link: CoordinatorLink;
  private readonly stored = new RecentMap<string, number>(4_096);

  constructor(link: CoordinatorLink) {
    this.link = link;
  }

  /** A stretch of a blob, from `offset` on. Rejects with a ProblemError. */
  async fetch(hash: string, offset: number, length: number, signal: AbortSignal): Promise<Stretch> {
    const wanted = Math.min(length, this.chunk);
    const answer = await this.insist(signal, () =>
      this.link.ask('fetch', JSON.stringify({ hash, offset, length: wanted }), { timeout: requestTimeout }),
    );
    const problem = answer.headers?.get(blobProblemHeader);
    if (problem) throw new ProblemError({ code: 'no-blob', message: problem.slice(0, 1_000) });
    const size = Number(answer.headers?.get(blobSizeHeader) || Number.NaN);
    if (!Number.isSafeInteger(size) || answer.data.length > wanted || offset + answer.data.length > size) {
      throw new ProblemError({ code: 'bad-blob', message: 'The core answered with other bytes than were asked for.' });
    }
    if (answer.data.length === 0 && offset < size) throw new ProblemError({ code: 'bad-blob', message: 'The core answered with nothing.' });
    return { bytes: answer.data, size };
  }

  /** Has a blob kept. Rejects with a ProblemError where it is refused or nobody takes it. */
  async store(content: BlobContent, signal: AbortSignal): Promise<void> {
    const { hash, size } = content;
    if ((this.stored.get(hash) ?? 0) > performance.now()) return;
    let have = size > probedFrom ? await this.send(content, 0, 0, signal) : 0;
    let asked = 0;
    // An empty blob is sent as well, once.
    for (let begun = have > 0; have < size || !begun; begun = true) {
      const before = have;
      have = await this.send(content, have, Math.min(this.chunk, size - have), signal);
      asked = have > before ? 0 : asked + 1;
      if (size === 0) break;
      if (asked > 3) throw new ProblemError({ code: 'not-stored', message: 'The core takes no more of it.' });
    }
    this.stored.set(hash, performance.now() + knownFor);
  }

  private get chunk(): number {
    return Math.min(chunkBytes, this.link.longestMessage - 4_096);
  }

  /** Sends one stretch; answers with the bytes that are there from its start on. */
  private async send(content: BlobContent, offset: number, length: number, signal: AbortSignal): Promise<number> {
    const { hash, size } = content;
    const bytes = length === 0 ? new Uint8Array() : await content.read(offset, length);
    const question = { timeout: requestTimeout, headers: { [storeHeader]: JSON.stringify({ hash, size, offset }) } };
    const answer = await this.insist(signal, () => this.link.ask('store', bytes, question));
    const decoded = storeAnswerSchema.safeParse(parseJson(answer.data)).data;
    if (!decoded) throw new ProblemError({ code: 'not-stored', message: 'The core answered with something else than how much it has.' });
    if (decoded.refused !== undefined) throw new ProblemError({ code: 'not-stored', message: decoded.refused });
    return Math.min(decoded.have, size);
  }

  private async insist(signal: AbortSignal, ask: () => Promise<Answer>): Promise<Answer> {
    const began = performance.now();
    for (;;) {
      if (signal.aborted) throw new ProblemError({ code: 'transfer-ended', message: 'The transfer was ended.' });
      try {
        return await ask();
      } catch (failure) {
        if (performance.now() - began > transferPatience) {
          const reason = failure instanceof Error ? failure.message : String(failure);
          throw new ProblemError({ code: 'no-core', message: `The core did not answer (${reason}).` });
        }
      }
      await wait(retryInterval, undefined, { signal }).catch(() => undefined);
    }
  }
}

export function contentOf(bytes: Uint8Array): BlobContent {
  return {
    hash: createHash('sha256').update(bytes).digest('hex'),
    size: bytes.length,
    read: (offset, length) => Promise.resolve(bytes.subarray(offset, offset + length)),
  };
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    return undefined;
  }
}
