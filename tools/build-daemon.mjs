/**
 * Builds the daemon for hosts with nothing installed: `npm run build:daemon` makes dist/daemon/testops-daemon.mjs, one
 * file that Node 24 runs; with `--single-executable` also dist/daemon/testops-daemon, which brings
 * its own Node. `--out <folder>` builds elsewhere. Works offline.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';

const root = resolve(fileURLToPath(new URL('..', import.meta.url)));
const { values } = parseArgs({ options: { 'single-executable': { type: 'boolean', default: false }, out: { type: 'string' } } });
const folder = resolve(values.out ?? join(root, 'dist', 'daemon'));

const entry = {
  contents:
    "import './network/daemon/little-memory.ts';\nimport { runDaemon } from './network/daemon/main.ts';\nrunDaemon(process.argv.slice(2)).then((status) => { process.exitCode = status; });\n",
  resolveDir: root,
  sourcefile: 'testops-daemon.ts',
  loader: 'ts',
};

/** `ws` and friends try optional native accelerators, which a daemon does without. */
const common = {
  stdin: entry,
  bundle: true,
  platform: 'node',
  target: 'node24',
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'linked',
  external: ['bufferutil', 'utf-8-validate'],
  logLevel: 'warning',
};

async function buildBundle() {
  const file = join(folder, 'testops-daemon.mjs');
  // Packages written for `require` find one here.
  const banner = [
    '#!/usr/bin/env node',
    "import { createRequire as makeRequire } from 'node:module';",
    'const require = makeRequire(import.meta.url);',
  ].join('\n');
  await build({ ...common, format: 'esm', outfile: file, banner: { js: banner } });
  chmodSync(file, 0o755);
  return file;
}

/** The fuse that Node looks for in its own binary. */
const fuse = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';

async function buildSingleExecutable() {
  const script = join(folder, 'testops-daemon.cjs');
  const blob = join(folder, 'testops-daemon.blob');
  const settings = join(folder, 'single-executable.json');
  const file = join(folder, process.platform === 'win32' ? 'testops-daemon.exe' : 'testops-daemon');
  const node = join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  await build({ ...common, format: 'cjs', outfile: script, legalComments: 'none', define: { 'import.meta.url': '__filename' } });
  writeFileSync(settings, JSON.stringify({ main: script, output: blob, disableExperimentalSEAWarning: true, useCodeCache: false }));
  // The blob must be made by the very Node that it is put into.
  quietly(node, ['--experimental-sea-config', settings]);
  rmSync(file, { force: true });
  copyFileSync(node, file);
  chmodSync(file, 0o755);
  const postject = join(root, 'node_modules', 'postject', 'dist', 'cli.js');
  const segment = process.platform === 'darwin' ? ['--macho-segment-name', 'NODE_SEA'] : [];
  quietly(process.execPath, [postject, file, 'NODE_SEA_BLOB', blob, '--sentinel-fuse', fuse, ...segment]);
  for (const each of [script, blob, settings]) rmSync(each, { force: true });
  return file;
}

/** What these programs say matters only when they fail, and is then part of the error. */
function quietly(program, words) {
  execFileSync(program, words, { stdio: ['ignore', 'pipe', 'pipe'] });
}

function tell(file) {
  process.stdout.write(`${file} (${(statSync(file).size / 1e6).toFixed(1)} MB)\n`);
}

mkdirSync(folder, { recursive: true });
tell(await buildBundle());
if (values['single-executable']) tell(await buildSingleExecutable());
