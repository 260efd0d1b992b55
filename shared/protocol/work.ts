/**
 * Between a worker and the coordinator: one request, sent by the worker once a second and whenever it has something to say or a slot free.
 *
 * It tells what runs, what ended and how, and what is free. The answer confirms what stands in the ledger (until then the worker says it again),
 * gives new leases, and names what is to be ended. So a lost message costs one second and doubles nothing: a fence is settled once.
 *
 * Answers are signed by the operator's key over the worker's own random nonce, in a domain of their own: the router can lose an answer, but
 * neither make one nor give an old one again.
 */
import { z } from 'zod';
import { daemonNameSchema, environmentNameSchema, epochSchema } from '#shared/identifiers.ts';
import { hashSchema, serverPlanSchema, suitePlanSchema } from '#shared/campaign/plan.ts';
import { fenceSchema, testVerdictSchema } from '#shared/campaign/records.ts';
import { fromBase64Url, toBase64Url, type Signer, type Verifier } from './commands.ts';
import { adapterSchema, campaignIdSchema, leaseEndSchema, serverNameSchema, testIdSchema } from '#shared/campaign/words.ts';

export const workVersion = 1;

/** ms of silence of the coordinator after which a worker ends what it executes, counted from the sending of the last answered request. */
export const workerPatience = 4_000;
/** ms of silence of a worker after which the coordinator gives its leases up. Longer than the worker's, so that nothing runs twice at once. */
export const leasePatience = 5_000;
/** ms between requests of a worker that has nothing new to say. */
export const beatInterval = 1_000;

const nonce = z.string().min(16).max(64);
const leaseName = z.object({ campaign: campaignIdSchema, fence: fenceSchema });
export type LeaseName = z.infer<typeof leaseName>;

export const endedLeaseSchema = leaseName.extend({
  end: leaseEndSchema.exclude(['worker-lost', 'server-lost']),
  reason: z.string().max(2_000).optional(),
  /** ms, monotonic on the worker: how long before this request it was taken up. */
  takenUpBefore: z.number().min(0),
  verdicts: z.array(testVerdictSchema).max(100_000),
});
export type EndedLease = z.infer<typeof endedLeaseSchema>;

/** A test that has its verdict while its unit goes on: shown at once, decided by the end of its lease. */
export const earlyVerdictSchema = leaseName.extend({ verdict: testVerdictSchema });

export const workRequestSchema = z.object({
  version: z.literal(workVersion),
  environment: environmentNameSchema,
  worker: daemonNameSchema,
  epoch: epochSchema,
  bootNonce: z.string().min(8).max(64),
  nonce,
  host: z.string().max(255),
  /** All of them, and those that are free for new leases. */
  slots: z.int().min(0).max(10_000),
  free: z.int().min(0).max(10_000),
  labels: z.array(z.string().max(64)).max(100),
  adapters: z.array(adapterSchema).max(50),
  /** Packages that are prepared here: their units are had first. */
  packages: z.array(hashSchema).max(1_000),
  /** Suites that have a warm runner. */
  warm: z.array(z.string().max(64)).max(1_000),
  /** Hashes of suites that it remembers: their plans need not be told again. */
  knows: z.array(hashSchema).max(100).optional(),
  running: z.array(leaseName).max(10_000),
  /** Until the answer confirms them. */
  ended: z.array(endedLeaseSchema).max(1_000),
  early: z.array(earlyVerdictSchema).max(1_000),
  /** It goes away: nothing new, please. */
  leaving: z.boolean(),
});
export type WorkRequest = z.infer<typeof workRequestSchema>;

/** What a worker is to execute. */
export const leaseSchema = leaseName.extend({
  attempt: z.int().min(1),
  /** `list`: the tests of the suite are asked for, as a blob of listed tests; `execute`: these tests, in this order. */
  task: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('list') }),
    z.object({ kind: z.literal('execute'), tests: z.array(testIdSchema).min(1).max(100_000) }),
  ]),
  /** Hash of the suite's plan, which is in this answer or was in one before. */
  suite: hashSchema,
  server: serverNameSchema.nullable(),
  revision: z.string().max(128),
  /** Begins names that no other attempt at no other test begins: letters, digits; the same when the campaign is executed again by its id. */
  unique: z.string().regex(/^[a-z][a-z0-9]{3,31}$/),
});
export type Lease = z.infer<typeof leaseSchema>;

