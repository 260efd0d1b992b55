/** Workspaces through the contract, on real folders: files, hostile paths, changes by others, drafts and layouts. */
import { execFileSync } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, stat, symlink, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { collect, openConsole, type Opened } from '../open-console.ts';
import { isVisible, kindOf, placeIn } from '#main/core/workspace/paths.ts';

let opened: Opened;
let folder: string;

beforeEach(async () => {
  opened = await openConsole();
  folder = opened.workspace;
});
afterEach(() => opened.owned.dispose());

const write = (path: string, text: string, expectedHash: string | null) =>
  opened.console.request('file.write', { folder, path, text, expectedHash });
const read = (path: string) => opened.console.request('file.read', { folder, path });
const problem = (code: string) => ({ problem: { code } });

describe('a workspace', () => {
  test('is looked at: its files by kind, its environments, its commit, and it is remembered', async () => {
    await mkdir(join(folder, 'scenarios'));
    await mkdir(join(folder, 'daemons'));
    await mkdir(join(folder, 'node_modules'));
    await mkdir(join(folder, 'keys'));
    await writeFile(join(folder, 'scenarios', 'a.scn'), 'echo a\n');
    await writeFile(join(folder, 'daemons', 'D.yaml'), 'x: 1\n');
    await writeFile(join(folder, 'node_modules', 'b.scn'), '');
    await writeFile(join(folder, 'keys', 'alice.seed'), 'SU');
    await writeFile(join(folder, 'bob.seed'), 'SU');
    await writeFile(join(folder, 'environment.yaml'), 'environment: TEST\nrouter: nats://127.0.0.1:1\noperator: { name: a, key: k }\n');
    await writeFile(join(folder, 'environment.broken.yaml'), ':');
    execFileSync('git', ['init', '-q', folder]);
    const { files } = await opened.console.request('workspace.files', { folder });
    expect(files.map(({ path, kind }) => `${kind} ${path}`)).toEqual([
      'daemon daemons/D.yaml',
      'environment environment.broken.yaml',
      'environment environment.yaml',
      'scenario scenarios/a.scn',
    ]);
    const looked = await opened.console.request('workspace.open', { folder });
    expect(looked).toEqual({
      folder,
      name: 'workspace',
      commit: null,
      environments: [
        { file: join(folder, 'environment.broken.yaml'), name: 'environment.broken.yaml' },
        { file: join(folder, 'environment.yaml'), name: 'TEST' },
      ],
      trusted: true,
    });
    expect(await opened.console.request('workspace.recent', {})).toEqual({ folders: [folder] });
    for (const none of [join(folder, 'none'), join(folder, 'environment.yaml'), '.', 'scenarios']) {
      await expect(opened.console.request('workspace.open', { folder: none })).rejects.toMatchObject(problem('no-workspace'));
    }
  });

  test('a text is written whole, and only over what the writer has read', async () => {
    const first = await write('scenarios/new/a.scn', 'echo 1\n', null);
    expect(await read('scenarios/new/a.scn')).toMatchObject({ text: 'echo 1\n', hash: first.hash });
    await expect(write('scenarios/new/a.scn', 'echo 2\n', null)).rejects.toMatchObject(problem('file-changed'));
    const second = await write('scenarios/new/a.scn', 'echo 2\n', first.hash);
    await writeFile(join(folder, 'scenarios/new/a.scn'), 'echo by somebody else\n');
    await expect(write('scenarios/new/a.scn', 'echo 3\n', second.hash)).rejects.toMatchObject({
      problem: { code: 'file-changed', tip: expect.stringContaining('Read it again') as string },
    });
    expect((await read('scenarios/new/a.scn')).text).toBe('echo by somebody else\n');
    expect(await readdir(join(folder, 'scenarios/new'))).toEqual(['a.scn']);
  });

  test('of two that write at once, one is refused', async () => {
    const { hash } = await write('a.scn', 'echo 0\n', null);
    const both = await Promise.allSettled([write('a.scn', 'echo 1\n', hash), write('a.scn', 'echo 2\n', hash)]);
    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    const created = await Promise.allSettled([write('b.scn', 'echo 1\n', null), write('b.scn', 'echo 2\n', null)]);
    expect(created.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  });

  test('permissions stay, renaming takes no other file’s place, deleting needs what was read', async () => {
    const { hash } = await write('plugins/a.mjs', '1', null);
    await chmod(join(folder, 'plugins/a.mjs'), 0o755);
    const next = await write('plugins/a.mjs', '2', hash);
    expect((await stat(join(folder, 'plugins/a.mjs'))).mode & 0o777).toBe(0o755);
    await write('plugins/b.mjs', '3', null);
    await expect(opened.console.request('file.rename', { folder, path: 'plugins/a.mjs', to: 'plugins/b.mjs' })).rejects.toMatchObject(
      problem('file-exists'),
    );
    await opened.console.request('file.rename', { folder, path: 'plugins/a.mjs', to: 'c/a.mjs' });
    await expect(opened.console.request('file.delete', { folder, path: 'c/a.mjs', expectedHash: hash })).rejects.toMatchObject(
      problem('file-changed'),
    );
    await opened.console.request('file.delete', { folder, path: 'c/a.mjs', expectedHash: next.hash });
    await expect(read('c/a.mjs')).rejects.toMatchObject(problem('missing-file'));
  });

  test('what is no text, and what is too long, is one sentence', async () => {
    await writeFile(join(folder, 'picture.png'), Uint8Array.from([0xff, 0xd8, 0, 1]));
    await expect(read('picture.png')).rejects.toMatchObject(problem('not-a-text'));
    await writeFile(join(folder, 'long.txt'), Buffer.alloc(4_000_001, 'a'));
    await expect(read('long.txt')).rejects.toMatchObject(problem('too-long'));
    await mkdir(join(folder, 'folder'));
    await expect(read('folder')).rejects.toMatchObject({ problem: { message: expect.stringContaining('folder') as string } });
  });
});

describe('nothing leads out of a workspace', () => {
  test('neither a link to a file, nor to a folder, nor to nothing', async () => {
    await writeFile(join(opened.folder, 'secret.txt'), 'secret');
    await symlink(join(opened.folder, 'secret.txt'), join(folder, 'link.txt'));
    await symlink(opened.folder, join(folder, 'up'));
    await symlink(join(opened.folder, 'absent.txt'), join(folder, 'dangling.txt'));
    for (const path of ['link.txt', 'up/secret.txt', 'up/made.txt', 'dangling.txt']) {
      await expect(read(path)).rejects.toMatchObject(problem('outside-workspace'));
      await expect(write(path, 'x', null)).rejects.toMatchObject(problem('outside-workspace'));
    }
    expect((await opened.console.request('workspace.files', { folder })).files).toEqual([]);
    expect((await readdir(opened.folder)).toSorted()).toEqual(['archive', 'home', 'secret.txt', 'workspace']);
  });

  test('a link to what is hidden shows it no more than its own name does', async () => {
    await mkdir(join(folder, '.git'));
    await writeFile(join(folder, '.git', 'config'), 'x');
    await symlink(join(folder, '.git'), join(folder, 'repository'));
    for (const path of ['.git/config', '.GIT/config', 'repository/config', 'keys/a.seed', 'A.SEED', 'logs/x.log']) {
      await expect(read(path)).rejects.toMatchObject(problem('hidden-file'));
    }
    await expect(write('.git/hooks/pre-commit', '#!/bin/sh', null)).rejects.toMatchObject(problem('hidden-file'));
  });

  test('whatever path is asked for', async () => {
    const part = fc.constantFrom('..', '.', '', 'a', 'up', '/', '\\', '\0', '.git', 'link', '%2e%2e', '…');
    await symlink(opened.folder, join(folder, 'up'));
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 6 }), async (parts) => {
        const path = parts.join('/');
        const place = await placeIn(folder, path).catch(() => null);
        if (place) expect(place.file.startsWith(`${folder}/`)).toBe(true);
        await expect(read(path)).rejects.toMatchObject({ problem: { code: expect.any(String) as string } });
      }),
      { seed: 20261120, numRuns: 150 },
    );
  });

  test('names are judged by their parts', () => {
    expect(['a.scn', 'runs/a.scn', 'data.yaml'].filter(isVisible)).toEqual(['a.scn', 'runs/a.scn', 'data.yaml']);
    expect(['Logs/a', 'a/.b/c', 'a/node_modules/b', '.env', 'a.pem', ''].filter(isVisible)).toEqual([]);
    expect(['x/daemons/a.yml', 'daemons.yaml', 'x/environment.two.yaml', 'plugins/a.js'].map(kindOf)).toEqual([
      'daemon',
      'other',
      'environment',
      'other',
    ]);
  });
});

