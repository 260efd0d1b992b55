/** A coordinator for tests: gives the leases that it is told to, over a real router, and remembers everything that workers said. */
import { createHash } from 'node:crypto';
import { headers, type Msg, type NatsConnection } from '@nats-io/nats-core';
import { connectToRouter } from '#network/bus/connect.ts';
import { signerFromSeed } from '#platform/keys.ts';
import { manifestText } from '#shared/campaign/package-manifest.ts';
import { suitePlanSchema, type PackageReference, type SuitePlan } from '#shared/campaign/plan.ts';
import type { TestVerdict } from '#shared/campaign/records.ts';
import { campaignIdSchema, serverNameSchema, testIdSchema } from '#shared/campaign/words.ts';
import type { Signer } from '#shared/protocol/commands.ts';
import { subject } from '#shared/protocol/subjects.ts';
import {
  blobProblemHeader,
  blobSizeHeader,
  fetchRequestSchema,
  storeHeader,
  storeRequestSchema,
  workBytes,
  workRequestSchema,
  workVersion,
  type EndedLease,
  type Lease,
  type SignedAnswer,
  type WorkAnswer,
  type WorkRequest,
} from '#shared/protocol/work.ts';
import { environment } from '../daemon-process.ts';

export const campaign = campaignIdSchema.parse('20261120T221735Z-nightly-3f9a');

export const hashOf = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex');

/** A suite of programs in the folder `product`, unless told otherwise. */
export function suiteOf(given: Readonly<Record<string, unknown>>): SuitePlan {
  return suitePlanSchema.parse({
    suite: 'programs',
    adapter: 'executable',
    package: { name: 'product', hash: null, version: '', prepare: [] },
    labels: [],
    tags: [],
    serial: [],
    slots: 1,
    needs: {},
    priority: 0,
    retries: 0,
    timeout: 30_000,
    usesServer: false,
    variables: {},
    ...given,
  });
}

/** What is done to an answer before, and after, it is signed. */
export interface Tampering {
  readonly answer?: (answer: WorkAnswer) => WorkAnswer;
  readonly signed?: (signed: SignedAnswer) => SignedAnswer;
}

export class FakeCoordinator {
  readonly requests: WorkRequest[] = [];
  /** When each request came. */
  readonly times: number[] = [];
  readonly settled = new Map<number, EndedLease>();
  /** How often each end was told. */
  readonly told = new Map<number, number>();
  readonly early: { readonly fence: number; readonly verdict: TestVerdict; readonly at: number }[] = [];
  readonly blobs = new Map<string, Buffer>();
  readonly fetched: { readonly hash: string; readonly offset: number }[] = [];
  /** Answers nothing to anybody. */
  /** Hashes of suites whose plans were in answers. */
  readonly suitesTold: string[] = [];
  silent = false;
  /** Whether ends are confirmed. */
  settles = true;
  tampering: Tampering = {};
  /** What stands in place of a stretch of a blob. */
  onFetch: ((hash: string, offset: number) => Buffer | 'nothing' | undefined) | undefined;
  refusesToStore: string | undefined;
  private readonly connection: NatsConnection;
  private readonly signer: Signer;
  private readonly waiting: { readonly lease: Lease; readonly suite: SuitePlan }[] = [];
  private readonly cancelled: { readonly fence: number; readonly reason: string }[] = [];
  private readonly arriving = new Map<string, Buffer[]>();
  private fence = 0;

  private constructor(connection: NatsConnection, signer: Signer) {
    this.connection = connection;
    this.signer = signer;
    const hear = (kind: 'work' | 'fetch' | 'store', take: (message: Msg) => void): void =>
      void connection.subscribe(subject(environment, kind, '*'), {
        callback: (failure, message) => {
          if (!failure && !this.silent) take(message);
        },
      });
    hear('work', (message) => this.work(message));
    hear('fetch', (message) => this.fetch(message));
    hear('store', (message) => this.store(message));
  }

  /** `user`: its name, where the router knows its users. */
  static async open(url: string, seed: string, user?: string): Promise<FakeCoordinator> {
    const login = user === undefined ? {} : { user, seed };
    const made = new FakeCoordinator(
      await connectToRouter({ url, name: 'coordinator', reconnectWait: 20, ...login }),
      signerFromSeed(seed),
    );
    await made.connection.flush();
    return made;
  }

  /** Leases tests, or the listing of a suite where none are named; answers with the fence. */
  give(suite: SuitePlan, tests?: readonly string[], more: Partial<Lease> = {}): number {
    const fence = ++this.fence;
    const task = tests ? { kind: 'execute' as const, tests: tests.map((test) => testIdSchema.parse(test)) } : { kind: 'list' as const };
    const suiteHash = hashOf(JSON.stringify(suite));
    const lease: Lease = {
      campaign,
      fence,
      attempt: 1,
      task,
      suite: suiteHash,
      server: null,
      revision: 'r1',
      unique: `u${fence}abc`,
      ...more,
    };
    this.waiting.push({ lease, suite });
    return fence;
  }

