/**
 * Makes a fresh checkout ready: installs the packages of package-lock.json once (Node 24 is one of them), then runs a
 * script with that Node. Uses nothing newer than Node 20, because it runs before anything is installed.
 *
 *     node tools/set-up.mjs                      only set up
 *     node tools/set-up.mjs --run FILE ARGS…     set up, then run FILE
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { whileLocked } from './set-up-lock.mjs';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const stamp = join(root, 'node_modules', '.set-up');
export const pinnedNode = join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');

/** Installs the packages unless that was done for this very package-lock.json. Several commands at once do it once. */
export function setUp() {
  const wanted = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  const isDone = () => existsSync(pinnedNode) && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted;
  if (isDone()) return;
  const onWait = () => process.stderr.write('Setting up: another command is installing the packages; waiting for it …\n');
  const done = whileLocked(join(root, '.set-up.lock'), () => isDone() || install(wanted), onWait);
  if (done) return;
  process.stderr.write('Setting up failed: `npm ci` did not succeed; see its message above, then try again.\n');
  process.exit(2);
}

/** @param {string} wanted what is noted of what was installed */
function install(wanted) {
  process.stderr.write('Setting up: installing packages (once) …\n');
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const installed = spawnSync(npm, ['ci', '--no-fund', '--no-audit', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  if (installed.status !== 0 || !existsSync(pinnedNode)) return false;
  writeFileSync(stamp, wanted);
  return true;
}

/** Runs a script with the pinned Node on this terminal and ends as it ends. Ctrl-C reaches it directly; other endings are passed on. */
export function runPinned(args) {
  const environment = {
    ...process.env,
    PATH: `${join(root, 'node_modules', '.bin')}${process.platform === 'win32' ? ';' : ':'}${process.env.PATH}`,
  };
  const child = spawn(pinnedNode, ['--disable-warning=ExperimentalWarning', ...args], { stdio: 'inherit', env: environment });
  process.on('SIGINT', () => {});
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 1);
  });
}

if (process.argv[1] && import.meta.url === pathToFileURL(resolve(process.argv[1])).href) {
  setUp();
  const [flag, file, ...rest] = process.argv.slice(2);
  if (flag === '--run' && file) runPinned([join(root, file), ...rest]);
}
