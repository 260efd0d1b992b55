/**
 * `npm start`: the console with the demo environment, in its own window where Electron's binary is there or can be
 * fetched, otherwise in the browser, saying which and why. `--browser` asks for the browser; other options are those of
 * `testops console`.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pinnedNode, root, runPinned, setUp } from './set-up.mjs';

/** ms that fetching Electron's binary may take. */
const fetchPatience = 20_000;
const electronFolder = join(root, 'node_modules', 'electron');

/** The binary, if it was fetched. */
function electronBinary() {
  const told = process.env.TESTOPS_ELECTRON_BINARY;
  if (told) return existsSync(told) ? told : undefined;
  try {
    const file = join(electronFolder, 'dist', readFileSync(join(electronFolder, 'path.txt'), 'utf8'));
    return existsSync(file) ? file : undefined;
  } catch {
    return undefined;
  }
}

/** Why the browser is used; undefined when a window of our own can be opened. */
function reasonForBrowser(words) {
  if (words.includes('--browser')) return 'as you asked';
  if (words.includes('--no-open')) return 'since nothing is to be opened';
  if (process.env.CI === 'true') return 'since this is continuous integration (CI=true)';
  if (process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) return 'since there is no display here';
  if (process.platform === 'linux' && process.getuid?.() === 0) return 'since Electron does not run as root';
  if (electronBinary()) return undefined;
  if (!existsSync(join(electronFolder, 'install.js'))) return 'since Electron is not installed';
  process.stderr.write('Fetching Electron (once, at most 20 s) …\n');
  const fetching = spawnSync(pinnedNode, [join(electronFolder, 'install.js')], { stdio: 'ignore', timeout: fetchPatience });
  if (electronBinary()) return undefined;
  return fetching.error ? 'since Electron could not be fetched within 20 s' : 'since Electron could not be fetched';
}

/** Builds what the window needs; the screens only when they are stale. */
function buildShell() {
  for (const words of [['build-renderer.mjs', '--if-stale'], ['build-electron.mjs']]) {
    const [file = '', ...rest] = words;
    const result = spawnSync(pinnedNode, [join(root, 'tools', file), ...rest], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
    if (result.status !== 0) return false;
  }
  return true;
}

setUp();
const words = process.argv.slice(2);
const reason = reasonForBrowser(words);
const opened = ['--workspace', '--environment', '-e', '--connect'].some((option) => words.includes(option)) ? [] : ['--demo'];
if (reason === undefined && buildShell()) {
  process.stdout.write('TestOps Console opens in its own window (Electron).\n');
  const child = spawn(electronBinary(), [join(root, 'dist', 'electron', 'main.cjs'), ...opened, ...words], { stdio: 'inherit' });
  process.on('SIGINT', () => {});
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (status) => (process.exitCode = status ?? 1));
} else {
  process.stdout.write(`TestOps Console runs in the browser, ${reason ?? 'since its window could not be built'}.\n`);
  if (process.env.INIT_CWD) process.chdir(process.env.INIT_CWD);
  const rest = words.filter((word) => word !== '--browser');
  runPinned([join(root, 'main', 'cli', 'testops.ts'), 'console', ...opened, ...rest]);
}
