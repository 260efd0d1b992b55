/** Help texts as Markdown: harmless, and without signs that nobody wrote. */
import { expect, test } from 'vitest';
import { escapedText } from '../../../renderer/views/run/editor/escaped-text.ts';

test('ordinary sentences stay as they are', () => {
  const help = 'Sends orders until stop_load. Succeeds (at once) when it runs; the rate is 1-100, or more!';
  expect(escapedText(help)).toBe(help);
});

test.each([
  ['[here](https://evil.example)', '\\[here\\](https://evil\\.example)'],
  ['www.evil.example', 'www\\.evil\\.example'],
  ['<img src=x>', '\\<img src=x\\>'],
  ['![picture][x]', '!\\[picture\\]\\[x\\]'],
  ['*bold* and _slanted_', '\\*bold\\* and \\_slanted\\_'],
  ['# a heading\n- a list\n1. another\n===', '\\# a heading\n\\- a list\n1\\. another\n\\==='],
  ['`code` | ~gone~ &amp; \\', '\\`code\\` \\| \\~gone\\~ \\&amp; \\\\'],
])('what would act does not: %s', (text, escaped) => {
  expect(escapedText(text)).toBe(escaped);
});