export const workAnswerSchema = z.object({
  version: z.literal(workVersion),
  environment: environmentNameSchema,
  worker: daemonNameSchema,
  epoch: epochSchema,
  /** That of the request. */
  nonce,
  /** Leases whose end stands in the ledger, or whose fence is over: no more is to be said of them. */
  settled: z.array(leaseName).max(10_000),
  /** Are to be ended now, with everything that came of them. */
  cancel: z.array(leaseName.extend({ reason: z.string().max(1_000) })).max(10_000),
  leases: z.array(leaseSchema).max(10_000),
  /** The suites of the leases, by the hash of their text; without those of which the worker said that it knows them. */
  suites: z.record(hashSchema, suitePlanSchema),
  servers: z.record(z.string(), serverPlanSchema.pick({ server: true, variables: true })),
});
export type WorkAnswer = z.infer<typeof workAnswerSchema>;

/** An answer as it travels; see {@link workBytes}. */
export const signedAnswerSchema = z.object({
  answer: z.string().max(4_000_000),
  key: z.string().max(128),
  signature: z.string().max(128),
});
export type SignedAnswer = z.infer<typeof signedAnswerSchema>;

/** As for orders (commands.ts): no text has the byte 0xFF, so no other signature of the same key is one under an answer. */
const workDomain = Uint8Array.of(0xff, ...new TextEncoder().encode(`testops work ${workVersion}\n`));

/** The bytes that the signature of an answer covers. */
export function workBytes(text: string): Uint8Array {
  const answer = new TextEncoder().encode(text);
  const bytes = new Uint8Array(workDomain.length + answer.length);
  bytes.set(workDomain);
  bytes.set(answer, workDomain.length);
  return bytes;
}

/** The answer as JSON with the signature of its very bytes by the key of the signer. */
export function signAnswer(answer: WorkAnswer, signer: Signer): SignedAnswer {
  const text = JSON.stringify(answer);
  return { answer: text, key: signer.publicKey, signature: toBase64Url(signer.sign(workBytes(text))) };
}

/** Whether the signature is the named key's over exactly this answer. Says nothing about what that key may do. */
export function verifyAnswer({ answer, key, signature }: SignedAnswer, verify: Verifier): boolean {
  const bytes = fromBase64Url(signature);
  return bytes?.length === 64 && verify(key, workBytes(answer), bytes);
}

// -------------------------------------------------------------------------------------------------- packages and evidence

/** Bytes of a chunk at most; base64 of it fits into a message of a router with the usual limit of 1 MiB. */
export const chunkBytes = 512 * 1024;

/** Asks for a stretch of a blob. The answer is its bytes; an empty answer with the header {@link blobProblemHeader} says why there are none. */
export const fetchRequestSchema = z.object({ hash: hashSchema, offset: z.int().min(0), length: z.int().min(1).max(chunkBytes) });
export type FetchRequest = z.infer<typeof fetchRequestSchema>;
/** Bytes of the whole blob. */
export const blobSizeHeader = 'Testops-Blob-Size';
export const blobProblemHeader = 'Testops-Blob-Problem';

/** Header of a message that brings a stretch of a blob: JSON of this. Its payload is the bytes. The answer is {@link storeAnswerSchema}. */
export const storeHeader = 'Testops-Store';
export const storeRequestSchema = z.object({ hash: hashSchema, size: z.int().min(0), offset: z.int().min(0) });
export type StoreRequest = z.infer<typeof storeRequestSchema>;
/** `have`: bytes from the start that are there; all of them: the blob is kept, or was already. */
export const storeAnswerSchema = z.object({ have: z.int().min(0), refused: z.string().max(1_000).optional() });
export type StoreAnswer = z.infer<typeof storeAnswerSchema>;
