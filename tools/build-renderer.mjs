/**
 * `npm run build:renderer`: bundles the screens into dist/renderer with Vite. The new files take the place of the old ones
 * at the end, so that a console that is being served never sees half of them. With `--if-stale` nothing is done when
 * dist/renderer is newer than its sources: what was changed while it was built is not in it.
 */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './set-up.mjs';

const target = join(root, 'dist', 'renderer');

/** ms since 1970 of the newest file below a folder, or of a file. */
function newest(place) {
  const stat = statSync(place);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(stat.mtimeMs, ...readdirSync(place).map((name) => newest(join(place, name))));
}

function stale() {
  const built = join(target, 'index.html');
  if (!existsSync(built)) return true;
  const sources = ['renderer', 'shared', 'vite.config.ts', 'package-lock.json'].map((name) => join(root, name));
  return Math.max(...sources.map(newest)) > statSync(built).mtimeMs;
}

if (!process.argv.includes('--if-stale') || stale()) {
  process.stderr.write('Building the screens …\n');
  const begun = new Date();
  // A test runner's NODE_ENV would make Vite bundle React's development code.
  process.env.NODE_ENV = 'production';
  // Loaded only when there is something to build: it takes longer than looking.
  const { build } = await import('vite');
  const fresh = join(root, 'dist', `renderer-${process.pid}`);
  const old = `${fresh}-old`;
  try {
    await build({ configFile: join(root, 'vite.config.ts'), logLevel: 'error', build: { outDir: fresh, emptyOutDir: true } });
    utimesSync(join(fresh, 'index.html'), begun, begun);
    mkdirSync(join(root, 'dist'), { recursive: true });
    if (existsSync(target)) renameSync(target, old);
    renameSync(fresh, target);
  } finally {
    for (const folder of [fresh, old]) rmSync(folder, { recursive: true, force: true });
  }
}
