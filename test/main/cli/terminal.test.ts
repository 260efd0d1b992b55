import { describe, expect, test } from 'vitest';
import { formatTable, inert } from '#main/cli/terminal.ts';

describe('what the terminal shows', () => {
  test('columns are as wide as their widest cell', () => {
    expect(formatTable([['A', 'B'], ['long', 'x'], ['', 'y']])).toEqual(['A     B', 'long  x', '      y']); // prettier-ignore
    expect(formatTable([['✔', 'x'], ['日本', 'y'], ['👩‍👩‍👧‍👦', 'z']])).toEqual(['✔     x', '日本  y', '👩‍👩‍👧‍👦    z']); // prettier-ignore
  });

  test('escape sequences and text that reorders are made harmless', () => {
    expect(inert('\u001b[2Jgone\u202eesrever\r\n\tkept')).toBe('\uFFFD[2Jgone\uFFFDesrever\uFFFD\n\tkept');
  });
});
