/**
 * `npm run build:electron`: bundles the desktop shell into dist/electron: main.cjs (the shell), preload.cjs (between shell
 * and page), core-process.mjs (the core) and plugin-process.mjs, which stands beside the core. DuckDB stays outside: it is
 * native code.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { root } from './set-up.mjs';

const folder = join(root, 'dist', 'electron');
const common = { bundle: true, target: 'node24', platform: 'node', minifySyntax: true, logLevel: 'warning' };
const require =
  "import { createRequire as createRequireOfBundle } from 'node:module'; const require = createRequireOfBundle(import.meta.url);";

rmSync(folder, { recursive: true, force: true });
await Promise.all([
  build({
    ...common,
    entryPoints: ['main', 'preload'].map((name) => join(root, 'main', 'electron', `${name}.ts`)),
    outdir: folder,
    format: 'cjs',
    outExtension: { '.js': '.cjs' },
    external: ['electron'],
  }),
  build({
    ...common,
    entryPoints: {
      'core-process': join(root, 'main', 'electron', 'core-process.ts'),
      'plugin-process': join(root, 'main', 'core', 'plugins', 'plugin-process.ts'),
    },
    outdir: folder,
    format: 'esm',
    splitting: true,
    outExtension: { '.js': '.mjs' },
    external: ['electron', '@duckdb/*'],
    banner: { js: require },
  }),
]);
