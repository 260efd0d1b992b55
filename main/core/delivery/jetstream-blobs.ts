/**
 * Blobs in a stream of a nats-server, so that cores of several machines share them: a message per part, each on a subject of its own with its
 * hash, and a head that makes the blob whole. Parts stay when a core or the server restarts, so what arrives goes on where it was.
 *
 * NATS' own object store is not used: it is read by consumers, which nobody may make (network/router/jetstream-permissions.ts).
 */
import { createHash } from 'node:crypto';
import { mkdtemp, open, rm, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DiscardPolicy, RetentionPolicy, StorageType } from '@nats-io/jetstream';
import type { StoredMsg } from '@nats-io/jetstream';
import { z } from 'zod';
import type { JetStream, StreamSettings } from '#network/bus/jetstream.ts';
import type { Clock } from '#platform/clock.ts';
import type { EnvironmentName } from '#shared/identifiers.ts';
import { blobStream, blobSubject } from '#shared/protocol/campaign-streams.ts';
import { blobsFull, falseBlob, noBlob, wrongStretch } from './blob-problems.ts';
import type { BlobHash, BlobStore } from './ports.ts';
import { Turns } from './turns.ts';

/** Bytes of a part; base64 of it fits into a message of a router with the usual limit of 1 MiB. */
const partBytes = 256 * 1024;
/** Parts that are asked for at once. */
const together = 8;
/** ms between notes of a blob's being used. */
const noteInterval = 10 * 60_000;
const hashHeader = 'Testops-Part-Hash';
const headPart = 'head';

const headSchema = z.object({ size: z.int().min(0), used: z.number() });
type Head = z.infer<typeof headSchema> & { readonly place: number };

export interface JetStreamBlobsOptions {
  readonly jetStream: JetStream;
  readonly environment: EnvironmentName;
  readonly clock: Clock;
  /** All blobs together; 50 GiB unless told. */
  readonly maximumBytes?: number;
  readonly replicas?: number;
}

/** A blob that arrives: bytes that are kept, and those that are no whole part yet. */
interface Arrival {
  kept: number;
  rest: Buffer;
}

export class JetStreamBlobs implements BlobStore {
  private readonly options: JetStreamBlobsOptions;
  private readonly jetStream: JetStream;
  private readonly stream: string;
  private readonly maximumBytes: number;
  private readonly arrivals = new Map<BlobHash, Arrival>();
  private readonly turns = new Turns();

  private constructor(options: JetStreamBlobsOptions) {
    this.options = options;
    this.jetStream = options.jetStream;
    this.stream = blobStream(options.environment);
    this.maximumBytes = options.maximumBytes ?? 50 * 1024 ** 3;
  }

  static async open(options: JetStreamBlobsOptions): Promise<JetStreamBlobs> {
    await options.jetStream.ensureStream(blobSettings(options.environment, options.replicas ?? 1));
    return new JetStreamBlobs(options);
  }

  async size(hash: BlobHash): Promise<number | null> {
    return (await this.head(hash))?.size ?? null;
  }

  async read(hash: BlobHash, offset: number, length: number): Promise<Uint8Array> {
    const head = await this.head(hash);
    if (!head) throw noBlob(hash);
    await this.noteUse(hash, head);
    const end = Math.min(head.size, offset + length);
    const pieces: Uint8Array[] = [];
    for (let start = offset; start < end;) {
      const part = Math.floor(start / partBytes);
      const bytes = await this.part(hash, part, head.size);
      if (!bytes) {
        await this.remove(hash);
        throw noBlob(hash);
      }
      pieces.push(bytes.subarray(start - part * partBytes, end - part * partBytes));
      start = (part + 1) * partBytes;
    }
    return Buffer.concat(pieces);
  }

