/** Node's Ed25519 and the nkeys library make and take the same signatures. */
import { fromPublic, fromSeed } from '@nats-io/nkeys';
import { describe, expect, test } from 'vitest';
import { newKey, signerFromSeed, verifier } from '#platform/keys.ts';

describe('signatures', () => {
  test.each(['', 'x', 'an order of some length, with ümläuts'])('over %j are those of the nkeys library', (text) => {
    const { publicKey, seed } = newKey();
    const bytes = new TextEncoder().encode(text);
    const ours = signerFromSeed(seed).sign(bytes);
    expect(Buffer.from(ours).equals(Buffer.from(fromSeed(new TextEncoder().encode(seed)).sign(bytes)))).toBe(true);
    expect(fromPublic(publicKey).verify(bytes, ours)).toBe(true);
    expect(verifier(publicKey, bytes, ours)).toBe(true);
  });

  test('that are altered, of another key or of a damaged key are not taken', () => {
    const [one, other] = [newKey(), newKey()];
    const bytes = new Uint8Array([1, 2, 3]);
    const signature = signerFromSeed(one.seed).sign(bytes);
    const altered = signature.map((byte, index) => (index === 5 ? byte ^ 1 : byte));
    expect(verifier(one.publicKey, bytes, altered)).toBe(false);
    expect(verifier(one.publicKey, new Uint8Array([1, 2, 4]), signature)).toBe(false);
    expect(verifier(other.publicKey, bytes, signature)).toBe(false);
    const damaged = one.publicKey.slice(0, 20) + (one.publicKey[20] === 'A' ? 'B' : 'A') + one.publicKey.slice(21);
    expect(verifier(damaged, bytes, signature)).toBe(false);
    expect(verifier('', bytes, signature)).toBe(false);
  });
});
