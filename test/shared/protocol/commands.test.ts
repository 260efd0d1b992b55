import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { newKey, signerFromSeed, verifier } from '#platform/keys.ts';
import { nonceForm } from '#network/bus/login.ts';
import { commandOrderSchema, orderBytes, orderVersion, signCommand, verifyCommand } from '#shared/protocol/commands.ts';

const order = commandOrderSchema.parse({
  version: orderVersion,
  id: 'command-1',
  operator: 'alice',
  environment: 'demo',
  daemon: 'MEP',
  epoch: '019aa3b1c2d41f08',
  bootNonce: 'nonce-123',
  session: 'session-1',
  sequence: 1,
  issuedAt: 1_700_000_000_000,
  timeToLive: 10_000,
  order: { kind: 'execute', action: 'kill', arguments: ['-9', 'MatchingEnginePrimary'] },
});

describe('signed commands', () => {
  const signer = signerFromSeed(newKey().seed);

  test('a signed order verifies with its key', () => {
    expect(verifyCommand(signCommand(order, signer), verifier)).toBe(true);
  });

  test('an altered order, another key and a damaged signature do not verify', () => {
    const signed = signCommand(order, signer);
    expect(verifyCommand({ ...signed, order: signed.order.replace('Primary', 'Secondary') }, verifier)).toBe(false);
    expect(verifyCommand({ ...signed, key: newKey().publicKey }, verifier)).toBe(false);
    const first = signed.signature.startsWith('A') ? 'B' : 'A';
    expect(verifyCommand({ ...signed, signature: first + signed.signature.slice(1) }, verifier)).toBe(false);
    for (const signature of ['', 'AAAA', '!', signed.signature.slice(1)])
      expect(verifyCommand({ ...signed, signature }, verifier)).toBe(false);
    expect(verifyCommand({ ...signed, key: 'not a key' }, verifier)).toBe(false);
  });

  const nonce = fc.oneof(fc.stringMatching(nonceForm), fc.string({ unit: 'binary' }), fc.json());
  const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

  test('no nonce, and no text at all, is what is signed of an order', () => {
    fc.assert(
      fc.property(nonce, fc.oneof(fc.json(), fc.stringMatching(nonceForm), fc.constant('')), (asked, text) => {
        expect(Buffer.from(bytesOf(asked)).equals(Buffer.from(orderBytes(text)))).toBe(false);
        // Whatever a client turns into text again is another one.
        expect(bytesOf(new TextDecoder().decode(orderBytes(text)))).not.toEqual(orderBytes(text));
      }),
      { numRuns: 2_000, seed: 20261201 },
    );
  });

  test('a signature under any nonce is none under any order made of it', () => {
    fc.assert(
      fc.property(nonce, (asked) => {
        const signature = Buffer.from(signer.sign(bytesOf(asked))).toString('base64url');
        for (const text of [asked, asked.slice(1), asked.split('\n').slice(1).join('\n'), ''])
          expect(verifyCommand({ order: text, key: signer.publicKey, signature }, verifier)).toBe(false);
      }),
      { numRuns: 300, seed: 20261201 },
    );
  });

  test('what is signed of two orders is the same only where the orders are', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (one, other) => {
        expect(Buffer.from(orderBytes(one)).equals(Buffer.from(orderBytes(other)))).toBe(one === other);
      }),
      { seed: 20261201 },
    );
  });
});
