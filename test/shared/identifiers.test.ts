/** Names, and what keeps a text from being one. */
import { expect, test } from 'vitest';
import { environmentNameSchema, nameFault } from '#shared/identifiers.ts';

test.each([
  ['failover-2', null],
  ['my scenario', 'holds a space'],
  ['my\tscenario', 'holds white space'],
  ['my.scenario', 'holds “.”'],
  ['größe', 'holds “ö”'],
  ['2nd', 'starts with “2”'],
  ['', 'is empty'],
  ['a'.repeat(65), 'has 65 characters'],
])('%j: %s', (text, fault) => {
  expect(nameFault(text)).toBe(fault);
});

test('a schema of a name says what it misses', () => {
  const [issue] = environmentNameSchema.safeParse('my demo').error?.issues ?? [];
  expect(issue?.message).toMatch(/^a name starts with a letter .*; this one holds a space$/);
});