  cancel(fence: number, reason = 'Somebody stopped the campaign.'): void {
    this.cancelled.push({ fence, reason });
  }

  /** Puts a package among the blobs. */
  pack(files: Readonly<Record<string, string>>, prepare: readonly (readonly string[])[] = []): PackageReference {
    const entries = Object.entries(files).map(([path, text]) => {
      const bytes = Buffer.from(text);
      this.blobs.set(hashOf(bytes), bytes);
      return { path, mode: text.startsWith('#!') ? 0o755 : 0o644, size: bytes.length, hash: hashOf(bytes) };
    });
    const text = manifestText({ files: entries });
    this.blobs.set(hashOf(text), Buffer.from(text));
    return { name: 'tests', hash: hashOf(text), version: 'v1', prepare: prepare.map((command) => [...command]) };
  }

  /** What an attempt left under this name. */
  content(verdict: TestVerdict | undefined, name: string): string | undefined {
    const found = verdict?.evidence?.find((each) => each.name === name);
    return found && this.blobs.get(found.hash)?.toString();
  }

  async close(): Promise<void> {
    await this.connection.close();
  }

  private work(message: Msg): void {
    const request = workRequestSchema.parse(message.json());
    this.requests.push(request);
    this.times.push(performance.now());
    for (const { fence, verdict } of request.early) this.early.push({ fence, verdict, at: performance.now() });
    for (const ended of request.ended) {
      this.told.set(ended.fence, (this.told.get(ended.fence) ?? 0) + 1);
      if (this.settles) this.settled.set(ended.fence, ended);
    }
    const text = JSON.stringify(this.answerTo(request));
    const signature = Buffer.from(this.signer.sign(workBytes(text))).toString('base64url');
    const signed: SignedAnswer = { answer: text, key: this.signer.publicKey, signature };
    message.respond(JSON.stringify(this.tampering.signed?.(signed) ?? signed));
  }

  private answerTo(request: WorkRequest): WorkAnswer {
    const given = this.waiting.splice(0, request.free);
    const answer: WorkAnswer = {
      version: workVersion,
      environment: request.environment,
      worker: request.worker,
      epoch: request.epoch,
      nonce: request.nonce,
      settled: this.settles ? request.ended.map(({ fence }) => ({ campaign, fence })) : [],
      cancel: this.cancelled.splice(0).map((each) => ({ campaign, ...each })),
      leases: given.map(({ lease }) => lease),
      suites: this.tell(given.filter(({ lease }) => !request.knows?.includes(lease.suite))),
      servers: { one: { server: serverNameSchema.parse('one'), variables: { SERVER_URL: 'http://one' } } },
    };
    return this.tampering.answer?.(answer) ?? answer;
  }

  private tell(given: readonly { readonly lease: Lease; readonly suite: SuitePlan }[]): WorkAnswer['suites'] {
    this.suitesTold.push(...given.map(({ lease }) => lease.suite));
    return Object.fromEntries(given.map(({ lease, suite }) => [lease.suite, suite]));
  }

  private fetch(message: Msg): void {
    const { hash, offset, length } = fetchRequestSchema.parse(message.json());
    this.fetched.push({ hash, offset });
    const blob = this.blobs.get(hash);
    const instead = this.onFetch?.(hash, offset);
    if (instead === 'nothing') return;
    const header = headers();
    if (blob) header.set(blobSizeHeader, String(blob.length));
    else header.set(blobProblemHeader, 'There is no such package.');
    message.respond(instead ?? blob?.subarray(offset, offset + length) ?? new Uint8Array(), { headers: header });
  }

  private store(message: Msg): void {
    const { hash, size, offset } = storeRequestSchema.parse(JSON.parse(message.headers?.get(storeHeader) ?? ''));
    const answer = (have: number, refused?: string): void =>
      void message.respond(JSON.stringify({ have, ...(refused !== undefined && { refused }) }));
    if (this.refusesToStore !== undefined) return answer(0, this.refusesToStore);
    const known = this.blobs.get(hash);
    if (known) return answer(known.length);
    const pieces = this.arriving.get(hash) ?? [];
    const have = pieces.reduce((sum, piece) => sum + piece.length, 0);
    if (offset === have) pieces.push(Buffer.from(message.data));
    this.arriving.set(hash, pieces);
    const all = Buffer.concat(pieces);
    if (all.length === size) {
      if (hashOf(all) === hash) this.blobs.set(hash, all);
      this.arriving.delete(hash);
    }
    answer(all.length);
  }
}
