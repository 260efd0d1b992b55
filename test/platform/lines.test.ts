/** However bytes are cut, the lines are the same; and no line can fill the memory. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cutLine, cutMark, LineSplitter, type LineOptions } from '#platform/lines.ts';
import { maximumLineLength } from '#shared/protocol/observations.ts';

function split(bytes: Buffer, cuts: readonly number[], options: LineOptions = {}): string[] {
  const lines: string[] = [];
  const splitter = new LineSplitter(options);
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
  test('gives the same lines for any cutting of the bytes', () => {
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

  test('gives the same lines for any cutting of bytes that are no UTF-8', () => {
    const property = fc.property(fc.uint8Array({ maxLength: 200 }), fc.array(fc.nat()), (bytes, cuts) => {
      const buffer = Buffer.from(bytes);
      expect(split(buffer, cuts)).toEqual(split(buffer, []));
    });
    fc.assert(property, { seed: 20261121, numRuns: 500 });
  });

  test('cuts and marks a line that is too long, drops its rest, and goes on with the next', () => {
    const text = `${'x'.repeat(1_000_000)}\nnext\n`;
    for (const step of [65_536, 1_000, 2_000_000]) {
      const cuts = Array.from({ length: Math.ceil(text.length / step) }, (_, index) => index * step);
      const lines = split(Buffer.from(text), cuts);
      expect(lines).toEqual(['x'.repeat(maximumLineLength) + cutMark, 'next']);
    }
  });

  test('holds a bounded part of an endless line', () => {
    const splitter = new LineSplitter();
    const lines: string[] = [];
    for (let count = 0; count < 1_000; count++) splitter.push(Buffer.alloc(65_536, 'y'), (line) => lines.push(line));
    expect(splitter.pending).toBeLessThanOrEqual(maximumLineLength * 3);
    expect(lines).toHaveLength(1);
  });

  test('does not cut a character in two', () => {
    const [line] = split(Buffer.from(`x${'😀'.repeat(20_000)}\n`), []);
    expect(line!.isWellFormed()).toBe(true);
    expect(line!.endsWith(cutMark)).toBe(true);
  });

  test('replaces what is no UTF-8, and leaves out NUL where that is asked for', () => {
    const bytes = Buffer.from([0x61, 0xff, 0x62, 0x0a, 0, 0, 0x63, 0x0a]);
    expect(split(bytes, [], { withoutNul: true })).toEqual(['a\ufffdb', 'c']);
    expect(split(bytes, [])).toEqual(['a\ufffdb', '\0\0c']);
  });

  test('tells the same as cutting the whole text, with any bound', () => {
    const text = fc.string({ unit: fc.constantFrom('x', 'é', '€', '😀', '\r', '\n'), maxLength: 60 });
    const property = fc.property(text, fc.integer({ min: 1, max: 8 }), fc.array(fc.nat()), (whole, longest, cuts) => {
      const lines = whole.split('\n');
      // What stands after the last line feed is a line only if something stands there.
      if (lines.at(-1) === '') lines.pop();
      const wanted = lines.map((line) => cutLine(line.replace(/\r$/, ''), longest));
      expect(split(Buffer.from(whole), cuts, { longest })).toEqual(wanted);
    });
    fc.assert(property, { seed: 20261122, numRuns: 2_000 });
  });

  test('says of each line whether it was cut', () => {
    const told: [string, boolean][] = [];
    const splitter = new LineSplitter({ longest: 3 });
    for (const byte of Buffer.from('abc\r\nabcd\n€€€€\nab')) splitter.push(Buffer.from([byte]), (...line) => told.push(line));
    splitter.flush((...line) => told.push(line));
    expect(told).toEqual([
      ['abc', false],
      [`abc${cutMark}`, true],
      [`€€€${cutMark}`, true],
      ['ab', false],
    ]);
  });

  test('starts within a line that is dropped, when told so', () => {
    expect(split(Buffer.from('rest\nnext\n'), [2], { skipping: true })).toEqual(['next']);
  });

  test('puts characters together that come byte by byte', () => {
    const bytes = Buffer.from(`é€𝄞\r\n\n${'x'.repeat(20_000)}\nend`);
    const lines = split(bytes, [...bytes.keys()]);
    expect(lines).toEqual(['é€𝄞', '', 'x'.repeat(maximumLineLength) + cutMark, 'end']);
  });

  test('keeps empty lines', () => {
    expect(split(Buffer.from('a\n\n\r\nb'), [])).toEqual(['a', '', '', 'b']);
  });
});
