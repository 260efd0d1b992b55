/** At which commit a folder stands, and whether it holds what is not committed, without a program of the repository's being started. */
import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { borrowing, commitOf, repositoryOf, type Repository } from './borrowed-repository.ts';

/** ms that git may take. */
const gitPatience = 2_000;

/**
 * The commit at which a folder stands, with `+changes` when it holds what is not committed; null when it is in no
 * repository, or git is not installed or does not answer within two seconds.
 */
export async function repositoryState(folder: string): Promise<string | null> {
  try {
    const repository = await repositoryOf(resolve(folder));
    const commit = repository && (await commitOf(repository));
    if (!repository || !commit) return null;
    return (await hasChanges(repository, commit, resolve(folder))) ? `${commit}+changes` : commit;
  } catch {
    return null;
  }
}

/** Compares commit, index and files. */
function hasChanges(repository: Repository, commit: string, folder: string): Promise<boolean> {
  return borrowing(repository, commit, async ({ options, environment }) => {
    const words = ['status', '--porcelain', '--ignore-submodules=all', '--', folder];
    const { stdout } = await promisify(execFile)('git', [...options, ...words], {
      cwd: repository.workTree,
      timeout: gitPatience,
      maxBuffer: 16 * 1024 * 1024,
      env: environment,
    });
    return stdout.trim() !== '';
  });
}
