/** Bookmarks and notes as places of a replay, and moments in words. */
import { describe, expect, test } from 'vitest';
import type { Remark } from '#shared/run/remarks.ts';
import { placeBeside, placesOf } from '../../../renderer/stores/replay/replay-remarks.ts';
import { shortText, stepText } from '../../../renderer/views/run/replay/replay-words.ts';
import { placeInStrip } from '../../../renderer/views/run/replay/strip-geometry.ts';

const said = { saidAt: 0, author: 'ann' };
const remarks: readonly Remark[] = [
  { ...said, number: 1, kind: 'bookmark', time: 300, text: 'late' },
  { ...said, number: 2, kind: 'note', time: 100, text: 'early' },
  { ...said, number: 3, kind: 'note', time: null, text: 'of the whole run' },
  { ...said, number: 4, kind: 'bookmark', time: 200, text: 'gone' },
  { ...said, number: 5, kind: 'withdrawal', remark: 4 },
  { ...said, number: 6, kind: 'decision', decision: 'accepted', text: '' },
];

describe('places', () => {
  const places = placesOf(remarks);
  test('are the bookmarks and notes about a moment that stand, by time', () => {
    expect(places.map(({ text }) => text)).toEqual(['early', 'late']);
  });
  test('are gone to from one to the next, not to the one that is shown', () => {
    expect(placeBeside(places, 0, 'next')?.text).toBe('early');
    expect(placeBeside(places, 100, 'next')?.text).toBe('late');
    expect(placeBeside(places, 300, 'previous')?.text).toBe('early');
    expect(placeBeside(places, 300, 'next')).toBeNull();
  });
});

describe('words', () => {
  test('are inert and short', () => {
    expect(shortText(`\u001b[31m${'x'.repeat(200)}`)).toMatch(/^x{79}…$/);
    expect(shortText('a\u202eb')).toMatch(/^a‹.*202E›b$/);
    expect(stepText(null)).toBe('before the first step');
  });
});

test('a time stands in the strip where its share of the run is', () => {
  expect(placeInStrip(150, { start: 100, end: 200, width: 600 })).toBe(300);
  expect(placeInStrip(150, { start: 100, end: 100, width: 600 })).toBe(0);
});
