/**
 * `npm run build`: bundles the `testops` command into dist/cli (what the package's bin names is a beginning that an older Node
 * understands, too). Each command becomes a chunk of its own, so that help loads almost nothing. DuckDB stays outside: it is native code. `--out <folder>` builds
 * elsewhere in the package, whose node_modules and resources the command needs.
 */
import { rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { root } from './set-up.mjs';

const { values } = parseArgs({ options: { out: { type: 'string' } } });
const folder = resolve(values.out ?? join(root, 'dist', 'cli'));
rmSync(folder, { recursive: true, force: true });
const common = {
  outdir: folder,
  outExtension: { '.js': '.mjs' },
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  minify: true,
  external: ['@duckdb/*'],
  // Bundled CommonJS packages call require for Node's own modules.
  banner: {
    js: "import { createRequire as createRequireOfBundle } from 'node:module'; const require = createRequireOfBundle(import.meta.url);",
  },
  logLevel: 'warning',
};
await build({ ...common, splitting: true, entryPoints: { 'testops-command': join(root, 'main', 'cli', 'testops.ts') } });
await build({ ...common, target: 'node20', banner: {}, entryPoints: { testops: join(root, 'main', 'cli', 'built-command.ts') } });
// A plugin runs in a process of its own, whose program stands beside the command: one file, since that process may read no other.
await build({ ...common, entryPoints: { 'plugin-process': join(root, 'main', 'core', 'plugins', 'plugin-process.ts') } });
process.stdout.write(`${join(folder, 'testops.mjs')}\n`);