describe('changes', () => {
  test('are told to those who did not make them', async () => {
    await write('a.scn', 'echo 1\n', null);
    const other = opened.connect();
    const own = collect(opened.console, 'workspace.changes', { folder });
    const others = collect(other, 'workspace.changes', { folder });
    await new Promise((resolve) => setTimeout(resolve, 100));
    await write('b.scn', 'echo 2\n', null);
    await vi.waitFor(() => expect(others.items.flatMap(({ paths }) => paths)).toContain('b.scn'), 5_000);
    expect(own.items).toEqual([]);
    await mkdir(join(folder, 'logs'));
    await writeFile(join(folder, 'logs', 'noise.scn'), '');
    await mkdir(join(folder, 'deep'));
    await writeFile(join(folder, 'deep', 'c.scn'), '');
    await unlink(join(folder, 'a.scn'));
    await vi.waitFor(() => expect(own.items.flatMap(({ paths }) => paths).toSorted()).toEqual(['a.scn', 'deep/c.scn']), 5_000);
    await writeFile(join(folder, 'deep', 'c.scn'), 'echo 3\n');
    await vi.waitFor(() => expect(own.items.flatMap(({ paths }) => paths).filter((path) => path === 'deep/c.scn').length).toBe(2), 5_000);
    own.close();
    await own.ended;
    others.close();
  });
});

