/** A map that forgets. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RecentMap } from '#shared/recent-map.ts';

describe('a map of recent entries', () => {
  test('keeps those that were set last; setting an entry again makes it the newest', () => {
    const map = new RecentMap<string, number>(2);
    map.set('a', 1).set('b', 2).set('a', 3).set('c', 4);
    expect([...map]).toEqual([
      ['a', 3],
      ['c', 4],
    ]);
  });

  test('is bounded by weight where entries have one, and keeps at least the newest', () => {
    const map = new RecentMap<string, number>(10, (weight) => weight);
    map.set('a', 5).set('b', 5);
    expect([...map.keys()]).toEqual(['a', 'b']);
    map.set('c', 1);
    expect([...map.keys()]).toEqual(['b', 'c']);
    map.set('d', 50);
    expect([...map.keys()]).toEqual(['d']);
    map.clear();
    map.set('e', 4).set('f', 6);
    expect([...map.keys()]).toEqual(['e', 'f']);
  });

  test('holds, whatever is done, what a plain list of the latest would', () => {
    const step = fc.tuple(fc.constantFrom('set', 'delete'), fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 9 }));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 20 }), (steps, most) => {
        const map = new RecentMap<number, number>(most, (weight) => weight);
        let list: (readonly [number, number])[] = [];
        for (const [what, key, weight] of steps) {
          list = list.filter(([each]) => each !== key);
          if (what === 'delete') map.delete(key);
          else {
            map.set(key, weight);
            list.push([key, weight]);
            while (list.length > 1 && list.reduce((sum, each) => sum + each[1], 0) > most) list.shift();
          }
          expect([...map]).toEqual(list);
        }
      }),
      { seed: 20261201, numRuns: 500 },
    );
  });
});
