/** The packages of suites: made of what their files name, so that all workers execute the same tests. */
import type { PackageReference } from '#shared/campaign/plan.ts';
import { archiveSource } from '../delivery/archive-source.ts';
import { commitSource } from '../delivery/commit-source.ts';
import { folderSource } from '../delivery/folder-source.ts';
import { makePackage, type PackageSource } from '../delivery/package.ts';
import type { BlobStore } from '../delivery/ports.ts';
import { pathFrom } from './files/campaign-files.ts';
import type { SuiteFile } from './files/suite-schema.ts';

/** Left out of folders: what tools make on the way, and what `prepare` makes anew on each worker. */
const leftOut = ['node_modules', '__pycache__', '.pytest_cache', '.venv', 'test-results'];

/** null: the suite needs none. Rejects with a ProblemError that names what cannot be made a package. */
export async function packageOf(suite: SuiteFile, file: string, blobs: BlobStore): Promise<PackageReference | null> {
  const { package: given, prepare } = suite;
  if (!given) return null;
  if (given.onWorker !== undefined) return { name: given.onWorker, hash: null, version: 'as it is on the worker', prepare };
  const source = await sourceOf(given, file);
  if (!source) return null;
  const { hash, version } = await makePackage(source, blobs);
  return { name: suite.suite, hash, version: version.slice(0, 256), prepare };
}

/** The path that a package is made of; null: nothing of this machine. */
export function packagedPath({ package: given }: SuiteFile, file: string): string | null {
  if (given?.folder !== undefined) return pathFrom(file, given.folder);
  if (given?.archive !== undefined) return pathFrom(file, given.archive);
  return given?.git === undefined ? null : pathFrom(`${pathFrom(file, given.git.repository)}/.`, given.git.folder);
}

async function sourceOf(given: NonNullable<SuiteFile['package']>, file: string): Promise<PackageSource | null> {
  if (given.folder !== undefined) return folderSource(pathFrom(file, given.folder), { without: leftOut });
  if (given.archive !== undefined) return archiveSource(pathFrom(file, given.archive));
  if (given.git === undefined) return null;
  const { repository, reference, folder } = given.git;
  return commitSource(pathFrom(`${pathFrom(file, repository)}/.`, folder), reference);
}
