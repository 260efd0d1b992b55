/** Manifests that a worker reads: none leads out of its folder, whatever stands in it. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  linkTarget,
  manifestFormat,
  manifestText,
  packagePathFault,
  readManifest,
  type PackageEntry,
} from '#shared/delivery/package-manifest.ts';

const hash = 'ab'.repeat(32);
const file = (path: string): PackageEntry => ({ path, mode: 0o644, size: 1, hash });
const text = (entries: readonly unknown[]): string => JSON.stringify({ format: manifestFormat, entries });

describe('a manifest', () => {
  test('reads as it was written, whatever the order of its files was', () => {
    const entries = [file('b'), file('a/c'), { path: 'a/l', link: '../b' }, file('B2')];
    expect(manifestText(entries)).toBe(manifestText(entries.toReversed()));
    expect(readManifest(manifestText(entries)).entries.map(({ path }) => path)).toEqual(['B2', 'a/c', 'a/l', 'b']);
  });

  test.each([
    ['{', 'is not JSON'],
    ['{}', 'is damaged'],
    [text([{ ...file('a'), mode: 0o4755 }]), 'is damaged'],
    [text([{ ...file('a'), hash: 'x' }]), 'is damaged'],
    [text([file('b'), file('a')]), 'is there twice, or in the wrong place'],
    [text([file('../a')]), 'leads out of its folder'],
    [text([{ path: 'l', link: '..' }]), 'the link "l" leads to'],
  ])('%s is refused', (given, sentence) => expect(() => readManifest(given)).toThrow(sentence));

  test('no path that is accepted leads out of a folder', () => {
    const part = fc.constantFrom('..', '.', '', 'a', 'b.txt', '\\', 'C:', '\0', '~', ' ');
    fc.assert(
      fc.property(fc.array(part, { maxLength: 6 }), (parts) => {
        const path = parts.join('/');
        fc.pre(packagePathFault(path) === null);
        const { pathname } = new URL(encodeURI(path), 'file:///package/');
        expect(pathname.startsWith('/package/')).toBe(true);
      }),
      { seed: 20_261_201 },
    );
  });

  test('no link that is followed leads out of a folder', () => {
    const part = fc.constantFrom('..', '.', '', 'a', 'b');
    fc.assert(
      fc.property(fc.array(part, { maxLength: 6 }), fc.nat(3), (parts, depth) => {
        const path = `${'d/'.repeat(depth)}link`;
        const target = linkTarget(path, parts.join('/'));
        fc.pre(target !== null);
        const depths = parts.reduce<number[]>(
          (all, part) => [...all, (all.at(-1) ?? depth) + (part === '..' ? -1 : part === '' ? 0 : 1)],
          [],
        );
        expect(Math.min(0, ...depths)).toBe(0);
        expect(packagePathFault(target ?? '')).toBeNull();
      }),
      { seed: 20_261_201 },
    );
  });
});
