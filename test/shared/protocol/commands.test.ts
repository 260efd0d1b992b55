import { describe, expect, test } from 'vitest';
import { newKey, signerFromSeed, verifier } from '#network/bus/keys.ts';
import { commandOrderSchema, signCommand, verifyCommand } from '#shared/protocol/commands.ts';

const order = commandOrderSchema.parse({
  version: 1,
  id: 'command-1',
  operator: 'alice',
  environment: 'demo',
  daemon: 'MEP',
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
});