  async put(content: AsyncIterable<Uint8Array> | Uint8Array): Promise<{ readonly hash: BlobHash; readonly size: number }> {
    // Its name is its hash, so all of it must be known before anything of it is kept.
    const scratch = await mkdtemp(path.join(tmpdir(), 'testops-blob-'));
    try {
      const file = path.join(scratch, 'blob');
      const digest = createHash('sha256');
      const handle = await open(file, 'wx+', 0o600);
      try {
        for await (const piece of content instanceof Uint8Array ? [content] : content) {
          digest.update(piece);
          await handle.writeFile(piece);
        }
        const hash = digest.digest('hex');
        const { size } = await handle.stat();
        await this.storeFile(hash, size, handle);
        return { hash, size };
      } finally {
        await handle.close();
      }
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
  }

  private async storeFile(hash: BlobHash, size: number, handle: FileHandle): Promise<void> {
    for (let offset = -1; offset < size;) {
      const start = Math.max(offset, 0);
      const bytes = Buffer.alloc(Math.min(together * partBytes, size - start));
      await handle.read(bytes, 0, bytes.length, start);
      offset = await this.store(hash, size, start, bytes);
    }
  }

  store(hash: BlobHash, size: number, offset: number, bytes: Uint8Array): Promise<number> {
    return this.turns.take(hash, async () => {
      const head = await this.head(hash);
      if (head) return head.size;
      if (offset + bytes.length > size) throw wrongStretch(hash);
      const arrival = this.arrivals.get(hash) ?? (await this.begun(hash, size));
      const have = arrival.kept + arrival.rest.length;
      const fresh = offset <= have ? bytes.subarray(have - offset) : bytes.subarray(0, 0);
      const parts = Buffer.concat([arrival.rest, fresh]);
      const isWhole = arrival.kept + parts.length === size;
      const kept = isWhole ? parts.length : parts.length - (parts.length % partBytes);
      await this.keepParts(hash, arrival.kept / partBytes, parts.subarray(0, kept));
      arrival.kept += kept;
      arrival.rest = Buffer.from(parts.subarray(kept));
      if (isWhole) await this.finish(hash, size);
      return arrival.kept + arrival.rest.length;
    });
  }

  async keepOnly(wanted: ReadonlySet<BlobHash>, unusedFor: number): Promise<{ readonly removed: number; readonly bytes: number }> {
    const before = this.options.clock.now() - unusedFor;
    let removed = 0;
    let bytes = 0;
    for (const hash of await this.all()) {
      if (wanted.has(hash) || this.arrivals.has(hash)) continue;
      const head = await this.head(hash);
      if (head && head.used > before) continue;
      await this.remove(hash);
      removed += head ? 1 : 0;
      bytes += head?.size ?? 0;
    }
    return { removed, bytes };
  }

  async dispose(): Promise<void> {
    await this.turns.settled();
    this.arrivals.clear();
  }

  private subject(hash: BlobHash, part: number | string): string {
    return blobSubject(this.options.environment, hash, part);
  }

  private async head(hash: BlobHash): Promise<Head | null> {
    const stored = await this.jetStream.lastMessage(this.stream, this.subject(hash, headPart));
    if (!stored) return null;
    const { data } = headSchema.safeParse(stored.json());
    return data ? { ...data, place: stored.seq } : null;
  }

  /** The bytes of a part; null: it is not there, or not what was kept. */
  private async part(hash: BlobHash, part: number, size: number): Promise<Uint8Array | null> {
    const stored = await this.jetStream.lastMessage(this.stream, this.subject(hash, part));
    return stored && isSound(stored, Math.min(partBytes, size - part * partBytes)) ? stored.data : null;
  }

  /** What a core kept of it before. */
  private async begun(hash: BlobHash, size: number): Promise<Arrival> {
    await this.refuseBeyond(size);
    const found = await this.jetStream.subjects(this.stream, this.subject(hash, '*'));
    let parts = 0;
    while (found[this.subject(hash, parts)] !== undefined && (parts + 1) * partBytes <= size) parts++;
    const arrival = { kept: parts * partBytes, rest: Buffer.alloc(0) };
    this.arrivals.set(hash, arrival);
    return arrival;
  }

  private async refuseBeyond(size: number): Promise<void> {
    if ((await this.jetStream.bytes(this.stream)) + size > this.maximumBytes) {
      throw blobsFull(`JetStream of ${this.jetStream.place}`, this.maximumBytes);
    }
  }

  private async keepParts(hash: BlobHash, first: number, bytes: Buffer): Promise<void> {
    const count = Math.ceil(bytes.length / partBytes);
    for (let start = 0; start < count; start += together) {
      const some = Array.from({ length: Math.min(together, count - start) }, (_, index) => start + index);
      await Promise.all(
        some.map((index) => {
          const part = bytes.subarray(index * partBytes, (index + 1) * partBytes);
          // Null: another core kept the same part.
          return this.jetStream.append(this.subject(hash, first + index), 0, part, { [hashHeader]: hashOf(part) });
        }),
      );
    }
  }

  /** Verifies all parts as they are kept; only then there is a blob. */
  private async finish(hash: BlobHash, size: number): Promise<void> {
    this.arrivals.delete(hash);
    const digest = createHash('sha256');
    for (let part = 0; part * partBytes < size; part++) digest.update((await this.part(hash, part, size)) ?? '');
    if (digest.digest('hex') !== hash) {
      await this.remove(hash);
      throw falseBlob(hash);
    }
    await this.jetStream.append(this.subject(hash, headPart), 0, this.headText(size));
  }

  private headText(size: number): Buffer {
    return Buffer.from(JSON.stringify({ size, used: this.options.clock.now() }), 'utf8');
  }

  private async noteUse(hash: BlobHash, { size, used, place }: Head): Promise<void> {
    if (this.options.clock.now() - used < noteInterval) return;
    await this.jetStream.append(this.subject(hash, headPart), place, this.headText(size));
  }

  private async all(): Promise<Set<BlobHash>> {
    const subjects = await this.jetStream.subjects(this.stream, this.subject('*', '*'));
    const place = this.subject('*', headPart).split('.').indexOf('*');
    return new Set(Object.keys(subjects).map((subject) => subject.split('.')[place] ?? ''));
  }

  /** The head goes first, so that nobody takes what is left for a blob. */
  private async remove(hash: BlobHash): Promise<void> {
    await this.jetStream.purge(this.stream, this.subject(hash, headPart));
    await this.jetStream.purge(this.stream, this.subject(hash, '*'));
  }
}

function isSound(stored: StoredMsg, length: number): boolean {
  return stored.data.length === length && stored.header.get(hashHeader) === hashOf(stored.data);
}

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function blobSettings(environment: EnvironmentName, replicas: number): StreamSettings {
  return {
    name: blobStream(environment),
    subjects: [blobSubject(environment, '*', '*')],
    storage: StorageType.File,
    retention: RetentionPolicy.Limits,
    discard: DiscardPolicy.New,
    max_msgs_per_subject: 1,
    deny_delete: true,
    num_replicas: replicas,
  };
}
