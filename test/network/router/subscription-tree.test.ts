/** Matching of subjects: the tree agrees with a plain reading of the rules, whatever was added and removed before. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { covers, hasWildcard, isLiteralSubject, isValidPattern } from '#network/router/subject-matching.ts';
import { SubscriptionTree } from '#network/router/subscription-tree.ts';

const seed = 20_261_120;

interface Member {
  readonly pattern: string;
  readonly queue: string | undefined;
}

const token = fc.constantFrom('a', 'b', 'c', 'a*', 'x>');
const subject = fc.array(token, { minLength: 1, maxLength: 4 }).map((tokens) => tokens.join('.'));
const pattern = fc
  .tuple(fc.array(fc.oneof(token, fc.constant('*')), { minLength: 1, maxLength: 4 }), fc.boolean())
  .map(([tokens, open]) => [...tokens, ...(open ? ['>'] : [])].join('.'));
const member: fc.Arbitrary<Member> = fc.record({ pattern, queue: fc.constantFrom(undefined, 'q', 'r') });

/** The rules as a regular expression. */
function matches(each: string, literal: string): boolean {
  const parts = each.split('.').map((part) => (part === '*' ? '[^.]+' : part === '>' ? '.+' : part.replace('*', '\\*')));
  return new RegExp(`^${parts.join('\\.')}$`).test(literal);
}

describe('subjects', () => {
  test('find their subscribers, also while these come and go', () => {
    const change = fc.oneof(
      member.map((value) => ({ kind: 'add' as const, value })),
      fc.nat(30).map((index) => ({ kind: 'remove' as const, index })),
      subject.map((value) => ({ kind: 'ask' as const, value })),
    );
    fc.assert(
      fc.property(fc.array(change, { maxLength: 60 }), (changes) => {
        const tree = new SubscriptionTree<Member>();
        const present: Member[] = [];
        for (const each of changes) {
          if (each.kind === 'add') {
            tree.add(each.value);
            present.push(each.value);
          } else if (each.kind === 'remove') {
            const [gone] = present.splice(each.index, 1);
            if (gone) tree.remove(gone);
          } else {
            const found = tree.match(each.value);
            const all = new Set([...found.plain, ...found.groups.flat()]);
            expect(all).toEqual(new Set(present.filter((one) => matches(one.pattern, each.value))));
            for (const group of found.groups) expect(new Set(group.map(({ queue }) => queue)).size).toBe(1);
          }
          expect(tree.size).toBe(present.length);
        }
      }),
      { seed, numRuns: 1_000 },
    );
  });

  test('are covered by a pattern exactly when every subject of the inner one matches the outer one', () => {
    fc.assert(
      fc.property(pattern, pattern, subject, (outer, inner, literal) => {
        const covered = covers(outer.split('.'), inner.split('.'));
        expect(covered && matches(inner, literal) && !matches(outer, literal)).toBe(false);
        expect(hasWildcard(inner) || covered === matches(outer, inner)).toBe(true);
      }),
      { seed, numRuns: 2_000 },
    );
  });

  test.each([
    ['a.*', 'a.>', false],
    ['a.>', 'a.*', true],
    ['a.>', 'a', false],
    ['>', '>', true],
    ['*', '>', false],
    ['a.*.c', 'a.*.c', true],
    ['a.b', 'a.*', false],
  ])('%s covers %s: %s', (outer, inner, expected) => {
    expect(covers(outer.split('.'), inner.split('.'))).toBe(expected);
  });

  test('are told from what is none', () => {
    for (const sound of ['a', 'a.b', 'a.*', '>', 'a.>', 'ä.b', 'a*', '_INBOX_x.y']) expect(isValidPattern(sound)).toBe(true);
    for (const broken of ['', '.', 'a.', '.a', 'a..b', 'a.>.b', 'a b', 'a\tb', 'a\0']) expect(isValidPattern(broken)).toBe(false);
    expect([isLiteralSubject('a.b'), isLiteralSubject('a.*'), isLiteralSubject('a*.b')]).toEqual([true, false, true]);
  });

  test('that are published with wildcards reach only those who asked with wildcards', () => {
    const tree = new SubscriptionTree<Member>();
    for (const each of ['a.*', 'a.b', 'a.>']) tree.add({ pattern: each, queue: undefined });
    expect(tree.match('a.*').plain.map((one) => one.pattern)).toEqual(['a.>', 'a.*']);
    expect(tree.match('a.').plain).toEqual([]);
  });
});
