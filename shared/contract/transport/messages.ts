/**
 * The messages in which the contract travels. Each request and each listening has an id, chosen by the console. A stream
 * sends at most as many items as the console has given it credits for, so a slow console is never flooded.
 */
import { z } from 'zod';
import { problemSchema } from '#shared/problem-schema.ts';
import type { Immutable } from '#shared/immutable.ts';

/** Most credits that a stream may hold: items that are under way to a console at one time. */
export const maximumCredits = 64;
/** Most requests and streams that one console may have open at a time. */
export const maximumOpen = 1_024;

const id = z.int().min(1);

export const toCoreSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('request'), id, method: z.string().max(64), request: z.unknown() }),
  z.object({
    kind: z.literal('listen'),
    id,
    stream: z.string().max(64),
    request: z.unknown(),
    credits: z.int().min(1).max(maximumCredits),
  }),
  z.object({ kind: z.literal('credit'), id, items: z.int().min(1).max(maximumCredits) }),
  z.object({ kind: z.literal('close'), id }),
]);
export type ToCore = z.infer<typeof toCoreSchema>;

export const fromCoreSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('response'), id, response: z.unknown() }),
  z.object({ kind: z.literal('item'), id, item: z.unknown() }),
  z.object({ kind: z.literal('end'), id }),
  /** A request or a stream that failed. */
  z.object({ kind: z.literal('failure'), id, problem: problemSchema.extend({ others: z.array(problemSchema).exactOptional() }) }),
  /** A message that was none: nothing can be answered to it by id. */
  z.object({ kind: z.literal('refused'), problem: problemSchema }),
]);
export type FromCore = Immutable<z.infer<typeof fromCoreSchema>>;
