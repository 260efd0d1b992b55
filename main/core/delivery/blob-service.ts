/**
 * Answers the workers of one environment who want stretches of packages, or have evidence to be kept. A router's message says which worker
 * asks, since a daemon may ask under its own name only. What a worker may store is bounded, and so is what is worked on at once.
 */
import { headers, type Msg } from '@nats-io/nats-core';
import type { NatsConnection } from '#network/bus/connect.ts';
import type { Clock } from '#platform/clock.ts';
import type { Owned } from '#shared/disposable.ts';
import type { EnvironmentName } from '#shared/identifiers.ts';
import { problemOf, ProblemError } from '#shared/problem.ts';
import { isInbox, parseSubject, subject } from '#shared/protocol/subjects.ts';
import {
  blobProblemHeader,
  blobSizeHeader,
  chunkBytes,
  fetchRequestSchema,
  storeHeader,
  storeRequestSchema,
  type StoreAnswer,
} from '#shared/protocol/work.ts';
import type { BlobHash, BlobStore } from './ports.ts';

export interface BlobServiceOptions {
  readonly connection: NatsConnection;
  readonly environment: EnvironmentName;
  readonly blobs: BlobStore;
  readonly clock: Clock;
  /** Whether workers may have a blob; all unless told. */
  readonly mayFetch?: (hash: BlobHash) => boolean;
  readonly limits?: Partial<BlobServiceLimits>;
}

export interface BlobServiceLimits {
  /** Bytes of a blob that a worker stores. */
  readonly blobBytes: number;
  /** Bytes that a worker may store within an hour. */
  readonly hourlyBytes: number;
  /** Requests of a worker that wait; more are not answered, and it asks again. */
  readonly waiting: number;
}

const usualLimits: BlobServiceLimits = { blobBytes: 1024 ** 3, hourlyBytes: 8 * 1024 ** 3, waiting: 16 };
const hour = 60 * 60_000;
/** Characters of a problem that are told. */
const longestProblem = 500;

/** What is known of one worker. */
interface Worker {
  turn: Promise<void>;
  waiting: number;
  /** Bytes since a time (ms, monotonic). */
  stored: number;
  since: number;
}

export function serveBlobs(options: BlobServiceOptions): Owned {
  const service = new BlobService(options);
  const subscriptions = (['fetch', 'store'] as const).map((kind) =>
    options.connection.subscribe(subject(options.environment, kind, '*'), {
      callback: (failure, message) => {
        if (!failure) service.take(kind, message);
      },
    }),
  );
  return {
    dispose: () => {
      for (const subscription of subscriptions) subscription.unsubscribe();
    },
  };
}

class BlobService {
  private readonly options: BlobServiceOptions;
  private readonly limits: BlobServiceLimits;
  private readonly workers = new Map<string, Worker>();

  constructor(options: BlobServiceOptions) {
    this.options = options;
    this.limits = { ...usualLimits, ...options.limits };
  }

  /** One request of a worker after the other; so what is in memory is bounded by their number. */
  take(kind: 'fetch' | 'store', message: Msg): void {
    const name = parseSubject(message.subject)?.daemon;
    if (name === undefined || message.reply === undefined || !isInbox(message.reply)) return;
    const worker = this.workerOf(name);
    if (worker.waiting >= this.limits.waiting) return;
    worker.waiting++;
    worker.turn = worker.turn.then(async () => {
      await (kind === 'fetch' ? this.fetch(message) : this.store(message, worker)).catch(() => undefined);
      worker.waiting--;
    });
  }

  private workerOf(name: string): Worker {
    const found = this.workers.get(name);
    if (found) return found;
    const worker: Worker = { turn: Promise.resolve(), waiting: 0, stored: 0, since: this.options.clock.monotonic() };
    this.workers.set(name, worker);
    return worker;
  }

  private async fetch(message: Msg): Promise<void> {
    const lines = headers();
    let bytes: Uint8Array = new Uint8Array();
    try {
      const { hash, offset, length } = decoded(fetchRequestSchema.safeParse(asJson(message.string())), 'fetch');
      const size = this.options.mayFetch?.(hash) === false ? null : await this.options.blobs.size(hash);
      if (size === null) throw new ProblemError({ code: 'no-blob', message: `There is no blob ${hash}.` });
      bytes = await this.options.blobs.read(hash, offset, length);
      lines.set(blobSizeHeader, String(size));
    } catch (failure) {
      lines.set(blobProblemHeader, told(failure));
    }
    message.respond(bytes, { headers: lines });
  }

  private async store(message: Msg, worker: Worker): Promise<void> {
    let answer: StoreAnswer;
    try {
      answer = { have: await this.kept(message, worker) };
    } catch (failure) {
      answer = { have: 0, refused: told(failure) };
    }
    message.respond(JSON.stringify(answer));
  }

  private async kept({ headers: lines, data }: Msg, worker: Worker): Promise<number> {
    const { hash, size, offset } = decoded(storeRequestSchema.safeParse(asJson(lines?.get(storeHeader) ?? '')), 'store');
    const { blobBytes, hourlyBytes } = this.limits;
    if (data.length > chunkBytes) throw refused(`A stretch has ${data.length} bytes where ${chunkBytes} are allowed.`);
    if (size > blobBytes) throw refused(`A file of ${size} bytes is not kept: ${blobBytes} are allowed.`);
    const now = this.options.clock.monotonic();
    if (now - worker.since >= hour) Object.assign(worker, { since: now, stored: 0 });
    // An empty stretch asks how much is there.
    if (worker.stored + data.length > hourlyBytes)
      throw refused(`This worker stored ${worker.stored} bytes within an hour; ${hourlyBytes} are allowed.`);
    worker.stored += data.length;
    return this.options.blobs.store(hash, size, offset, data);
  }
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function decoded<T>(parsed: { readonly success: true; readonly data: T } | { readonly success: false }, kind: string): T {
  if (parsed.success) return parsed.data;
  throw refused(`The request to ${kind} is damaged.`);
}

function refused(message: string): ProblemError {
  return new ProblemError({ code: 'blob-refused', message });
}

/** A header is one line of plain characters. */
function told(failure: unknown): string {
  return problemOf(failure)
    .message.replaceAll(/[^\x20-\x7e]+/g, ' ')
    .slice(0, longestProblem);
}
