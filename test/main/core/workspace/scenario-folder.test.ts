/** Scenarios by name, from real folders, and the commit of a real repository. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { repositoryState } from '#main/core/workspace/repository-state.ts';
import { readScenarioFile, Workspace } from '#main/core/workspace/scenario-folder.ts';

describe('workspace', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'testops-workspace-'));
    await mkdir(join(folder, 'own'));
    await mkdir(join(folder, 'common'));
    await writeFile(join(folder, 'secret.scn'), 'echo secret');
    await writeFile(join(folder, 'own', 'main.scn'), '\uFEFFcall helper');
    await writeFile(join(folder, 'own', 'helper.scn'), 'echo own');
    await writeFile(join(folder, 'common', 'helper.scn'), 'echo common');
    await writeFile(join(folder, 'common', 'other.scn'), 'echo other');
    await writeFile(join(folder, 'common', 'notes.txt'), 'no scenario');
    await writeFile(join(folder, 'common', '9 lives.scn'), 'no name');
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('looks beside the calling scenario first, then in the configured folder', async () => {
    const workspace = Workspace.of(join(folder, 'own', 'main.scn'), join(folder, 'common'));
    expect(await workspace.scenarios()).toEqual(['helper', 'main', 'other']);
    expect(await workspace.scenario('helper')).toEqual({ name: 'helper', file: join(folder, 'own', 'helper.scn'), text: 'echo own' });
    expect((await workspace.scenario('other'))?.text).toBe('echo other');
    expect((await workspace.scenario('main'))?.text).toBe('call helper');
    expect(await workspace.scenario('absent')).toBeNull();
    expect(await Workspace.of(join(folder, 'nowhere', 'x.scn'), null).scenarios()).toEqual([]);
  });

  test.each(['../secret', '..', '/etc/passwd', 'a/b', 'a\\b', '', 'a.b', 'x\0', 'a'.repeat(65)])(
    'takes names only, not %j',
    async (name) => {
      const workspace = Workspace.of(join(folder, 'own', 'main.scn'), join(folder, 'common'));
      await expect(workspace.scenario(name)).rejects.toThrow('is not the name of a scenario');
    },
  );

  test('a scenario that cannot be read is one sentence', async () => {
    await expect(readScenarioFile(join(folder, 'absent.scn'))).rejects.toThrow('The scenario is not there.');
    await expect(readScenarioFile(folder)).rejects.toThrow('The scenario is a folder.');
    await symlink(join(folder, 'loop.scn'), join(folder, 'loop.scn'));
    await expect(readScenarioFile(join(folder, 'loop.scn'))).rejects.toThrow('The scenario cannot be read (ELOOP).');
  });

  test('tells the commit, whether something is changed, and nothing outside a repository', async () => {
    const repository = join(folder, 'repository');
    await mkdir(repository);
    const git = (...words: string[]): Promise<unknown> =>
      promisify(execFile)('git', ['-C', repository, '-c', 'user.name=Test', '-c', 'user.email=test@localhost', ...words]);
    const hasGit = await git('init', '-q').then(
      () => true,
      () => false,
    );
    expect(await repositoryState(join(folder, 'own'))).toBeNull();
    expect(await repositoryState(join(folder, 'nowhere'))).toBeNull();
    if (!hasGit) return;
    expect(await repositoryState(repository)).toBeNull();
    await writeFile(join(repository, 'a.scn'), 'echo a');
    await git('add', '.');
    await git('commit', '-q', '--no-verify', '-m', 'First');
    const commit = await repositoryState(repository);
    expect(commit).toMatch(/^[0-9a-f]{40}$/);
    await writeFile(join(repository, 'b.scn'), 'echo b');
    expect(await repositoryState(repository)).toBe(`${commit}+changes`);
    await git('add', '.');
    await git('commit', '-q', '--no-verify', '-m', 'Second');
    // However the repository keeps its index and its references, and in a work tree beside it.
    await git('update-index', '--split-index');
    await git('pack-refs', '--all');
    const second = await repositoryState(repository);
    expect(second).toMatch(/^[0-9a-f]{40}$/);
    expect(second).not.toBe(commit);
    const beside = join(folder, 'beside');
    await git('worktree', 'add', '-q', beside);
    expect(await repositoryState(beside)).toBe(second);
    await writeFile(join(beside, 'a.scn'), 'echo x');
    expect(await repositoryState(beside)).toBe(`${second}+changes`);
    expect(await repositoryState(repository)).toBe(second);
  });
});
