/**
 * How a key proves to a router whose it is: by a signature under the router's nonce. The same key may sign orders, and the
 * router chooses the nonce; so nothing is signed that has not the form of a nonce. No order has it (see `orderBytes`).
 */
import type { Authenticator } from '@nats-io/nats-core';
import { ProblemError } from '#shared/problem.ts';
import { signerFromSeed } from '#platform/keys.ts';

/**
 * A nonce: base64url of random bytes. The embedded router draws 16 bytes, which are 22 characters; a nats-server draws 11,
 * which are 15, so that is the least.
 */
export const nonceForm = /^[A-Za-z0-9_-]{15,64}$/;

/** Throws a {@link ProblemError} for what a router must not be given a signature for. Without a nonce none is asked for. */
export function checkNonce(nonce: unknown, router: string): string | undefined {
  if (nonce === undefined) return undefined;
  if (typeof nonce === 'string' && nonceForm.test(nonce)) return nonce;
  throw new ProblemError({
    code: 'router-nonce',
    message: `The router at ${router} wants a signature under something that is no nonce; nothing was signed.`,
    tip: 'It may have been taken over, or somebody stands between. Look into it before you connect again; use tls:// or wss://.',
  });
}

/** What answers a router's nonce with the signature of a seed's key. */
export function loginAuthenticator(seed: string, router: string): Authenticator {
  const signer = signerFromSeed(seed);
  return (nonce) => {
    const checked = checkNonce(nonce, router);
    const signature = checked === undefined ? '' : Buffer.from(signer.sign(Buffer.from(checked))).toString('base64url');
    return { nkey: signer.publicKey, sig: signature };
  };
}
