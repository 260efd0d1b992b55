/** docs/contract.md says what the contract's schemas and their comments say; `npm run document:contract` writes it anew. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { expect, test } from 'vitest';
import { commentsIn, introduction } from '../../tools/contract-page/comments.ts';
import { contractPage } from '../../tools/contract-page/page.ts';
import { shapeOf, written } from '../../tools/contract-page/shapes.ts';

const root = join(import.meta.dirname, '..', '..');

test('the page is up to date', async () => {
  expect(readFileSync(join(root, 'docs', 'contract.md'), 'utf8'), 'write it with npm run document:contract').toBe(await contractPage(root));
});

test('comments are found by what they stand before', () => {
  const source = `/** What the file
 * is for. */
const size = /^{2}$/; // not: this one
/** A table. */
export const someMethods = {
  /** A method. */
  'some.method': {
    request: z.object({ /** A field. */ field: z.array(z.object({ /** Within. */ inner: z.int() })), plain: z.string() }),
  },
  /** Lost before a brace. */ ...{ other: 1 },
} as const;`;
  expect(introduction(source)).toBe('What the file is for.');
  expect(Object.fromEntries(commentsIn(source))).toEqual({
    size: 'What the file is for.',
    someMethods: 'A table.',
    'someMethods.some.method': 'A method.',
    'someMethods.some.method.request.field': 'A field.',
    'someMethods.some.method.request.field.inner': 'Within.',
  });
});

test('shapes are written with their limits, and with what is said of their fields', () => {
  const name = z.string().regex(/^[a-z]+$/);
  const schema = z.object({
    one: z.string().min(1).max(64),
    many: z.array(z.union([name, z.null()])).max(2_000),
    numbers: z.record(z.string(), z.number().positive()).optional(),
    choice: z.enum(['yes', 'no']).nullable(),
    within: z.object({ count: z.int().positive() }).nullable(),
  });
  const shape = shapeOf(schema, new Map([[name, 'SmallName']]), 'input');
  expect(written(shape, (path) => (path.join('.') === 'within.count' ? 'From one on.' : undefined))).toBe(
    [
      '{',
      '  one: string(1–64)',
      '  many: (SmallName | null)[–2,000]',
      '  numbers?: { [name]: number(>0–) }',
      '  choice: "yes" | "no" | null',
      '  within: {',
      '    // From one on.',
      '    count: integer(1–)',
      '  } | null',
      '}',
    ].join('\n'),
  );
});
