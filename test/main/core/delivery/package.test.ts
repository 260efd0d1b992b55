/** Packages of folders, commits and archives: the same content is the same package; what would do harm is refused in a sentence. */
import { execFileSync } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { chmod, mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ZipFile } from 'yazl';
import { archiveSource } from '#main/core/delivery/archive-source.ts';
import { commitSource } from '#main/core/delivery/commit-source.ts';
import { folderSource } from '#main/core/delivery/folder-source.ts';
import { makePackage, type MadePackage, type PackageSource } from '#main/core/delivery/package.ts';
import type { BlobStore } from '#main/core/delivery/ports.ts';
import { readManifest, type PackageFile } from '#shared/campaign/package-manifest.ts';
import { onFiles, type BlobWorld } from './blob-worlds.ts';

let world: BlobWorld;
let blobs: BlobStore;
let tree: string;
beforeAll(async () => {
  world = await onFiles();
  blobs = await world.open();
  tree = path.join(world.folder, 'tree');
  await mkdir(path.join(tree, 'tests', 'deep'), { recursive: true });
  await writeFile(path.join(tree, 'run.sh'), '#!/bin/sh\n');
  await chmod(path.join(tree, 'run.sh'), 0o750);
  await writeFile(path.join(tree, 'tests', 'deep', 'test_ä.py'), 'def test(): pass\n');
  await writeFile(path.join(tree, 'tests', 'empty'), '');
  await writeFile(path.join(tree, 'Zebra'), 'z\r\n');
  await symlink('../run.sh', path.join(tree, 'tests', 'link'));
});
afterAll(() => world.end());

async function filesOf(made: MadePackage): Promise<readonly PackageFile[]> {
  const size = (await blobs.size(made.hash)) ?? 0;
  const manifest = readManifest(Buffer.from(await blobs.read(made.hash, 0, size)).toString('utf8'));
  if (typeof manifest === 'string') throw new Error(manifest);
  return manifest.files;
}

function git(...words: string[]): string {
  const user = ['-c', 'user.name=Alice', '-c', 'user.email=alice@example.com', '-c', 'core.autocrlf=false'];
  return execFileSync('git', [...user, ...words], { cwd: tree, encoding: 'utf8' }).trim();
}

async function zipOf(name: string, fill: (zip: ZipFile) => void): Promise<string> {
  const zip = new ZipFile();
  fill(zip);
  zip.end();
  const file = path.join(world.folder, name);
  await pipeline(zip.outputStream, createWriteStream(file));
  return file;
}

describe('the same content', () => {
  let fromFolder: MadePackage;
  beforeAll(async () => {
    fromFolder = await makePackage(folderSource(tree), blobs);
  });

  test('is described by a sorted manifest', async () => {
    const files = await filesOf(fromFolder);
    expect(files.map(({ path }) => path)).toEqual(['Zebra', 'run.sh', 'tests/deep/test_ä.py', 'tests/empty', 'tests/link']);
    expect(files[1]).toMatchObject({ mode: 0o755, size: 10 });
    // A link within it is a copy.
    expect(files[4]).toEqual({ ...files[1], path: 'tests/link' });
    expect(fromFolder).toMatchObject({ files: 5, bytes: 30, version: tree });
    for (const { hash, size } of files) expect(await blobs.size(hash)).toBe(size);
  });

  test('from a commit is the same package, whatever its repository is set up to do', async () => {
    git('init', '-q', '-b', 'main');
    const trap = path.join(world.folder, 'trap');
    git('config', 'filter.evil.smudge', `touch ${trap}`);
    git('add', '.');
    git('commit', '-q', '-m', 'first');
    git('tag', '-a', 'v1', '-m', 'one');
    await writeFile(path.join(tree, '.git', 'info', 'attributes'), '* filter=evil text eol=crlf export-ignore\n');
    git('config', 'core.fsmonitor', `touch ${trap}`);
    git('pack-refs', '--all');
    const commit = git('rev-parse', 'HEAD');
    for (const reference of ['HEAD', 'main', 'v1', 'refs/heads/main', commit, commit.slice(0, 12)]) {
      const source = await commitSource(tree, reference);
      expect(source.commit).toBe(commit);
      expect(await makePackage(source, blobs)).toEqual({ ...fromFolder, version: commit });
    }
    expect(await readdir(world.folder)).not.toContain('trap');
    const below = await makePackage(await commitSource(path.join(tree, 'tests', 'deep'), 'main'), blobs);
    expect((await filesOf(below)).map(({ path }) => path)).toEqual(['test_ä.py']);
    expect(below.hash).toBe((await makePackage(folderSource(path.join(tree, 'tests', 'deep')), blobs)).hash);
    await expect(commitSource(tree, 'nowhere')).rejects.toThrow('knows no commit "nowhere"');
    await expect(commitSource(tree, '--upload-pack=x')).rejects.toThrow('knows no commit');
    await expect(commitSource(world.folder, 'main')).rejects.toThrow('is in no git repository');
    await expect(makePackage(await commitSource(path.join(tree, 'tests'), 'main'), blobs)).rejects.toThrow(
      'the link "link" leads to "../run.sh"',
    );
  });

  test('from an archive is the same package', async () => {
    const file = await zipOf('same.zip', (zip) => {
      const plain = { mode: 0o100_600 };
      zip.addEmptyDirectory('tests');
      zip.addBuffer(Buffer.from(''), 'tests/empty', plain);
      zip.addBuffer(Buffer.from('../run.sh'), 'tests/link', { mode: 0o120_777 });
      zip.addBuffer(Buffer.from('def test(): pass\n'), 'tests/deep/test_ä.py', plain);
      zip.addBuffer(Buffer.from('z\r\n'), 'Zebra', plain);
      zip.addBuffer(Buffer.from('#!/bin/sh\n'), 'run.sh', { mode: 0o100_755 });
    });
    expect(await makePackage(archiveSource(file), blobs)).toEqual({ ...fromFolder, version: file });
  });
});