describe('what is kept for the user', () => {
  test('drafts survive the core, for their owner only, and are bounded', async () => {
    const draft = { path: 'a.scn', text: 'echo unsaved\n', baseHash: null };
    await opened.console.request('drafts.save', { folder, draft });
    await opened.console.request('drafts.save', { folder, draft: { ...draft, text: 'echo later\n' } });
    await opened.core.dispose();
    const home = join(opened.folder, 'home');
    const again = await openConsole({ home });
    try {
      const { drafts } = await again.console.request('drafts.list', { folder });
      expect(drafts).toMatchObject([{ path: 'a.scn', text: 'echo later\n', baseHash: null }]);
      const [place] = await readdir(join(home, 'drafts'));
      const [file] = await readdir(join(home, 'drafts', place!));
      expect((await stat(join(home, 'drafts', place!, file!))).mode & 0o777).toBe(0o600);
      expect((await stat(join(home, 'drafts'))).mode & 0o777).toBe(0o700);
      // A file that is none of ours is passed over.
      await writeFile(join(home, 'drafts', place!, 'ab.json'), '{');
      await again.console.request('drafts.discard', { folder, path: 'a.scn' });
      expect(await again.console.request('drafts.list', { folder })).toEqual({ drafts: [] });
      const text = 'x'.repeat(3_900_000);
      const saves = Array.from({ length: 18 }, (_, index) =>
        again.console.request('drafts.save', { folder, draft: { path: `${index}.scn`, text, baseHash: null } }),
      );
      const results = await Promise.allSettled(saves);
      expect(results.filter(({ status }) => status === 'rejected').length).toBe(2);
    } finally {
      await again.owned.dispose();
    }
  });

  test('layouts by workspace, and recent workspaces that are still there', async () => {
    expect(await opened.console.request('layout.load', { folder })).toEqual({ layout: null });
    await opened.console.request('layout.save', { folder, layout: '{"a":1}' });
    await opened.console.request('layout.save', { folder: '/elsewhere', layout: '{}' });
    expect(await opened.console.request('layout.load', { folder })).toEqual({ layout: '{"a":1}' });
    const second = join(opened.folder, 'second');
    await mkdir(second);
    await opened.console.request('workspace.open', { folder });
    await opened.console.request('workspace.open', { folder: second });
    await opened.console.request('workspace.open', { folder });
    expect((await opened.console.request('workspace.recent', {})).folders).toEqual([folder, second]);
    await writeFile(join(opened.folder, 'home', 'recent.json'), 'broken');
    expect((await opened.console.request('workspace.recent', {})).folders).toEqual([]);
    expect(await readFile(join(opened.folder, 'home', 'recent.json'), 'utf8')).toBe('broken');
  });
});

test('the core tells about itself', async () => {
  const information = await opened.connect('bob').request('core.information', {});
  expect(information).toMatchObject({ operator: 'bob', archiveFolder: join(opened.folder, 'archive') });
});
