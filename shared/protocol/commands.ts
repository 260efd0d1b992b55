/**
 * Signed commands. An operator's key signs the exact bytes of an order; the daemon checks the signature, that the
 * order is for it, for its present start (boot nonce), not expired and not seen before, and then its own policy.
 * The router can delay or lose an order; it cannot make or change one.
 */
import { z } from 'zod';
import { commandIdSchema, daemonNameSchema, environmentNameSchema, epochSchema } from '#shared/identifiers.ts';
import { commandOutcomeSchema } from '#shared/protocol/observations.ts';

/**
 * Version of the orders made and taken here. Those of version 1 were signed as their bare text, which a router that
 * chose it as its nonce could have had signed by a client of then; no daemon takes them any more.
 */
export const orderVersion = 2;

export const commandOrderSchema = z.object({
  version: z.literal(orderVersion),
  id: commandIdSchema,
  operator: z.string().min(1).max(64),
  environment: environmentNameSchema,
  daemon: daemonNameSchema,
  /** The start of the daemon that it is for, as all know it; and the same start's boot nonce, from its catalogue. */
  epoch: epochSchema,
  bootNonce: z.string().min(8).max(64),
  /** Random per console session; sequences count up within it. */
  session: z.string().min(8).max(64),
  sequence: z.int().min(1),
  /** ms since 1970 in the daemon's clock, as the sender estimates it from the daemon's presence. */
  issuedAt: z.number(),
  /** ms */
  timeToLive: z.number().positive().max(300_000),
  order: z.discriminatedUnion('kind', [
    /** `action` is a configured action, or a component command (`kill`) whose first arguments are as a scenario writes them. */
    z.object({ kind: z.literal('execute'), action: z.string().min(1).max(64), arguments: z.array(z.string().max(4_096)).max(64) }),
    /** Ends a running command and all its descendants. */
    z.object({ kind: z.literal('cancel'), command: commandIdSchema }),
  ]),
});
export type CommandOrder = z.infer<typeof commandOrderSchema>;

export const signedCommandSchema = z.object({
  /** The order as JSON; the signature covers exactly this text, as {@link orderBytes} has it. */
  order: z.string().max(400_000),
  /** Public nkey of the operator (`U…`). */
  key: z.string().max(128),
  /** Ed25519 signature, base64url. */
  signature: z.string().max(128),
});
export type SignedCommand = z.infer<typeof signedCommandSchema>;

export const refusalCodeSchema = z.enum([
  'unsigned',
  'unknown-key',
  'bad-signature',
  'malformed',
  'misdirected',
  'stale-boot',
  'expired',
  'replayed',
  'not-allowed',
  'unknown-action',
  'bad-arguments',
  'busy',
]);
export type RefusalCode = z.infer<typeof refusalCodeSchema>;

/** Answers on the reply subject of a command: `accepted` or `refused` at once, `finished` at the end. Output goes through the event stream only. */
export const commandReplySchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('accepted'), command: commandIdSchema }),
  z.object({
    kind: z.literal('refused'),
    command: z.string().max(64),
    code: refusalCodeSchema,
    reason: z.string().max(1_000),
    /** The start of a daemon that refuses. Where it is not the one that the order is for, the order may still be carried out. */
    epoch: epochSchema.optional(),
    /** Whether it took the state over from the start that the order is for, which is over then. */
    succeeds: z.boolean().optional(),
  }),
  z.object({ kind: z.literal('finished'), command: commandIdSchema, outcome: commandOutcomeSchema }),
]);
export type CommandReply = z.infer<typeof commandReplySchema>;

/** Signs and verifies; implemented with nkeys on the Node side, injected here so that this stays pure. */
export interface Signer {
  readonly publicKey: string;
  sign(bytes: Uint8Array): Uint8Array;
}
export type Verifier = (publicKey: string, bytes: Uint8Array, signature: Uint8Array) => boolean;

/** Without padding. */
export function toBase64Url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '');
}

/** undefined: it is none. */
export function fromBase64Url(text: string): Uint8Array | undefined {
  if (!/^[A-Za-z0-9_-]*$/.test(text) || text.length % 4 === 1) return undefined;
  return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (character) => character.charCodeAt(0));
}

/**
 * Stands before every order in what is signed, so that no other signature of the same key is one under an order. The
 * key also signs nonces that the router chooses. They reach a client as JSON, so as text; no text in UTF-8 has the byte
 * 0xFF, which keeps also those clients from signing an order that sign any nonce, as other people's tools do.
 */
const orderDomain = Uint8Array.of(0xff, ...new TextEncoder().encode(`testops order ${orderVersion}\n`));

/** The bytes that the signature of an order covers. */
export function orderBytes(text: string): Uint8Array {
  const order = new TextEncoder().encode(text);
  const bytes = new Uint8Array(orderDomain.length + order.length);
  bytes.set(orderDomain);
  bytes.set(order, orderDomain.length);
  return bytes;
}

/** The version that a text claims to be an order of; undefined where it names none. */
export function claimedOrderVersion(text: string): number | undefined {
  try {
    return z.object({ version: z.int() }).safeParse(JSON.parse(text)).data?.version;
  } catch {
    return undefined;
  }
}

/** The order as JSON with the signature of its very bytes by the key of the signer. */
export function signCommand(order: CommandOrder, signer: Signer): SignedCommand {
  const text = JSON.stringify(order);
  return { order: text, key: signer.publicKey, signature: toBase64Url(signer.sign(orderBytes(text))) };
}

/** Whether the signature is the named key's over exactly this order. Says nothing about what that key may do. */
export function verifyCommand(command: SignedCommand, verify: Verifier): boolean {
  const signature = fromBase64Url(command.signature);
  if (signature?.length !== 64) return false;
  return verify(command.key, orderBytes(command.order), signature);
}