describe('a package is refused', () => {
  const source = (entries: readonly (readonly [string, string?])[]): PackageSource => ({
    name: 'suite.zip',
    async *entries() {
      for (const [path, link] of entries)
        yield link === undefined ? { path, executable: false, content: Buffer.from('x') } : { path, link };
    },
  });

  test.each([
    [[['../evil']], 'leads out of its folder'],
    [[['a/../../evil']], 'leads out of its folder'],
    [[['/etc/passwd']], 'is absolute'],
    [[['C:/x']], 'is absolute'],
    [[['a\\b']], 'holds characters'],
    [[['a\nb']], 'holds characters'],
    [[['.git/hooks/x']], 'belongs to a repository'],
    [[['a//b']], 'is not plain'],
    [[['x'.repeat(300)]], 'has a name that is too long'],
    [[['README'], ['readme']], 'it has README and readme, which are one on some systems'],
    [[['Lib/a'], ['lib/b']], 'it has Lib and lib, which are one on some systems'],
    [[['a'], ['a']], 'it names a path twice'],
    [[['a'], ['a/b']], 'it has a as a file and as a folder'],
    [[['l', '/etc'], ['a']], 'the link "l" leads to "/etc"'],
    [[['d/l', '../../x'], ['a']], 'the link "d/l" leads to "../../x"'],
    [[['l', 'm'], ['m', 'a'], ['a']], 'the link "l" leads to "m"'],
    [[['l', 'd/../../x'], ['d/a']], 'the link "l" leads'],
    [[['l', 'd'], ['d/a']], 'the link "l" leads to "d", which is no file of it'],
    [[['d', 'e'], ['d/x'], ['e']], 'it has d as a file and as a folder'],
  ] as const)('with %j', async (entries, sentence) => {
    await expect(makePackage(source(entries as readonly (readonly [string, string?])[]), blobs)).rejects.toThrow(sentence);
    await expect(makePackage(source(entries as readonly (readonly [string, string?])[]), blobs)).rejects.toThrow(
      /^suite\.zip cannot be made a package: .*\.$/,
    );
  });

  test('with what is no file, when it comes from a folder', async () => {
    const folder = path.join(world.folder, 'odd');
    await mkdir(folder);
    execFileSync('mkfifo', [path.join(folder, 'pipe')]);
    await expect(makePackage(folderSource(folder), blobs)).rejects.toThrow('pipe is neither a file nor a folder');
    expect(await makePackage(folderSource(folder, { without: ['pipe'] }), blobs)).toMatchObject({ files: 0 });
  });

  test('from a damaged archive, or one that unpacks to much more than it is', async () => {
    const bomb = await zipOf('bomb.zip', (zip) => zip.addBuffer(Buffer.alloc(40 * 1024 ** 2), 'zeros'));
    await expect(makePackage(archiveSource(bomb), blobs)).rejects.toThrow('zeros unpacks to more than 200 times its packed size');
    const text = path.join(world.folder, 'text.zip');
    await writeFile(text, 'no zip');
    await expect(makePackage(archiveSource(text), blobs)).rejects.toThrow('it is damaged, or no zip file');
    await expect(makePackage(archiveSource(`${text}.x`), blobs)).rejects.toThrow('is not there');
  });
});
