/**
 * Ed25519 with Node's own cryptography, for keys in the nkeys format. The library's JavaScript takes some twenty times
 * as long for a signature, which every command would feel.
 */
import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
/** Keys seen again and again, so that each is decoded once. */
const publicKeys = new Map<string, KeyObject>();
const maximumPublicKeys = 1_000;

function fromBase32(text: string): Buffer {
  const bytes: number[] = [];
  let bits = 0;
  let value = 0;
  for (const character of text) {
    value = ((value << 5) | alphabet.indexOf(character)) & 0xfff;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push((value >> bits) & 0xff);
  }
  return Buffer.from(bytes);
}

/** `U…`: one byte of prefix, 32 of key, two of check sum. */
function publicKeyObject(publicKey: string): KeyObject {
  const known = publicKeys.get(publicKey);
  if (known) return known;
  const x = fromBase32(publicKey).subarray(1, 33).toString('base64url');
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
  if (publicKeys.size >= maximumPublicKeys) publicKeys.clear();
  publicKeys.set(publicKey, key);
  return key;
}

/** Whether a signature is that of a public key (`U…`, known to be well formed) over these bytes. */
export function verifyEd25519(publicKey: string, bytes: Uint8Array, signature: Uint8Array): boolean {
  return verify(null, bytes, publicKeyObject(publicKey), signature);
}

/** What signs with a seed (`SU…`: two bytes of prefix, 32 of seed, two of check sum; known to be well formed). */
export function ed25519Signer(seed: string): (bytes: Uint8Array) => Uint8Array {
  const secret = fromBase32(seed).subarray(2, 34);
  // PKCS #8 of an Ed25519 key is a fixed heading and the 32 bytes.
  const key = createPrivateKey({
    key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), secret]),
    format: 'der',
    type: 'pkcs8',
  });
  return (bytes) => new Uint8Array(sign(null, bytes, key));
}
