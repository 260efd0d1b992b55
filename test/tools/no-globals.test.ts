/** What the screens know belongs to a console, never to a module: else two consoles could not live in one page, nor two tests in one file. */
import { glob, readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';

const forbidden = [
  { what: 'a variable of the module', pattern: /^(export )?let /m },
  { what: 'a store of the module', pattern: /= create<|= create\(|^(export )?const \w+ = createStore\b/m },
  { what: 'something made or begun by the import', pattern: /^[\w.]+\(/m },
];

test('no module of the screens has a state of its own, or begins something when it is imported', async () => {
  const found: string[] = [];
  for await (const file of glob('renderer/**/*.{ts,tsx}')) {
    if (file === 'renderer/main.tsx') continue;
    const text = await readFile(file, 'utf8');
    for (const { what, pattern } of forbidden) if (pattern.test(text)) found.push(`${file} has ${what}.`);
  }
  expect(found).toEqual([]);
});
