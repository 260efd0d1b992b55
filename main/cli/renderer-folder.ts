/** The built screens: those of the package, or in a checkout built now when they are missing or older than their sources. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ProblemError } from '#shared/problem.ts';
import { packageFolder } from './package-folder.ts';

export async function rendererFolder(): Promise<string> {
  const root = packageFolder();
  const folder = join(root, 'dist', 'renderer');
  const builder = join(root, 'tools', 'build-renderer.mjs');
  if (!existsSync(builder)) return folder;
  const child = spawn(process.execPath, [builder, '--if-stale'], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
  const status = await new Promise<number | null>((resolve) => {
    child.once('exit', resolve);
    child.once('error', () => resolve(null));
  });
  if (status === 0) return folder;
  throw new ProblemError({
    code: 'renderer-not-built',
    file: join(root, 'renderer'),
    message: 'The screens of the console could not be built; see the message above.',
    tip: 'Mend it, or install the packages anew with: npm ci.',
  });
}
