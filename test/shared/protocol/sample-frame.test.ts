import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Epoch } from '#shared/identifiers.ts';
import { ProblemError } from '#shared/problem.ts';
import { decodeSampleFrame, encodeSampleFrame, maximumFrameValues, type SampleFrame } from '#shared/protocol/sample-frame.ts';

const seed = 20_260_131;
const epoch = fc.stringMatching(/^[0-9a-f]{16}$/).map((text) => text as Epoch);
const head = {
  epoch,
  sequence: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
  time: fc.double({ min: 0, max: 8.64e15, noNaN: true }),
};
const frames: fc.Arbitrary<SampleFrame> = fc.oneof(
  fc
    .record({ ...head, pairs: fc.array(fc.tuple(fc.integer({ min: 0, max: 0xffff_ffff }), fc.double()), { maxLength: 300 }) })
    .map(({ pairs, ...rest }) => ({
      kind: 'pairs' as const,
      ...rest,
      series: Uint32Array.from(pairs, ([series]) => series),
      values: Float64Array.from(pairs, ([, value]) => value),
    })),
  fc
    .record({ ...head, columns: fc.integer({ min: 0, max: 0xffff_ffff }), list: fc.array(fc.double(), { maxLength: 300 }) })
    .map(({ list, ...rest }) => ({ kind: 'dense' as const, ...rest, values: Float64Array.from(list) })),
);

describe('sample frame', () => {
  test('what is encoded is decoded unchanged, also from the middle of a larger buffer', () => {
    fc.assert(
      fc.property(frames, fc.integer({ min: 0, max: 9 }), (frame, offset) => {
        const bytes = encodeSampleFrame(frame);
        const padded = new Uint8Array(bytes.length + offset);
        padded.set(bytes, offset);
        expect(decodeSampleFrame(padded.subarray(offset))).toEqual(frame);
      }),
      { seed, numRuns: 500 },
    );
  });

  test('a mutated frame is decoded or refused with a problem, never anything else', () => {
    fc.assert(
      fc.property(
        frames,
        fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 8 }),
        fc.nat(),
        (frame, edits, cut) => {
          const bytes = encodeSampleFrame(frame);
          for (const [at, value] of edits) bytes[at % bytes.length] = value;
          try {
            decodeSampleFrame(bytes.subarray(0, cut % 3 === 0 ? cut % bytes.length : bytes.length));
          } catch (refusal) {
            expect(refusal).toBeInstanceOf(ProblemError);
          }
        },
      ),
      { seed, numRuns: 5_000 },
    );
  });

  test('a length that does not fit the number of values is refused', () => {
    const bytes = encodeSampleFrame({
      kind: 'dense',
      epoch: '0'.repeat(16) as Epoch,
      sequence: 1,
      time: 0,
      columns: 1,
      values: new Float64Array(3),
    });
    expect(() => decodeSampleFrame(bytes.subarray(0, bytes.length - 8))).toThrow(/length does not fit/);
  });

  test('a frame of too many values is not made', () => {
    const values = new Float64Array(maximumFrameValues + 1);
    expect(() => encodeSampleFrame({ kind: 'dense', epoch: '0'.repeat(16) as Epoch, sequence: 1, time: 0, columns: 1, values })).toThrow(
      RangeError,
    );
  });
});
