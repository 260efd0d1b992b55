/** Hostile text made inert, for screens and for terminals. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { inertBlock, inertLines, inertText } from '#shared/inert-text.ts';

describe('hostile text on a screen', () => {
  test.each([
    ['\u001b[31mred\u001b[0m', 'red'],
    ['\u001b]8;;http://evil\u0007link\u001b]8;;\u0007', 'link'],
    ['\u001b]0;title\u001b\\after', 'after'],
    ['\u009b2Jgone?', 'gone?'],
    ['a\u202Eb', 'a‹U+202E›b'],
    ['bell\u0007', 'bell␇'],
    ['zero\u200Bwidth', 'zero‹U+200B›width'],
    ['one\ntwo\r\nthree\r\n', 'one⏎ two⏎ three'],
    ['arabic\u061Cmark', 'arabic‹U+061C›mark'],
    ['half \ud800', 'half ‹U+D800›'],
    ['tag\u{e0041}', 'tag‹U+E0041›'],
    ['<img src=x onerror=alert(1)>', '<img src=x onerror=alert(1)>'],
    ['plain text, größer ≥ 中文 🙂', 'plain text, größer ≥ 中文 🙂'],
  ])('%j is shown as %j', (text, shown) => expect(inertText(text)).toBe(shown));

  test('never leaves anything that cannot be seen, and changes nothing that it has changed already', () => {
    const nasty = fc.string({
      unit: fc.oneof(
        fc.constantFrom('\u001b', '[', ']', '3', 'm', '\u202e', '\u2066', '\u0000', '\u0007', '\u009b', '\\', '\n'),
        fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
      ),
    });
    fc.assert(
      fc.property(nasty, (text) => {
        const shown = inertText(text);
        // eslint-disable-next-line no-control-regex
        expect(shown).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u202a-\u202e\u2066-\u2069]/);
        expect(inertText(shown)).toBe(shown);
      }),
      { seed: 20_261_123, numRuns: 500 },
    );
  });

  test('of enormous length is dealt with in reasonable time', () => {
    expect(inertText('\u001b]'.repeat(200_000)).length).toBeLessThan(1_000_000);
    expect(inertText(`${'\u001b['.repeat(100_000)}x`)).toBeDefined();
  });
});

describe('hostile text in a terminal', () => {
  test.each([
    ['\u001b[2Jgone\u202eesrever\r\n\tkept', '\uFFFD[2Jgone\uFFFDesrever\uFFFD\n\tkept'],
    ['\u061Cmark \u2066isolate\u2069', '\uFFFDmark \uFFFDisolate\uFFFD'],
    ['half \udc00, größer ≥ 中文 🙂', 'half \uFFFD, größer ≥ 中文 🙂'],
  ])('%j becomes %j', (text, shown) => expect(inertLines(text)).toBe(shown));

  test('keeps its length in characters, and nothing that acts', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const shown = inertLines(text);
        expect(Array.from(shown).length).toBe(Array.from(text).length);
        // eslint-disable-next-line no-control-regex
        expect(shown).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/);
        expect(inertLines(shown)).toBe(shown);
      }),
      { seed: 20_261_126, numRuns: 500 },
    );
  });
});

test('a block keeps its lines, and nothing in it acts', () => {
  expect(inertBlock('one\r\n\u001b[31mtwo\u001b[0m\n\tthree\u202e\n')).toBe('one\ntwo\n    three‹U+202E›\n');
});
