/** However bytes are cut, the lines are the same; and no line can fill the memory. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutMark, LineSplitter } from '#platform/lines.ts';
import { maximumLineLength } from '#shared/protocol/observations.ts';

function split(bytes: Buffer, cuts: readonly number[]): string[] {
  const lines: string[] = [];
  const splitter = new LineSplitter();
  const ends = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  let start = 0;
  for (const end of [...ends, bytes.length]) {
    splitter.push(bytes.subarray(start, end), (line) => lines.push(line));
    start = end;
  }
  splitter.flush((line) => lines.push(line));
  return lines;
}

describe('splitting lines', () => {
  it('gives the same lines for any cutting of the bytes', () => {
    const line = fc.string({ unit: 'binary', maxLength: 30 }).map((text) => text.replaceAll(/[\n\r\0]/g, '·').toWellFormed());
    const property = fc.property(
      fc.array(line, { maxLength: 20 }),
      fc.constantFrom('\n', '\r\n'),
      fc.array(fc.nat()),
      (lines, end, cuts) => {
        expect(split(Buffer.from(lines.map((each) => each + end).join('')), cuts)).toEqual(lines);
      },
    );
    fc.assert(property, { seed: 20261120, numRuns: 500 });
  });

  it('gives the same lines for any cutting of bytes that are no UTF-8', () => {
    const property = fc.property(fc.uint8Array({ maxLength: 200 }), fc.array(fc.nat()), (bytes, cuts) => {
      const buffer = Buffer.from(bytes);
      expect(split(buffer, cuts)).toEqual(split(buffer, []));
    });
    fc.assert(property, { seed: 20261121, numRuns: 500 });
  });

  it('cuts and marks a line that is too long, drops its rest, and goes on with the next', () => {
    const text = `${'x'.repeat(1_000_000)}\nnext\n`;
    for (const step of [65_536, 1_000, 2_000_000]) {
      const cuts = Array.from({ length: Math.ceil(text.length / step) }, (_, index) => index * step);
      const lines = split(Buffer.from(text), cuts);
      expect(lines).toEqual(['x'.repeat(maximumLineLength) + cutMark, 'next']);
    }
  });

  it('holds a bounded part of an endless line', () => {
    const splitter = new LineSplitter();
    const lines: string[] = [];
    for (let count = 0; count < 1_000; count++) splitter.push(Buffer.alloc(65_536, 'y'), (line) => lines.push(line));
    expect(splitter.pending).toBeLessThanOrEqual(maximumLineLength * 3);
    expect(lines).toHaveLength(1);
  });

  it('does not cut a character in two', () => {
    const [line] = split(Buffer.from(`x${'😀'.repeat(20_000)}\n`), []);
    expect(line!.isWellFormed()).toBe(true);
    expect(line!.endsWith(cutMark)).toBe(true);
  });

  it('replaces what is no UTF-8 and leaves out NUL', () => {
    expect(split(Buffer.from([0x61, 0xff, 0x62, 0x0a, 0, 0, 0x63, 0x0a]), [])).toEqual(['a\ufffdb', 'c']);
  });

  it('keeps empty lines', () => {
    expect(split(Buffer.from('a\n\n\r\nb'), [])).toEqual(['a', '', '', 'b']);
  });
});
