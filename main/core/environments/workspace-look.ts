/** What a folder is, seen as a workspace: its name, the commit it stands at, and the environments that it describes. */
import { basename, join } from 'node:path';
import { readEnvironment } from './environment-file.ts';
import { repositoryState } from '../workspace/repository-state.ts';
import type { WorkspaceTrust } from '../workspace/trust.ts';
import { listWorkspace } from '../workspace/files.ts';
import { workspaceRoot } from '../workspace/paths.ts';
import type { MethodResponse } from '#shared/contract/contract.ts';

/** Environments that are looked into. */
const mostEnvironments = 50;

/** What a folder is: its commit, its environment files, whether it is trusted. Of one that is not, nothing is executed, git included. */
export async function lookAtWorkspace(folder: string, trust: WorkspaceTrust): Promise<MethodResponse<'workspace.open'>> {
  const root = await workspaceRoot(folder);
  const [{ files }, trusted] = await Promise.all([listWorkspace(root), trust.covering(root)]);
  // Not even git looks at what nobody trusts.
  const commit = trusted === null ? null : await repositoryState(root);
  const found = files.filter(({ kind }) => kind === 'environment').slice(0, mostEnvironments);
  const environments = await Promise.all(
    found.map(async ({ path }) => {
      const file = join(root, path);
      // One that cannot be read is shown by its path; using it tells what is wrong.
      const { environment } = await readEnvironment(file);
      return { file, name: environment?.name ?? path };
    }),
  );
  return { folder: root, name: basename(root) || root, commit, environments, trusted: trusted !== null };
}
