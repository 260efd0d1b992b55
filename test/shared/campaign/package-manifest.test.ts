/** The manifest of a package: one text for one content, and nothing that leaves its folder. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { manifestText, packagePathFault, readManifest } from '#shared/campaign/package-manifest.ts';

const file = (path: string) => ({ path, mode: 0o644, size: 3, hash: 'a'.repeat(64) });

test('the same files give the same text, in whatever order they were found', () => {
  const text = manifestText({ files: [file('b.txt'), file('a/c.txt'), file('a.txt')] });
  expect(text).toBe(manifestText({ files: [file('a.txt'), file('b.txt'), file('a/c.txt')] }));
  expect(readManifest(text)).toEqual({ files: [file('a.txt'), file('a/c.txt'), file('b.txt')] });
});

test.each(['/etc/passwd', '../x', 'a/../../x', 'a//b', './a', 'a\\b', 'C:x', 'a/', 'a\0b', '.git/hooks/x', 'a/.GIT'])(
  'the path %j is refused',
  (path) => {
    expect(readManifest(JSON.stringify({ files: [file(path)] }))).toMatch(/not a path within the package/);
  },
);

test('what is not canonical is refused: order, spaces, other keys, a path twice, a file that is a folder too', () => {
  expect(readManifest(JSON.stringify({ files: [file('b'), file('a')] }))).toBe('is not in its canonical form');
  expect(readManifest(JSON.stringify({ files: [file('a')] }, null, 1))).toBe('is not in its canonical form');
  expect(readManifest(JSON.stringify({ files: [{ ...file('a'), link: '/etc' }] }))).toBe('is not in its canonical form');
  expect(readManifest(JSON.stringify({ files: [file('a'), file('a')] }))).toBe('names a path twice');
  expect(readManifest(JSON.stringify({ files: [file('a'), file('a/b')] }))).toBe('has a as a file and as a folder');
  expect(readManifest('{')).toBe('is no JSON');
});

test.each([
  [['README', 'readme'], 'has README and readme, which are one on some systems'],
  [['Lib/a', 'lib/b'], 'has Lib and lib, which are one on some systems'],
  [['caf\u00e9', 'cafe\u0301'], 'which are one on some systems'],
])('%j is refused', (paths, sentence) => {
  expect(readManifest(manifestText({ files: paths.map(file) }))).toContain(sentence);
});

test('no path that is accepted leads out of a folder', () => {
  const part = fc.constantFrom('..', '.', '', 'a', 'b.txt', '\\', 'C:', '\0', '~', ' ');
  fc.assert(
    fc.property(fc.array(part, { maxLength: 6 }), (parts) => {
      const path = parts.join('/');
      fc.pre(packagePathFault(path) === null);
      expect(new URL(encodeURI(path), 'file:///package/').pathname).toMatch(/^\/package\/./);
    }),
    { seed: 20_261_201 },
  );
});
