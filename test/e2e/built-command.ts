/** Builds the `testops` command as it is delivered, beside the real build, so that tests do not depend on what was built before. */
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './console-command.ts';

export interface BuiltCommand {
  readonly program: string;
  readonly dispose: () => void;
}

export function buildCommand(): BuiltCommand {
  const folder = join(root, 'dist', `test-${process.pid}`);
  execFileSync(process.execPath, [join(root, 'tools', 'build.mjs'), '--out', folder], { stdio: 'pipe' });
  return { program: join(folder, 'testops.mjs'), dispose: () => rmSync(folder, { recursive: true, force: true }) };
}
