import { describe, expect, test } from 'vitest';
import { formatBytes, formatDuration, formatTable, inert } from '#main/cli/terminal.ts';

describe('what the terminal shows', () => {
  test.each([
    [0.2, '< 1 ms'],
    [12.4, '12 ms'],
    [3_440, '3.4 s'],
    [59_960, '1 min 00 s'],
    [125_000, '2 min 05 s'],
    [3_720_000, '1 h 02 min'],
  ])('%d ms as %s', (milliseconds, text) => expect(formatDuration(milliseconds)).toBe(text));

  test.each([
    [0, '0 B'],
    [999, '999 B'],
    [1_500, '1.5 kB'],
    [20_000_000, '20.0 MB'],
  ])('%d bytes as %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text));

  test('columns are as wide as their widest cell', () => {
    expect(formatTable([['A', 'B'], ['long', 'x'], ['', 'y']])).toEqual(['A     B', 'long  x', '      y']); // prettier-ignore
  });

  test('escape sequences and text that reorders are made harmless', () => {
    expect(inert('\u001b[2Jgone\u202eesrever\r\n\tkept')).toBe('\uFFFD[2Jgone\uFFFDesrever\uFFFD\n\tkept');
  });
});
