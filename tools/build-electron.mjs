/**
 * `npm run build:electron`: bundles the desktop shell into dist/electron: main.cjs (the shell) and preload.cjs (between shell
 * and page). The core is the `testops` command, run by plain Node. Each file takes the place of the old one when it is whole.
 */
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { root } from './set-up.mjs';

const folder = join(root, 'dist', 'electron');
const fresh = `${folder}-${process.pid}`;
try {
  await build({
    entryPoints: ['main', 'preload'].map((name) => join(root, 'main', 'electron', `${name}.ts`)),
    outdir: fresh,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node24',
    minifySyntax: true,
    external: ['electron'],
    logLevel: 'warning',
  });
  mkdirSync(folder, { recursive: true });
  for (const name of ['main.cjs', 'preload.cjs']) renameSync(join(fresh, name), join(folder, name));
} finally {
  rmSync(fresh, { recursive: true, force: true });
}
