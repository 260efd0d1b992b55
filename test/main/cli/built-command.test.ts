/** The built command on an old Node: the one beside it is taken, or it is said what is needed, before anything is loaded that cannot be. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterEach, beforeEach, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..', '..', '..');
let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'testops-built-'));
  await build({
    entryPoints: { testops: join(root, 'main', 'cli', 'built-command.ts') },
    outdir: join(folder, 'dist'),
    outExtension: { '.js': '.mjs' },
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
  });
  await writeFile(join(folder, 'dist', 'testops-command.mjs'), 'console.log(process.argv.slice(2).join(" ")); process.exitCode = 3;');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** What a Node says that is of a version, or says so of itself. */
function run(version: string | null): Promise<{ status: unknown; out: string; error: string }> {
  const old = `Object.defineProperty(process,'versions',{value:{...process.versions,node:'${version}'}})`;
  const pretends = version === null ? [] : ['--import', `data:text/javascript,${encodeURIComponent(old)}`];
  return new Promise((resolve) => {
    execFile(process.execPath, [...pretends, join(folder, 'dist', 'testops.mjs'), 'suites', 'check'], (failure, out, error) =>
      resolve({ status: failure?.code ?? 0, out, error }),
    );
  });
}

test('on a Node that is new enough it is the command', async () => {
  expect(await run(null)).toEqual({ status: 3, out: 'suites check\n', error: '' });
});

test('on an older one it is told in one sentence what is needed, and how to get it', async () => {
  const { status, out, error } = await run('20.20.2');
  expect({ status, out }).toEqual({ status: 2, out: '' });
  expect(error).toMatch(/^error testops needs Node 24 or newer, and this is Node 20\.20\.2\. Call it with .*npm install node@24.*\n$/);
});

test('on an older one beside which a newer one is installed, that one executes it', async () => {
  await mkdir(join(folder, 'node_modules', 'node', 'bin'), { recursive: true });
  await symlink(process.execPath, join(folder, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node'));
  expect(await run('20.20.2')).toMatchObject({ status: 3, out: 'suites check\n' });
});
