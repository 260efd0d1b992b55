/** Links in the documents lead somewhere, files that they name are there, and each page stands on one shelf. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '..', '..');
const documents = [
  ...readdirSync(root).filter((name) => name.endsWith('.md')),
  ...readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
  'resources/examples/redis-sentinel/README.md',
];

test.each(documents)('%s names only files that are there', (document) => {
  const text = readFileSync(join(root, document), 'utf8');
  const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)/g)].map((match) => match[1] ?? '');
  expect(links.filter((link) => !existsSync(join(root, dirname(document), link)))).toEqual([]);
});

/** Sources as documents name them: `main/core/core.ts`. */
const sources = /`((?:shared|platform|network|main|renderer|resources|test|tools)\/[\w./-]+)`/g;

test.each(documents)('%s names only sources that are there', (document) => {
  const named = [...readFileSync(join(root, document), 'utf8').matchAll(sources)].map(([, source = '']) => source);
  expect(named.filter((source) => !existsSync(join(root, source)))).toEqual([]);
});

test('both walks of ARCHITECTURE.md name the files that are passed', () => {
  const walks = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8')
    .split(/^### (?:A sample|A command), .*$/m)
    .slice(1);
  const passed = walks.map((walk) => new Set(walk.split('\n## ')[0]?.match(sources)));
  expect(passed.map((files) => files.size > 15)).toEqual([true, true]);
});

test('each page stands on one shelf of docs/README.md', () => {
  const shelves = readFileSync(join(root, 'docs', 'README.md'), 'utf8')
    .split(/^## /m)
    .slice(1)
    .map((shelf) => [shelf.split('\n')[0], [...shelf.matchAll(/\]\(([a-z-]+\.md)\)/g)].map(([, page]) => page)] as const);
  expect(shelves.map(([name]) => name)).toEqual(['Operate', 'Integrate', 'Understand']);
  const pages = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md') && name !== 'README.md');
  const standing = shelves.flatMap(([, names]) => names.map((name) => name ?? ''));
  expect(standing).toHaveLength(pages.length);
  expect(new Set(standing)).toEqual(new Set(pages));
});
