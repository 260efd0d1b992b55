/** Finds what npm installed for a package: in its folder, or in one above it, as Node does. */
import { access } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ProblemError } from '#shared/problem.ts';

/** The path of a file of an npm package, such as `vitest/dist/node.js`. */
export async function moduleFile(folder: string, file: string): Promise<string> {
  for (let at = folder; ; at = dirname(at)) {
    const path = join(at, 'node_modules', file);
    const found = await access(path).then(
      () => true,
      () => false,
    );
    if (found) return path;
    if (dirname(at) === at) break;
  }
  throw new ProblemError({
    code: 'module-missing',
    message: `There is no ${join('node_modules', file)} in ${folder} or above it.`,
    tip: 'Let the package install it: `prepare: [[npm, ci]]`.',
  });
}
