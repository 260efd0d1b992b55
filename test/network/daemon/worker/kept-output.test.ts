/** Output within a bound: its first part and its last, whatever the pieces in which it came. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { KeptOutput } from '#network/daemon/worker/kept-output.ts';

test('what fits is kept as it is', () => {
  const output = new KeptOutput(100);
  for (const piece of ['a', 'b'.repeat(60), 'c'.repeat(39)]) output.add(Buffer.from(piece));
  expect(output.bytes().toString()).toBe(`a${'b'.repeat(60)}${'c'.repeat(39)}`);
  expect(output.isCut).toBe(false);
});

test('of more, the first and the last part, and how much is missing', () => {
  const output = new KeptOutput(20);
  output.add(Buffer.from('0123456789'));
  output.add(Buffer.from('x'.repeat(1_000)));
  output.add(Buffer.from('abcdefghij'));
  expect(output.bytes().toString()).toBe('0123456789\n… [1 kB of output are left out here] …\nabcdefghij');
  expect(output.whole).toBe(1_020);
});

test('whatever the pieces: the bound holds, and both ends are true', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 50 })), fc.integer({ min: 2, max: 60 }), (pieces, limit) => {
      const all = Buffer.concat(pieces);
      const output = new KeptOutput(limit);
      for (const piece of pieces) output.add(Buffer.from(piece));
      const kept = output.bytes();
      if (all.length <= limit) return kept.equals(all);
      const half = Math.floor(limit / 2);
      const [head, tail] = [all.subarray(0, half), all.subarray(all.length - (limit - half))];
      return kept.subarray(0, half).equals(head) && kept.subarray(kept.length - tail.length).equals(tail);
    }),
    { seed: 7 },
  );
});
